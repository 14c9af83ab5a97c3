//! When a commit was made, and its whole id: the log that git keeps of a
//! repository's `HEAD`. It is a text file, so nothing of git is needed to read it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use stead_usf::{Issue, Time};

use super::REFLOG;
use crate::container::lines::{Extent, Line, Lines, read_anew};
use crate::{Fate, Output, Position, ReadError};

/// So many commits that no line named are remembered between two readings.
const KEPT: usize = 32;

/// The clock may have been set between the start of a run and its commit: for the
/// summer, or for the winter.
const SLACK_S: i64 = 2 * 60 * 60;

/// A commit, as the log has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Made {
    /// Seconds since 1970.
    at: i64,
    /// Offset of the local time from UTC, in seconds.
    offset: i64,
    /// Who made it; aider names itself here.
    pub(super) committer: String,
}

/// The commits of a repository by their ids.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Reflog {
    commits: BTreeMap<String, Made>,
    position: Option<Position>,
}

impl Made {
    /// When.
    pub(super) fn time(&self) -> Option<Time> {
        Time::from_seconds(self.at).ok()
    }

    /// The local time, as if it were UTC.
    const fn local(&self) -> i64 {
        self.at.saturating_add(self.offset)
    }
}

impl Reflog {
    /// Reads what came since the last reading.
    pub(super) fn load(
        &mut self,
        path: &Path,
        archive: &Path,
        output: &mut Output<'_>,
    ) -> Result<(), ReadError> {
        let since = self.position.take();
        let extent = Extent {
            path,
            archive,
            since: since.as_ref(),
            until: None,
        };
        self.position = Some(read_anew(extent, output, self)?);
        Ok(())
    }

    /// The commit whose id begins with these digits, if it was made in a run that
    /// began and ended at these local times.
    pub(super) fn find(&self, hash: &str, start: &str, end: Option<&str>) -> Option<(&str, &Made)> {
        let (id, made) = self.commits.range(hash.to_owned()..).next()?;
        let after = local(start).is_some_and(|start| made.local() >= start - SLACK_S);
        let before = end
            .and_then(local)
            .is_none_or(|end| made.local() <= end + SLACK_S);
        (id.starts_with(hash) && after && before).then_some((id, made))
    }

    /// Forgets what no line will name any more.
    pub(super) fn settle(&mut self) {
        let mut times: Vec<i64> = self.commits.values().map(|made| made.at).collect();
        times.sort_unstable_by(|a, b| b.cmp(a));
        if let Some(oldest) = times.get(KEPT) {
            self.commits.retain(|_, made| made.at > *oldest);
        }
    }
}

/// A local time in seconds, as if it were UTC.
fn local(time: &str) -> Option<i64> {
    let time = Time::parse(&format!("{}Z", time.replace(' ', "T"))).ok()?;
    Some(time.as_millis().div_euclid(1000))
}

impl Lines for Reflog {
    fn line(&mut self, output: &mut Output<'_>, line: &Line<'_>) {
        if line.ended {
            self.commits.extend(commit(&line.text));
            output.record(Fate::Ignored(REFLOG));
        }
    }

    fn damaged(&mut self, _: &mut Output<'_>, _: Issue) {}
}

/// `OLD NEW NAME <MAIL> SECONDS OFFSET⇥ACTION: SUBJECT`, if the action is a commit.
fn commit(line: &str) -> Option<(String, Made)> {
    let (head, action) = line.split_once('\t')?;
    let (_, rest) = head.split_once(' ')?;
    let (id, rest) = rest.split_once(' ')?;
    let (committer, rest) = rest.rsplit_once(" <")?;
    let (_, time) = rest.rsplit_once("> ")?;
    let (at, offset) = time.split_once(' ')?;
    let is_id = id.len() >= 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let made = Made {
        at: at.parse().ok()?,
        offset: seconds(offset)?,
        committer: committer.to_owned(),
    };
    (is_id && action.starts_with("commit")).then(|| (id.to_owned(), made))
}

/// `+0130` in seconds.
fn seconds(offset: &str) -> Option<i64> {
    let (sign, digits) = match offset.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let number: i64 = digits.parse().ok().filter(|_| digits.len() == 4)?;
    Some(sign * (number / 100 * 3600 + number % 100 * 60))
}

#[cfg(test)]
mod tests {
    use super::{commit, seconds};

    #[test]
    fn lines_of_the_log() {
        let id = "e9ebbe9".repeat(6)[..40].to_owned();
        let line = |action: &str| {
            format!(
                "{} {id} Dev A (aider) <dev@example.com> 1763712461 +0130\t{action}",
                "0".repeat(40)
            )
        };
        let (found, made) = commit(&line("commit: Add a helper")).unwrap();
        assert_eq!(
            (found, made.committer.as_str()),
            (id.clone(), "Dev A (aider)")
        );
        assert_eq!((made.at, made.offset), (1_763_712_461, 5400));
        assert!(commit(&line("commit (initial): Start")).is_some());
        assert_eq!(commit(&line("checkout: moving from a to b")), None);
        assert_eq!(commit("0 1 2"), None);
        assert_eq!(seconds("-0800"), Some(-28_800));
        for odd in ["", "Z", "+1", "+é00", "0100"] {
            assert_eq!(seconds(odd), None, "{odd}");
        }
    }
}
