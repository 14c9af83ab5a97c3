//! `stead diff`

use std::io::Write;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use stead_agent::place::{Change, Counts, DiffOptions};
use stead_redact::terminal::escape;

use super::super::styled;
use super::super::tracing::write_json;
use super::Left;
use crate::cli::{DiffArgs, GlobalArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;
use crate::text::counted;

const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();

pub(crate) fn run(
    args: &DiffArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let left = Left::find(args.session.as_deref(), context)?;
    if global.json {
        write_json(&as_json(&left)?)?;
        return Ok(Exit::Ok);
    }
    left.notes();
    if args.stat {
        stat(&left, context)?;
    } else if context.terminal || context.colour {
        for_people(&left, context)?;
    } else {
        let mut out = Output::exact();
        let options = DiffOptions { binary: true };
        left.kept.diff(&left.changes, options, &mut out)?;
        out.finish()?;
    }
    Ok(Exit::Ok)
}

/// Coloured, and without what a terminal would obey.
fn for_people(left: &Left, context: &Context) -> Result<(), CommandError> {
    let mut out = Output::paged(context);
    for change in left.changes.told() {
        let mut bytes = Vec::new();
        let options = DiffOptions { binary: false };
        left.kept.diff_one(change, options, &mut bytes)?;
        crate::render::patch(&mut out, &String::from_utf8_lossy(&bytes), context.colour)?;
    }
    Ok(out.finish()?)
}

fn stat(left: &Left, context: &Context) -> Result<(), CommandError> {
    let mut out = Output::plain();
    let (mut files, mut sum) = (0, Counts::default());
    let [green, red] = [ADDED, REMOVED].map(|style| styled(style, context.colour));
    for change in left.changes.told() {
        let counts = left.kept.counts(change)?;
        let lines = if counts.binary {
            "binary".to_owned()
        } else {
            let (added, removed) = (counts.added, counts.removed);
            format!("{green}+{added}{green:#} {red}-{removed}{red:#}")
        };
        writeln!(
            out,
            "{} {}  {lines}",
            change.letter(),
            escape(&named(change))
        )?;
        files += 1;
        sum.added += counts.added;
        sum.removed += counts.removed;
    }
    let files = counted(files, "file");
    writeln!(out, "{files}, +{} -{}", sum.added, sum.removed)?;
    Ok(out.finish()?)
}

fn named(change: &Change) -> String {
    let path = change.path.display();
    match &change.moved_from {
        Some(from) => format!("{path} from {}", from.display()),
        None => path.to_string(),
    }
}

fn as_json(left: &Left) -> Result<Value, CommandError> {
    let mut files = Vec::new();
    for change in left.changes.told() {
        let counts = left.kept.counts(change)?;
        let lines = |number: u32| (!counts.binary).then_some(number);
        files.push(json!({
            "path": change.path.display().to_string(),
            "status": change.letter(),
            "moved_from": change.moved_from.as_ref().map(|path| path.display().to_string()),
            "added": lines(counts.added),
            "removed": lines(counts.removed),
            "binary": counts.binary,
            "changed_since": change.changed_since,
        }));
    }
    let begun = left.kept.begun();
    Ok(json!({
        "session": left.session,
        "tree": begun.tree.display().to_string(),
        "how": begun.how,
        "why": begun.why,
        "created": begun.created,
        "files": files,
        "notes": left.changes.notes,
    }))
}
