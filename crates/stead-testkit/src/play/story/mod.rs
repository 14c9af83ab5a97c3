//! A story: a machine with a home, repositories and sessions, and the steps that
//! people, agents and git take on it. It keeps the book of whose every line is;
//! it asks no tracer.

mod acting;
mod far;
mod history;
mod kin;
mod look;
mod shell;
mod stage;
mod typing;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::clock::Moment;
use super::file::File;
use super::git::Git;
use super::ledger::Ledger;
use super::line::SessionKey;
use super::noise::Noise;
use super::session::{Agent, Session};

pub use acting::Acting;
pub use typing::Typing;

/// A working folder of the story, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folder(pub(super) usize);

/// A working folder with what lies in it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    /// The repository that it belongs to: folders of one share their history.
    pub(super) repository: usize,
    pub(super) files: BTreeMap<String, File>,
    /// Its owner is somebody else.
    pub(super) foreign: bool,
    /// Lines in it are asked for.
    pub(super) asked: bool,
}

/// A machine, and what happens on it.
#[derive(Debug)]
pub struct Story {
    pub(super) guard: TempDir,
    pub(super) root: PathBuf,
    pub(super) noise: Noise,
    pub(super) now: Moment,
    numbers: u32,
    cast: Vec<Agent>,
    pub(super) places: Vec<Place>,
    pub(super) ledgers: Vec<Ledger>,
    here: Folder,
    pub(super) sessions: Vec<Session>,
    pub(super) deleted: Vec<SessionKey>,
    /// The texts of files as sessions saw them last.
    seen: BTreeMap<(SessionKey, String), String>,
    pub(super) blanks_count: bool,
}

impl Story {
    /// A session that was begun.
    pub(super) fn session_of(&self, key: SessionKey) -> &Session {
        &self.sessions[key.0]
    }

    /// An agent's hand: what it does goes into its session.
    pub const fn by(&mut self, session: SessionKey) -> Acting<'_> {
        Acting::new(self, session)
    }

    /// The hand of the one whose folder this is: the human's on this machine,
    /// a colleague's in a folder of theirs. No session shows what it does.
    pub const fn human(&mut self) -> Typing<'_> {
        Typing::new(self)
    }

    /// Where the person is.
    pub const fn here(&self) -> Folder {
        self.here
    }

    /// The person goes to another folder.
    pub const fn enter(&mut self, folder: Folder) {
        self.here = folder;
    }

    /// Where a folder lies.
    pub fn path(&self, folder: Folder) -> &Path {
        &self.places[folder.0].path
    }

    /// Time passes, in minutes.
    pub const fn wait(&mut self, minutes: i64) {
        self.now = self.now.plus(minutes * 60_000);
    }

    /// Blank lines and lone braces are held to their truth too.
    pub const fn count_blanks(&mut self) {
        self.blanks_count = true;
    }

    /// Something takes its time: five to sixty seconds.
    pub(super) fn tick(&mut self) {
        let seconds = 5 + self.noise.below(55) as i64;
        let milliseconds = self.noise.below(1000) as i64;
        self.now = self.now.plus(seconds * 1000 + milliseconds);
    }

    /// A number that no line has yet.
    pub(super) const fn number(&mut self) -> u32 {
        self.numbers += 1;
        self.numbers
    }

    pub(super) fn place(&mut self, folder: Folder) -> &mut Place {
        &mut self.places[folder.0]
    }

    pub(super) fn git(&self) -> Git {
        self.git_in(self.here)
    }

    /// Git in a folder, as its owner.
    pub(super) fn git_in(&self, folder: Folder) -> Git {
        use super::git::COLLEAGUE;
        let place = &self.places[folder.0];
        let git = Git::new(&place.path, self.now);
        if place.foreign {
            git.by(COLLEAGUE, COLLEAGUE)
        } else {
            git
        }
    }

    /// The lines of a file as they are now; for tests and choices at random.
    pub fn lines(&self, folder: Folder, path: &str) -> usize {
        let file = self.places[folder.0].files.get(path);
        file.map_or(0, |file| file.lines.len())
    }

    /// The files of a folder.
    pub fn files(&self, folder: Folder) -> Vec<String> {
        self.places[folder.0].files.keys().cloned().collect()
    }
}
