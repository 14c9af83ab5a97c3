//! One step of the machine.

use stead_llm::{Message, Part, Response, StopKind, ToolCall, ToolResult};

use super::{Action, Checked, Event, Failure, Outcome, Phase, State};

/// What the model is told once if it ends without a change that was asked for.
const NO_CHANGE: &str = "No file has changed, but the task asks for a change. Make it with the tools, or say why it cannot be made.";

/// What the model is told if its answer was cut off.
const CUT_OFF: &str = "Your answer was cut off because it became too long. Go on where it ended.";

impl State {
    /// The next state, and what is to be done. What does not fit the phase, such as an
    /// answer that comes after the end, changes nothing.
    pub fn step(mut self, event: Event) -> (Self, Vec<Action>) {
        let actions = match (self.phase.clone(), event) {
            (Phase::Over(_), _) => Vec::new(),
            (_, Event::Interrupted) => self.interrupted(),
            (_, Event::Said(text)) => {
                self.said.push(text);
                Vec::new()
            }
            (Phase::Calling(_), Event::Helped { rounds }) => {
                self.rounds = self.limits.rounds.min(self.rounds.saturating_add(rounds));
                Vec::new()
            }
            (Phase::Ready, Event::Begun) => self.ask(),
            (Phase::Asking, Event::Answered(response)) => self.answered(&response),
            (Phase::Asking, Event::NoAnswer(failure)) => self.end(Outcome::Failed(failure)),
            (Phase::Calling(_), Event::Called { result, changed }) => {
                self.changed |= changed;
                self.unchecked |= changed;
                self.results.push(result);
                self.next_call()
            }
            (Phase::Calling(call), Event::Blocked(reason)) => self.blocked(&call, reason),
            (Phase::Checking, Event::Checked(checks)) => self.checked(&checks),
            _ => Vec::new(),
        };
        (self, actions)
    }

    fn ask(&mut self) -> Vec<Action> {
        if self.rounds == self.limits.rounds {
            let rounds = self.rounds;
            return self.end(Outcome::Failed(Failure::Rounds { rounds }));
        }
        for text in std::mem::take(&mut self.said) {
            self.messages.push(Message::user(text));
        }
        self.rounds += 1;
        self.phase = Phase::Asking;
        vec![Action::Ask]
    }

    fn end(&mut self, outcome: Outcome) -> Vec<Action> {
        self.phase = Phase::Over(outcome.clone());
        vec![Action::End(outcome)]
    }

    fn answered(&mut self, response: &Response) -> Vec<Action> {
        if !response.parts.is_empty() {
            let parts = response.parts.clone();
            self.messages.push(Message::assistant(parts));
        }
        self.waiting = response.calls().cloned().collect();
        if !self.waiting.is_empty() {
            return self.next_call();
        }
        let stop = response.stop.as_ref().map(|stop| stop.kind);
        match stop {
            Some(StopKind::Refusal | StopKind::ContentFilter) => {
                let message = response.text();
                self.end(Outcome::Failed(Failure::Refused { message }))
            }
            Some(StopKind::Pause) => self.ask(),
            Some(StopKind::MaxTokens) => self.nudge(CUT_OFF),
            _ => self.finished(response.text()),
        }
    }

    /// Puts text in that nobody typed, and asks again.
    fn nudge(&mut self, text: &str) -> Vec<Action> {
        self.messages.push(Message::user(text));
        let mut actions = vec![Action::Nudge(text.to_owned())];
        actions.extend(self.ask());
        actions
    }

    /// The model says that it is done.
    fn finished(&mut self, summary: String) -> Vec<Action> {
        if !self.said.is_empty() {
            return self.ask();
        }
        if self.spec.intent.changes() && !self.changed {
            if self.nudged {
                return self.end(Outcome::Failed(Failure::NoChange { summary }));
            }
            self.nudged = true;
            return self.nudge(NO_CHANGE);
        }
        if self.unchecked && !self.spec.checks.is_empty() {
            self.phase = Phase::Checking;
            return vec![Action::Check(self.spec.checks.clone())];
        }
        self.end(Outcome::Done {
            summary,
            checked: false,
        })
    }

    fn next_call(&mut self) -> Vec<Action> {
        if let Some(call) = self.waiting.pop_front() {
            self.phase = Phase::Calling(call.clone());
            return vec![Action::Call(call)];
        }
        let results = std::mem::take(&mut self.results);
        self.messages.push(Message::results(results));
        self.ask()
    }

    fn checked(&mut self, checks: &[Checked]) -> Vec<Action> {
        self.unchecked = false;
        let failing: Vec<&Checked> = checks.iter().filter(|check| !check.ok).collect();
        if failing.is_empty() && !self.said.is_empty() {
            // What comes of these words is checked, too.
            self.unchecked = true;
            return self.ask();
        }
        if failing.is_empty() {
            let summary = self.last_words();
            return self.end(Outcome::Done {
                summary,
                checked: true,
            });
        }
        if self.repairs == self.limits.repairs {
            let failing = failing.iter().map(|check| check.command.clone());
            let failing = failing.collect();
            return self.end(Outcome::Failed(Failure::Checks { failing }));
        }
        self.repairs += 1;
        let told = failing.iter().map(|check| {
            let Checked {
                command, output, ..
            } = check;
            format!("`{command}` fails:\n{output}")
        });
        let told: Vec<String> = told.collect();
        // They run again, whether or not the model changes anything.
        self.unchecked = true;
        self.nudge(&told.join("\n\n"))
    }

    /// The model's words in its last message.
    fn last_words(&self) -> String {
        let mut words = String::new();
        let last = self.messages.last();
        for part in last.into_iter().flat_map(|message| &message.parts) {
            if let Part::Text { text, .. } = part {
                words.push_str(text);
            }
        }
        words
    }

    fn blocked(&mut self, call: &ToolCall, reason: String) -> Vec<Action> {
        self.give_up(
            call.clone(),
            "not carried out: nobody was there to allow it",
        );
        self.end(Outcome::Blocked { reason })
    }

    fn interrupted(&mut self) -> Vec<Action> {
        if let Phase::Calling(call) = self.phase.clone() {
            self.give_up(call, "interrupted by the user");
        }
        self.end(Outcome::Interrupted)
    }

    /// Answers all calls that are open: no call may be without its result when the
    /// conversation goes on.
    fn give_up(&mut self, call: ToolCall, words: &str) {
        let open = std::iter::once(call).chain(std::mem::take(&mut self.waiting));
        let results = open.map(|call| ToolResult {
            id: call.id,
            name: call.name,
            text: words.to_owned(),
            ok: false,
            images: Vec::new(),
            form: call.form,
        });
        let mut all = std::mem::take(&mut self.results);
        all.extend(results);
        self.messages.push(Message::results(all));
    }
}
