//! Whose the lines of a whole repository are.

mod count;
mod html;
mod markdown;
mod remembered;
mod sections;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use stead_trace::repo::{Foreign, Git, GitError, Tracked};
use stead_trace::{TraceError, Tracer};

use super::Share;
use crate::AppError;
use count::Count;

pub use html::report_html;
pub use markdown::report_markdown;
pub use sections::{Section, report_sections};

/// What is reported.
#[derive(Debug, Clone, Default)]
pub struct ReportOptions {
    /// At this revision; else at the head.
    pub revision: Option<String>,
    /// As the files are in the working tree, new ones included.
    pub working_tree: bool,
    /// Only lines that are newer.
    pub since: Option<Since>,
    /// Threads to trace with.
    pub threads: usize,
}

/// From when on lines count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// Brought by commits that this revision does not have.
    Revision(String),
    /// Brought by commits made at or after this, in milliseconds since 1970.
    Time(i64),
}

/// Whose the lines of a repository are. Its names are a contract with scripts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The top of the work tree.
    pub repository: String,
    /// The commit; none for the working tree.
    pub commit: Option<String>,
    /// Since when lines count, as it was asked for.
    pub since: Option<String>,
    /// Files whose lines were counted.
    pub files: u64,
    /// Files that were not.
    pub skipped: Skipped,
    /// All lines.
    pub total: Share,
    /// Agents' lines by agent, model and the licence of its weights.
    pub models: Vec<ModelRow>,
    /// Agents' lines by licence, `unknown` where it is.
    pub licenses: Vec<(String, u64)>,
    /// By the first folder; `.` for files at the top.
    pub directories: Vec<(String, Share)>,
    /// By the author of the commit; lines of no commit have none.
    pub authors: Vec<(String, Share)>,
    /// Sessions by the lines of theirs that are still there.
    pub sessions: Vec<SessionRow>,
    /// Notes of other tools that could not be read, in words.
    pub problems: Vec<String>,
}

/// Files that were not looked into.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// No text.
    pub binary: u64,
    /// `linguist-vendored` in `.gitattributes`.
    pub vendored: u64,
    /// `linguist-generated` in `.gitattributes`.
    pub generated: u64,
    /// Could not be read.
    pub unreadable: u64,
}

/// Lines of one model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRow {
    /// The agent.
    pub agent: String,
    /// The model; `unknown` if nothing names it.
    pub model: String,
    /// The licence of its weights, if it is known.
    pub license: Option<String>,
    /// Lines.
    pub lines: u64,
}

/// Lines of one session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// Its whole id.
    pub session: String,
    /// Its title or first words.
    pub title: Option<String>,
    /// When its last event was, in milliseconds since 1970.
    pub at_ms: Option<i64>,
    /// Lines that are as it left them.
    pub lines: u64,
    /// Lines that somebody changed since.
    pub mixed: u64,
}

impl Report {
    /// Agents' lines by a model whose licence is not known.
    pub fn unknown_licence(&self) -> u64 {
        let rows = self.models.iter().filter(|row| row.license.is_none());
        rows.map(|row| row.lines).sum()
    }
}

/// Counts the lines of a repository, on all threads; `progress` is told how many
/// files are done, of how many.
fn report(
    tracer: &Tracer,
    options: &ReportOptions,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Report, AppError> {
    let commit = match &options.revision {
        _ if options.working_tree => None,
        revision => Some(tracer.commit(revision.as_deref().unwrap_or("HEAD"))?),
    };
    let newer = options
        .since
        .as_ref()
        .map(|since| Newer::of(since, tracer, commit.as_deref()))
        .transpose()?;
    let files = Tracked::of(tracer.git(), commit.as_deref()).map_err(TraceError::Git)?;
    let mut skipped = Skipped::default();
    let mut paths = Vec::new();
    for file in files {
        match file.foreign {
            Some(Foreign::Vendored) => skipped.vendored += 1,
            Some(Foreign::Generated) => skipped.generated += 1,
            None if newer.as_ref().is_none_or(|newer| newer.touches(&file.path)) => {
                paths.push(file.path);
            }
            None => {}
        }
    }
    let work = Work {
        paths,
        commit: commit.as_deref(),
        newer: newer.as_ref(),
        next: AtomicUsize::new(0),
        done: AtomicUsize::new(0),
        progress,
    };
    let count = work.on_threads(tracer, options.threads)?;
    let mut report = count.report(tracer);
    report.repository = tracer.root().to_string_lossy().into_owned();
    report.since = options.since.as_ref().map(|since| match since {
        Since::Revision(name) => name.clone(),
        Since::Time(at_ms) => stead_usf::Time::from_millis(*at_ms)
            .map_or_else(|_| at_ms.to_string(), |time| time.to_string()),
    });
    skipped.binary += report.skipped.binary;
    skipped.unreadable += report.skipped.unreadable;
    report.skipped = skipped;
    report.commit = commit;
    Ok(report)
}

/// The files that are left to do.
struct Work<'a> {
    paths: Vec<String>,
    commit: Option<&'a str>,
    newer: Option<&'a Newer>,
    next: AtomicUsize,
    done: AtomicUsize,
    progress: &'a (dyn Fn(usize, usize) + Sync),
}

