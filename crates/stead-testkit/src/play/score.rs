//! Counts how right a tracer's answers are. It asks for answers and compares;
//! how they were found is not its business.

use std::ops::AddAssign;

use super::played::{Asked, Played};
use super::truth::{Origin, Right, TrueLine};

/// What a tracer says of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Where the line comes from.
    pub origin: Origin,
    /// The session: the agent's own id, or `agent:id`.
    pub session: Option<String>,
}

impl Answer {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self {
        origin: Origin::Unknown,
        session: None,
    };

    /// A person wrote it.
    pub const HUMAN: Self = Self {
        origin: Origin::Human,
        session: None,
    };

    /// A session wrote it.
    pub fn agent(session: &str) -> Self {
        Self {
            origin: Origin::Agent,
            session: Some(session.to_owned()),
        }
    }
}

/// How many, of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Those that are right.
    pub right: usize,
    /// All of them.
    pub all: usize,
}

impl Share {
    const fn add(&mut self, right: bool) {
        self.all += 1;
        self.right += right as usize;
    }

    /// The quotient, 1 where there is none to count.
    pub fn rate(self) -> f64 {
        if self.all == 0 {
            return 1.0;
        }
        self.right as f64 / self.all as f64
    }
}

impl AddAssign for Share {
    fn add_assign(&mut self, other: Self) {
        self.right += other.right;
        self.all += other.all;
    }
}

/// The counts of some answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines that are counted.
    pub lines: usize,
    /// Lines of agents, of which the right session was named.
    pub agent_recall: Share,
    /// Lines said to be an agent's, of which this is not wrong.
    pub agent_precision: Share,
    /// Lines of people, of which this was said.
    pub human_recall: Share,
    /// Lines said to be a person's, of which this is not wrong.
    pub human_precision: Share,
    /// Lines of two, of which this was said.
    pub mixed_recall: Share,
    /// Lines given to a session of another repository, or to none that exists;
    /// trivial lines too.
    pub foreign: usize,
    /// Lines that nobody can know, said to be a person's.
    pub unknown_as_human: usize,
    /// Lines that nobody can know.
    pub unknown: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.lines += other.lines;
        self.agent_recall += other.agent_recall;
        self.agent_precision += other.agent_precision;
        self.human_recall += other.human_recall;
        self.human_precision += other.human_precision;
        self.mixed_recall += other.mixed_recall;
        self.foreign += other.foreign;
        self.unknown_as_human += other.unknown_as_human;
        self.unknown += other.unknown;
    }
}

/// An answer that was not right.
#[derive(Debug, Clone)]
pub struct Miss {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// Its text.
    pub text: String,
    /// What was said.
    pub said: Answer,
    /// The best answer: origin, and the session's own id.
    pub best: (Origin, Option<String>),
    /// It is wrong, and not only less than could be said.
    pub wrong: bool,
}

/// Counts the answers to all that is asked. Lines without an answer count as
/// unknown.
pub fn score(played: &Played, answers: impl FnMut(&Asked) -> Vec<Answer>) -> Tally {
    judge(played, answers).0
}

/// The same, with every answer that was not right.
pub fn judge(
    played: &Played,
    mut answers: impl FnMut(&Asked) -> Vec<Answer>,
) -> (Tally, Vec<Miss>) {
    let mut tally = Tally::default();
    let mut misses = Vec::new();
    for asked in &played.asked {
        let answers = answers(asked);
        for (place, line) in asked.lines.iter().enumerate() {
            let said = answers.get(place).unwrap_or(&Answer::UNKNOWN);
            if let Some(wrong) = count(played, asked, line, said, &mut tally) {
                let best = line.truth.best;
                let session = best.session.map(|key| played.session(key));
                misses.push(Miss {
                    path: asked.path.clone(),
                    line: place + 1,
                    text: line.text.clone(),
                    said: said.clone(),
                    best: (
                        best.origin,
                        session.map(|session| session.native_id.clone()),
                    ),
                    wrong,
                });
            }
        }
    }
    (tally, misses)
}

/// Counts one answer. `Some` if it is not right: whether it is wrong.
fn count(
    played: &Played,
    asked: &Asked,
    line: &TrueLine,
    said: &Answer,
    tally: &mut Tally,
) -> Option<bool> {
    let session = said.session.as_deref();
    let named = session.map(|id| played.by_id(id));
    let foreign = named.is_some_and(|session| {
        session.is_none_or(|session| session.repository != asked.repository)
    });
    tally.foreign += usize::from(foreign);
    if !line.truth.counts {
        return foreign.then_some(true);
    }
    tally.lines += 1;
    let key = named.flatten().map(|session| session.key);
    let fits = |right: &Right| {
        let same = right.session == key || (right.origin == Origin::Mixed && key.is_none());
        right.origin == said.origin && (same || right.session.is_none()) && !foreign
    };
    let best = fits(&line.truth.best);
    let fine = best || line.truth.also.iter().any(fits);
    // To say less than is known is no mistake where that is among the answers,
    // but no merit either.
    let passed = fine && said.origin == Origin::Unknown;
    match line.truth.best.origin {
        Origin::Agent if !passed => tally.agent_recall.add(fine),
        Origin::Human if !passed => tally.human_recall.add(fine),
        Origin::Mixed if !passed => tally.mixed_recall.add(fine),
        Origin::Unknown => {
            tally.unknown += 1;
            tally.unknown_as_human += usize::from(said.origin == Origin::Human && !fine);
        }
        _ => {}
    }
    match said.origin {
        Origin::Agent => tally.agent_precision.add(fine),
        Origin::Human => tally.human_precision.add(fine),
        _ => {}
    }
    (!fine).then_some(said.origin != Origin::Unknown)
}
