//! Lines counted by who wrote them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Line;
use super::writer::{Kind, Writer};

/// What a model is called that nothing names.
pub const NO_MODEL: &str = "unknown";

/// How many lines are from whom.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// All lines.
    pub lines: u64,
    /// Lines that an agent wrote.
    pub agent: u64,
    /// Lines that a person wrote.
    pub human: u64,
    /// Lines of an agent that somebody changed.
    pub mixed: u64,
    /// Lines of which nobody can tell.
    pub unknown: u64,
    /// The agents' lines by agent.
    pub agents: BTreeMap<String, u64>,
    /// The agents' lines by model.
    pub models: BTreeMap<String, u64>,
}

impl Share {
    /// Counts one line.
    pub fn add(&mut self, writer: &Writer<'_>) {
        self.count(writer.kind, writer.agent, writer.model);
    }

    /// The count of some lines.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Self {
        let mut share = Self::default();
        for line in lines {
            share.count(line.origin, line.agent.as_deref(), line.model.as_deref());
        }
        share
    }

    fn count(&mut self, kind: Kind, agent: Option<&str>, model: Option<&str>) {
        self.lines += 1;
        match kind {
            Kind::Human => self.human += 1,
            Kind::Mixed => self.mixed += 1,
            Kind::Unknown => self.unknown += 1,
            Kind::Agent => {
                self.agent += 1;
                one_more(&mut self.agents, agent.unwrap_or(NO_MODEL), 1);
                one_more(&mut self.models, model.unwrap_or(NO_MODEL), 1);
            }
        }
    }

    /// Adds the lines of another count.
    pub fn absorb(&mut self, other: &Self) {
        self.lines += other.lines;
        self.agent += other.agent;
        self.human += other.human;
        self.mixed += other.mixed;
        self.unknown += other.unknown;
        for (agent, lines) in &other.agents {
            one_more(&mut self.agents, agent, *lines);
        }
        for (model, lines) in &other.models {
            one_more(&mut self.models, model, *lines);
        }
    }

    /// The parts with their lines, the largest first: agents by name, then
    /// `human`, `mixed`, `unknown`. Parts without a line are left out.
    pub fn parts(&self) -> Vec<(&str, u64)> {
        let mut parts: Vec<(&str, u64)> = self
            .agents
            .iter()
            .map(|(agent, lines)| (agent.as_str(), *lines))
            .collect();
        parts.sort_by_key(|(_, lines)| std::cmp::Reverse(*lines));
        let others = [
            (Kind::Human, self.human),
            (Kind::Mixed, self.mixed),
            (Kind::Unknown, self.unknown),
        ];
        parts.extend(others.map(|(kind, lines)| (kind.as_str(), lines)));
        parts.retain(|(_, lines)| *lines > 0);
        parts
    }

    /// The parts in words: `60 % claude-code, 40 % unknown`.
    pub fn words(&self) -> String {
        let parts = self.parts().into_iter();
        let parts = parts.map(|(name, lines)| format!("{} {name}", percent(lines, self.lines)));
        parts.collect::<Vec<_>>().join(", ")
    }
}

/// A part in whole percent; `<1 %` and `>99 %` where rounding would say none or all.
pub fn percent(part: u64, whole: u64) -> String {
    let exact = part as f64 * 100.0 / whole.max(1) as f64;
    match part {
        0 => "0 %".into(),
        _ if exact < 0.5 => "<1 %".into(),
        _ if part < whole && exact >= 99.5 => ">99 %".into(),
        _ => format!("{exact:.0} %"),
    }
}

fn one_more(counts: &mut BTreeMap<String, u64>, name: &str, lines: u64) {
    match counts.get_mut(name) {
        Some(count) => *count += lines,
        None => {
            counts.insert(name.to_owned(), lines);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Share, percent};

    #[test]
    fn percents_never_say_none_or_all_of_a_part() {
        for (part, whole, words) in [
            (0, 5, "0 %"),
            (1, 1000, "<1 %"),
            (999, 1000, ">99 %"),
            (5, 5, "100 %"),
            (1, 3, "33 %"),
            (0, 0, "0 %"),
        ] {
            assert_eq!(percent(part, whole), words);
        }
    }

    #[test]
    fn the_largest_agent_comes_first_and_unknown_last() {
        let share = Share {
            lines: 10,
            agent: 5,
            human: 1,
            unknown: 4,
            agents: [("aider".to_owned(), 2), ("codex".to_owned(), 3)].into(),
            ..Share::default()
        };
        assert_eq!(
            share.words(),
            "30 % codex, 20 % aider, 10 % human, 40 % unknown"
        );
        let mut twice = share.clone();
        twice.absorb(&share);
        assert_eq!(twice.words(), share.words());
        assert_eq!((twice.lines, twice.agents["codex"]), (20, 6));
    }
}
