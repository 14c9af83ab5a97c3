//! Brings the index up to date: discover, plan, read, commit.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustc_hash::{FxHashMap, FxHashSet};
use stead_adapters::{DiscoverError, Unit, adapters};
use stead_index::{Archive, ArchiveWriter, Batch, Catalog, KnownUnit, Shared, Writer};

use crate::discover::{Looked, discover, unchanged};
use crate::plan::{Plan, plan};
use crate::project::{Projects, project_of};
use crate::read::{ReadFailure, read_restored, read_unit};
use crate::restored::Restored;
use crate::{App, AppError, Settings};

/// How far a sync is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of stores read.
    pub bytes: u64,
    /// Bytes of stores to read in all.
    pub total_bytes: u64,
    /// Units read.
    pub units: usize,
    /// Units to read in all.
    pub total_units: usize,
}

/// What a sync did.
#[derive(Debug, Default)]
pub struct SyncReport {
    /// Units that were read.
    pub read: usize,
    /// Bytes that these units have.
    pub bytes: u64,
    /// Units that are no longer there.
    pub gone: usize,
    /// Stores that could not be looked into.
    pub failed: Vec<DiscoverError>,
    /// Another stead was at it and did not finish in time: what is shown may
    /// lack what came last.
    pub busy: bool,
    /// This was the first sync ever, and raw records are kept from now on.
    pub archive_begun: bool,
}

/// How long to wait for another stead that is updating the index.
const PATIENCE: Duration = Duration::from_secs(3);

impl App {
    /// Opens the index without looking at the stores.
    pub fn open(settings: Settings) -> Result<Self, AppError> {
        let catalog = Catalog::open(&settings.index_dir())?;
        Ok(Self {
            settings,
            units: Vec::new(),
            catalog,
            looked: None,
            folders: Vec::new(),
            sightings: None,
        })
    }

    /// Throws the index away; the next sync builds it anew. The archive stays.
    pub fn discard_index(settings: &Settings) -> Result<(), AppError> {
        let Some(writer) = Writer::open(&settings.index_dir())? else {
            return Err(AppError::Busy);
        };
        Ok(writer.discard()?)
    }

    /// Looks at the stores and brings the index up to date.
    pub fn sync(&mut self, progress: &(dyn Fn(Progress) + Sync)) -> Result<SyncReport, AppError> {
        let mut report = self.sync_once(progress)?;
        // Agents that keep their sessions where they work are found in the folders
        // of the others.
        if report.read > 0 && self.catalog.folders()? != self.folders {
            let more = self.sync_once(progress)?;
            report.read += more.read;
            report.bytes += more.bytes;
            report.gone += more.gone;
        }
        Ok(report)
    }

    fn sync_once(&mut self, progress: &(dyn Fn(Progress) + Sync)) -> Result<SyncReport, AppError> {
        let (mut report, steps) = match self.looked.take() {
            Some(looked) => looked,
            None => self.look()?,
        };
        if steps.is_empty() && !self.only_the_archive_is_left()? {
            self.remember()?;
            return Ok(report);
        }
        let index_dir = self.settings.index_dir();
        let Some(mut writer) = wait(|| Ok(Writer::open(&index_dir)?))? else {
            report.busy = true;
            return Ok(report);
        };
        // Another stead may have done the work while we waited.
        let known = self.catalog.units()?;
        let steps = plan(&self.units, &known, &|key| belongs_to_failed(&report, key));
        let archive_dir = self.settings.archive_dir();
        report.archive_begun = self.settings.archive && !archive_dir.exists();
        let archive = if self.settings.archive || archive_dir.exists() {
            let archive = wait(|| Ok(Archive::open(&archive_dir)?.try_locked()?))?;
            let Some(archive) = archive else {
                report.busy = true;
                return Ok(report);
            };
            Some(archive)
        } else {
            None
        };
        let forgotten = archive
            .as_ref()
            .map_or_else(|| Ok(FxHashSet::default()), Archive::forgotten)?;
        let lost = match &archive {
            Some(archive) if known.is_empty() => self.only_archived(archive)?,
            _ => Vec::new(),
        };
        let restored = match &archive {
            Some(archive) if !lost.is_empty() => Some(Restored::new(archive, lost)?),
            _ => None,
        };
        let archive = archive.map(ArchiveWriter::new).transpose()?;
        Self::drop_missing(&mut writer, archive.as_ref(), &steps.missing)?;
        report.gone = steps.missing.len();
        let archive = archive.as_ref();
        self.read_all(
            &mut writer,
            archive,
            forgotten.clone(),
            &steps,
            progress,
            &mut report,
        )?;
        if let Some(restored) = restored {
            let projects = Projects::new(self.settings.env.home.as_deref());
            read_back(&mut writer, &restored, forgotten, &projects)?;
        }
        writer.tidy()?;
        drop(writer);
        let known = self.catalog.units()?;
        if plan(&self.units, &known, &|_| false).is_empty() {
            self.remember()?;
        }
        Ok(report)
    }

