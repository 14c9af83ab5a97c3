//! The lines of a file as the program asks for them: remembered while nothing
//! changed.

use serde::{Deserialize, Serialize};
use stead_trace::repo::Git;
use stead_trace::{Ahead, TraceError, TracedLine, Tracer};

use super::remembered::Memory;
use super::{Concerned, Line, Writer};
use crate::{App, AppError, Progress};

/// A line with its answer, and where git found it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlamedLine {
    /// Who wrote it.
    pub line: Line,
    /// The file's path in the commit that brought it.
    pub path: String,
    /// Its number there, counted from 1.
    pub then: usize,
    /// The history ends at that commit; the line may be older.
    pub boundary: bool,
    /// When the commit was written, or else the step made, in milliseconds since
    /// 1970.
    pub at_ms: Option<i64>,
}

/// The lines of a file, and what stood in the way of knowing more.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct BlamedFile {
    /// All of them.
    pub lines: Vec<BlamedLine>,
    /// Notes of other tools that could not be read, in words.
    pub problems: Vec<String>,
}

/// Which file is blamed.
#[derive(Debug, Clone, Copy)]
pub struct BlameOptions<'a> {
    /// By its path from the top of the repository.
    pub path: &'a str,
    /// At this revision; else in the working tree.
    pub revision: Option<&'a str>,
}

impl App {
    /// The lines of a file with their writers. The index must be up to date.
    pub fn blame(
        &self,
        git: Git,
        options: &BlameOptions<'_>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<BlamedFile, AppError> {
        let concerned = self.concerned(&git)?;
        let memory = self.memory_of_blame(&git, &concerned, options);
        if let Some(known) = memory.as_ref().and_then(Memory::recall) {
            return Ok(known);
        }
        let ahead = begun(&git, options);
        let mut tracer = self.tracer_of(git, concerned, progress)?;
        if let Some(ahead) = ahead {
            tracer.expect(ahead);
        }
        let found = tracer.file(options.path, options.revision)?;
        let lines = Line::all(&found, &tracer);
        let blamed = found.iter().zip(lines);
        let blamed = BlamedFile {
            lines: blamed
                .map(|(of, line)| blamed_line(of, line, &tracer))
                .collect(),
            problems: tracer.problems(),
        };
        // A disk that is full is no reason to give no answer.
        let _ = memory.map(|memory| memory.keep(&blamed));
        Ok(blamed)
    }

    fn memory_of_blame(
        &self,
        git: &Git,
        concerned: &Concerned,
        options: &BlameOptions<'_>,
    ) -> Option<Memory> {
        let (commit, held) = if let Some(revision) = options.revision {
            (git.commit(revision)?, Vec::new())
        } else {
            let path = git.root().join(options.path);
            let facts = std::fs::metadata(&path).ok()?;
            // Reading from a pipe would wait for ever.
            let changed = facts.is_file().then(|| facts.modified().ok())??;
            let age = changed.duration_since(std::time::UNIX_EPOCH).ok()?;
            let head = git.commit("HEAD").unwrap_or_default();
            let told = format!("{head} {} ", age.as_nanos());
            (told, std::fs::read(&path).ok()?)
        };
        let asked = [options.path.as_bytes(), commit.as_bytes(), &held];
        self.memory("blames", git, concerned, &asked)
    }
}

/// Lets git begin, unless the question makes no sense, which the tracer will say.
fn begun(git: &Git, options: &BlameOptions<'_>) -> Option<Ahead> {
    if let Some(revision) = options.revision {
        let commit = git.commit(revision)?;
        return Some(Ahead::begin(git, options.path, Some(&commit)));
    }
    let facts = std::fs::metadata(git.root().join(options.path)).ok()?;
    // git would wait for ever for a pipe.
    facts
        .is_file()
        .then(|| Ahead::begin(git, options.path, None))
}

fn blamed_line(found: &TracedLine, line: Line, tracer: &Tracer) -> BlamedLine {
    let commit = found.commit.as_deref();
    let commit = commit.and_then(|id| tracer.history().commits.get(id));
    let step = || Writer::of(&found.finding, tracer.evidence()).step?.at_ms;
    BlamedLine {
        line,
        path: found.path.to_string(),
        then: found.line,
        boundary: found.boundary,
        at_ms: commit.map(|commit| commit.author_ms).or_else(step),
    }
}

/// The repository that a folder lies in.
pub fn repository(folder: &std::path::Path) -> Result<Git, AppError> {
    Ok(Git::at(folder).map_err(TraceError::Git)?)
}
