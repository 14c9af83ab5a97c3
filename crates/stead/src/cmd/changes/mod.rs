//! `stead apply`, `stead diff`, `stead discard`: what sessions of stead's own agent changed.

pub(super) mod apply;
mod commits;
pub(super) mod diff;
pub(super) mod discard;
mod repository;

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use stead_agent::place::{Changes, Kept, PlaceError};
use stead_redact::terminal::escape;

pub(crate) use commits::Asking;
pub(crate) use repository::Repository;

use super::tracing::current;
use crate::command_error::CommandError;
use crate::environment::Context;

/// What a session left.
pub(super) struct Left {
    /// The session's id.
    pub(super) session: String,
    pub(super) kept: Kept,
    pub(super) changes: Changes,
    repository: Repository,
    /// Further sessions that left something in the same tree.
    others: usize,
}

impl Left {
    /// Of the session that is named, or of the newest one here that has changes.
    pub(super) fn find(named: Option<&str>, context: &Context) -> Result<Self, CommandError> {
        match named {
            Some(named) => Self::named(named, context),
            None => Self::newest(context),
        }
    }

    fn named(named: &str, context: &Context) -> Result<Self, CommandError> {
        // As lists of sessions have it, with the agent before it.
        let id = named.strip_prefix("stead:").unwrap_or(named);
        let mut fitting = sessions(context);
        fitting.retain(|(session, _)| session.starts_with(id));
        match fitting.as_slice() {
            [] => Err(CommandError::not_found(format!(
                "no session of stead's own agent begins with `{named}`"
            ))
            .hint("`stead diff` without an id shows the newest changes of this folder")),
            [(session, folder)] => Self::of(session, open(folder)?),
            several => {
                let ids: Vec<&str> = several
                    .iter()
                    .map(|(session, _)| session.as_str())
                    .collect();
                Err(
                    CommandError::ambiguous(format!("`{named}` fits several sessions"))
                        .hint(format!("give more of the id: {}", ids.join(", "))),
                )
            }
        }
    }

    fn newest(context: &Context) -> Result<Self, CommandError> {
        let folder = current(context)?;
        let folder = folder.canonicalize().unwrap_or(folder);
        let top = Repository::top(&folder).unwrap_or_else(|| folder.clone());
        let here = |tree: &Path| folder.starts_with(tree) || tree.starts_with(&top);
        let mut found: Option<Self> = None;
        for (session, changes) in sessions(context) {
            // What belongs to a folder that is gone is none of this one's.
            let Ok(kept) = Kept::open(&changes) else {
                continue;
            };
            if kept.is_empty() || !here(&kept.begun().tree) {
                continue;
            }
            if let Some(found) = &mut found {
                found.others += 1;
                continue;
            }
            let left = Self::of(&session, kept)?;
            if !left.changes.is_empty() {
                found = Some(left);
            }
        }
        found.ok_or_else(|| {
            CommandError::not_found("no session has changes in this folder that are not applied")
                .hint("`stead run TASK` begins one; `stead log` shows what was committed")
        })
    }

    fn of(session: &str, kept: Kept) -> Result<Self, CommandError> {
        kept.mend()?;
        let repository = Repository::at(&kept.begun().tree);
        Ok(Self {
            session: session.to_owned(),
            changes: kept.changes(&repository)?,
            kept,
            repository,
            others: 0,
        })
    }

    /// What else is to be said: on standard error, as it is not what was asked for.
    fn notes(&self) {
        let mut stderr = std::io::stderr().lock();
        for note in &self.changes.notes {
            // A note that cannot be written is no reason to fail.
            let _ = writeln!(stderr, "note: {}", escape(note));
        }
        if self.others > 0 {
            let thing = crate::text::counted(self.others as u64, "more session");
            let _ = writeln!(stderr, "note: {thing} left something in this folder");
        }
    }
}

/// Ids and changes folders of the agent's sessions, the newest first: ids begin with the time.
fn sessions(context: &Context) -> Vec<(String, PathBuf)> {
    let folder = context.settings.data_dir.join("sessions");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut all: Vec<(String, PathBuf)> = entries
        .filter_map(|entry| {
            let changes = entry.path().join("changes");
            let there = changes.join("place.json").is_file();
            there.then_some((entry.file_name().into_string().ok()?, changes))
        })
        .collect();
    all.sort_by(|one, other| other.0.cmp(&one.0));
    all
}

fn open(changes: &Path) -> Result<Kept, CommandError> {
    Ok(Kept::open(changes)?)
}

/// Asks on the terminal; `None` if there is none to ask at.
fn asked(question: &str) -> Option<bool> {
    let stdin = std::io::stdin();
    let mut stderr = std::io::stderr();
    if !stdin.is_terminal() || !stderr.is_terminal() {
        return None;
    }
    write!(stderr, "{} [y/N] ", escape(question)).ok()?;
    stderr.flush().ok()?;
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer).ok()?;
    Some(matches!(answer.trim(), "y" | "Y" | "yes"))
}

impl From<PlaceError> for CommandError {
    fn from(error: PlaceError) -> Self {
        let message = error.to_string();
        match error {
            PlaceError::Inside { .. } => Self::failure(message)
                .hint("`STEAD_DATA_DIR` names another folder for data; `--in-place` works in the folder itself"),
            PlaceError::Busy(_) => Self::failure(message)
                .hint("`stead diff` shows what it has changed so far"),
            PlaceError::Lost(_) => Self::failure(message)
                .hint("`stead apply SESSION` applies its changes, `stead discard SESSION` throws them away"),
            _ => Self::failure(message),
        }
    }
}
