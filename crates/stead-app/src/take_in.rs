//! Reads what a plan names into index and archive, on all threads.

use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};
use stead_adapters::Unit;
use stead_index::{Archive, ArchiveWriter, Batch, KnownUnit, Shared, Writer};

use crate::plan::Plan;
use crate::project::Projects;
use crate::read::{ReadFailure, read_restored, read_unit};
use crate::restored::Restored;
use crate::sync::{Progress, SyncReport};
use crate::{App, AppError};

impl App {
    /// Takes in what is new, lets go what is gone, and reads back what only the
    /// archive has if that is not in this index yet.
    pub(crate) fn take_in(
        &self,
        writer: &mut Writer,
        archive: Option<Archive>,
        known: &FxHashMap<String, KnownUnit>,
        steps: &Plan,
        progress: &(dyn Fn(Progress) + Sync),
        report: &mut SyncReport,
    ) -> Result<(), AppError> {
        let forgotten = match &archive {
            Some(archive) => archive.forgotten()?,
            None => FxHashSet::default(),
        };
        let restored = match &archive {
            Some(archive) if !self.catalog.is_restored()? => {
                let mut lost = self.only_archived(archive)?;
                lost.retain(|unit| !known.contains_key(unit));
                let some = !lost.is_empty();
                some.then(|| Restored::new(archive, lost)).transpose()?
            }
            _ => None,
        };
        let archive = archive.map(ArchiveWriter::new).transpose()?;
        drop_missing(writer, archive.as_ref(), &steps.missing)?;
        let projects = Projects::new(self.settings.env.home.as_deref());
        let units: Vec<&Unit> = steps.read.iter().map(|place| &self.units[*place]).collect();
        report.read = units.len();
        report.bytes = units.iter().map(|unit| unit.bytes).sum();
        Work {
            units: &units,
            next: AtomicUsize::new(0),
            bytes: AtomicU64::new(0),
            done: AtomicUsize::new(0),
            total_bytes: report.bytes,
            shared: &writer.shared(forgotten.clone())?,
            archive: archive.as_ref().filter(|_| self.settings.archive),
            projects: &projects,
            progress,
            failure: Mutex::new(None),
        }
        .run_on(self.settings.threads)?;
        if let Some(archive) = &archive {
            archive.tidy()?;
        }
        match restored {
            Some(restored) => read_back(writer, &restored, forgotten, &projects),
            None => Ok(()),
        }
    }

    /// Units that only the archive has. Other views of the world have no part in
    /// it.
    pub(crate) fn only_archived(&self, archive: &Archive) -> Result<Vec<String>, AppError> {
        if !self.settings.env.roots.is_empty() {
            return Ok(Vec::new());
        }
        let found: FxHashSet<String> = self.units.iter().map(Unit::key).collect();
        let units = archive.units()?.into_iter().map(|(unit, _)| unit);
        let is_gone =
            |unit: &String| !found.contains(unit) && !Path::new(unit).try_exists().unwrap_or(true);
        Ok(units.filter(is_gone).collect())
    }
}

/// Lets go units that discovery no longer finds. What was archived stays known;
/// what we only may not look at now is left as it is.
fn drop_missing(
    writer: &mut Writer,
    archive: Option<&ArchiveWriter>,
    missing: &[String],
) -> Result<(), AppError> {
    let may_look = |key: &&String| Path::new(key).try_exists().is_ok();
    let missing: Vec<String> = missing.iter().filter(may_look).cloned().collect();
    if missing.is_empty() {
        return Ok(());
    }
    let keeps = |key: &str| {
        let still_there = Path::new(key).exists();
        !still_there && archive.is_some_and(|archive| archive.holds(key).unwrap_or(false))
    };
    Ok(writer.units_gone(&missing, &keeps)?)
}

/// Reads units back from the archive, so that an index made anew has them.
fn read_back(
    writer: &mut Writer,
    restored: &Restored,
    forgotten: FxHashSet<Vec<u8>>,
    projects: &Projects,
) -> Result<(), AppError> {
    let mut keys = Vec::new();
    {
        let shared = writer.shared(forgotten)?;
        let mut batch = Batch::new(&shared);
        for (unit, key) in restored.units() {
            match read_restored(&unit, &key, restored.root(), &mut batch, projects) {
                Ok(()) => keys.push(key),
                Err(ReadFailure(error)) => return Err(error.into()),
            }
        }
        batch.commit()?;
    }
    Ok(writer.units_gone(&keys, &|_| true)?)
}

/// Units that worker threads take one by one.
struct Work<'a, 'w> {
    units: &'a [&'a Unit],
    next: AtomicUsize,
    bytes: AtomicU64,
    done: AtomicUsize,
    total_bytes: u64,
    shared: &'a Shared<'w>,
    archive: Option<&'a ArchiveWriter>,
    projects: &'a Projects,
    progress: &'a (dyn Fn(Progress) + Sync),
    failure: Mutex<Option<stead_index::IndexError>>,
}

impl Work<'_, '_> {
    /// Reads all units; the first failure of the index ends it.
    fn run_on(self, threads: usize) -> Result<(), AppError> {
        let threads = threads.clamp(1, self.units.len().max(1));
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| self.run());
            }
            self.run();
        });
        let failure = self.failure.into_inner();
        match failure.unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }

    fn run(&self) {
        let mut batch = Batch::new(self.shared);
        let result = self.read_units(&mut batch).and_then(|()| batch.commit());
        if let Err(error) = result {
            let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
            failure.get_or_insert(error);
        }
    }

    fn read_units(&self, batch: &mut Batch<'_, '_>) -> Result<(), stead_index::IndexError> {
        loop {
            let failed = self
                .failure
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .is_some();
            let place = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(unit) = self.units.get(place).filter(|_| !failed) else {
                return Ok(());
            };
            match read_unit(unit, self.shared, batch, self.archive, self.projects) {
                Ok(()) => {}
                Err(ReadFailure(error)) => return Err(error),
            }
            (self.progress)(Progress {
                bytes: self.bytes.fetch_add(unit.bytes, Ordering::Relaxed) + unit.bytes,
                total_bytes: self.total_bytes,
                units: self.done.fetch_add(1, Ordering::Relaxed) + 1,
                total_units: self.units.len(),
            });
        }
    }
}
