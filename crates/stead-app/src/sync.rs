//! Brings the index up to date: discover, plan, read, commit.

use std::path::PathBuf;
use std::time::Duration;

use rustc_hash::FxHashMap;
use stead_adapters::{DiscoverError, Disk, Env, Unit, adapter, adapters};
use stead_index::{Archive, Catalog, KnownUnit, Writer};

use crate::discover::{Looked, discover, unchanged};
use crate::plan::{Plan, plan};
use crate::project::{project_of, worktrees};
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
            opened: std::time::Instant::now(),
        })
    }

    /// Throws the index away; the next sync builds it anew. The archive stays.
    pub fn discard_index(settings: &Settings) -> Result<(), AppError> {
        let Some(writer) = Writer::open(&settings.index_dir())? else {
            return Err(AppError::Busy);
        };
        Ok(writer.discard()?)
    }

    /// Brings the index up to date, if what was seen the last time no longer holds.
    pub fn refresh(
        &mut self,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<SyncReport, AppError> {
        if self.looked.is_none() && self.is_fresh()? {
            return Ok(SyncReport::default());
        }
        self.spare_away()?;
        self.sync(progress)
    }

    /// Whether all stores are as they were when the index was brought up to date.
    pub(crate) fn is_fresh(&self) -> Result<bool, AppError> {
        let Some(seen) = self.catalog.sightings()? else {
            return Ok(false);
        };
        let now_ms = self.settings.now.as_millisecond();
        let (env, threads) = (&self.settings.env, self.settings.threads);
        Ok(unchanged(&seen, env, now_ms, threads) && !self.is_somewhere_new()?)
    }

    /// Looks at all stores and brings the index up to date.
    pub fn sync(&mut self, progress: &(dyn Fn(Progress) + Sync)) -> Result<SyncReport, AppError> {
        let mut report = self.sync_once(progress)?;
        // Agents that keep their sessions where they work are found in the folders
        // of the others.
        if self.catalog.folders()? != self.folders {
            let more = self.sync_once(progress)?;
            report.read += more.read;
            report.bytes += more.bytes;
            report.gone += more.gone;
        }
        self.note_away()?;
        Ok(report)
    }

    fn sync_once(&mut self, progress: &(dyn Fn(Progress) + Sync)) -> Result<SyncReport, AppError> {
        let (mut report, steps) = match self.looked.take() {
            Some(looked) => looked,
            None => self.look()?,
        };
        if steps.is_empty() && self.catalog.is_restored()? {
            self.remember()?;
            return Ok(report);
        }
        let index_dir = self.settings.index_dir();
        let writer = wait(|| Ok(Writer::open(&index_dir)?))?;
        let Some((mut writer, archive)) = writer.zip(self.archive()?) else {
            report.busy = true;
            return Ok(report);
        };
        // Another stead may have done the work while we waited.
        let known = self.catalog.units()?;
        let steps = self.plan(&known, &report);
        report.gone = steps.missing.len();
        self.take_in(&mut writer, archive, &known, &steps, progress, &mut report)?;
        writer.mark_restored()?;
        writer.tidy()?;
        drop(writer);
        if self.plan(&self.catalog.units()?, &report).is_empty() {
            self.remember()?;
        }
        Ok(report)
    }

    /// The archive, if there is one or is to be one, kept from others. `None` if
    /// another stead has it.
    #[expect(clippy::option_option, reason = "busy and not wanted are two things")]
    fn archive(&self) -> Result<Option<Option<Archive>>, AppError> {
        let folder = self.settings.archive_dir();
        if !self.settings.archive && !folder.exists() {
            return Ok(Some(None));
        }
        let archive = wait(|| Ok(Archive::open(&folder)?.try_locked()?))?;
        Ok(archive.map(Some))
    }

    fn plan(&self, known: &FxHashMap<String, KnownUnit>, report: &SyncReport) -> Plan {
        plan(&self.units, known, &|key| {
            report.failed.iter().any(|error| error.hides(key))
        })
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
        let env = self.env();
        let (found, known) = std::thread::scope(|scope| {
            let found = scope.spawn(|| discover(&env));
            let known = self.catalog.units();
            (found.join(), known)
        });
        let found = found.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok(self.compare(found, &known?))
    }

    /// The machine with the folders that were worked in.
    fn env(&self) -> Env {
        let mut env = self.settings.env.clone();
        env.projects = self.folders.iter().map(PathBuf::from).collect();
        env.projects.extend(self.current_folders());
        env
    }

    /// The same with all folders that sessions worked in.
    pub(crate) fn env_with_projects(&self) -> Result<Env, AppError> {
        let mut env = self.env();
        let folders = self.catalog.folders()?;
        env.projects.extend(folders.into_iter().map(PathBuf::from));
        Ok(env)
    }

    /// A unit that the catalogue knows, as it is now.
    pub(crate) fn unit(&self, agent: &str, key: &str) -> Result<Option<Unit>, AppError> {
        if let Some(unit) = self.units.iter().find(|unit| unit.key() == key) {
            return Ok(Some(unit.clone()));
        }
        let Some(adapter) = adapter(agent) else {
            return Ok(None);
        };
        let mut env = self.env();
        let folders = self.catalog.folders()?;
        env.projects.extend(folders.into_iter().map(PathBuf::from));
        self.spare_away()?;
        let mut found = None;
        // Others that cannot be looked into are not asked for.
        let _ = adapter.discover(&env, &Disk::default(), &mut |unit| {
            if found.is_none() && unit.key() == key {
                found = Some(unit);
            }
        });
        Ok(found)
    }

    /// The folder that the user is in, its project, and the project's worktrees.
    fn current_folders(&self) -> Vec<PathBuf> {
        let Some(current) = &self.settings.current else {
            return Vec::new();
        };
        let project = project_of(current, self.settings.env.home.as_deref());
        let project = PathBuf::from(project);
        let trees = worktrees(&project);
        [current.clone(), project]
            .into_iter()
            .chain(trees)
            .collect()
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
        self.spare_away()?;
        let (report, steps) = self.look()?;
        self.note_away()?;
        let restored = self.catalog.is_restored().map_err(AppError::from)?;
        // A store that cannot be looked into is worth a word, so sync says it.
        if !steps.is_empty() || !report.failed.is_empty() || !restored {
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
        let (began_ms, now_ms) = (self.settings.now.as_millisecond(), self.now_ms());
        self.sightings = found.sightings(&self.settings.env, began_ms, now_ms);
        self.units = found.units;
        let report = SyncReport {
            failed: found.failed,
            ..SyncReport::default()
        };
        let steps = self.plan(known, &report);
        (report, steps)
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
