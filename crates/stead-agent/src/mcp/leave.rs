//! Which servers of projects the user allowed: kept by the project's folder and by a digest
//! of what was written, so that a server that was changed since is asked for again.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::settings::{By, Settings};

/// Why the list of allowed servers cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LeaveError {
    /// The file could not be read or written.
    #[error("the list of allowed servers, {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is none of ours.
    #[error(
        "the list of allowed servers, {path}, cannot be read ({words}); remove it, and the servers are asked for again"
    )]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        words: String,
    },
}

/// The list.
#[derive(Debug)]
pub struct Leave {
    path: PathBuf,
    /// Digests by project.
    allowed: BTreeMap<PathBuf, BTreeSet<String>>,
}

#[derive(Default, Serialize, Deserialize)]
struct File {
    #[serde(default)]
    allowed: BTreeMap<PathBuf, BTreeSet<String>>,
}

impl Leave {
    /// The list in a file; one that is not there is empty.
    pub fn load(path: &Path) -> Result<Self, LeaveError> {
        let file: File = match std::fs::read_to_string(path) {
            Ok(text) => serde_json::from_str(&text).map_err(|error| LeaveError::Form {
                path: path.to_owned(),
                words: error.to_string(),
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => File::default(),
            Err(source) => {
                let path = path.to_owned();
                return Err(LeaveError::Io { path, source });
            }
        };
        Ok(Self {
            path: path.to_owned(),
            allowed: file.allowed,
        })
    }

    /// Whether a server may be started for a project.
    pub fn holds(&self, project: &Path, server: &Settings) -> bool {
        let allowed = || self.allowed.get(project);
        server.by == By::User || allowed().is_some_and(|list| list.contains(&server.key()))
    }

    /// Allows a server, and keeps that.
    pub fn give(&mut self, project: &Path, server: &Settings) -> Result<(), LeaveError> {
        let list = self.allowed.entry(project.to_owned()).or_default();
        list.insert(server.key());
        self.keep()
    }

    /// Takes the leave of a server back; whether it had one.
    pub fn take(&mut self, project: &Path, server: &Settings) -> Result<bool, LeaveError> {
        let list = self.allowed.get_mut(project);
        let had = list.is_some_and(|list| list.remove(&server.key()));
        self.keep()?;
        Ok(had)
    }

    fn keep(&self) -> Result<(), LeaveError> {
        let file = File {
            allowed: self.allowed.clone(),
        };
        let write = || {
            let folder = self.path.parent().unwrap_or(Path::new("."));
            std::fs::create_dir_all(folder)?;
            let new = self.path.with_extension("new");
            let mut out = std::fs::File::create(&new)?;
            out.write_all(&serde_json::to_vec_pretty(&file)?)?;
            out.sync_all()?;
            std::fs::rename(new, &self.path)
        };
        write().map_err(|source| LeaveError::Io {
            path: self.path.clone(),
            source,
        })
    }
}

impl Settings {
    /// What the leave is given for: this name with this text.
    fn key(&self) -> String {
        format!("{} {}", self.name, self.digest)
    }
}
