//! `shell`: runs a command, through the [`Shell`](super::Shell) that is handed in.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Map, Value, json};
use stead_llm::ToolSpec;
use stead_usf::ToolKind;

use super::answer::{MOST, cut};
use super::arguments::{Arguments, TOP};
use super::{Answer, Bench, Ran, Tool, Touches, spec};
use crate::workspace::Workspace;

#[cfg(test)]
mod tests;

/// Runs commands.
pub(super) struct Run;

/// Room for the output; the rest is for how the command went.
const ROOM: usize = MOST - 1_000;
/// Larger limits are milliseconds, which other agents have their models write.
const MOST_SECONDS: u64 = 3_600;

struct Asked {
    command: String,
    limit: Option<Duration>,
    notes: Vec<String>,
}

fn asked(given: &Map<String, Value>, workspace: &Workspace) -> Result<Asked, String> {
    let mut arguments = Arguments::of(given, workspace);
    let command = command(&mut arguments)?;
    if command.trim().is_empty() {
        return Err("`command` is empty; call again with what to run".to_owned());
    }
    if command.trim_start().starts_with("apply_patch") {
        return Err("`apply_patch` is a tool of its own; call it with the patch".to_owned());
    }
    let limit = limit(&mut arguments)?;
    let command = match arguments.other_path(&["workdir", "cwd", "workingdirectory"])? {
        None => command,
        Some(top) if top == TOP => command,
        Some(folder) => format!("cd -- {} || exit\n{command}", quoted(&folder)),
    };
    Ok(Asked {
        command,
        limit,
        notes: arguments.notes(),
    })
}

/// The command; a list of words is put together, and what a shell was to be given by
/// such a list is taken out of it.
fn command(arguments: &mut Arguments<'_>) -> Result<String, String> {
    let missing = || "`command` is missing; call again with what to run".to_owned();
    let value = arguments.value("command", &["cmd", "script", "code"]);
    match value.ok_or_else(missing)? {
        Value::String(command) => Ok(command.clone()),
        Value::Array(words) => {
            let words: Option<Vec<&str>> = words.iter().map(Value::as_str).collect();
            let words = words.ok_or("`command` must be a string")?;
            match words.as_slice() {
                [
                    "sh" | "bash" | "zsh" | "/bin/sh" | "/bin/bash",
                    "-c" | "-lc",
                    script,
                ] => Ok((*script).to_owned()),
                words => {
                    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
                    Ok(words.join(" "))
                }
            }
        }
        _ => Err("`command` must be a string".to_owned()),
    }
}

fn limit(arguments: &mut Arguments<'_>) -> Result<Option<Duration>, String> {
    if let Some(number) =
        arguments.number("timeout", &["timeoutseconds", "timeoutsec", "timeouts"])?
    {
        if number > MOST_SECONDS {
            let seconds = number / 1_000;
            arguments.note(format!(
                "`timeout` is in seconds; {number} was taken as {seconds}"
            ));
            return Ok(Some(Duration::from_millis(number)));
        }
        return Ok((number > 0).then(|| Duration::from_secs(number)));
    }
    let millis = arguments.other_number(&["timeoutms", "timeoutmillis"])?;
    Ok(millis
        .filter(|millis| *millis > 0)
        .map(Duration::from_millis))
}

/// A word as `sh` reads it back.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

impl Tool for Run {
    fn spec(&self) -> ToolSpec {
        let properties = json!({
            "command": {"type": "string"},
            "timeout": {"type": "integer"},
        });
        spec("shell", include_str!("tool.md"), &properties, &["command"])
    }

    fn kind(&self) -> ToolKind {
        ToolKind::Shell
    }

    fn touches(
        &self,
        arguments: &Map<String, Value>,
        workspace: &Workspace,
    ) -> Result<Touches, String> {
        Ok(Touches {
            command: Some(asked(arguments, workspace)?.command),
            ..Touches::default()
        })
    }

    fn call(&self, arguments: &Map<String, Value>, bench: &mut Bench<'_>) -> Answer {
        let asked = match asked(arguments, bench.workspace) {
            Ok(asked) => asked,
            Err(why) => return Answer::refused(why),
        };
        let ran = bench.shell.run(&asked.command, asked.limit, bench.output);
        told(&ran).with_notes(&asked.notes)
    }
}

/// How a command went, with how it ended first: a model that reads no further has read
/// that.
fn told(ran: &Ran) -> Answer {
    let took = ran.took.as_secs_f64();
    let mut text = match (&ran.ended, ran.exit) {
        (Some(why), _) => why.clone(),
        (None, Some(code)) => format!("exit code {code}, {took:.1} s"),
        (None, None) => format!("no exit code, {took:.1} s"),
    };
    if ran.timed_out {
        let _ = write!(
            text,
            " (after {took:.1} s). What it wrote until then stands below. Give a larger `timeout`, \
             run less, or, if it waits for input or serves for ever, run it otherwise."
        );
    }
    let output = ran.output.trim_end();
    if output.trim().is_empty() {
        text.push_str("\n(no output)");
    } else {
        let _ = write!(text, "\n{}", cut(output.to_owned(), ROOM));
    }
    Answer {
        ok: ran.exit == Some(0) && ran.ended.is_none(),
        exit: ran.exit,
        ..Answer::done(text)
    }
}
