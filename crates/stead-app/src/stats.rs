//! Tokens and cost, each model request counted once.

pub(crate) mod counted;
mod numbers;

use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use stead_index::{Archive, Filter};
use stead_usf::{Time, Usage};

use self::counted::{Counted, scan_unit};
use crate::project::Projects;
use crate::{App, AppError, ListOptions};

/// By what the numbers are split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupBy {
    /// The agent.
    Agent,
    /// The model.
    Model,
    /// The working folder.
    Project,
    /// The day in the user's time zone.
    Day,
}

/// What to count.
#[derive(Debug, Clone, Default)]
pub struct StatsOptions {
    /// Which sessions; `since_ms` and `before_ms` are about the requests.
    pub list: ListOptions,
    /// By what to split, coarsest first; empty means one total.
    pub by: Vec<GroupBy>,
}

/// Numbers of one group.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct StatsRow {
    /// The agent, if split by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The model, if split by it and recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The project that the session worked in, if split by it and recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The day (`2026-11-21`), if split by it and recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
    /// Sessions with a request in the group, subagents included.
    pub sessions: u64,
    /// Model requests.
    pub requests: u64,
    /// Tokens.
    pub usage: Usage,
    /// Cost in US dollars, of the requests whose cost was recorded, and of the
    /// sessions that record only a whole: at the time of their last request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
}

/// The whole answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Stats {
    /// A row for each group, the most tokens first; by day, the newest first.
    pub rows: Vec<StatsRow>,
    /// The sum of all rows, sessions counted once.
    pub total: StatsRow,
}

/// When more than this share of the stores is unread, counting from the stores
/// is faster than indexing them first.
const UNREAD_SHARE: u64 = 4;

impl App {
    /// Counts. Brings the index up to date if little is new; with much unread it
    /// counts from the agents' files without building an index.
    pub fn stats(&mut self, options: &StatsOptions) -> Result<Stats, AppError> {
        if self.is_fresh()? {
            return self.count_indexed(options);
        }
        let (_, steps) = self.look()?;
        let total: u64 = self.units.iter().map(|unit| unit.bytes).sum();
        let unread: u64 = steps
            .read
            .iter()
            .map(|place| self.units[*place].bytes)
            .sum();
        if unread > 0 && unread >= total / UNREAD_SHARE && self.stores_tell_all()? {
            let mut counter = Counter::new(self, options);
            self.scan(&mut counter)?;
            return Ok(counter.finish());
        }
        if !steps.is_empty() {
            self.sync(&|_| {})?;
        }
        self.count_indexed(options)
    }

    /// Counts from the index as it is.
    fn count_indexed(&self, options: &StatsOptions) -> Result<Stats, AppError> {
        let mut counter = Counter::new(self, options);
        let filter = Filter {
            agents: options.list.agents.clone(),
            project: options.list.project.clone(),
            all: true,
            ..Filter::default()
        };
        self.catalog
            .model_requests(&filter, &mut |header, requests| {
                for counted in Counted::of(header, requests) {
                    counter.count(counted);
                }
            })?;
        Ok(counter.finish())
    }

    /// Whether counting from the stores gives the same as from the index: nothing
    /// is archived only, and nothing was forgotten.
    fn stores_tell_all(&self) -> Result<bool, AppError> {
        let folder = self.settings.archive_dir();
        if !folder.exists() {
            return Ok(true);
        }
        let archive = Archive::open(&folder)?;
        Ok(archive.forgotten()?.is_empty() && self.only_archived(&archive)?.is_empty())
    }

