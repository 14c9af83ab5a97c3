//! Counts what goes by: tokens, and what checks came to.

use serde_json::Value;
use stead_agent::machine::Checked;
use stead_agent::run::{Front, Wish, Word};
use stead_agent::tools::Question;
use stead_llm::Delta;
use stead_usf::{Event, EventType, Usage};

use super::Watch;

/// Passes everything on, and keeps what is told at the end.
pub(in crate::cmd::run) struct Seen<'a> {
    front: &'a mut dyn Watch,
    /// Tokens of all requests.
    pub(in crate::cmd::run) usage: Usage,
    /// What each check last came to after a change.
    pub(in crate::cmd::run) after: Vec<Checked>,
}

impl<'a> Seen<'a> {
    pub(in crate::cmd::run) fn new(front: &'a mut dyn Watch) -> Self {
        Self {
            front,
            usage: Usage::default(),
            after: Vec::new(),
        }
    }

    fn check(&mut self, event: &Event) {
        let extra = event.extra.as_ref().map_or("null", |extra| extra.json());
        let extra: Value = serde_json::from_str(extra).unwrap_or_default();
        let Some(command) = extra["check"].as_str().filter(|_| extra["when"] == "after") else {
            return;
        };
        self.after.retain(|check| check.command != command);
        self.after.push(Checked {
            command: command.to_owned(),
            ok: extra["ok"] == true,
            output: extra["output"].as_str().unwrap_or_default().to_owned(),
        });
    }
}

impl Front for Seen<'_> {
    fn recorded(&mut self, event: &Event) {
        if let Some(usage) = &event.usage {
            self.usage += *usage;
        }
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
