//! Hands sessions to the tracer: which may concern a repository, and what they did
//! to files, remembered by the state of their stores. Below it, what the tracer
//! found as plain view data: lines, counts, the story of one line.

mod account;
mod acquainted;
mod blamed;
mod digests;
mod line;
mod log;
mod notes;
mod place;
mod range;
mod remembered;
mod report;
mod share;
mod why;
mod writer;

use std::collections::BTreeMap;
use std::path::Path;

use rustc_hash::FxHashMap;
use stead_adapters::{Disk, Unit, adapter, adapters};
use stead_index::{Archive, Workplace};
use stead_trace::repo::{Git, Kinship, Places};
use stead_trace::{Digest, Signs, TraceError, Tracer};

pub use account::{Account, PromptName};
pub use blamed::{BlameOptions, BlamedFile, BlamedLine, repository};
pub use line::Line;
pub use log::{LogOptions, LoggedCommit, log};
pub use notes::{NoteForm, NoteWriter, Noted, notes_of};
pub use place::FilePlace;
pub use range::{LineRange, RangeError};
pub use report::{
    ModelRow, Report, ReportOptions, Section, SessionRow, Since, Skipped, report_html,
    report_markdown, report_sections,
};
pub use share::{NO_MODEL, Share, percent};
pub use why::{CommitFacts, EarlierForm, StepName, Why, why};
pub use writer::{Kind, Writer, licence};

use crate::restored::Restored;
use crate::{App, AppError, Progress, project_of};

impl App {
    /// A tracer for the repository that a folder lies in, with all that sessions
    /// know of it. The index must be up to date.
    pub fn tracer(
        &self,
        folder: &Path,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Tracer, AppError> {
        let git = Git::at(folder).map_err(TraceError::Git)?;
        let concerned = self.concerned(&git)?;
        self.tracer_of(git, concerned, progress)
    }

    fn tracer_of(
        &self,
        git: Git,
        concerned: Concerned,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Tracer, AppError> {
        let digests = self.digests(concerned, progress)?;
        Ok(Tracer::new(git, digests, signs()).map_err(TraceError::Git)?)
    }

    /// What may have worked in a repository.
    fn concerned(&self, git: &Git) -> Result<Concerned, AppError> {
        let places = Places::of(git).map_err(TraceError::Git)?;
        let project = project_of(git.root(), self.settings.env.home.as_deref());
        let known = acquainted::Known::of(&self.settings);
        let mut kin = known.kin(git);
        let mut folders = FxHashMap::default();
        let mut concern = |workplace: &Workplace| {
            may_concern(workplace, &places, &project)
                || workplace.cwd.as_deref().is_none_or(|cwd| {
                    // Sessions of one project share its answer.
                    let folder = workplace.project.as_deref().unwrap_or(cwd);
                    let known = folders.entry(folder.to_owned());
                    *known.or_insert_with(|| kin.kinship(Path::new(folder)) != Kinship::Other)
                })
        };
        let (mut live, mut archived) = (BTreeMap::new(), Vec::new());
        for workplace in self.catalog.workplaces()? {
            if !concern(&workplace) {
                continue;
            }
            if workplace.archived {
                archived.push(workplace.unit);
            } else {
                live.insert(workplace.unit, workplace.agent);
            }
        }
        known.learn(kin);
        archived.sort_unstable();
        archived.dedup();
        archived.retain(|unit| !live.contains_key(unit));
        let units = self.units_named(&live)?;
        Ok(Concerned { units, archived })
    }

    fn digests(
        &self,
        Concerned { units, archived }: Concerned,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Vec<Digest>, AppError> {
        let cache = digests::Cache::new(&self.settings);
        let mut digests = cache.of_units(&units, self.settings.threads, progress)?;
        if !archived.is_empty() {
            let archive = Archive::open(&self.settings.archive_dir())?;
            let restored = Restored::new(&archive, archived)?;
            for (unit, _) in restored.units() {
                digests.extend(digests::read(&unit)?);
            }
        }
        Ok(digests)
    }

    /// The units of these keys, each agent's stores looked into once.
    fn units_named(&self, keys: &BTreeMap<String, String>) -> Result<Vec<Unit>, AppError> {
        let known: FxHashMap<String, &Unit> =
            self.units.iter().map(|unit| (unit.key(), unit)).collect();
        let mut units = Vec::new();
        let mut agents: Vec<&str> = Vec::new();
        for (key, agent) in keys {
            match known.get(key) {
                Some(unit) => units.push((*unit).clone()),
                None if agents.contains(&agent.as_str()) => {}
                None => agents.push(agent),
            }
        }
        let env = self.env_with_projects()?;
        for agent in agents {
            let Some(adapter) = adapter(agent) else {
                continue;
            };
            // Others that cannot be looked into are not asked for.
            let reading = u64::from(adapter.info().reading);
            let _ = adapter.discover(&env, &Disk::default(), &mut |mut unit| {
                unit.stamp.mix(reading);
                let key = unit.key();
                if keys.contains_key(&key) && !known.contains_key(&key) {
                    units.push(unit);
                }
            });
        }
        Ok(units)
    }
}

/// What may have worked in a repository.
struct Concerned {
    /// What is in the agents' stores.
    units: Vec<Unit>,
    /// Names of units that only the archive has.
    archived: Vec<String>,
}

/// The words by which agents sign commits: the first of their names.
fn signs() -> Signs {
    Signs::new(adapters().iter().filter_map(|adapter| {
        let info = adapter.info();
        let word = info.name.split_whitespace().next()?;
        Some((word.to_lowercase(), info.id.to_string()))
    }))
}

/// Whether a session may have worked in a repository: below it, above it, in
/// or in another of its work trees.
fn may_concern(workplace: &Workplace, places: &Places, project: &str) -> bool {
    let Some(folder) = workplace.cwd.as_deref().map(Path::new) else {
        return true;
    };
    let near = |root: &Path| folder.starts_with(root) || root.starts_with(folder);
    let mut trees = places.trees.iter();
    workplace.project.as_deref() == Some(project) || trees.any(|tree| near(Path::new(&tree.root)))
}