    /// Counts from the agents' files, on all threads.
    fn scan(&self, counter: &mut Counter) -> Result<(), AppError> {
        let next = AtomicUsize::new(0);
        let shared = Mutex::new(counter);
        let units = &self.units;
        let threads = self.settings.threads.clamp(1, units.len().max(1));
        let work = || -> Result<(), AppError> {
            loop {
                let Some(unit) = units.get(next.fetch_add(1, Ordering::Relaxed)) else {
                    return Ok(());
                };
                let mut found = Vec::new();
                // A unit that cannot be read has no numbers; `doctor` tells of it.
                if scan_unit(unit, &mut found).is_ok() {
                    let mut counter = shared
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner);
                    for counted in found {
                        counter.count(counted);
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mine = work();
            others.into_iter().fold(mine, |result, other| {
                result.and(
                    other
                        .join()
                        .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                )
            })
        })
    }
}

type GroupKey = (
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

/// Adds requests up, each once.
struct Counter {
    options: StatsOptions,
    projects: Projects,
    time_zone: jiff::tz::TimeZone,
    /// By their keys: of copies the best is kept.
    counted: FxHashMap<u64, Counted>,
    groups: BTreeMap<GroupKey, (StatsRow, FxHashSet<Arc<str>>)>,
}

impl Counter {
    fn new(app: &App, options: &StatsOptions) -> Self {
        Self {
            projects: Projects::new(app.settings.env.home.as_deref()),
            options: options.clone(),
            time_zone: app.settings.time_zone.clone(),
            counted: FxHashMap::default(),
            groups: BTreeMap::new(),
        }
    }

    fn count(&mut self, counted: Counted) {
        if !self.is_meant(&counted) {
            return;
        }
        match self.counted.entry(counted.key) {
            Entry::Vacant(place) => drop(place.insert(counted)),
            Entry::Occupied(mut place) if counted.is_before(place.get()) => {
                place.insert(counted);
            }
            Entry::Occupied(_) => {}
        }
    }

    fn group(&mut self) {
        let mut counted: Vec<_> = self.counted.drain().map(|(_, one)| one).collect();
        // Sums of costs depend on the order.
        counted.sort_unstable_by_key(|one| one.key);
        for counted in counted {
            let key = self.key(&counted);
            let (row, sessions) = self.groups.entry(key).or_default();
            if let Some(cost) = counted.cost_usd {
                *row.cost_usd.get_or_insert(0.0) += cost;
            }
            if counted.whole {
                continue;
            }
            row.requests += 1;
            row.usage += counted.usage;
            sessions.insert(counted.session);
        }
    }

    fn is_meant(&self, counted: &Counted) -> bool {
        let list = &self.options.list;
        let at = counted.at.map(Time::as_millis);
        (list.agents.is_empty() || list.agents.iter().any(|agent| **agent == *counted.agent))
            && list.project.as_ref().is_none_or(|project| {
                let cwd = counted.cwd.as_deref();
                cwd.is_some_and(|cwd| project.admits(cwd, &self.projects.of(cwd)))
            })
            && list
                .since_ms
                .is_none_or(|since| at.is_some_and(|at| at >= since))
            && list
                .before_ms
                .is_none_or(|before| at.is_some_and(|at| at < before))
    }

    fn key(&self, counted: &Counted) -> GroupKey {
        let by = |group| self.options.by.contains(&group);
        let day = || {
            let at = counted.at?.timestamp().to_zoned(self.time_zone.clone());
            Some(at.date().to_string())
        };
        (
            by(GroupBy::Agent).then(|| counted.agent.to_string()),
            by(GroupBy::Model)
                .then(|| counted.model.as_ref().map(|model| model.id.clone()))
                .flatten(),
            by(GroupBy::Project)
                .then(|| Some(self.projects.of(counted.cwd.as_deref()?)))
                .flatten(),
            by(GroupBy::Day).then(day).flatten(),
        )
    }

    fn finish(mut self) -> Stats {
        self.group();
        let mut stats = Stats::default();
        let mut all = FxHashSet::default();
        for ((agent, model, project, day), (mut row, sessions)) in self.groups {
            row.sessions = sessions.len() as u64;
            all.extend(sessions);
            stats.total.requests += row.requests;
            stats.total.usage += row.usage;
            if let Some(cost) = row.cost_usd {
                *stats.total.cost_usd.get_or_insert(0.0) += cost;
            }
            stats.rows.push(StatsRow {
                agent,
                model,
                project,
                day,
                ..row
            });
        }
        stats.total.sessions = all.len() as u64;
        let tokens = |row: &StatsRow| std::cmp::Reverse(row.usage.total());
        stats
            .rows
            .sort_by(|a, b| b.day.cmp(&a.day).then_with(|| tokens(a).cmp(&tokens(b))));
        stats
    }
}
