//! Answers remembered by everything that they rest on, so that asking again while
//! nothing changed is answered at once. A cache: deleting it loses nothing.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use stead_trace::notes::TRACES;
use stead_trace::repo::Git;

use super::Concerned;
use crate::App;

/// So many answers of a kind are kept.
const MOST: usize = 64;

/// What is remembered is small; more effort is not worth it.
const LEVEL: i32 = 3;

/// A place for one answer.
pub(super) struct Memory {
    path: PathBuf,
}

impl App {
    /// The place of an answer of this kind to a question (`asked`) about a
    /// repository. It is another one as soon as anything in the repository's
    /// history or configuration, any session that may concern it, or the program
    /// differs. None if it cannot be told what the answer rests on.
    pub(super) fn memory(
        &self,
        kind: &str,
        git: &Git,
        concerned: &Concerned,
        asked: &[&[u8]],
    ) -> Option<Memory> {
        let mut hash = blake3::Hasher::new();
        let mut add = |part: &[u8]| {
            hash.update(&part.len().to_le_bytes());
            hash.update(part);
        };
        add(self.settings.build.as_deref()?.as_bytes());
        add(git.root().to_string_lossy().as_bytes());
        add(git.state().ok()?.as_bytes());
        add(&std::fs::read(git.root().join(TRACES)).unwrap_or_default());
        for part in asked {
            add(part);
        }
        let mut units: Vec<String> = concerned
            .units
            .iter()
            .map(|unit| format!("{} {}", unit.stamp.0, unit.key()))
            .collect();
        units.sort_unstable();
        for name in units.iter().chain(&concerned.archived) {
            add(name.as_bytes());
        }
        let name = hash.finalize().to_hex();
        let folder = self.settings.data_dir.join("trace").join(kind);
        Some(Memory {
            path: folder.join(format!("{}.zst", &name[..32])),
        })
    }
}

impl Memory {
    /// The answer, if it was given before.
    pub(super) fn recall<T: DeserializeOwned>(&self) -> Option<T> {
        recall(&self.path)
    }

    /// Remembers an answer, and forgets the oldest ones.
    pub(super) fn keep<T: Serialize>(&self, answer: &T) -> std::io::Result<()> {
        let Some(folder) = self.path.parent() else {
            return Ok(());
        };
        keep(&self.path, answer)?;
        let mut kept = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            kept.push((entry.metadata()?.modified()?, entry.path()));
        }
        kept.sort();
        for (_, old) in kept.iter().rev().skip(MOST) {
            std::fs::remove_file(old)?;
        }
        Ok(())
    }
}

/// What a file holds, if it is there and has this form.
pub(super) fn recall<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let packed = std::fs::read(path).ok()?;
    let json = zstd::decode_all(packed.as_slice()).ok()?;
    serde_json::from_slice(&json).ok()
}

/// Writes a file whole or not at all, in a folder that only its owner may open.
pub(super) fn keep<T: Serialize>(path: &Path, value: &T) -> std::io::Result<()> {
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    stead_index::make_private(folder)?;
    let packed = zstd::encode_all(serde_json::to_vec(value)?.as_slice(), LEVEL)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&packed)?;
    file.persist(path)?;
    Ok(())
}
