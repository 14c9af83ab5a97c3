//! What a session changed beside the user's files and nobody has applied yet.

use std::io::Read;
use std::path::Path;

use agent_client_protocol::v1::schema::{ToolCallContent, ToolCallLocation};
use stead_agent::place::{ApplyError, Change, DiffOptions};
use stead_usf::Time;

use super::call;
use crate::cmd::changes::Left;
use crate::cmd::changes::apply::once;
use crate::command_error::CommandError;
use crate::environment::{Context, now};
use crate::text::{counted, one_line};

/// Files that are shown; more are counted.
const MOST: usize = 50;

/// A file is shown as a text up to so many bytes.
const LARGEST: u64 = 1 << 20;

/// Changes that wait.
pub(super) struct Waiting(Left);

/// Why changes were not applied.
pub(super) enum Refused {
    /// They would go over what no commit holds; the user may want that.
    Uncommitted(String),
    /// In words, with what to do.
    Other(String),
}

impl Refused {
    /// For people.
    pub(super) fn into_words(self) -> String {
        match self {
            Self::Uncommitted(files) => format!("not applied, as this is not committed: {files}"),
            Self::Other(why) => why,
        }
    }
}

impl Waiting {
    /// Those of a session; nothing if there are none.
    pub(super) fn of(id: &str, context: &Context) -> Result<Option<Self>, CommandError> {
        let folder = context.settings.data_dir.join("sessions").join(id);
        if !folder.join("changes/place.json").is_file() {
            return Ok(None);
        }
        let left = Left::find(Some(id), context)?;
        Ok((!left.changes.is_empty()).then_some(Self(left)))
    }

    /// How many, in words.
    pub(super) fn count(&self) -> String {
        counted(self.0.changes.told().count() as u64, "file")
    }

    /// Each file before and after.
    pub(super) fn content(&self) -> Vec<ToolCallContent> {
        let told = self.0.changes.told().take(MOST);
        let mut all: Vec<_> = told.map(|change| self.file(change)).collect();
        let more = self.0.changes.told().count().saturating_sub(MOST);
        if more > 0 {
            all.extend(call::text(&format!("… and {more} more; /diff shows all")));
        }
        all
    }

    fn file(&self, change: &Change) -> ToolCallContent {
        let (kept, path) = (&self.0.kept, &change.path);
        let before = change.moved_from.as_deref().unwrap_or(path);
        let had = change.before.is_some() || change.moved_from.is_some();
        let before = had.then(|| text(kept.open_before(before))).flatten();
        let after = change
            .after
            .is_some()
            .then(|| text(kept.open_after(path)))
            .flatten();
        call::diff(kept.begun().tree.join(path), before, after)
    }

    /// Where they are.
    pub(super) fn places(&self) -> Vec<ToolCallLocation> {
        let tree = &self.0.kept.begun().tree;
        let told = self.0.changes.told().take(MOST);
        told.map(|change| ToolCallLocation::new(tree.join(&change.path)))
            .collect()
    }

    /// As a unified diff.
    pub(super) fn diff(&self) -> Result<String, CommandError> {
        let mut diff = Vec::new();
        self.0
            .kept
            .diff(&self.0.changes, DiffOptions::default(), &mut diff)?;
        Ok(String::from_utf8_lossy(&diff).into_owned())
    }

    /// Puts them into the user's files, all or none.
    pub(super) fn apply(&mut self, over_uncommitted: bool) -> Result<(), Refused> {
        let done = once(&mut self.0, false, over_uncommitted, Time::from(now()));
        match done {
            Ok(_) => Ok(()),
            Err(ApplyError::Uncommitted(paths)) => Err(Refused::Uncommitted(named(&paths))),
            Err(error) => {
                let id = &self.0.session;
                Err(Refused::Other(format!(
                    "nothing was applied: {error}; the changes stay apart (`stead diff {id}`)"
                )))
            }
        }
    }

    /// Throws them away.
    pub(super) fn discard(mut self) -> Result<(), CommandError> {
        Ok(self.0.kept.discard()?)
    }
}

fn named(paths: &[std::path::PathBuf]) -> String {
    let shown = paths.iter().take(5);
    let shown: Vec<String> = shown
        .map(|path: &std::path::PathBuf| one_line(&path.display().to_string()))
        .collect();
    let more = paths.len().saturating_sub(shown.len());
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// A file's text, if it is one.
fn text(opened: std::io::Result<impl Read>) -> Option<String> {
    let mut bytes = Vec::new();
    opened
        .ok()?
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .ok()?;
    String::from_utf8(bytes).ok()
}

/// Whether a session has a record.
pub(super) fn has_record(id: &str, context: &Context) -> bool {
    record(id, &context.settings.data_dir).is_file()
}

/// Where a session's record is.
pub(super) fn record(id: &str, data_dir: &Path) -> std::path::PathBuf {
    let folder = data_dir.join(stead_agent::seals::SESSIONS).join(id);
    folder.join(stead_agent::record::EVENTS)
}
