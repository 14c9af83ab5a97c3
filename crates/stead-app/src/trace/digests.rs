//! What sessions did to files, read once and remembered in files of its own: one
//! for each unit, used as long as the unit's stamp and the program are the same.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use stead_adapters::{Unit, adapter};
use stead_trace::Digest;

use super::remembered::{keep, recall};
use crate::open::stable;
use crate::{AppError, Progress, Settings};

/// What is remembered of one unit: for the build of the program that read it, as
/// another one may read the same session otherwise.
#[derive(Serialize, Deserialize)]
struct Remembered {
    build: String,
    stamp: u64,
    digests: Vec<Digest>,
}

/// The folder of remembered digests. A cache: deleting it loses nothing.
pub(super) struct Cache {
    folder: PathBuf,
    build: Option<String>,
}

impl Cache {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            folder: settings.data_dir.join("trace"),
            build: settings.build.clone(),
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
        let Some(build) = &self.build else {
            return read(unit);
        };
        let name = blake3::hash(unit.key().as_bytes()).to_hex();
        let path = self.folder.join(format!("{}.zst", &name[..32]));
        if let Some(known) = recall::<Remembered>(&path)
            && known.build == *build
            && known.stamp == unit.stamp.0
        {
            return Ok(known.digests);
        }
        let remembered = Remembered {
            build: build.clone(),
            stamp: unit.stamp.0,
            digests: read(unit)?,
        };
        // A disk that is full is no reason to give no answer.
        let _ = keep(&path, &remembered);
        Ok(remembered.digests)
    }
}

/// Reads a unit whole.
pub(super) fn read(unit: &Unit) -> Result<Vec<Digest>, AppError> {
    let Some(adapter) = adapter(unit.agent.as_str()) else {
        return Ok(Vec::new());
    };
    let sessions = stable(|| Ok(stead_adapters::load(adapter, unit)?.0))?;
    Ok(sessions.iter().map(Digest::of).collect())
}
