//! `stead notes write`: says of each commit what it did.

use std::io::Write;

use serde::Serialize;
use stead_app::AppError;
use stead_app::trace::{NoteForm, NoteWriter, Noted};
use stead_trace::TraceError;
use stead_trace::notes::{AI_NOTES, Kept, TRACES};
use stead_trace::repo::Git;

use super::super::tracing::{Traced, current, short_commit, write_json};
use super::commits;
use crate::cli::{GlobalArgs, NotesFormat, NotesWriteArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;

/// What became of one commit's note, for scripts.
#[derive(Serialize)]
struct Outcome {
    commit: String,
    lines: u64,
    result: &'static str,
}

pub(super) fn run(
    args: &NotesWriteArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let folder = current(context)?;
    // Whoever mistypes a name need not wait for the index.
    let git = Git::at(&folder).map_err(|error| AppError::from(TraceError::Git(error)))?;
    let commits = commits(&git, &args.revisions)?;
    let mut traced = Traced::at(&folder, context)?;
    traced.tracer.ignore_notes();
    let form = match args.format {
        NotesFormat::GitAi => NoteForm::GitAi,
        NotesFormat::AgentTrace => NoteForm::AgentTrace,
    };
    let mut writer = NoteWriter {
        tracer: &mut traced.tracer,
        form,
        force: args.force,
        version: env!("CARGO_PKG_VERSION"),
        now: context.settings.now.to_string(),
    };
    let noted = writer.write(&commits).map_err(explained)?;
    let outcomes: Vec<_> = commits.into_iter().zip(noted).collect();
    if global.json {
        let outcomes = outcomes.into_iter().map(|(commit, noted)| Outcome {
            commit,
            lines: noted.lines,
            result: word(noted),
        });
        write_json(&outcomes.collect::<Vec<_>>())?;
    } else {
        tell(&outcomes, form)?;
    }
    Ok(Exit::Ok)
}

/// git keeps notes in commits of their own, and those have an author.
fn explained(error: AppError) -> CommandError {
    let unnamed = error.to_string().contains("identity unknown");
    let error = CommandError::from(error);
    if unnamed {
        return error.hint("`git config user.name NAME` and `git config user.email ADDRESS`");
    }
    error
}

fn tell(outcomes: &[(String, Noted)], form: NoteForm) -> Result<(), CommandError> {
    let place = match form {
        NoteForm::GitAi => AI_NOTES,
        NoteForm::AgentTrace => TRACES,
    };
    let mut out = Output::plain();
    let mut written = 0;
    for (commit, noted) in outcomes {
        let commit = short_commit(commit);
        let lines = match noted.lines {
            1 => "1 line".to_owned(),
            lines => format!("{lines} lines"),
        };
        match noted.kept {
            None => writeln!(out, "{commit} nothing to write: no session shows its lines")?,
            Some(Kept::Same) => writeln!(out, "{commit} {lines}: there already")?,
            Some(Kept::Foreign) => writeln!(
                out,
                "{commit} left as it is: another program wrote a note (--force does not mind)"
            )?,
            Some(kept) => {
                written += 1;
                let how = match kept {
                    Kept::Replaced => ", in place of an older note of stead's",
                    Kept::Overwritten if form == NoteForm::GitAi => {
                        ", in place of another program's note"
                    }
                    Kept::Overwritten => ", beside another program's record",
                    _ => "",
                };
                writeln!(out, "{commit} {lines} written{how}")?;
            }
        }
    }
    let plural = if written == 1 { "" } else { "s" };
    writeln!(out, "{written} note{plural} written to {place}")?;
    Ok(out.finish()?)
}

/// How it ended, in one word.
const fn word(noted: Noted) -> &'static str {
    match noted.kept {
        None => "nothing",
        Some(Kept::New) => "new",
        Some(Kept::Replaced) => "replaced",
        Some(Kept::Overwritten) => "overwritten",
        Some(Kept::Same) => "same",
        Some(Kept::Foreign) => "foreign",
    }
}
