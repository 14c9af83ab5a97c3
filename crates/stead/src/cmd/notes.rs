//! `stead notes`

mod read;
mod write;

use stead_app::AppError;
use stead_trace::TraceError;
use stead_trace::repo::{Git, GitError};

use crate::cli::{GlobalArgs, NotesArgs, NotesCommand};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;

pub(crate) fn run(
    args: &NotesArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    match &args.command {
        NotesCommand::Write(args) => write::run(args, global, context),
        NotesCommand::Read(args) => read::run(args, global, context),
    }
}

/// The commits that revisions mean, each once: a range is all that it holds, the
/// oldest first.
fn commits(git: &Git, revisions: &[String]) -> Result<Vec<String>, CommandError> {
    let mut commits: Vec<String> = Vec::new();
    for revision in revisions {
        let answer = if revision.contains("..") {
            git.ask(["rev-list", "--reverse", "--end-of-options", revision])
        } else {
            let name = format!("{revision}^{{commit}}");
            let fixed = ["rev-parse", "--verify", "--quiet", "--end-of-options"];
            git.ask(fixed.into_iter().chain([name.as_str()]))
        };
        let answer = answer.map_err(|error| match error {
            GitError::Refused { .. } => TraceError::NoRevision {
                revision: revision.clone(),
            },
            other => TraceError::Git(other),
        });
        for commit in answer.map_err(AppError::from)?.lines() {
            if !commits.iter().any(|known| known == commit) {
                commits.push(commit.to_owned());
            }
        }
    }
    Ok(commits)
}
