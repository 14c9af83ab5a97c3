//! Looks at a tree: which files and links there are that version control would keep, and what
//! is at a path.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use cap_std::fs::Dir;

use super::Held;
use crate::workspace::files_and_links;

/// All paths of files and links below a folder that version control would keep, from it, sorted.
#[must_use]
pub fn all(root: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = files_and_links(root)
        .filter_map(|entry| Some(entry.path().strip_prefix(root).ok()?.to_owned()))
        .collect();
    paths.sort();
    paths
}

/// What is at a path.
pub(super) enum Found {
    /// A file or link.
    Held(Held),
    /// A file that has more bytes than are wanted: so many.
    Large(u64),
    /// A folder, a pipe, a device.
    Other,
    /// Nothing.
    Nothing,
}

/// Looks at a path, links not followed.
pub(super) fn look(dir: &Dir, path: &Path, most: u64) -> io::Result<Found> {
    let facts = match dir.symlink_metadata(path) {
        Ok(facts) => facts,
        Err(error) if absent(&error) => return Ok(Found::Nothing),
        Err(error) => return Err(error),
    };
    if facts.is_symlink() {
        let target = dir.read_link_contents(path)?;
        return Ok(Found::Held(Held {
            bytes: target.into_os_string().into_encoded_bytes(),
            link: true,
            runs: false,
        }));
    }
    if !facts.is_file() {
        return Ok(Found::Other);
    }
    let mut bytes = Vec::new();
    dir.open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Ok(Found::Large(facts.len()));
    }
    Ok(Found::Held(Held {
        bytes,
        link: false,
        runs: runs(&facts),
    }))
}

#[cfg(unix)]
fn runs(facts: &cap_std::fs::Metadata) -> bool {
    use cap_std::fs::PermissionsExt;
    facts.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn runs(_: &cap_std::fs::Metadata) -> bool {
    false
}

/// Whether nothing is there: also where a file stands in the place of a folder.
pub(super) fn absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
