//! `stead export`

use std::io::{BufWriter, Write};

use stead_app::export::html::HtmlWriter;
use stead_app::export::markdown::MarkdownWriter;
use stead_app::export::view::DocumentOptions;
use stead_app::export::{DocumentWriter, LinesWriter, SessionWriter};
use stead_app::{App, Found, OpenOptions};
use stead_redact::json::Escaped;

use super::open;
use crate::cli::{ExportArgs, ExportFormat};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;

pub(crate) fn run(args: &ExportArgs, context: &Context) -> Result<Exit, CommandError> {
    let (app, _) = open(context)?;
    let found = app.find(&args.id)?;
    let is_json = matches!(args.format, ExportFormat::Usf | ExportFormat::Jsonl);
    if let Some(path) = &args.output {
        let mut out = BufWriter::new(fs_err::File::create(path)?);
        if is_json {
            write(args, context, &app, &found, &mut Escaped::new(&mut out))?;
        } else {
            write(args, context, &app, &found, &mut out)?;
        }
        out.flush()?;
    } else {
        let mut out = if is_json {
            Output::plain()
        } else {
            Output::exact()
        };
        write(args, context, &app, &found, &mut out)?;
        out.finish()?;
    }
    Ok(Exit::Ok)
}

fn write(
    args: &ExportArgs,
    context: &Context,
    app: &App,
    found: &Found,
    mut out: &mut dyn Write,
) -> Result<(), CommandError> {
    let look = DocumentOptions {
        timezone: context.settings.time_zone.clone(),
        ..DocumentOptions::default()
    };
    let mut writer: Box<dyn SessionWriter + '_> = match args.format {
        ExportFormat::Usf => Box::new(DocumentWriter::new(&mut out)),
        ExportFormat::Jsonl => Box::new(LinesWriter::new(&mut out)),
        ExportFormat::Md => Box::new(MarkdownWriter::new(&mut out, look)),
        ExportFormat::Html => Box::new(HtmlWriter::new(&mut out, look)),
    };
    Ok(app.visit(
        found,
        OpenOptions {
            reveal: args.reveal,
        },
        &mut *writer,
    )?)
}
