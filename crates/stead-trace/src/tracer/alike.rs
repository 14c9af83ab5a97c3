//! Folders that are gone and that sessions wrote lines of this repository in.
//!
//! Repositories that were made from one another have lines in common, so only one of
//! the folders can have been a checkout, if nothing else shows it.

use std::cmp::Reverse;
use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::text::Key;

/// So many lines with something to say, found where sessions put them, show that
/// their folder was a checkout of this repository.
const LINES: usize = 3;

/// Lines that sessions wrote in a folder.
#[derive(Debug, Default)]
pub(super) struct Wrote {
    /// Those that stand here, where they put them, or did.
    pub(super) found: FxHashSet<Key>,
    /// The others.
    pub(super) missing: FxHashSet<Key>,
}

/// The folders.
#[derive(Debug, Default)]
pub(super) struct Alike {
    roots: FxHashMap<String, Wrote>,
}

impl Alike {
    /// Adds what one session wrote.
    pub(super) fn add(&mut self, root: &str, wrote: Wrote) {
        let of_root = self.roots.entry(root.to_owned()).or_default();
        of_root.found.extend(wrote.found);
        of_root.missing.extend(wrote.missing);
    }

    /// The only one; of several that with the repository's name, else that with the
    /// most lines and, of those, the fewest that are not here.
    pub(super) fn likeliest(&self, repository: &Path) -> Option<&str> {
        let enough = self.roots.iter();
        let enough = enough.filter(|(_, wrote)| wrote.found.len() >= LINES);
        let mut found: Vec<_> = enough
            .map(|(root, Wrote { found, missing })| {
                let in_vain = missing.difference(found).count();
                ((found.len(), Reverse(in_vain)), root.as_str())
            })
            .collect();
        found.sort_unstable();
        let name = repository.file_name().and_then(|name| name.to_str());
        let mut named = found
            .iter()
            .filter(|(_, root)| root.rsplit('/').next() == name);
        match (named.next(), named.next(), found.as_slice()) {
            (Some((_, root)), None, _) | (_, _, [(_, root)]) => Some(root),
            (_, _, [.., (second, _), (most, root)]) if most > second => Some(root),
            _ => None,
        }
    }
}
