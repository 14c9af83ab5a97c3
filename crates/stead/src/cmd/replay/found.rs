//! The session that is to run again: found, verified and read.

use std::path::PathBuf;

use serde_json::Value;
use stead_agent::replay::{Recorded, ReplayError};
use stead_agent::seals::{self, Key, Machine, sessions};

use crate::cli::ReplayArgs;
use crate::cmd::tracing::current;
use crate::cmd::verify;
use crate::command_error::CommandError;
use crate::environment::Context;

/// A session that is as it was signed.
pub(super) struct Found {
    pub(super) id: String,
    /// Its folder, in which nothing is changed.
    pub(super) folder: PathBuf,
    pub(super) recorded: Recorded,
    /// The tree that it worked on, or a clone of it.
    pub(super) tree: PathBuf,
}

impl Found {
    /// Finds the session. If it is not as it was signed, gives what was found of it.
    pub(super) fn find(
        args: &ReplayArgs,
        context: &Context,
    ) -> Result<Result<Self, Machine>, CommandError> {
        let data_dir = &context.settings.data_dir;
        let wanted = match &args.session {
            Some(wanted) => wanted.clone(),
            None => newest(context)?,
        };
        let key = verify::own_key(data_dir)?;
        let id = verify::find(&wanted, data_dir, &key)?;
        let folder = seals::folder(data_dir, &id);
        let checked = checked(&key, &id, context)?;
        if !checked.is_well() {
            return Ok(Err(checked));
        }
        if checked.sessions.iter().any(|report| report.being_written) {
            return Err(CommandError::failure("the session is still at work")
                .hint("it can be run again once it has ended"));
        }
        let recorded = Recorded::read(&folder)?;
        if recorded.tasks.is_empty() {
            return Err(CommandError::failure(
                "the session ended before its first task",
            ));
        }
        let tree = tree(args, &recorded, context)?;
        Ok(Ok(Self {
            id,
            folder,
            recorded,
            tree,
        }))
    }

    /// What was set for a task.
    pub(super) fn setting(&self, task: usize) -> Value {
        self.recorded.setting(task)
    }
}

fn checked(key: &Key, id: &str, context: &Context) -> Result<Machine, CommandError> {
    let only = [id.to_owned()];
    Ok(Machine::check(
        &context.settings.data_dir,
        key,
        Some(&only),
    )?)
}

/// Ids begin with the time.
fn newest(context: &Context) -> Result<String, CommandError> {
    sessions(&context.settings.data_dir)?.pop().ok_or_else(|| {
        CommandError::not_found("there are no sessions of stead's own agent here")
            .hint("`stead run TASK` begins one; those of other agents cannot run again")
    })
}

/// The folder that the session began in, or the one that is named.
fn tree(
    args: &ReplayArgs,
    recorded: &Recorded,
    context: &Context,
) -> Result<PathBuf, CommandError> {
    let tree = match (&args.folder, &recorded.header.cwd) {
        (Some(folder), _) => current(context)?.join(folder),
        (None, Some(tree)) => PathBuf::from(tree),
        (None, None) => {
            return Err(
                CommandError::failure("the record does not say where it was")
                    .hint("`-C DIR` names the folder"),
            );
        }
    };
    tree.canonicalize().map_err(|error| {
        CommandError::failure(format!("{}: {error}", tree.display()))
            .hint("`-C DIR` names another clone of the repository")
    })
}

impl From<ReplayError> for CommandError {
    fn from(error: ReplayError) -> Self {
        Self::failure(error.to_string())
    }
}