impl Work<'_> {
    fn on_threads(&self, tracer: &Tracer, threads: usize) -> Result<Count, AppError> {
        let threads = threads.clamp(1, self.paths.len().max(1));
        let tracers = (0..threads).map(|_| tracer.another());
        let tracers = tracers.collect::<Result<Vec<Tracer>, _>>();
        let all = Mutex::new((Count::default(), None));
        std::thread::scope(|scope| {
            for tracer in tracers.map_err(TraceError::Git)? {
                scope.spawn(|| {
                    let counted = self.some(tracer);
                    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                    match counted {
                        Ok(count) => all.0.absorb(count),
                        Err(error) => all.1 = Some(error),
                    }
                });
            }
            Ok::<(), AppError>(())
        })?;
        let (count, error) = all.into_inner().unwrap_or_else(PoisonError::into_inner);
        error.map_or(Ok(count), Err)
    }

    /// Takes files until none is left.
    fn some(&self, mut tracer: Tracer) -> Result<Count, AppError> {
        let mut count = Count::default();
        while let Some(path) = self.paths.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            match tracer.file(path, self.commit) {
                Ok(lines) => count.file(path, &lines, &tracer, self.newer),
                Err(TraceError::Binary { .. }) => count.skipped.binary += 1,
                Err(error @ TraceError::Git(GitError::Missing(_))) => return Err(error.into()),
                // A file that git cannot blame costs only itself.
                Err(_) => count.skipped.unreadable += 1,
            }
            let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
            (self.progress)(done, self.paths.len());
        }
        count.problems.extend(tracer.problems());
        Ok(count)
    }
}

/// What is newer than a moment or a revision.
struct Newer {
    /// Commits that are not.
    old: FxHashSet<String>,
    since_ms: Option<i64>,
    /// Files that changed since; others need not be looked into.
    changed: FxHashSet<String>,
}

impl Newer {
    fn of(since: &Since, tracer: &Tracer, commit: Option<&str>) -> Result<Self, AppError> {
        let history = tracer.history();
        match since {
            Since::Time(since_ms) => {
                let late = |changes: &[(i64, Option<String>)]| {
                    changes.iter().any(|(at_ms, _)| at_ms >= since_ms)
                };
                let mut changed: FxHashSet<String> = history
                    .changes
                    .iter()
                    .filter(|(_, changes)| late(changes))
                    .map(|(path, _)| path.clone())
                    .collect();
                if commit.is_none() {
                    changed.extend(differing(tracer.git(), &["HEAD"])?);
                }
                Ok(Self {
                    old: FxHashSet::default(),
                    since_ms: Some(*since_ms),
                    changed,
                })
            }
            Since::Revision(name) => {
                let from = tracer.commit(name)?;
                let old = tracer.git().ask(["rev-list", &from]);
                let old = old.map_err(TraceError::Git)?;
                let mut between = vec![from.as_str()];
                between.extend(commit);
                Ok(Self {
                    old: old.lines().map(str::to_owned).collect(),
                    since_ms: None,
                    changed: differing(tracer.git(), &between)?,
                })
            }
        }
    }

    fn touches(&self, path: &str) -> bool {
        self.changed.contains(path)
    }

    /// Whether a line counts, by the commit that brought it and when that was made.
    fn has(&self, commit: Option<&str>, at_ms: Option<i64>) -> bool {
        let Some(commit) = commit else { return true };
        match self.since_ms {
            Some(since_ms) => at_ms.is_some_and(|at_ms| at_ms >= since_ms),
            None => !self.old.contains(commit),
        }
    }
}

/// Files that differ between commits, or between one and the working tree; there,
/// new files are among them.
fn differing(git: &Git, between: &[&str]) -> Result<FxHashSet<String>, AppError> {
    let fixed = ["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff"];
    let answer = git.ask(fixed.iter().chain(between).chain(&["--"]));
    let mut names = answer.map_err(TraceError::Git)?;
    if between.len() < 2 {
        let new = git.ask(["ls-files", "-z", "--others", "--exclude-standard"]);
        names += &new.map_err(TraceError::Git)?;
    }
    Ok(names.split('\0').map(str::to_owned).collect())
}

/// The name of a repository: that of its folder.
pub(crate) fn name_of(repository: &str) -> &str {
    let name = Path::new(repository).file_name();
    name.and_then(|name| name.to_str()).unwrap_or(repository)
}
