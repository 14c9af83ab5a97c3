//! Holds what happens against what is on record, step by step, and says what a person said and
//! typed then.

use std::collections::VecDeque;

use serde::Serialize;
use stead_llm::CancellationToken;
use stead_usf::{Event, EventType, ToolKind};

use super::Step;
use super::task::Watch;
use crate::hands::FOR_THE_SESSION;
use crate::machine::Outcome;
use crate::run::Word;

/// Where a session that runs again left its record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parted {
    /// The number of the step, from 1.
    pub step: usize,
    /// The event on record; absent if the record had already ended.
    pub event: Option<String>,
    /// The step in words: of a result, the call.
    pub what: String,
    /// What the record says.
    pub expected: String,
    /// What came instead.
    pub came: String,
}

/// What running a task again came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Came {
    /// All as it is on record.
    Same,
    /// All as it is on record, which ends before the task does: it was killed, or is in the
    /// middle of a call that nobody let come to its end.
    Ends,
    /// Something else.
    Parted(Parted),
}

/// Where a task stands.
pub(super) struct Follow<'a> {
    /// What is still to come.
    pub(super) expected: VecDeque<(Event, Step)>,
    /// Steps so far, those of earlier tasks too.
    pub(super) passed: usize,
    pub(super) came: Option<Came>,
    /// Calls that were not made again.
    pub(super) given: usize,
    /// The call whose result is waited for, and the kind of its tool, as they are on record.
    call: String,
    pub(super) kind: ToolKind,
    cancel: CancellationToken,
    watch: &'a mut dyn Watch,
}

impl<'a> Follow<'a> {
    pub(super) fn new(
        steps: &[(Event, Step)],
        passed: usize,
        cancel: CancellationToken,
        watch: &'a mut dyn Watch,
    ) -> Self {
        let follow = Self {
            expected: steps.iter().cloned().collect(),
            passed,
            came: None,
            given: 0,
            call: String::new(),
            kind: ToolKind::Other,
            cancel,
            watch,
        };
        follow.interrupt();
        follow
    }

    /// What comes next on record.
    pub(super) fn next(&self) -> Option<&Step> {
        self.expected.front().map(|(_, step)| step)
    }

    /// Whether what comes next is the last before the user ended the task.
    pub(super) fn is_last_before_interruption(&self) -> bool {
        self.expected
            .get(1)
            .is_some_and(|(_, step)| is_interruption(step))
    }

    /// The record ends here.
    pub(super) fn ends(&mut self) {
        self.came.get_or_insert(Came::Ends);
        self.cancel.cancel();
    }

    /// Ends the task where the user did.
    fn interrupt(&self) {
        if self.next().is_some_and(is_interruption) {
            self.cancel.cancel();
        }
    }

    /// Takes in a step that came.
    fn take(&mut self, came: &Step) {
        let Some((event, expected)) = self.expected.pop_front() else {
            return self.ends();
        };
        self.passed += 1;
        if let Step::Call { .. } = came {
            self.call = expected.words();
        }
        let is_result = matches!(expected, Step::Result(_));
        if let Some((expected_words, came)) = expected.difference(came) {
            let what = if is_result {
                self.call.clone()
            } else {
                expected.words()
            };
            self.came.get_or_insert(Came::Parted(Parted {
                step: self.passed,
                event: Some(event.id),
                what,
                expected: expected_words,
                came,
            }));
            self.cancel.cancel();
            return;
        }
        self.watch.step(self.passed, &event.id, &expected);
        self.interrupt();
    }

    /// What it came to, once nothing more happens.
    pub(super) fn over(mut self) -> (Came, usize, usize) {
        let came = self.came.take();
        let rest = self.expected.pop_front();
        let came = match (came, rest) {
            (Some(came), _) => came,
            (None, None) => Came::Same,
            (None, Some((event, expected))) => Came::Parted(Parted {
                step: self.passed + 1,
                event: Some(event.id),
                what: expected.words(),
                expected: expected.words(),
                came: "nothing".to_owned(),
            }),
        };
        (came, self.passed, self.given)
    }
}

/// Whether the user ended the task here.
pub(super) fn is_interruption(step: &Step) -> bool {
    matches!(
        step,
        Step::End {
            outcome: Outcome::Interrupted
        }
    )
}

impl Follow<'_> {
    /// Something is on record now.
    pub(super) fn recorded(&mut self, event: &Event) {
        if self.came.is_some() {
            return;
        }
        if let (EventType::ToolCall, Some((recorded, _))) = (event.kind, self.expected.front()) {
            let tool = recorded.tool.as_ref();
            self.kind = tool.map_or(ToolKind::Other, |tool| tool.kind);
        }
        if let Some(step) = Step::of(event) {
            self.take(&step);
        }
    }

    /// What the user typed then, if it was here.
    pub(super) fn typed(&self) -> Option<String> {
        match self.next()? {
            Step::Said { text } => Some(text.clone()),
            _ => None,
        }
    }

    /// What the user answered to the model's question then.
    pub(super) fn answer(&self) -> Option<String> {
        let (event, _) = self.expected.front()?;
        let extra: serde_json::Value = event.extra.as_ref()?.to().ok()?;
        extra["said"].as_str().map(str::to_owned)
    }

    /// What was said to a wish then: it stands in the decision.
    pub(super) fn approve(&self) -> Word {
        let Some(Step::Result(done)) = self.next() else {
            return Word::No(None);
        };
        let said = done.decision.as_str();
        if said.starts_with("allowed by the user, this once") {
            return Word::Once;
        }
        if said.starts_with(FOR_THE_SESSION) {
            return Word::Always;
        }
        Word::No(self.instead())
    }

    /// What the user wanted instead of a call, as the model was told.
    fn instead(&self) -> Option<String> {
        let (event, _) = self.expected.front()?;
        let (_, instead) = event.output.as_deref()?.split_once(", and says: ")?;
        Some(instead.to_owned())
    }
}
