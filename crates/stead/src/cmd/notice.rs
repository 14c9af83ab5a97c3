//! What is said on standard error beside the answer: what is kept, what is
//! missing. It never fails a command.

use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use stead_app::{AppError, SyncReport};
use stead_redact::terminal::escape;
use stead_usf::Issue;

use crate::environment::Context;

/// Says that an archive is made, once, and as soon as it is there: a first sync
/// may be stopped or fail, and what it kept so far stays.
pub(super) struct ArchiveBegins {
    folder: PathBuf,
    config: Option<PathBuf>,
    said: AtomicBool,
}

impl ArchiveBegins {
    /// To be made before the sync.
    pub(super) fn new(context: &Context) -> Self {
        let folder = context.settings.data_dir.join("archive");
        Self {
            said: AtomicBool::new(!context.settings.archive || folder.exists()),
            folder,
            config: context.config_path.clone(),
        }
    }

    /// Says it if there is an archive now that was not there before.
    pub(super) fn say(&self) {
        if self.said.load(Ordering::Relaxed) || !self.folder.exists() {
            return;
        }
        if self.said.swap(true, Ordering::Relaxed) {
            return;
        }
        let config = self.config.as_deref();
        let config = config.map_or_else(String::new, |path| path.display().to_string());
        note(&format!(
            "stead keeps a compressed copy of every session it has seen in {}, since agents\n\
             delete theirs. It holds what they hold, secrets included. To switch it off, put\n\
             `archive.enabled = false` into {config}.",
            self.folder.display(),
        ));
    }
}

/// What a sync could not do.
pub(super) fn of(report: &SyncReport) {
    if report.busy {
        note("another stead is updating the index; what came last may be missing");
    }
    for failed in &report.failed {
        note(&failed.to_string());
    }
}

/// So many files that could not be read are named.
const NAMED: usize = 5;

/// Files of agents that could not be read.
pub(super) fn unreadable(issues: &[Issue]) {
    for issue in issues.iter().take(NAMED) {
        note(&issue.message);
    }
    if issues.len() > NAMED {
        let more = issues.len() - NAMED;
        note(&format!("and {more} more could not be read"));
    }
}

/// Notes of other tools that could not be read: lines are traced without them.
pub(super) fn unread(problems: &[String]) {
    for problem in problems.iter().take(NAMED) {
        note(problem);
    }
    if problems.len() > NAMED {
        let more = problems.len() - NAMED;
        note(&format!(
            "and {more} more notes of other tools could not be read; `stead notes read` names them"
        ));
    }
}

/// The index is shown as it was.
pub(super) fn stale(error: &AppError) {
    note(&format!(
        "the index could not be brought up to date; what is shown may be incomplete:\n{error}"
    ));
}

/// Writes a note, further lines below the first. One that cannot be written is
/// not worth failing for.
fn note(text: &str) {
    let text = escape(text).replace('\n', "\n      ");
    let _ = writeln!(anstream::stderr().lock(), "note: {text}");
}
