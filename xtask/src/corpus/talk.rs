//! The course of one session: turns until it is as long as planned, with the
//! rewind, the subagent and the needle that the plan has for it.

use anyhow::Result;

use super::opencode_store::new_id;
use super::plan::{Agent, NEW_CLAUDE, Planned, Start};
use super::rng::Rng;
use super::script::Author;
use super::sink::{Sink, Written};
use super::step::{Call, Step};
use super::truth::Needle;

/// A subagent that a session has started.
pub(super) struct Child {
    pub(super) start: Start,
    pub(super) bytes: u64,
}

/// One session in the making.
pub(super) struct Talk<'a> {
    author: Author<'a>,
    sink: Box<dyn Sink + 'a>,
    /// For ids and other noise, apart from the author's: the text does not
    /// depend on the agent.
    ids: Rng,
    planned: &'a Planned,
    start: &'a Start,
    needle: Option<&'a Needle>,
    at: i64,
    pub(super) prompts: u64,
    pub(super) rewound: u64,
    pub(super) child: Option<Child>,
}

impl<'a> Talk<'a> {
    pub(super) fn new(
        author: Author<'a>,
        sink: Box<dyn Sink + 'a>,
        ids: Rng,
        planned: &'a Planned,
        start: &'a Start,
        needle: Option<&'a Needle>,
    ) -> Self {
        let at = start.at;
        Self {
            author,
            sink,
            ids,
            planned,
            start,
            needle,
            at,
            prompts: 0,
            rewound: 0,
            child: None,
        }
    }

    /// Turns until the session has `target` bytes.
    pub(super) fn go_on(&mut self, target: u64) {
        // OpenCode deletes what was undone when the next prompt comes.
        let undo_ends = self.planned.agent == Agent::Opencode;
        loop {
            self.turn(target);
            let full = self.sink.bytes() >= target;
            let may = self.planned.rewind && self.rewound == 0 && self.prompts > 1;
            if may && (full || !undo_ends) {
                self.sink.rewind(&mut self.ids, self.at);
                self.rewound = 1;
                if undo_ends {
                    return;
                }
            } else if full && (self.prompts > 1 || !self.planned.rewind) {
                return;
            }
        }
    }

    fn turn(&mut self, target: u64) {
        let task = self.start.parent.is_some();
        let mut text = self.author.text(if task { "reason" } else { "prompt" });
        if let Some(needle) = self.plant("prompt").filter(|_| self.prompts == 0) {
            text.push(' ');
            text.push_str(&needle.text);
        }
        let began = self.at;
        self.sink.prompt(&mut self.ids, &text, began);
        self.prompts += 1;
        let steps = 1 + self.author.rng.below(5) + self.author.rng.below(5);
        for i in 0.. {
            let room = target.saturating_sub(self.sink.bytes());
            let last = i >= steps || (room < 4_000 && i > 0);
            let step = self.next_step(i, last);
            let call_id = self.sink.step(&mut self.ids, &step, self.at);
            if let Some(Call::Agent { child, what, .. }) = &step.call {
                let start = Start {
                    id: child.clone(),
                    at: self.at + 800,
                    title: format!("{what} (@general subagent)"),
                    parent: Some(self.start.id.clone()),
                    call_id,
                    fork: None,
                    ..self.start.clone()
                };
                self.child = Some(Child {
                    start,
                    bytes: (target / 3).max(4_000),
                });
            }
            self.at += step.ms + 200;
            if step.last() {
                break;
            }
        }
        self.sink.end_turn(&mut self.ids, self.at, self.at - began);
        self.at += self.author.rng.range(5_000, 600_000) as i64;
    }

    /// The needle, when it is for the first turn and this place.
    fn plant(&self, place: &str) -> Option<&'a Needle> {
        self.needle
            .filter(|n| n.place == place && self.prompts <= 1)
    }

    fn next_step(&mut self, i: usize, last: bool) -> Step {
        let first = self.prompts == 1;
        if first && i == 0 && self.planned.child {
            let rng = &mut self.author.rng;
            let id = match self.planned.agent {
                Agent::ClaudeCode if self.planned.age < NEW_CLAUDE => rng.hex(7),
                Agent::ClaudeCode => format!("a{}", rng.hex(16)),
                Agent::Codex => rng.uuid7(self.at),
                Agent::Opencode => new_id(rng, "ses", self.at, &mut 7),
            };
            return self.author.hand_over(&id);
        }
        let mut step = self.author.step(last);
        if let Some(needle) = self.plant("output").filter(|_| first && i == 1) {
            let output = format!("# notes\n{}\n", needle.text);
            let (command, what) = ("cat notes.txt".to_owned(), "Read the notes".to_owned());
            step.call = Some(Call::Bash {
                command,
                what,
                output,
                exit: 0,
            });
        }
        if let (Some(needle), Some(say)) = (
            self.plant("answer").filter(|_| first && last),
            &mut step.say,
        ) {
            say.push(' ');
            say.push_str(&needle.text);
        }
        step
    }

    pub(super) fn close(self) -> Result<Written> {
        self.sink.close(self.at)
    }
}
