//! A helper: a part of the work in a conversation of its own. It has the session's hands,
//! policy and record; its requests are among those of the session, and its report is the
//! result of the call that asked for it. A helper has no helpers.

use std::time::Instant;

use stead_llm::Message;

use super::{Made, Runner, Who};
use crate::machine::{Limits, Outcome, State};
use crate::record::{RecordError, injected};
use crate::task::{Intent, TaskSpec};
use crate::tools::Answer;

/// What a helper is told before its goal.
const FIRST: &str = "A part of a larger task is handed to you; you see nothing of the rest. Do it with the \
                     tools, and end with a report for the agent that handed it to you: what you found or did, \
                     with paths and lines. It sees nothing else of what you do.";

/// What a helper came to, beside its report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Helped {
    /// Answers of the model that it took.
    pub(super) rounds: u32,
    /// A file is not as it was before.
    pub(super) changed: bool,
}

impl Runner<'_> {
    /// Lets a helper work at a goal, and puts its report into what was made of the call.
    pub(super) async fn help(
        &mut self,
        goal: &str,
        rounds: u32,
        made: &mut Made,
    ) -> Result<Helped, RecordError> {
        let begun = Instant::now();
        self.hands.help(true);
        self.recorder.begin_helper();
        let ended = self.helper(goal, rounds).await;
        self.recorder.end_helper();
        self.hands.help(false);
        let (state, outcome) = ended?;
        let answer = match outcome {
            Outcome::Done { summary, .. } if summary.trim().is_empty() => {
                Answer::refused("the helper ended without a report")
            }
            Outcome::Done { summary, .. } => Answer::done(summary),
            Outcome::Failed(failure) => {
                Answer::refused(format!("the helper did not come to an end: {failure}"))
            }
            Outcome::Interrupted => Answer::refused("interrupted by the user"),
            Outcome::Blocked { reason } => {
                let answer =
                    Answer::refused(format!("the helper was not allowed to go on: {reason}"));
                made.blocked = Some(reason);
                answer
            }
        };
        (made.result.text, made.result.ok) = (answer.text, answer.ok);
        made.took += begun.elapsed();
        Ok(Helped {
            rounds: state.rounds,
            changed: state.changed,
        })
    }

    async fn helper(&mut self, goal: &str, rounds: u32) -> Result<(State, Outcome), RecordError> {
        let first = format!("{FIRST}\n\n{goal}");
        self.record(vec![injected(&first, "task")])?;
        let spec = TaskSpec {
            goal: goal.to_owned(),
            // Whether a change was wanted is the session's to know.
            intent: Intent::Explain,
            ..TaskSpec::default()
        };
        let limits = Limits { rounds, repairs: 0 };
        let state = State::new(spec, vec![Message::user(first)], limits);
        Box::pin(self.work(state, Who::Helper)).await
    }
}
