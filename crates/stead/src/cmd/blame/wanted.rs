//! Which lines of a file `-L` asks for: numbers are counted here, patterns and
//! names of functions are git's business.

use stead_app::AppError;
use stead_app::trace::{BlamedLine, LineRange, RangeError};
use stead_trace::TraceError;
use stead_trace::repo::{Blame, Git, GitError};

use crate::command_error::CommandError;

/// What `-L` asks for.
pub(super) enum Wanted {
    /// Ranges of lines by their numbers; all lines if there is none.
    Ranges(Vec<LineRange>),
    /// At least one range is named by what it holds.
    ByContent(Vec<String>),
}

impl Wanted {
    /// Reads what was given; what can be no range is refused before anything is
    /// looked at.
    pub(super) fn of(given: &[String]) -> Result<Self, CommandError> {
        let by_content = |text: &String| text.contains('/') || text.starts_with(':');
        if given.iter().any(by_content) {
            return Ok(Self::ByContent(given.to_vec()));
        }
        let ranges = given.iter().map(|text| LineRange::parse(text));
        let ranges = ranges.collect::<Result<_, _>>();
        ranges
            .map(Self::Ranges)
            .map_err(|error| wrong_range(&error))
    }

    /// The lines that are asked for.
    pub(super) fn among(
        &self,
        lines: Vec<BlamedLine>,
        git: &Git,
        path: &str,
        revision: Option<&str>,
    ) -> Result<Vec<BlamedLine>, CommandError> {
        match self {
            Self::Ranges(ranges) => within(lines, ranges),
            Self::ByContent(given) => {
                let meant = Blame::lines_meant(git, path, revision, given);
                let meant = meant.map_err(|error| not_found(error, given))?;
                Ok(kept(lines, |number| meant.contains(&number)))
            }
        }
    }
}

fn within(lines: Vec<BlamedLine>, ranges: &[LineRange]) -> Result<Vec<BlamedLine>, CommandError> {
    if ranges.is_empty() {
        return Ok(lines);
    }
    let mut wanted = vec![false; lines.len()];
    for range in ranges {
        let range = range.within(lines.len());
        for line in range.map_err(|error| wrong_range(&error))? {
            wanted[line - 1] = true;
        }
    }
    Ok(kept(lines, |number| wanted[number - 1]))
}

fn kept(mut lines: Vec<BlamedLine>, wanted: impl Fn(usize) -> bool) -> Vec<BlamedLine> {
    lines.retain(|line| wanted(line.line.number));
    lines
}

/// git says what it did not find; of what it cannot read it shows its usage.
fn not_found(error: GitError, given: &[String]) -> CommandError {
    match error {
        GitError::Refused { message, .. } if message.starts_with("usage:") => {
            wrong_range(&RangeError::Form(given.join(" ")))
        }
        GitError::Refused { message, .. } => {
            let words = message.strip_prefix("fatal: ").unwrap_or(&message);
            CommandError::usage(words).hint(HOW)
        }
        other => AppError::from(TraceError::Git(other)).into(),
    }
}

const HOW: &str = "write 10,20 or 10,+5 or 10 (to the end) or ,20 (from the beginning) or \
                   /from/,/to/ or :function, as git does";

/// What is wrong with a range of lines, and how they are written.
pub(in crate::cmd) fn wrong_range(error: &RangeError) -> CommandError {
    let hint = match error {
        RangeError::Form(_) => HOW,
        RangeError::Beyond { .. } => "lines are counted from 1, as they are at that revision",
    };
    CommandError::usage(error.to_string()).hint(hint)
}
