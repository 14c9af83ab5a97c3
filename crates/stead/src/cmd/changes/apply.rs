//! `stead apply`

use std::io::Write;

use serde_json::{Value, json};
use stead_agent::place::{Applied, AppliedFile, ApplyError};
use stead_redact::terminal::escape;
use stead_usf::Time;

use super::super::tracing::write_json;
use super::{Left, asked};
use crate::cli::{ApplyArgs, GlobalArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;
use crate::text::counted;

pub(crate) fn run(
    args: &ApplyArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let mut left = Left::find(args.session.as_deref(), context)?;
    if !global.json {
        left.notes();
    }
    let now = Time::from_millis(context.settings.now.as_millisecond())
        .map_err(|error| CommandError::failure(error.to_string()))?;
    let mut done = once(&mut left, args.check, args.force, now);
    if let Err(ApplyError::Uncommitted(_)) = &done
        && !global.json
        && !args.check
    {
        let told = done.as_ref().err().map(ToString::to_string);
        let question = format!("{}. Apply over them?", told.unwrap_or_default());
        match asked(&question) {
            Some(true) => done = once(&mut left, args.check, true, now),
            Some(false) => return Err(CommandError::failure("nothing was applied")),
            None => {}
        }
    }
    if global.json {
        write_json(&as_json(&left, args.check, &done))?;
        return Ok(if done.is_ok() {
            Exit::Ok
        } else {
            Exit::Failure
        });
    }
    match done {
        Ok(applied) => as_text(&left, args.check, &applied),
        Err(error) => Err(refused(&left, &error)),
    }
}

pub(in crate::cmd) fn once(
    left: &mut Left,
    check: bool,
    force: bool,
    now: Time,
) -> Result<Applied, ApplyError> {
    let (changes, repository) = (&left.changes, &left.repository);
    if changes.is_empty() {
        let files = Vec::new();
        Ok(Applied { at: now, files })
    } else if check {
        left.kept.check(changes, repository, force, now)
    } else {
        left.kept.apply(changes, repository, force, now)
    }
}

fn refused(left: &Left, error: &ApplyError) -> CommandError {
    let session = &left.session;
    let message = error.to_string();
    match error {
        ApplyError::Uncommitted(_) => {
            CommandError::failure(format!("nothing was applied: {message}"))
                .hint("commit or stash them, or say --force to apply over them")
        }
        ApplyError::Changed(_) => CommandError::failure(format!("nothing was applied: {message}"))
            .hint(format!(
                "`stead diff {session} | git apply --3way` marks what does not go together"
            )),
        _ => CommandError::failure(message),
    }
}

/// Files that are told: what is moved is told by its new path alone.
fn told(applied: &Applied) -> impl Iterator<Item = &AppliedFile> {
    let moved = |path| {
        let mut files = applied.files.iter();
        files.any(|file| file.moved_from.as_ref() == Some(path))
    };
    let files = applied.files.iter();
    files.filter(move |file| file.status != "D" || !moved(&file.path))
}

fn as_text(left: &Left, check: bool, applied: &Applied) -> Result<Exit, CommandError> {
    let mut out = Output::plain();
    let session = &left.session;
    let count = told(applied).count();
    let changes = counted(count as u64, "change");
    match (count, check) {
        (0, _) => writeln!(out, "session {session} has no changes to apply")?,
        (_, true) => writeln!(out, "{changes} of session {session} would be applied:")?,
        (_, false) => writeln!(out, "{changes} of session {session} applied:")?,
    }
    for file in told(applied) {
        let path = file.path.display().to_string();
        let from = file.moved_from.as_ref();
        let from = from.map(|from| format!(" from {}", from.display()));
        let merged = if file.merged {
            " (merged with yours)"
        } else {
            ""
        };
        let from = from.unwrap_or_default();
        writeln!(
            out,
            "{} {}{}{merged}",
            file.status,
            escape(&path),
            escape(&from)
        )?;
    }
    if count > 0 {
        let next = if check { "stead apply" } else { "git diff" };
        let words = if check {
            "applies them"
        } else {
            "shows them in your files"
        };
        writeln!(out, "\n`{next}` {words}")?;
    }
    out.finish()?;
    Ok(Exit::Ok)
}

fn as_json(left: &Left, check: bool, done: &Result<Applied, ApplyError>) -> Value {
    let mut json = json!({
        "session": left.session,
        "tree": left.kept.begun().tree.display().to_string(),
        "check": check,
        "notes": left.changes.notes,
    });
    match done {
        Ok(applied) => {
            json["at"] = json!(applied.at);
            json["files"] = json!(applied.files);
        }
        Err(error) => {
            json["error"] = json!(error.to_string());
            if let ApplyError::Uncommitted(paths) | ApplyError::Changed(paths) = error {
                let paths: Vec<String> = paths
                    .iter()
                    .map(|path| path.display().to_string())
                    .collect();
                json["paths"] = json!(paths);
            }
        }
    }
    json
}
