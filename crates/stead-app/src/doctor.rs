//! What was found where, and what could not be read.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;
use stead_adapters::{Disk, adapters};
use stead_index::Archive;
use stead_usf::{Issue, Session};

use crate::read::UNREADABLE;
use crate::{App, AppError, ListOptions, SyncReport};

/// The state of everything.
#[derive(Debug, Clone, Serialize)]
pub struct DoctorReport {
    /// Each agent, found or not.
    pub agents: Vec<AgentReport>,
    /// Folder of the index.
    pub index_dir: PathBuf,
    /// Its size in bytes.
    pub index_bytes: u64,
    /// Folder of the archive.
    pub archive_dir: PathBuf,
    /// Whether raw records are kept.
    pub archive_enabled: bool,
    /// Bytes of the archive on disk.
    pub archive_bytes: u64,
    /// Bytes that they unpack to.
    pub archive_raw_bytes: u64,
    /// Stores that could not be looked into.
    pub failed: Vec<String>,
}

/// The state of one agent's stores.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AgentReport {
    /// The agent's id.
    pub agent: String,
    /// Its name for people.
    pub name: String,
    /// Places where it may keep sessions.
    pub stores: Vec<StoreReport>,
    /// Files or databases read.
    pub units: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Sessions, subagents included.
    pub sessions: usize,
    /// Sessions whose files are gone.
    pub archived: usize,
    /// Versions of the agent that wrote them, with the number of sessions.
    pub versions: BTreeMap<String, usize>,
    /// Records read.
    pub records: u64,
    /// Records left out by a rule, by rule.
    pub ignored: BTreeMap<String, u64>,
    /// Issues by kind.
    pub issues: Vec<IssueGroup>,
}

/// A place where an agent may keep sessions.
#[derive(Debug, Clone, Serialize)]
pub struct StoreReport {
    /// The folder or database.
    pub path: PathBuf,
    /// Whether it is there.
    pub exists: bool,
}

/// Issues of one kind.
#[derive(Debug, Clone, Serialize)]
pub struct IssueGroup {
    /// Name of the kind.
    pub code: String,
    /// How many.
    pub count: usize,
    /// One of them.
    pub example: Issue,
}

impl App {
    /// Found units that could not be read at all, each with the reason.
    pub fn unreadable(&self) -> Result<Vec<Issue>, AppError> {
        let mut unreadable = self.unit_issues(None)?;
        unreadable.retain(|issue| issue.code == UNREADABLE);
        Ok(unreadable)
    }

    /// Issues of units that belong to no session: of one agent, or of all. What
    /// is no longer there cannot be mended.
    fn unit_issues(&self, agent: Option<&str>) -> Result<Vec<Issue>, AppError> {
        let reports = self.catalog.unit_issues()?.into_iter();
        let meant = reports.filter(|(of, _)| agent.is_none_or(|agent| agent == of));
        let issues = |(_, json): (String, String)| {
            serde_json::from_str(&json).unwrap_or_else(|_| Vec::new())
        };
        Ok(meant.flat_map(issues).collect())
    }

    /// Reports the state of every store, after a sync.
    pub fn doctor(&self, sync: &SyncReport) -> Result<DoctorReport, AppError> {
        let everything = ListOptions {
            all: true,
            ..ListOptions::default()
        };
        let sessions = self.list(&everything)?;
        let archive_dir = self.settings.archive_dir();
        let (archive_bytes, archive_raw_bytes) = if archive_dir.exists() {
            Archive::open(&archive_dir)?.size()?
        } else {
            (0, 0)
        };
        let index_dir = self.settings.index_dir();
        let mut agents = Vec::new();
        for adapter in adapters() {
            let info = adapter.info();
            let stores = adapter
                .stores(&self.settings.env, &Disk::default())
                .into_iter();
            let mut report = AgentReport {
                agent: info.id.to_string(),
                name: info.name.to_owned(),
                stores: stores
                    .map(|s| StoreReport {
                        path: s.path,
                        exists: s.exists,
                    })
                    .collect(),
                ..AgentReport::default()
            };
            self.fill(&mut report, &sessions)?;
            agents.push(report);
        }
        Ok(DoctorReport {
            agents,
            index_bytes: folder_bytes(&index_dir),
            index_dir,
            archive_dir,
            archive_enabled: self.settings.archive,
            archive_bytes,
            archive_raw_bytes,
            failed: sync.failed.iter().map(ToString::to_string).collect(),
        })
    }

    fn fill(&self, report: &mut AgentReport, sessions: &[Session]) -> Result<(), AppError> {
        for unit in self
            .units
            .iter()
            .filter(|unit| unit.agent.as_str() == report.agent)
        {
            report.units += 1;
            report.bytes += unit.bytes;
        }
        let mut issues: BTreeMap<String, IssueGroup> = BTreeMap::new();
        let mut note = |issue: Issue| {
            let group = issues
                .entry(issue.code.to_string())
                .or_insert_with(|| IssueGroup {
                    code: issue.code.to_string(),
                    count: 0,
                    example: issue,
                });
            group.count += 1;
        };
        for session in sessions.iter().filter(|s| s.agent.as_str() == report.agent) {
            report.sessions += 1;
            report.archived += usize::from(session.archived);
            if let Some(version) = &session.agent_version {
                *report.versions.entry(version.clone()).or_default() += 1;
            }
            session.issues.iter().cloned().for_each(&mut note);
        }
        let of_units = self.unit_issues(Some(&report.agent))?;
        of_units.into_iter().for_each(&mut note);
        for unit in self
            .catalog
            .reports()?
            .into_iter()
            .filter(|u| u.agent == report.agent)
        {
            let tally: serde_json::Value = unit
                .tally
                .and_then(|json| serde_json::from_str(&json).ok())
                .unwrap_or_default();
            report.records += tally["records"].as_u64().unwrap_or(0);
            for (rule, count) in tally["ignored"].as_object().into_iter().flatten() {
                *report.ignored.entry(rule.clone()).or_default() += count.as_u64().unwrap_or(0);
            }
        }
        report.issues = issues.into_values().collect();
        report
            .issues
            .sort_by_key(|group| std::cmp::Reverse(group.count));
        Ok(())
    }
}

fn folder_bytes(folder: &std::path::Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => folder_bytes(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.flatten().map(size).sum()
}
