//! Traces the lines of a file: asks git which commit brought each, and matches
//! what each commit held with the states that sessions left.

mod ground;
mod local;
mod related;

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::attribute::{Activity, Index, Known, Maker, Version, attribute};
use crate::digest::Digest;
use crate::marks::Signs;
use crate::origin::Finding;
use crate::replay::{Replayed, replay};
use crate::repo::{Blame, BlamedLine, Git, GitError, History, Objects, Places};
use crate::step::Evidence;
use crate::text::{Texts, decode, is_binary};

/// A repository with everything that sessions know of it.
#[derive(Debug)]
pub struct Tracer {
    git: Git,
    history: History,
    objects: RefCell<Objects>,
    evidence: Evidence,
    replayed: Replayed,
    index: Index,
    activity: Activity,
    texts: Texts,
    local: local::Local,
    signs: Signs,
    /// Findings of commits that were asked for, by commit and path.
    found: FxHashMap<(Arc<str>, Arc<str>), FxHashMap<usize, Finding>>,
}

/// A line of a file with its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct TracedLine {
    /// Counted from 1.
    pub number: usize,
    /// The line, without its end; bytes that are no Unicode are read as
    /// ISO 8859-1.
    pub text: String,
    /// The commit that brought it; none if it stands in the working tree only.
    pub commit: Option<Arc<str>>,
    /// Who wrote it.
    pub finding: Finding,
}

