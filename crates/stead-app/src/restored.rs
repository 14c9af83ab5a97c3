//! Archived files laid out in a private folder, where adapters find them like any
//! others.

use std::collections::BTreeSet;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use stead_adapters::{Disk, Env, Os, Unit, adapters};
use stead_index::Archive;

use crate::AppError;

/// Restored files; they are deleted when this is dropped.
pub(crate) struct Restored {
    folder: tempfile::TempDir,
    originals: Vec<String>,
}

impl Restored {
    /// Lays the files of these units out.
    pub(crate) fn new(archive: &Archive, units: Vec<String>) -> Result<Self, AppError> {
        let folder = tempfile::tempdir()?;
        let mut write = |name: &str, offset: u64, bytes: &[u8]| {
            let path = inside(folder.path(), Path::new(name));
            if let Some(parent) = path.parent() {
                fs_err::create_dir_all(parent)?;
            }
            let mut file = fs_err::OpenOptions::new()
                .create(true)
                .write(true)
                .open(path)?;
            file.set_len(offset)?;
            file.seek(SeekFrom::Start(offset))?;
            file.write_all(bytes)
        };
        for unit in &units {
            archive.restore(unit, &mut write)?;
        }
        Ok(Self {
            folder,
            originals: units,
        })
    }

    /// The folder that stands for the root of the file system.
    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// The units that adapters find, each with the key of the original. Any
    /// folder above an original may have been the home or the store.
    pub(crate) fn units(&self) -> Vec<(Unit, String)> {
        let mut env = Env::empty(Os::Linux);
        let above = |original: &String| -> Vec<PathBuf> {
            let path = inside(self.root(), Path::new(original));
            let folders = path.ancestors().skip(1);
            folders
                .take_while(|folder| folder.starts_with(self.root()))
                .map(PathBuf::from)
                .collect()
        };
        let roots: BTreeSet<PathBuf> = self.originals.iter().flat_map(above).collect();
        env.roots = roots.into_iter().collect();
        let mut found = Vec::new();
        for adapter in adapters() {
            // What can be found is enough; a folder that cannot be listed is not ours.
            let _ = adapter.discover(&env, &Disk::default(), &mut |unit| found.push(unit));
        }
        found
            .into_iter()
            .filter_map(|unit| {
                let key = self
                    .originals
                    .iter()
                    .find(|original| self.stands_for(&unit, original))?;
                Some((unit, key.clone()))
            })
            .collect()
    }

    /// Whether a restored unit is the original, or rows taken out of it.
    fn stands_for(&self, unit: &Unit, original: &str) -> bool {
        let path = inside(self.root(), Path::new(original));
        let mut rows = path.clone().into_os_string();
        rows.push(".rows");
        unit.path == path || unit.path.parent() == Some(Path::new(&rows))
    }
}

/// The path of the original of what lies below `root`: of a file, or of a folder
/// that an agent kept its sessions in.
pub(crate) fn original(root: &Path, path: &str) -> Option<String> {
    let rest = Path::new(path)
        .strip_prefix(root)
        .ok()?
        .display()
        .to_string();
    let served = ["http:", "https:"].iter().find_map(|scheme| {
        let address = rest.strip_prefix(scheme)?;
        Some(format!("{scheme}/{address}"))
    });
    Some(served.unwrap_or_else(|| format!("/{rest}")))
}

/// The place of an absolute path below `folder`.
fn inside(folder: &Path, path: &Path) -> PathBuf {
    let parts = path.components().filter_map(|part| match part {
        std::path::Component::Normal(part) => Some(part),
        _ => None,
    });
    folder.join(parts.collect::<PathBuf>())
}
