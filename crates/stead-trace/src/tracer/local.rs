//! Which commits were made by somebody who works with the sessions on this
//! machine. What others pushed may have been written by their agents.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::replay::Replayed;
use crate::repo::{Commit, Git, History};
use crate::step::Evidence;

/// A commit so long after a step in the same file is likely its.
const SOON_MS: i64 = 24 * 3_600_000;

/// Addresses of people who work here.
#[derive(Debug, Default)]
pub(super) struct Local {
    addresses: FxHashSet<String>,
    /// Commits that were made in this repository, where it remembers that.
    made: FxHashSet<String>,
}

impl Local {
    pub(super) fn of(
        git: &Git,
        history: &History,
        evidence: &Evidence,
        replayed: &Replayed,
    ) -> Self {
        let mut local = Self {
            made: made_here(git),
            ..Self::default()
        };
        if let Ok(address) = git.ask(["config", "user.email"]) {
            local.add(address.trim());
        }
        for name in evidence
            .sessions
            .iter()
            .flat_map(|session| &session.commits)
        {
            if let Some(commit) = history.find(name) {
                local.add(&commit.author.1);
            }
        }
        if let Some(address) = most_likely(history, replayed) {
            local.add(&address);
        }
        local
    }

    fn add(&mut self, address: &str) {
        if !address.is_empty() {
            self.addresses.insert(address.to_owned());
        }
    }

    /// Whether somebody here wrote it.
    pub(super) fn made(&self, commit: &Commit) -> bool {
        let here = self.made.is_empty() || self.made.contains(&commit.id);
        here && self.addresses.contains(&commit.author.1)
    }
}

/// What a reference log says of commits that were made, and did not come from
/// somewhere else.
const MAKING: [&str; 7] = [
    "commit",
    "rebase",
    "cherry-pick",
    "revert",
    "am",
    "merge",
    "pull",
];

/// Commits that this repository's reference logs say were made in it; none if it
/// has no such logs, as in a fresh clone.
fn made_here(git: &Git) -> FxHashSet<String> {
    let logs = git.ask(["log", "--walk-reflogs", "--all", "--format=%H %gs"]);
    let logs = logs.unwrap_or_default();
    let entries = logs.lines().filter_map(|line| line.split_once(' '));
    entries
        .filter(|(_, what)| {
            MAKING.iter().any(|making| what.starts_with(making)) && !what.contains("ast-forward")
        })
        .map(|(id, _)| id.to_owned())
        .collect()
}

/// Who made most of the commits that follow soon on steps in the same file.
fn most_likely(history: &History, replayed: &Replayed) -> Option<String> {
    let mut by_time: Vec<(i64, &str)> = history
        .commits
        .values()
        .map(|commit| (commit.committer_ms, commit.author.1.as_str()))
        .collect();
    by_time.sort_unstable();
    let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
    for (path, lineages) in &replayed.lineages {
        let changes = history.changes.get(path).map_or(&[][..], Vec::as_slice);
        for state in lineages.iter().flat_map(|lineage| &lineage.states) {
            let until = state.at_ms.saturating_add(SOON_MS);
            let after = changes.iter().rev().map(|(at_ms, _)| *at_ms);
            let next = after
                .filter(|at_ms| (state.at_ms..until).contains(at_ms))
                .min();
            let Some(at_ms) = next else { continue };
            let first = by_time.partition_point(|(time, _)| *time < at_ms);
            if let Some((_, address)) = by_time.get(first) {
                *counts.entry(address).or_default() += 1;
            }
        }
    }
    let most = counts
        .into_iter()
        .max_by_key(|(address, count)| (*count, *address));
    most.map(|(address, _)| address.to_owned())
}
