//! Counts what goes by: tokens, and what checks came to.

use stead_agent::machine::Checked;
use stead_agent::run::{Front, Wish, Word};
use stead_agent::tools::Question;
use stead_llm::Delta;
use stead_usf::{Event, EventType};

use super::Watch;
use super::own::{Own, own};
use super::tally::{Prices, Tally};

/// Passes everything on, and keeps what is told at the end.
pub(in crate::cmd::run) struct Seen<'a> {
    front: &'a mut dyn Watch,
    /// Tokens of all requests, and what they cost.
    pub(in crate::cmd::run) tally: Tally,
    /// What each check last came to after a change.
    pub(in crate::cmd::run) after: Vec<Checked>,
}

impl<'a> Seen<'a> {
    pub(in crate::cmd::run) fn new(front: &'a mut dyn Watch, prices: Prices) -> Self {
        Self {
            front,
            tally: Tally::new(prices),
            after: Vec::new(),
        }
    }

    fn check(&mut self, event: &Event) {
        if let Own::Check {
            checked,
            before: false,
        } = own(event)
        {
            self.after.retain(|check| check.command != checked.command);
            self.after.push(checked);
        }
    }
}

impl Front for Seen<'_> {
    fn recorded(&mut self, event: &Event) {
        self.tally.take(event);
        if event.kind == EventType::System {
            self.check(event);
        }
        self.front.recorded(event);
    }

    fn delta(&mut self, delta: &Delta) {
        self.front.delta(delta);
    }

    fn notice(&mut self, words: &str) {
        self.front.notice(words);
    }

    fn output(&mut self, text: &str) {
        self.front.output(text);
    }

    fn typed(&mut self) -> Option<String> {
        self.front.typed()
    }

    fn ask(&mut self, question: &Question) -> Option<String> {
        self.front.ask(question)
    }

    fn approve(&mut self, wish: &Wish) -> Word {
        self.front.approve(wish)
    }
}
