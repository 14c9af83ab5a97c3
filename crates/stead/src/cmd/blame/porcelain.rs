//! Blamed lines for scripts, in the form of `git blame --porcelain` with headers
//! of stead's own.

use std::io::Write;

use rustc_hash::FxHashSet;
use stead_app::trace::{BlamedLine, Line};
use stead_redact::terminal::escape;
use stead_trace::repo::{CommitHeads, Git};

use super::Blamed;
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::output::Output;

pub(super) fn write(blamed: &Blamed, context: &Context) -> Result<(), CommandError> {
    let lines = &blamed.lines;
    let heads = heads(lines, &blamed.git)?;
    let mut out = Output::exact();
    // The id of what is not committed, as long as ids are here.
    let zeros = "0".repeat(blamed.git.id_length());
    let mut told: FxHashSet<&str> = FxHashSet::default();
    for (at, line) in lines.iter().enumerate() {
        let view = &line.line;
        let commit = view.commit.as_deref().unwrap_or(&zeros);
        write!(out, "{commit} {} {}", line.then, view.number)?;
        let begins = at == 0 || !follows(&lines[at - 1], line);
        if begins {
            let rest = lines[at..].windows(2);
            let more = rest.take_while(|pair| follows(&pair[0], &pair[1])).count();
            write!(out, " {}", more + 1)?;
        }
        writeln!(out)?;
        if told.insert(commit) {
            match view.commit.as_deref().and_then(|id| heads.of_commit(id)) {
                Some(head) => out.write_all(head.as_bytes())?,
                None => uncommitted(&mut out, context)?,
            }
            if line.boundary {
                writeln!(out, "boundary")?;
            }
        }
        if begins {
            writeln!(out, "filename {}", quoted(&line.path))?;
        }
        own(&mut out, view)?;
        // A terminal must not obey what a file holds; programs get it as it is.
        if context.terminal {
            writeln!(out, "\t{}", escape(&view.text))?;
        } else {
            writeln!(out, "\t{}", view.text)?;
        }
    }
    Ok(out.finish()?)
}

/// Whether a line stands right behind another in the commit that brought both.
fn follows(before: &BlamedLine, line: &BlamedLine) -> bool {
    before.line.commit == line.line.commit
        && before.path == line.path
        && before.then + 1 == line.then
        && before.line.number + 1 == line.line.number
}

fn heads(lines: &[BlamedLine], git: &Git) -> Result<CommitHeads, CommandError> {
    let ids: FxHashSet<&str> = lines
        .iter()
        .filter_map(|line| line.line.commit.as_deref())
        .collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    CommitHeads::of(git, &ids).map_err(|error| CommandError::failure(error.to_string()))
}

/// What git says of lines that no commit has.
fn uncommitted(out: &mut Output, context: &Context) -> Result<(), CommandError> {
    let now = context.settings.now.as_second();
    for role in ["author", "committer"] {
        writeln!(out, "{role} Not Committed Yet")?;
        writeln!(out, "{role}-mail <not.committed.yet>")?;
        writeln!(out, "{role}-time {now}")?;
        writeln!(out, "{role}-tz +0000")?;
    }
    Ok(writeln!(out, "summary Not Committed Yet")?)
}

/// Headers that git does not have; what is not known has none.
fn own(out: &mut Output, view: &Line) -> Result<(), CommandError> {
    writeln!(out, "stead-origin {}", view.origin.as_str())?;
    writeln!(out, "stead-confidence {:.3}", view.confidence)?;
    for (name, value) in [
        ("session", view.session.as_deref()),
        ("agent", view.agent.as_deref()),
        ("model", view.model.as_deref()),
        ("license", view.license.as_deref()),
        ("event", view.event.as_deref()),
    ] {
        if let Some(value) = value {
            writeln!(out, "stead-{name} {}", one_row(value))?;
        }
    }
    for words in &view.evidence {
        writeln!(out, "stead-evidence {}", one_row(words))?;
    }
    Ok(())
}

/// A file's name as git writes it where it is not plain.
fn quoted(name: &str) -> String {
    let odd = |c: char| c.is_control() || matches!(c, '"' | '\\');
    if !name.contains(odd) {
        return name.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in name.chars() {
        // These have letters of their own; other controls are told by number.
        let letter = "\u{7}\u{8}\t\n\u{b}\u{c}\r\"\\".find(c);
        match letter.and_then(|at| "abtnvfr\"\\".chars().nth(at)) {
            Some(letter) => quoted.extend(['\\', letter]),
            None if c.is_ascii_control() => {
                quoted.extend(['\\', octal(c, 6), octal(c, 3), octal(c, 0)]);
            }
            None => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// One digit of a sign's number to the base of eight.
fn octal(c: char, shift: u32) -> char {
    char::from_digit((u32::from(c) >> shift) & 7, 8).unwrap_or('0')
}

/// A header is one row, whatever a session calls itself.
fn one_row(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}
