//! `--json`: one object a line. `docs/reference/run-events.md` describes them.

use std::io::Write;

use serde_json::{Value, json};
use stead_agent::run::{Front, Wish, Word};
use stead_llm::Delta;
use stead_usf::Event;

use super::Watch;
use crate::cmd::run::ending::Ending;
use crate::output::Output;

/// Writes events as they come.
pub(in crate::cmd::run) struct Json {
    out: Output,
}

impl Json {
    pub(in crate::cmd::run) fn new() -> Self {
        Self {
            out: Output::plain(),
        }
    }

    /// Whether the line went out. Whoever reads may have gone; the work goes on and is on
    /// record.
    pub(super) fn line(&mut self, value: &Value) -> bool {
        let written = writeln!(self.out, "{value}");
        written.and_then(|()| self.out.flush()).is_ok()
    }

    /// A piece of an answer, if it is one that is written.
    pub(super) fn of_delta(delta: &Delta) -> Option<Value> {
        match delta {
            Delta::Text { text, .. } => Some(json!({"type": "delta", "text": text})),
            Delta::Reasoning { text, .. } if !text.is_empty() => {
                Some(json!({"type": "thought", "text": text}))
            }
            _ => None,
        }
    }
}

impl Front for Json {
    fn recorded(&mut self, event: &Event) {
        self.line(&json!({"type": "event", "event": event}));
    }

    fn delta(&mut self, delta: &Delta) {
        if let Some(value) = Self::of_delta(delta) {
            self.line(&value);
        }
    }

    fn notice(&mut self, words: &str) {
        self.line(&json!({"type": "notice", "text": words}));
    }

    fn output(&mut self, text: &str) {
        self.line(&json!({"type": "output", "text": text}));
    }

    fn typed(&mut self) -> Option<String> {
        None
    }

    fn approve(&mut self, _: &Wish) -> Word {
        Word::No(None)
    }
}

impl Watch for Json {
    fn route(&mut self, words: &str) {
        self.line(&json!({"type": "route", "text": words}));
    }

    fn end(&mut self, ending: &Ending) {
        self.line(&ending.as_json());
    }
}
