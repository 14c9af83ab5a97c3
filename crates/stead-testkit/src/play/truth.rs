//! What a tracer may say of a line, made from whose the line is. What it does
//! say is counted in `score`.

use super::line::{Identity, Line, SessionKey, Who, is_trivial};

/// Where a line comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// An agent wrote it in a session.
    Agent,
    /// A person typed it.
    Human,
    /// An agent wrote it and a person changed it, or the reverse.
    Mixed,
    /// Nobody can say from what is on this machine.
    Unknown,
}

/// An answer that is right: the origin, and the session where that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Right {
    /// The origin.
    pub origin: Origin,
    /// The session that has a part in it; of `Mixed`, an answer may name none.
    pub session: Option<SessionKey>,
}

/// What is true of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// The best answer.
    pub best: Right,
    /// Others that are not wrong.
    pub also: Vec<Right>,
    /// Whether it is counted.
    pub counts: bool,
}

/// A line as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrueLine {
    /// Its text.
    pub text: String,
    /// What is true of it.
    pub truth: Truth,
}

/// What the truth of a line depends on besides its identity.
#[derive(Debug)]
pub(super) struct Remains<'s> {
    /// Sessions whose files are gone.
    pub(super) deleted: &'s [SessionKey],
    /// When the first session of the repository began that is still there.
    pub(super) since: Option<i64>,
    /// Subagents with the sessions that started them.
    pub(super) tasks: Vec<(SessionKey, SessionKey)>,
    /// Blank lines count too.
    pub(super) blanks_count: bool,
}

const fn right(origin: Origin, session: Option<SessionKey>) -> Right {
    Right { origin, session }
}

const UNKNOWN: Right = right(Origin::Unknown, None);
const HUMAN: Right = right(Origin::Human, None);

impl Remains<'_> {
    /// What is true of a line.
    pub(super) fn line(&self, line: &Line) -> TrueLine {
        let (best, mut also) = self.of(&line.identity);
        if let Some(carrier) = line.identity.carried
            && !self.deleted.contains(&carrier)
        {
            also.push(right(Origin::Agent, Some(carrier)));
            also.push(right(Origin::Mixed, Some(carrier)));
        }
        let parents = self.tasks.iter();
        let parent = parents.filter(|(child, _)| best.session == Some(*child));
        also.extend(parent.map(|(_, parent)| right(best.origin, Some(*parent))));
        let counts = !line.identity.unsure && (self.blanks_count || !is_trivial(&line.text));
        let truth = Truth { best, also, counts };
        TrueLine {
            text: line.text.clone(),
            truth,
        }
    }

    fn of(&self, identity: &Identity) -> (Right, Vec<Right>) {
        let agent = |key| right(Origin::Agent, Some(key));
        let mixed = |key| right(Origin::Mixed, Some(key));
        let gone = |key: SessionKey| self.deleted.contains(&key);
        match (identity.who, identity.changed) {
            (Who::Agent(key), None) if !gone(key) => (agent(key), vec![]),
            (Who::Agent(key), Some(Who::Human | Who::Colleague)) if !gone(key) => {
                (mixed(key), vec![])
            }
            (Who::Human, Some(Who::Agent(key))) if !gone(key) => (mixed(key), vec![agent(key)]),
            (Who::Colleague, Some(Who::Agent(key))) if !gone(key) => (agent(key), vec![mixed(key)]),
            (Who::Human, None) => (HUMAN, self.forgiven(identity)),
            (Who::Program(key), None) if !gone(key) => (UNKNOWN, vec![agent(key)]),
            (Who::Human | Who::Program(_) | Who::Agent(_), Some(Who::Human | Who::Colleague))
            | (Who::Colleague, Some(Who::Human)) => {
                (UNKNOWN, vec![HUMAN, right(Origin::Mixed, None)])
            }
            _ => (UNKNOWN, vec![]),
        }
    }

    /// Before the first session that is left nothing tells a person from an
    /// agent whose sessions are gone.
    fn forgiven(&self, identity: &Identity) -> Vec<Right> {
        match self.since {
            Some(since) if identity.at >= since => vec![],
            _ => vec![UNKNOWN],
        }
    }
}
