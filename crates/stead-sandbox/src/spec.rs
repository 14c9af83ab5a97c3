//! A policy made ready for one machine, as it goes to the child, and what comes back. Paths are
//! kept as the system has them, also those that are not text.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::policy::Limits;

/// A message between parent and child is not longer than this.
const MOST_BYTES: u32 = 64 << 20;

/// Everything that the inner stage does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Spec {
    /// In this order. Empty if something else has mounted them.
    pub(crate) mounts: Vec<Mount>,
    /// Whether to bring up the new network's loopback interface.
    pub(crate) loopback: bool,
    /// Folders that may be written to, as they are called inside.
    pub(crate) writable: Vec<OsString>,
    pub(crate) folder: OsString,
    pub(crate) program: OsString,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) variables: Vec<(OsString, OsString)>,
    /// What the command reads from its standard input.
    pub(crate) input: Vec<u8>,
    pub(crate) limits: Limits,
}

/// One thing that is made or shown below the new root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mount {
    /// A file or folder of the machine.
    Bind {
        from: OsString,
        at: OsString,
        writable: bool,
    },
    /// An empty file system in memory.
    Memory { at: OsString, bytes: u64 },
    /// A link that the machine has too (`/bin` to `usr/bin`).
    Link { to: OsString, at: OsString },
    /// An empty file or folder in the place of one that is hidden.
    Hide { at: OsString, folder: bool },
    /// The work tree with writes going elsewhere.
    Overlay {
        lower: OsString,
        upper: OsString,
        work: OsString,
        at: OsString,
    },
    /// `/dev` with what every program may have.
    Devices { bytes: u64 },
    /// `/proc` of the new processes.
    Processes,
}

impl Mount {
    /// Where it is, as it is called inside.
    pub(crate) fn at(&self) -> &Path {
        match self {
            Self::Bind { at, .. }
            | Self::Memory { at, .. }
            | Self::Link { at, .. }
            | Self::Hide { at, .. }
            | Self::Overlay { at, .. } => Path::new(at),
            Self::Devices { .. } => Path::new("/dev"),
            Self::Processes => Path::new("/proc"),
        }
    }
}

/// How it ended, as the inner stage says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Report {
    Exited(i32),
    Killed(i32),
    /// It was ended for using too much.
    TooMuchMemory,
    TooManyProcesses,
    /// The program cannot be started.
    NotStarted(String),
    /// The sandbox could not be set up; nothing was run.
    NotConfined(String),
}

/// Sends one message.
pub(crate) fn send(to: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let bytes = serde_json::to_vec(message)?;
    let length = u32::try_from(bytes.len())
        .ok()
        .filter(|length| *length <= MOST_BYTES);
    let length =
        length.ok_or_else(|| io::Error::other("the command and its input are too long"))?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(&bytes)
}

/// Waits for one message.
pub(crate) fn receive<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > MOST_BYTES {
        return Err(io::Error::other("a message is too long"));
    }
    let mut bytes = vec![0; length as usize];
    from.read_exact(&mut bytes)?;
    Ok(serde_json::from_slice(&bytes)?)
}
