//! When a line that no session wrote may be called a person's.

use super::{Known, Open, SKEW_MS};
use crate::origin::{Finding, Origin};

/// Who made a version, and when.
#[derive(Debug, Clone, Default)]
pub(crate) struct Maker {
    /// The commit's id; empty for the working tree.
    pub(crate) commit: String,
    /// When it was committed, in milliseconds since 1970 (after a rebase: then).
    pub(crate) at_ms: i64,
    /// When its parent was committed, in milliseconds since 1970.
    pub(crate) parent_ms: i64,
    /// When the file's version before was committed, in milliseconds since 1970; none
    /// if the file is new.
    pub(crate) file_ms: Option<i64>,
    /// It was made by somebody who works with these sessions: the author's
    /// address is one that commits with sessions' lines have, or the user's.
    pub(crate) local: bool,
    /// What the commit itself says of an agent.
    pub(crate) marked: Option<Mark>,
}

/// A commit's own word on an agent: a trailer, an author's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The agent's name, as the mark has it.
    pub agent: String,
    /// The model, if it names one.
    pub model: Option<String>,
    /// The agent commits nothing but its own changes.
    pub whole: bool,
    /// The mark in words.
    pub words: String,
}

/// When sessions worked in this repository.
#[derive(Debug, Clone, Default)]
pub(crate) struct Activity {
    /// From and to, in milliseconds since 1970; also of sessions that may have
    /// worked here and are not known to have.
    pub(crate) spans: Vec<(i64, i64)>,
    /// The first time of any session of this repository. Of what was before, nothing
    /// can be said.
    pub(crate) since_ms: Option<i64>,
}

impl Activity {
    /// Whether any session worked within a span of time.
    pub(crate) fn any_within(&self, from_ms: i64, to_ms: i64) -> bool {
        self.spans
            .iter()
            .any(|(from, to)| *from <= to_ms && *to >= from_ms)
    }
}

/// Calls open lines a person's where something shows it.
pub(super) fn judge(open: &mut Open<'_>, known: &Known<'_>) {
    let maker = &open.version.maker;
    if !maker.local || maker.marked.is_some() {
        return;
    }
    let reason = after_state(open, known).or_else(|| nobody_else(open, known));
    let Some((confidence, words)) = reason else {
        return;
    };
    let lines: Vec<usize> = open.telling(known.texts).collect();
    for line in lines {
        if !open.outside[line] {
            let finding = Finding::new(Origin::Human, confidence, words.clone());
            open.found.insert(line, finding);
        }
    }
}

/// A session left the file, nothing ran since that could have changed it unseen,
/// and the commit that a session then made has more: somebody typed it in between.
/// Of other commits that cannot be said: sessions may have been deleted.
fn after_state(open: &Open<'_>, known: &Known<'_>) -> Option<(f32, String)> {
    let at = open.version.maker.at_ms;
    let commit = &open.version.maker.commit;
    let mut named = known
        .evidence
        .sessions
        .iter()
        .flat_map(|session| &session.commits);
    if commit.is_empty() || !named.any(|name| commit.starts_with(name.as_str())) {
        return None;
    }
    let last = open.beside.iter().max_by_key(|beside| {
        let of = known.index.lineage(beside.lineage, known.replayed);
        of.states[beside.state].at_ms
    })?;
    let of = known.index.lineage(last.lineage, known.replayed);
    let state = &of.states[last.state];
    let rewritten = last.shared * 2 < state.lines.len();
    let newer = of.states[last.state + 1..]
        .iter()
        .any(|state| state.at_ms <= at);
    let ran = known
        .replayed
        .opaque
        .iter()
        .any(|run| run.tree == of.tree && run.at_ms >= state.at_ms && run.at_ms <= at);
    if !state.whole || rewritten || newer || ran {
        return None;
    }
    let step = &known.evidence.steps[state.step as usize];
    let session = &known.evidence.sessions[step.session as usize];
    let words = format!(
        "{} left the file without it in {}, and no session ran a command that could have written it since",
        session.agent, step.event
    );
    Some((0.75, words))
}

/// No session worked in the repository while the commit was made, though sessions
/// are known from before the file was last committed. A file that is new may have
/// lain there since before them.
fn nobody_else(open: &Open<'_>, known: &Known<'_>) -> Option<(f32, String)> {
    let maker = &open.version.maker;
    let since = known.activity.since_ms?;
    // Clocks differ, and a command may have written what no session shows.
    let (from, to) = (
        maker.parent_ms.saturating_sub(SKEW_MS),
        maker.at_ms.saturating_add(SKEW_MS),
    );
    let mut runs = known.replayed.opaque.iter();
    let ran = runs.any(|run| (from..=to).contains(&run.at_ms));
    let alone =
        since <= maker.file_ms? && !ran && !known.activity.any_within(maker.parent_ms, maker.at_ms);
    alone.then(|| {
        (
            0.6,
            "no session worked here between this commit and the one before".to_owned(),
        )
    })
}