    /// Writes down what the last look saw: the index holds all of it. Not being
    /// able to costs time only.
    fn remember(&mut self) -> Result<(), AppError> {
        let Some(sightings) = self.sightings.take() else {
            return Ok(());
        };
        if self.catalog.sightings()?.as_ref() != Some(&sightings)
            && let Ok(Some(mut writer)) = Writer::open(&self.settings.index_dir())
        {
            let _ = writer.remember(&sightings);
        }
        Ok(())
    }

    /// Discovers units and compares them with the catalogue, without writing.
    pub(crate) fn look(&mut self) -> Result<(SyncReport, Plan), AppError> {
        self.folders = self.catalog.folders()?;
        let mut env = self.settings.env.clone();
        env.projects = self.folders.iter().map(PathBuf::from).collect();
        env.projects.extend(self.current_folders());
        let (found, known) = std::thread::scope(|scope| {
            let found = scope.spawn(|| discover(&env));
            let known = self.catalog.units();
            (found.join(), known)
        });
        let found = found.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok(self.compare(found, &known?))
    }

    /// The folder that the user is in, and its project.
    fn current_folders(&self) -> Vec<PathBuf> {
        let Some(current) = &self.settings.current else {
            return Vec::new();
        };
        let project = project_of(current, self.settings.env.home.as_deref());
        vec![current.clone(), project.into()]
    }

