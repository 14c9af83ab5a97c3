//! `stead sync`

use std::io::Write;

use stead_app::App;

use super::{Update, notice, try_update};
use crate::cli::{GlobalArgs, SyncArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;
use crate::text::{bytes, counted};

pub(crate) fn run(
    args: &SyncArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    if args.rebuild {
        App::discard_index(&context.settings)?;
    }
    let mut app = App::open(context.settings.clone())?;
    let Update { report, stale } = try_update(&mut app, context)?;
    if let Some(error) = stale {
        return Err(error.into());
    }
    let unreadable = app.unreadable()?;
    notice::unreadable(&unreadable);
    let exit = if report.failed.is_empty() && unreadable.is_empty() {
        Exit::Ok
    } else {
        Exit::Partial
    };
    let mut out = Output::plain();
    if global.json {
        let summary = serde_json::json!({
            "read": report.read,
            "bytes": report.bytes,
            "gone": report.gone,
            "busy": report.busy,
            "failed": report.failed.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "unreadable": unreadable.iter().map(|issue| &issue.message).collect::<Vec<_>>(),
        });
        writeln!(out, "{summary:#}")?;
    } else if report.read == 0 && report.gone == 0 {
        writeln!(out, "Everything is up to date.")?;
    } else {
        let read = counted(report.read as u64, "file");
        write!(out, "Read {read}, {}", bytes(report.bytes))?;
        match report.gone {
            0 => {}
            1 => write!(out, "; 1 is gone")?,
            gone => write!(out, "; {gone} are gone")?,
        }
        writeln!(out, ".")?;
    }
    out.finish()?;
    Ok(exit)
}
