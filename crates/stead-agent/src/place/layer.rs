//! What is at a path, in the tree or in a layer, without following links; and reading it.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use cap_std::fs::{Dir, File, Metadata};
use sha2::{Digest, Sha256};

use super::change::{Stamp, State};

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    Folder,
    Kept(State, Stamp),
    /// The mark by which an overlay's upper folder says that nothing is there.
    Gone,
    /// A pipe, a socket, a device.
    Other,
}

impl Found {
    pub(super) fn state(self) -> Option<(State, Stamp)> {
        match self {
            Self::Kept(state, stamp) => Some((state, stamp)),
            _ => None,
        }
    }
}

/// What is at a path. Below something that is no folder, a link too, there is nothing.
pub(super) fn look(dir: &Dir, path: &Path) -> io::Result<Found> {
    let above = path.ancestors().skip(1);
    for folder in above.filter(|folder| !folder.as_os_str().is_empty()) {
        match dir.symlink_metadata(folder) {
            Ok(facts) if facts.is_dir() => {}
            Ok(_) => return Ok(Found::Nothing),
            Err(error) if absent(&error) => return Ok(Found::Nothing),
            Err(error) => return Err(error),
        }
    }
    look_in(dir, path)
}

/// What is at a path in a folder that was reached by no link.
pub(super) fn look_in(dir: &Dir, path: &Path) -> io::Result<Found> {
    let facts = match dir.symlink_metadata(path) {
        Ok(facts) => facts,
        Err(error) if absent(&error) => return Ok(Found::Nothing),
        Err(error) => return Err(error),
    };
    Ok(if facts.is_dir() {
        Found::Folder
    } else if facts.is_file() {
        let state = State::File {
            length: facts.len(),
            executable: executable(&facts),
        };
        Found::Kept(state, stamp(&facts))
    } else if facts.is_symlink() {
        let target = dir.read_link_contents(path)?;
        Found::Kept(State::Link { target }, stamp(&facts))
    } else if is_gone(&facts) {
        Found::Gone
    } else {
        Found::Other
    })
}

pub(super) fn absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

#[cfg(unix)]
pub(super) fn stamp(facts: &Metadata) -> Stamp {
    use cap_std::fs::MetadataExt;

    use super::begun::nanoseconds;
    Stamp {
        length: facts.len(),
        changed_ns: nanoseconds(facts.ctime(), facts.ctime_nsec()),
        written_ns: nanoseconds(facts.mtime(), facts.mtime_nsec()),
        number: facts.ino(),
    }
}

#[cfg(not(unix))]
pub(super) fn stamp(facts: &Metadata) -> Stamp {
    let written = facts.modified().map(cap_std::time::SystemTime::into_std);
    let written_ns = written.map_or(0, super::begun::since_1970);
    Stamp {
        length: facts.len(),
        changed_ns: written_ns,
        written_ns,
        number: 0,
    }
}

#[cfg(unix)]
fn executable(facts: &Metadata) -> bool {
    cap_std::fs::MetadataExt::mode(facts) & 0o100 != 0
}

#[cfg(not(unix))]
const fn executable(_: &Metadata) -> bool {
    false
}

/// A character device 0:0.
#[cfg(unix)]
fn is_gone(facts: &Metadata) -> bool {
    use cap_std::fs::MetadataExt;
    facts.mode() & 0o170_000 == 0o020_000 && facts.rdev() == 0
}

#[cfg(not(unix))]
const fn is_gone(_: &Metadata) -> bool {
    false
}

/// Whether a folder of an overlay's upper folder hides the tree's folder at the same path.
#[cfg(target_os = "linux")]
pub(super) fn hides(upper: &Dir, folder: &Path) -> io::Result<bool> {
    // As a file, since attributes cannot be asked of what is opened to go through only.
    let opened = upper.open(folder)?;
    let mut value = [0_u8; 1];
    match rustix::fs::fgetxattr(&opened, "user.overlay.opaque", &mut value) {
        Ok(length) => Ok(length == 1 && value[0] == b'y'),
        // Another value, or none.
        Err(rustix::io::Errno::NODATA | rustix::io::Errno::RANGE) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "it may fail where there are overlays"
)]
pub(super) const fn hides(_: &Dir, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Whether two files hold the same.
pub(super) fn same(one: File, other: File) -> io::Result<bool> {
    let (mut one, mut other) = (one, other);
    let (mut left, mut right) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let length = fill(&mut one, &mut left)?;
        if length != fill(&mut other, &mut right)? || left[..length] != right[..length] {
            return Ok(false);
        }
        if length == 0 {
            return Ok(true);
        }
    }
}

fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match from.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// The SHA-256 of what a file or link holds, in lower-case hexadecimal digits.
pub(super) fn hash(dir: &Dir, path: &Path, state: &State) -> io::Result<String> {
    let mut hash = Sha256::new();
    match state {
        State::Link { target } => hash.update(super::name::bytes(target)),
        State::File { .. } => {
            let mut file = dir.open(path)?;
            let mut buffer = vec![0; 1 << 16];
            loop {
                let length = fill(&mut file, &mut buffer)?;
                if length == 0 {
                    break;
                }
                hash.update(&buffer[..length]);
            }
        }
    }
    Ok(hex(&hash.finalize()))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The names in a folder, sorted.
pub(super) fn names(dir: &Dir, folder: &Path) -> io::Result<Vec<PathBuf>> {
    let here = Path::new(".");
    let opened = if folder.as_os_str().is_empty() {
        here
    } else {
        folder
    };
    let mut names = Vec::new();
    for entry in dir.read_dir(opened)? {
        names.push(folder.join(entry?.file_name()));
    }
    names.sort();
    Ok(names)
}
