//! What sessions did to files, read once and remembered in files of its own: one
//! for each unit, used as long as the unit's stamp is the same.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use stead_adapters::{Unit, adapter};
use stead_trace::Digest;

use crate::open::stable;
use crate::{AppError, Progress};

/// Raised when a digest of the same session would come out otherwise.
const VERSION: u32 = 1;

/// Files are small and many; more effort is not worth it.
const LEVEL: i32 = 3;

/// What is remembered of one unit.
#[derive(Serialize, Deserialize)]
struct Remembered {
    version: u32,
    stamp: u64,
    digests: Vec<Digest>,
}

/// The folder of remembered digests. A cache: deleting it loses nothing.
pub(super) struct Cache {
    folder: PathBuf,
}

impl Cache {
    pub(super) fn new(data_dir: &std::path::Path) -> Self {
        Self {
            folder: data_dir.join("trace"),
        }
    }

    /// The digests of units, read or remembered, on all threads.
    pub(super) fn of_units(
        &self,
        units: &[Unit],
        threads: usize,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Vec<Digest>, AppError> {
        let next = AtomicUsize::new(0);
        let all = Mutex::new((Vec::new(), Progress::default(), None));
        let total_bytes = units.iter().map(|unit| unit.bytes).sum();
        let work = || {
            while let Some(unit) = units.get(next.fetch_add(1, Ordering::Relaxed)) {
                let digests = self.of_unit(unit);
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                match digests {
                    Ok(digests) => all.0.extend(digests),
                    // A store that cannot be read costs only itself.
                    Err(AppError::Read(_)) => {}
                    Err(error) => all.2 = Some(error),
                }
                all.1.bytes += unit.bytes;
                all.1.units += 1;
                (all.1.total_bytes, all.1.total_units) = (total_bytes, units.len());
                progress(all.1);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads.max(1) {
                scope.spawn(work);
            }
            work();
        });
        let (mut digests, _, error) = all.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = error {
            return Err(error);
        }
        // Threads finish in any order.
        digests.sort_by(|a: &Digest, b| a.session.id.cmp(&b.session.id));
        digests.dedup_by(|a, b| a == b);
        Ok(digests)
    }

    fn of_unit(&self, unit: &Unit) -> Result<Vec<Digest>, AppError> {
        let name = blake3::hash(unit.key().as_bytes()).to_hex();
        let path = self.folder.join(format!("{}.zst", &name[..32]));
        if let Some(known) = recall(&path, unit.stamp.0) {
            return Ok(known);
        }
        let digests = read(unit)?;
        let remembered = Remembered {
            version: VERSION,
            stamp: unit.stamp.0,
            digests,
        };
        // A disk that is full is no reason to give no answer.
        let _ = self.remember(&path, &remembered);
        Ok(remembered.digests)
    }

    fn remember(&self, path: &std::path::Path, remembered: &Remembered) -> std::io::Result<()> {
        stead_index::make_private(&self.folder)?;
        let json = serde_json::to_vec(remembered)?;
        let packed = zstd::encode_all(json.as_slice(), LEVEL)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        std::io::Write::write_all(&mut file, &packed)?;
        file.persist(path)?;
        Ok(())
    }
}

fn recall(path: &std::path::Path, stamp: u64) -> Option<Vec<Digest>> {
    let packed = std::fs::read(path).ok()?;
    let json = zstd::decode_all(packed.as_slice()).ok()?;
    let known: Remembered = serde_json::from_slice(&json).ok()?;
    (known.version == VERSION && known.stamp == stamp).then_some(known.digests)
}

/// Reads a unit whole.
pub(super) fn read(unit: &Unit) -> Result<Vec<Digest>, AppError> {
    let Some(adapter) = adapter(unit.agent.as_str()) else {
        return Ok(Vec::new());
    };
    let sessions = stable(|| Ok(stead_adapters::load(adapter, unit)?.0))?;
    Ok(sessions.iter().map(Digest::of).collect())
}