/// Why a file cannot be traced.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// git could not be asked.
    #[error(transparent)]
    Git(#[from] GitError),
    /// There is no such file.
    #[error("there is no file `{path}`{}", at(revision.as_deref()))]
    NoFile {
        /// The path, from the top of the repository.
        path: String,
        /// The revision, if one was named.
        revision: Option<String>,
    },
    /// The revision is not known.
    #[error("there is no revision `{revision}`")]
    NoRevision {
        /// As it was named.
        revision: String,
    },
    /// The file is no text.
    #[error("`{path}` is no text: it has no lines to trace")]
    Binary {
        /// The path, from the top of the repository.
        path: String,
    },
    /// The file cannot be read.
    #[error("`{path}` cannot be read: {source}")]
    Read {
        /// The path, from the top of the repository.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

fn at(revision: Option<&str>) -> String {
    revision.map_or_else(
        || " in the working tree or the last commit".to_owned(),
        |revision| format!(" at {revision}"),
    )
}

impl Tracer {
    /// Takes in what sessions did; those that worked elsewhere are left out.
    pub fn new(git: Git, digests: Vec<Digest>, signs: Signs) -> Result<Self, GitError> {
        let mut places = Places::of(&git)?;
        let history = History::of(&git)?;
        let objects = RefCell::new(Objects::open(&git)?);
        let mut texts = Texts::default();
        let since_ms = digests
            .iter()
            .filter_map(|digest| digest.session.from_ms)
            .min();
        let related = related::Related {
            git: &git,
            history: &history,
            objects: &objects,
            texts: &mut texts,
        };
        let evidence = related.evidence(digests, &mut places);
        let ground = ground::Checkouts::new(&places, &history, &objects);
        let replayed = replay(&evidence, &ground, &mut texts);
        let index = Index::of(&replayed, &texts);
        let spans = evidence.sessions.iter();
        let spans = spans.filter_map(|session| Some((session.from_ms?, session.to_ms?)));
        let local = local::Local::of(&git, &history, &evidence, &replayed);
        Ok(Self {
            activity: Activity {
                spans: spans.collect(),
                since_ms,
            },
            git,
            history,
            objects,
            evidence,
            replayed,
            index,
            texts,
            local,
            signs,
            found: FxHashMap::default(),
        })
    }

    /// The top of the work tree.
    pub fn root(&self) -> &Path {
        self.git.root()
    }

    /// What sessions did in this repository.
    pub const fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// All commits.
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// The lines of a file, by its path from the top of the repository, at a
    /// revision or in the working tree.
    pub fn file(
        &mut self,
        path: &str,
        revision: Option<&str>,
    ) -> Result<Vec<TracedLine>, TraceError> {
        let blame = self.blame(path, revision)?;
        let mut groups: FxHashMap<(Arc<str>, Arc<str>), Vec<usize>> = FxHashMap::default();
        for line in &blame.lines {
            let key = (line.commit.clone(), line.path.clone());
            groups.entry(key).or_default().push(line.line - 1);
        }
        for (key, mut brought) in groups {
            let known = self.found.get(&key);
            brought.sort_unstable();
            brought.dedup();
            if known.is_some_and(|known| brought.iter().all(|line| known.contains_key(line))) {
                continue;
            }
            let findings = self.findings(&key, brought, &blame)?;
            self.found.entry(key).or_default().extend(findings);
        }
        let uncommitted_changes = blame.lines.iter().enumerate();
        let lines = uncommitted_changes.map(|(at, line)| self.traced(at + 1, line));
        Ok(lines.collect())
    }

    fn traced(&self, number: usize, line: &BlamedLine) -> TracedLine {
        let key = (line.commit.clone(), line.path.clone());
        let finding = self
            .found
            .get(&key)
            .and_then(|found| found.get(&(line.line - 1)));
        let mut finding = finding
            .cloned()
            .unwrap_or_else(|| Finding::unknown("git does not show this line in its commit"));
        if line.boundary && finding.step().is_none() && self.history.is_cut(&line.commit) {
            finding = Finding::unknown("the history is cut off here; the line may be older");
        }
        let text = decode(&line.text);
        TracedLine {
            number,
            text: text.strip_suffix('\r').unwrap_or(&text).to_owned(),
            commit: (!line.is_uncommitted()).then(|| line.commit.clone()),
            finding,
        }
    }

    /// git's blame; of a file that git does not know yet, every line is new.
    fn blame(&self, path: &str, revision: Option<&str>) -> Result<Blame, TraceError> {
        if let Some(revision) = revision {
            let name = format!("{revision}^{{commit}}");
            let known = self.git.ask([
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &name,
            ]);
            let id = known.map_err(|_| TraceError::NoRevision {
                revision: revision.to_owned(),
            })?;
            let blob = self
                .objects
                .borrow_mut()
                .get(&format!("{}:{path}", id.trim_end()))?;
            let Some(bytes) = blob else {
                return Err(TraceError::NoFile {
                    path: path.to_owned(),
                    revision: Some(revision.to_owned()),
                });
            };
            not_binary(path, &bytes)?;
            return Ok(Blame::of(&self.git, path, Some(id.trim_end()))?);
        }
        let bytes = match std::fs::read(self.git.root().join(path)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(TraceError::NoFile {
                    path: path.to_owned(),
                    revision: None,
                });
            }
            Err(source) => {
                return Err(TraceError::Read {
                    path: path.to_owned(),
                    source,
                });
            }
        };
        not_binary(path, &bytes)?;
        let known = self.objects.borrow_mut().get(&format!("HEAD:{path}"))?;
        if known.is_none() {
            return Ok(Blame::uncommitted(path, &bytes));
        }
        Ok(Blame::of(&self.git, path, None)?)
    }

    fn findings(
        &mut self,
        (commit, path): &(Arc<str>, Arc<str>),
        brought: Vec<usize>,
        blame: &Blame,
    ) -> Result<Vec<(usize, Finding)>, TraceError> {
        let uncommitted = commit.bytes().all(|byte| byte == b'0');
        let lines = if uncommitted {
            // The working tree, as git read it.
            blame.lines.iter().map(|line| decode(&line.text)).collect()
        } else {
            let name = format!("{commit}:{path}");
            let bytes = self.objects.borrow_mut().get(&name)?;
            let text = decode(&bytes.unwrap_or_default());
            crate::text::lines(&text)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let lines: Vec<_> = lines.iter().map(|line| self.texts.key(line)).collect();
        let brought = brought
            .into_iter()
            .filter(|line| *line < lines.len())
            .collect();
        let version = Version {
            path: path.to_string(),
            lines,
            brought,
            maker: self.maker(commit, path),
        };
        let known = Known {
            evidence: &self.evidence,
            replayed: &self.replayed,
            index: &self.index,
            activity: &self.activity,
            texts: &self.texts,
        };
        Ok(attribute(&version, &known))
    }

    fn maker(&self, commit: &str, path: &str) -> Maker {
        let Some(commit) = self.history.commits.get(commit) else {
            let head = self.history.newest_ms();
            return Maker {
                at_ms: modified_ms(&self.git.root().join(path)).unwrap_or(i64::MAX),
                parent_ms: head,
                local: true,
                marked: None,
            };
        };
        Maker {
            at_ms: commit.committer_ms,
            parent_ms: self.history.parent_ms(commit),
            local: self.local.made(commit),
            marked: self.signs.mark(commit),
        }
    }
}

fn not_binary(path: &str, bytes: &[u8]) -> Result<(), TraceError> {
    if is_binary(bytes) {
        return Err(TraceError::Binary {
            path: path.to_owned(),
        });
    }
    Ok(())
}

fn modified_ms(path: &Path) -> Option<i64> {
    let modified = std::fs::metadata(path).ok()?.modified().ok()?;
    let age = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(age.as_millis()).ok()
}
