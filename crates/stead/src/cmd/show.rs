//! `stead show`

use std::io;

use stead_app::export::{DocumentWriter, SessionWriter};
use stead_app::{App, Found, OpenOptions};
use stead_usf::{Event, Session};

use super::{list_options, open};
use crate::cli::{GlobalArgs, ShowArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;
use crate::render::{RenderOptions, SessionRenderer};

pub(crate) fn run(
    args: &ShowArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let (app, _) = open(context)?;
    let found = find(args, global, &app, context)?;
    let reveal = OpenOptions {
        reveal: args.reveal,
    };
    if global.json {
        let mut out = Output::plain();
        app.visit(&found, reveal, &mut DocumentWriter::new(&mut out))?;
        out.finish()?;
        return Ok(Exit::Ok);
    }
    let options = RenderOptions {
        full: args.full,
        reasoning: args.reasoning,
        all_branches: args.all_branches,
        ..RenderOptions::of(context)
    };
    let mut out = Output::paged(context);
    let renderer = SessionRenderer::new(&mut out, options);
    let mut writer = From {
        writer: renderer,
        at: args.at.as_deref(),
        seen: args.at.is_none(),
    };
    app.visit(&found, reveal, &mut writer)?;
    let seen = writer.seen;
    out.finish()?;
    if seen {
        return Ok(Exit::Ok);
    }
    let wanted = args.at.as_deref().unwrap_or_default();
    let error = CommandError::failure(format!("the session has no event `{wanted}`"));
    Err(error.hint("`stead search` prints `--at` with an event; --json shows the ids of all"))
}

/// The session that was asked for, or the newest one.
fn find(
    args: &ShowArgs,
    global: &GlobalArgs,
    app: &App,
    context: &Context,
) -> Result<Found, CommandError> {
    if let Some(id) = &args.id {
        return Ok(app.find(id)?);
    }
    let newest = app.list(&list_options(global, context, Some(1))?)?;
    match newest.first() {
        Some(session) => Ok(app.find(session.id.as_str())?),
        None => Err(CommandError::failure("there is no session to show")
            .hint("`stead doctor` says where stead looked")),
    }
}

/// Leaves out what stands before an event.
struct From<'a, W> {
    writer: W,
    at: Option<&'a str>,
    seen: bool,
}

impl<W: SessionWriter> SessionWriter for From<'_, W> {
    fn begin(&mut self, header: &Session) -> io::Result<()> {
        self.writer.begin(header)
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.seen |= self.at == Some(event.id.as_str());
        if self.seen {
            self.writer.event(event)
        } else {
            Ok(())
        }
    }

    fn end(&mut self) -> io::Result<()> {
        self.writer.end()
    }
}
