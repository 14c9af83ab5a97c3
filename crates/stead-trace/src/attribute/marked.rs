//! What a commit itself says of lines that no session shows.

use super::{Known, Mark, Open, WRONG_CLOCK_MS};
use crate::origin::{Finding, Origin};

/// How much an agent's signature on a commit of nothing but its own changes is
/// worth: what it says of itself is likely, and nothing else shows it.
const SIGNED: f32 = 0.7;

/// The answer for a line that is not explained by anything else.
pub(super) fn by_commit(open: &Open<'_>, known: &Known<'_>, line: usize) -> Finding {
    let Some(mark) = &open.version.maker.marked else {
        let words = if open.outside[line] {
            "it was there when a session first met it"
        } else {
            "no session shows who wrote it"
        };
        return Finding::unknown(words);
    };
    let session = signed(open, known, mark);
    if !mark.whole {
        return Finding::unknown(format!("{}, but no session shows this line", mark.words));
    }
    // Where the agent's own sessions of that time are known, what they do not have
    // is somebody else's: some agents commit what they find before they begin.
    if session.is_none() && was_here(open, known, mark) {
        return Finding::unknown(format!(
            "{}, but its sessions of that time do not have this line",
            mark.words
        ));
    }
    let origin = Origin::Marked {
        agent: Some(mark.agent.clone()),
        model: mark.model.clone(),
        session,
    };
    Finding::new(origin, SIGNED, mark.words.clone())
}

/// The session that says it made the commit, by its whole id.
fn signed(open: &Open<'_>, known: &Known<'_>, mark: &Mark) -> Option<String> {
    let commit = &open.version.maker.commit;
    let mut sessions = known.evidence.sessions.iter();
    let made = |name: &String| !commit.is_empty() && commit.starts_with(name.as_str());
    let session =
        sessions.find(|session| session.agent == mark.agent && session.commits.iter().any(made))?;
    Some(session.id.clone())
}

fn was_here(open: &Open<'_>, known: &Known<'_>, mark: &Mark) -> bool {
    let at = open.version.maker.at_ms;
    let mut sessions = known.evidence.sessions.iter();
    sessions.any(|session| {
        let span = session.from_ms.zip(session.to_ms);
        let near = span.is_some_and(|(from, to)| {
            from - WRONG_CLOCK_MS <= at && at <= to.saturating_add(WRONG_CLOCK_MS)
        });
        session.agent == mark.agent && near
    })
}
