//! What is read together, and how far it has been read.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use stead_usf::{AgentId, Raw, Session};

use crate::Server;
use crate::disk::FileState;

/// A place where an agent keeps sessions, found or only looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// The folder or database.
    pub path: PathBuf,
    /// Whether anything is there.
    pub exists: bool,
}

/// The smallest thing that is read as a whole: one transcript with its side
/// files, or one database. It may hold one session or many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Whose it is.
    pub agent: AgentId,
    /// The main file, or the folder for stores of many small files.
    pub path: PathBuf,
    /// Changes whenever anything that the unit is made of changes.
    pub stamp: Stamp,
    /// Size in bytes, for progress and for reading large units first.
    pub bytes: u64,
    /// Last change in milliseconds since 1970, so that the newest is read first.
    pub modified_ms: i64,
    /// Further files that belong to it, in reading order.
    pub parts: Vec<PathBuf>,
    /// The server that has it; `path` is then its address there.
    pub server: Option<Server>,
}

impl Unit {
    /// A unit made of one file.
    pub fn of_file(agent: AgentId, path: PathBuf, state: &FileState) -> Self {
        let mut unit = Self {
            agent,
            path,
            stamp: Stamp::default(),
            bytes: 0,
            modified_ms: 0,
            parts: Vec::new(),
            server: None,
        };
        unit.include(state);
        unit
    }

    /// A unit that a server has, under this path there (which begins with a
    /// slash). `version` changes whenever the unit does.
    pub fn of_server(agent: AgentId, server: &Server, path: &str, version: &str) -> Self {
        let mut stamp = Stamp::default();
        stamp.mix_bytes(version.as_bytes());
        Self {
            agent,
            path: server.address(path).into(),
            stamp,
            bytes: 0,
            modified_ms: 0,
            parts: Vec::new(),
            server: Some(server.clone()),
        }
    }

    /// Takes a further file's or folder's state into stamp, size and time.
    pub fn include(&mut self, state: &FileState) {
        self.stamp.add(state);
        self.bytes += if state.is_file { state.bytes } else { 0 };
        self.modified_ms = self.modified_ms.max(state.modified_ns / 1_000_000);
    }

    /// The name under which stead remembers the unit: its path.
    pub fn key(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }
}

/// A digest of sizes, times and identities of files. Equal stamps mean that
/// nothing was changed since.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp(pub u64);

impl Stamp {
    /// Takes one file's or folder's state into the digest; order matters.
    pub fn add(&mut self, state: &FileState) {
        self.mix(state.bytes);
        self.mix(state.modified_ns as u64);
        self.mix(state.inode);
    }

    /// Takes bytes and their number into the digest.
    pub fn mix_bytes(&mut self, bytes: &[u8]) {
        self.mix(bytes.len() as u64);
        for part in bytes.chunks(8) {
            let mut number = [0; 8];
            number[..part.len()].copy_from_slice(part);
            self.mix(u64::from_le_bytes(number));
        }
    }

    /// Takes a number into the digest.
    pub const fn mix(&mut self, number: u64) {
        // The finaliser of SplitMix64: every input bit reaches every output bit.
        let mut z = (self.0 ^ number).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        self.0 = z ^ (z >> 31);
    }
}

/// How far a unit was read, with what the adapter must remember to go on.
/// It is stored between runs, so changes of its shape need a new version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Version of the adapter's reading; another one means: read all again.
    pub version: u32,
    /// Where to go on.
    pub position: Position,
    /// What the adapter remembers, in its own form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Raw>,
    /// The headers of the unit's sessions as they stood at `position`.
    #[serde(default)]
    pub sessions: Vec<Session>,
}

/// Where in a unit reading stopped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Position {
    /// The unit is always read as a whole.
    #[default]
    Whole,
    /// In an append-only file.
    Bytes {
        /// First byte not yet read.
        offset: u64,
        /// Lines before it.
        line: u64,
        /// Digest of samples of what lies before `offset`, to notice rewriting.
        prefix: String,
    },
}
