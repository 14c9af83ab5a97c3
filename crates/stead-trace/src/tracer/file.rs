//! The lines of one file with their answers.

use std::sync::Arc;

use super::{Ahead, TraceError, Tracer};
use crate::origin::Finding;
use crate::repo::{Blame, BlamedLine, GitError};
use crate::text::{decode, is_binary};

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
    /// The file's path in that commit.
    pub path: Arc<str>,
    /// The line in that commit, counted from 1.
    pub line: usize,
    /// The history ends at that commit; the line may be older.
    pub boundary: bool,
    /// Who wrote it.
    pub finding: Finding,
}

impl Tracer {
    /// The lines of a file, by its path from the top of the repository, at a
    /// revision or in the working tree.
    pub fn file(
        &mut self,
        path: &str,
        revision: Option<&str>,
    ) -> Result<Vec<TracedLine>, TraceError> {
        let blame = self.blame(path, revision)?;
        self.find(&blame)?;
        let lines = blame.lines.iter().enumerate();
        Ok(lines.map(|(at, line)| self.traced(at + 1, line)).collect())
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
        if line.boundary && finding.step().is_none() && self.history().is_cut(&line.commit) {
            finding = Finding::unknown("the history is cut off here; the line may be older");
        }
        let text = decode(&line.text);
        TracedLine {
            number,
            text: text.strip_suffix('\r').unwrap_or(&text).to_owned(),
            commit: (!line.is_uncommitted()).then(|| line.commit.clone()),
            path: line.path.clone(),
            line: line.line,
            boundary: line.boundary,
            finding,
        }
    }

    /// What other tools noted and could not be read so far, in words.
    pub fn problems(&self) -> Vec<String> {
        self.notes.borrow().problems().to_vec()
    }

    /// The id of the commit that a revision names.
    pub fn commit(&self, revision: &str) -> Result<String, TraceError> {
        // Whole ids need no git.
        if revision.len() >= 40 && self.history().commits.contains_key(revision) {
            return Ok(revision.to_owned());
        }
        let id = self.git().commit(revision);
        id.ok_or_else(|| TraceError::NoRevision {
            revision: revision.to_owned(),
        })
    }

    /// Takes git's work on the file that will be asked for next.
    pub fn expect(&mut self, ahead: Ahead) {
        self.ahead = Some(ahead);
    }

    fn blame_of(&mut self, path: &str, commit: Option<&str>) -> Result<Blame, GitError> {
        let ahead = self
            .ahead
            .take()
            .and_then(|ahead| ahead.answer(path, commit));
        ahead.unwrap_or_else(|| Blame::of(self.git(), path, commit))
    }

    /// git's blame; of a file that git does not know yet, every line is new.
    fn blame(&mut self, path: &str, revision: Option<&str>) -> Result<Blame, TraceError> {
        if let Some(revision) = revision {
            let id = self.commit(revision)?;
            let Some(bytes) = self.committed(&id, path)? else {
                return Err(self.lost(&id, path, revision));
            };
            not_binary(path, &bytes)?;
            return Ok(self.blame_of(path, Some(&id))?);
        }
        let bytes = self.working(path)?;
        not_binary(path, &bytes)?;
        if self.is_known(path)? {
            Ok(self.blame_of(path, None)?)
        } else {
            Ok(Blame::uncommitted(path, &bytes))
        }
    }

    /// Whether git knows a file: by the last commit, or by the index, where a file
    /// that was renamed or is being merged has lines of commits too.
    fn is_known(&self, path: &str) -> Result<bool, TraceError> {
        // By stage: as it is, and both sides of a conflict.
        for place in ["HEAD", ":0", ":2", ":3"] {
            if self.committed(place, path)?.is_some() {
                return Ok(true);
            }
        }
        Ok(self.is_listed("HEAD", path))
    }

    /// What a file holds in a commit, if it is there.
    fn committed(&self, commit: &str, path: &str) -> Result<Option<Vec<u8>>, TraceError> {
        let mut name = format!("{commit}:{path}");
        if name.contains('\n') {
            // Objects are asked for in rows.
            let verify = [
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &name,
            ];
            let Ok(id) = self.git().ask(verify) else {
                return Ok(None);
            };
            id.trim_end().clone_into(&mut name);
        }
        Ok(self.objects.borrow_mut().get(&name)?)
    }

    /// Whether a commit has a file, even if what it holds is not in this clone.
    fn is_listed(&self, commit: &str, path: &str) -> bool {
        let name = format!(":(literal){path}");
        let listed = self
            .git()
            .ask(["ls-tree", "-z", "--full-tree", commit, "--", &name]);
        listed.is_ok_and(|listed| listed.contains(" blob "))
    }

    /// Why a file of a commit has no content.
    fn lost(&self, commit: &str, path: &str, revision: &str) -> TraceError {
        if self.is_listed(commit, path) {
            return TraceError::Absent {
                path: path.to_owned(),
                revision: revision.to_owned(),
            };
        }
        TraceError::NoFile {
            path: path.to_owned(),
            revision: Some(revision.to_owned()),
        }
    }

    /// What a file holds in the working tree.
    fn working(&self, path: &str) -> Result<Vec<u8>, TraceError> {
        let whole = self.root().join(path);
        // Reading from a pipe would wait for ever.
        let odd = std::fs::metadata(&whole).is_ok_and(|facts| !facts.is_file());
        let read = if odd {
            Err(std::io::Error::other("it is no plain file"))
        } else {
            std::fs::read(whole)
        };
        read.map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => TraceError::NoFile {
                path: path.to_owned(),
                revision: None,
            },
            _ => TraceError::Read {
                path: path.to_owned(),
                source,
            },
        })
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