    /// Whether the user is where an agent keeps sessions and none is known.
    fn is_somewhere_new(&self) -> Result<bool, AppError> {
        for folder in self.current_folders() {
            let mut markers = adapters().iter().flat_map(|adapter| adapter.info().markers);
            if markers.any(|marker| folder.join(marker).exists())
                && !self.catalog.knows_folder(&folder.to_string_lossy())?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Asks the index while the stores are looked at. `None` means that they hold
    /// something new: sync, then ask again.
    pub fn ask_if_fresh<T, E: From<AppError>>(
        &mut self,
        ask: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        let sightings = self.catalog.sightings().map_err(AppError::from)?;
        let (env, threads) = (self.settings.env.clone(), self.settings.threads);
        let now_ms = self.settings.now.as_millisecond();
        let (fresh, answer) = std::thread::scope(|scope| {
            let seen =
                sightings.map(|seen| scope.spawn(move || unchanged(&seen, &env, now_ms, threads)));
            let answer = ask(self);
            let fresh = seen.is_some_and(|seen| seen.join().unwrap_or(false));
            (fresh, answer)
        });
        if fresh && !self.is_somewhere_new()? {
            return answer.map(Some);
        }
        let (report, steps) = self.look()?;
        // A store that cannot be looked into is worth a word, so sync says it.
        let archived = self.only_the_archive_is_left()?;
        if !steps.is_empty() || !report.failed.is_empty() || archived {
            self.looked = Some((report, steps));
            return Ok(None);
        }
        self.remember()?;
        answer.map(Some)
    }

    fn compare(
        &mut self,
        found: Looked,
        known: &FxHashMap<String, KnownUnit>,
    ) -> (SyncReport, Plan) {
        let now_ms = self.settings.now.as_millisecond();
        self.sightings = found.sightings(&self.settings.env, now_ms);
        self.units = found.units;
        let report = SyncReport {
            failed: found.failed,
            ..SyncReport::default()
        };
        let steps = plan(&self.units, known, &|key| belongs_to_failed(&report, key));
        (report, steps)
    }

    /// Neither agents' files nor an index are there, but an archive is.
    fn only_the_archive_is_left(&self) -> Result<bool, AppError> {
        Ok(self.units.is_empty()
            && self.settings.archive_dir().exists()
            && self.catalog.units()?.is_empty())
    }

    /// Units that only the archive has. It is asked for when the index is made
    /// anew; other views of the world have no part in it.
    pub(crate) fn only_archived(&self, archive: &Archive) -> Result<Vec<String>, AppError> {
        if !self.settings.env.roots.is_empty() {
            return Ok(Vec::new());
        }
        let found: FxHashSet<String> = self.units.iter().map(Unit::key).collect();
        let units = archive.units()?.into_iter().map(|(unit, _)| unit);
        let is_gone = |unit: &String| {
            !found.contains(unit) && !std::path::Path::new(unit).try_exists().unwrap_or(true)
        };
        Ok(units.filter(is_gone).collect())
    }

    fn drop_missing(
        writer: &mut Writer,
        archive: Option<&ArchiveWriter>,
        missing: &[String],
    ) -> Result<(), AppError> {
        if missing.is_empty() {
            return Ok(());
        }
        let keeps = |key: &str| {
            let still_there = std::path::Path::new(key).try_exists().unwrap_or(true);
            !still_there && archive.is_some_and(|archive| archive.holds(key).unwrap_or(false))
        };
        Ok(writer.units_gone(missing, &keeps)?)
    }

    fn read_all(
        &self,
        writer: &mut Writer,
        archive: Option<&ArchiveWriter>,
        forgotten: FxHashSet<Vec<u8>>,
        steps: &Plan,
        progress: &(dyn Fn(Progress) + Sync),
        report: &mut SyncReport,
    ) -> Result<(), AppError> {
        let units: Vec<&Unit> = steps.read.iter().map(|place| &self.units[*place]).collect();
        report.read = units.len();
        report.bytes = units.iter().map(|unit| unit.bytes).sum();
        let archive = archive.filter(|_| self.settings.archive);
        let projects = &Projects::new(self.settings.env.home.as_deref());
        let shared = writer.shared(forgotten)?;
        let work = Work {
            units: &units,
            next: AtomicUsize::new(0),
            bytes: AtomicU64::new(0),
            done: AtomicUsize::new(0),
            total_bytes: report.bytes,
            shared: &shared,
            archive,
            projects,
            progress,
            failure: Mutex::new(None),
        };
        let threads = self.settings.threads.clamp(1, units.len().max(1));
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| work.run());
            }
            work.run();
        });
        match work
            .failure
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
        {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }
}

/// Tries until it gets what somebody else holds; `None` when patience is at its
/// end.
pub(crate) fn wait<T>(
    mut attempt: impl FnMut() -> Result<Option<T>, AppError>,
) -> Result<Option<T>, AppError> {
    let step = Duration::from_millis(20);
    let mut waited = Duration::ZERO;
    loop {
        if let Some(held) = attempt()? {
            return Ok(Some(held));
        }
        if waited >= PATIENCE {
            return Ok(None);
        }
        std::thread::sleep(step);
        waited += step;
    }
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
            match read_restored(&unit, &key, &mut batch, projects) {
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

/// Whether a unit lies in a store that could not be looked into.
fn belongs_to_failed(report: &SyncReport, key: &str) -> bool {
    report.failed.iter().any(|error| match error {
        DiscoverError::List { path, .. } | DiscoverError::Database { path, .. } => {
            std::path::Path::new(key).starts_with(path)
        }
        DiscoverError::Server { url, .. } => std::path::Path::new(key).starts_with(url),
    })
}
