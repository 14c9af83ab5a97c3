//! Finds the paths that may differ between tree and layer: what an overlay's upper folder has, or
//! what a copy no longer has as it was copied. What version control ignores is passed over.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use cap_std::fs::Dir;

use super::copy::Copied;
use super::layer::{Found, hides, look, look_in, names};
use super::rules::{Rules, is_git};

/// A larger `.gitignore` is cut.
const MOST_RULES: u64 = 1 << 20;

/// Paths that may differ.
pub(super) struct Walk<'a> {
    pub(super) tree: &'a Dir,
    pub(super) rules: Rules,
    pub(super) touched: BTreeSet<PathBuf>,
    pub(super) notes: Vec<String>,
}

impl Walk<'_> {
    /// What an overlay's upper folder has. A folder that `hides` has nothing of the tree's in it;
    /// in one that is `ignored`, only what is kept all the same counts.
    pub(super) fn upper(
        &mut self,
        upper: &Dir,
        folder: &Path,
        hidden: bool,
        ignored: bool,
    ) -> io::Result<()> {
        self.enter(upper, folder, hidden)?;
        for path in self.names(upper, folder)? {
            let found = look_in(upper, &path)?;
            let is_folder = match found {
                Found::Folder => true,
                Found::Gone => matches!(look(self.tree, &path)?, Found::Folder),
                _ => false,
            };
            let Some(ignored) = self.counts(&path, is_folder, ignored) else {
                continue;
            };
            match found {
                Found::Folder => {
                    let below = look(self.tree, &path)? == Found::Folder;
                    let hides = !below || hides(upper, &path)?;
                    if hides {
                        self.gone(&path, ignored, None)?;
                    }
                    self.upper(upper, &path, hidden || hides, ignored)?;
                }
                Found::Gone => self.gone(&path, ignored, None)?,
                Found::Kept(..) => {
                    self.gone(&path, ignored, None)?;
                    self.touched.insert(path);
                }
                Found::Other | Found::Nothing => self.note_other(&path),
            }
        }
        self.rules.leave();
        Ok(())
    }

    /// What a copy has that is not as it was copied, and what it no longer has.
    pub(super) fn copy(
        &mut self,
        copy: &Dir,
        copied: &Copied,
        folder: &Path,
        ignored: bool,
    ) -> io::Result<()> {
        self.enter(copy, folder, true)?;
        let mut all: BTreeSet<PathBuf> = self.names(copy, folder)?.into_iter().collect();
        all.extend(copied.below(folder));
        for path in all {
            let found = look_in(copy, &path)?;
            let is_folder = found == Found::Folder || copied.is_folder(&path);
            let Some(ignored) = self.counts(&path, is_folder, ignored) else {
                continue;
            };
            match found {
                Found::Folder => {
                    if !copied.is_folder(&path) {
                        self.gone(&path, ignored, Some(copied))?;
                    }
                    self.copy(copy, copied, &path, ignored)?;
                }
                Found::Kept(_, stamp) if copied.is_as_it_was(&path, stamp) => {}
                Found::Kept(..) => {
                    self.gone(&path, ignored, Some(copied))?;
                    self.touched.insert(path);
                }
                Found::Nothing => self.gone(&path, ignored, Some(copied))?,
                Found::Other | Found::Gone => self.note_other(&path),
            }
        }
        self.rules.leave();
        Ok(())
    }

    /// What the tree has at a path and below; of a copy only what was copied.
    fn gone(&mut self, path: &Path, ignored: bool, only: Option<&Copied>) -> io::Result<()> {
        match look(self.tree, path)? {
            Found::Kept(..) if only.is_none_or(|copied| copied.has(path)) => {
                self.touched.insert(path.to_owned());
            }
            Found::Folder => {
                self.enter(self.tree, path, true)?;
                for path in self.names(self.tree, path)? {
                    let is_folder = look_in(self.tree, &path)? == Found::Folder;
                    if let Some(ignored) = self.counts(&path, is_folder, ignored) {
                        self.gone(&path, ignored, only)?;
                    }
                }
                self.rules.leave();
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether a path is looked at; and then, whether what is below it is ignored.
    fn counts(&self, path: &Path, is_folder: bool, ignored: bool) -> Option<bool> {
        if path.file_name().is_some_and(is_git) {
            return None;
        }
        let ignored = ignored || self.rules.ignore(path, is_folder);
        let counts = match (ignored, is_folder) {
            (false, _) => true,
            (true, true) => self.rules.keep_below(path),
            (true, false) => self.rules.keep(path),
        };
        counts.then_some(ignored)
    }

    /// The rules of a folder: those of the layer, or else of the tree.
    fn enter(&mut self, dir: &Dir, folder: &Path, alone: bool) -> io::Result<()> {
        let path = folder.join(".gitignore");
        let mut found = look_in(dir, &path)?;
        let mut from = dir;
        if found == Found::Nothing && !alone {
            from = self.tree;
            found = look(from, &path)?;
        }
        let mut text = Vec::new();
        if let Found::Kept(super::State::File { .. }, _) = found
            && let Ok(file) = from.open(&path)
        {
            // Rules that cannot be read ignore nothing.
            let _ = file.take(MOST_RULES).read_to_end(&mut text);
        }
        self.rules.enter(folder, &text);
        Ok(())
    }

    fn names(&mut self, dir: &Dir, folder: &Path) -> io::Result<Vec<PathBuf>> {
        match names(dir, folder) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                let note = format!("{} cannot be read, and is left out", folder.display());
                self.notes.push(note);
                Ok(Vec::new())
            }
            names => names,
        }
    }

    fn note_other(&mut self, path: &Path) {
        self.notes.push(format!(
            "{} is a pipe, a socket or a device, and is left out",
            path.display()
        ));
    }
}
