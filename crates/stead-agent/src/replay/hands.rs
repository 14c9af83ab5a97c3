//! The hands of a session that runs again: those of any session, but for calls that are not
//! made again, or of which nobody knows how they would have ended.

use std::cell::RefCell;
use std::collections::HashMap;

use stead_llm::{CancellationToken, ToolCall, ToolSpec};
use stead_usf::{Edit, Event, ToolKind};

use super::Step;
use super::follow::Follow;
use super::given::{given, is_given, plan, unknown};
use crate::hands::Worker;
use crate::machine::Checked;
use crate::permission::Route;
use crate::run::{Front, Hands, Made};

/// Works as the worker does, and looks at the record.
pub(super) struct Again<'a, 'b> {
    pub(super) worker: &'a mut Worker,
    pub(super) follow: &'a RefCell<Follow<'b>>,
    /// What calls changed, by the event of their result.
    pub(super) edits: &'a HashMap<String, Vec<Edit>>,
}

impl Again<'_, '_> {
    /// Makes the tree hold what a call left that is not made again.
    fn changed(&mut self, made: Made, result: &Event) -> Made {
        let edits = self.edits.get(&result.id).map(Vec::as_slice);
        let plan = plan(edits.unwrap_or_default());
        // Where that cannot be, the files' states will say it.
        if self.worker.workspace.carry_out(&plan).is_err() {
            return made;
        }
        self.worker.contents.note(&plan.files);
        Made {
            changes: plan.files,
            ..made
        }
    }
}

impl Hands for Again<'_, '_> {
    fn tools(&self) -> Vec<ToolSpec> {
        self.worker.tools()
    }

    /// Tools of servers are known by the record alone.
    fn kind(&self, tool: &str) -> ToolKind {
        let follow = self.follow.borrow();
        let recorded = follow.expected.front();
        let recorded = recorded.and_then(|(event, _)| event.tool.as_ref());
        match recorded {
            Some(recorded) if recorded.name == tool => recorded.kind,
            _ => self.worker.kind(tool),
        }
    }

    fn may_leave(&mut self, to: &Route<'_>) -> Result<(), String> {
        self.worker.may_leave(to)
    }

    fn call(&mut self, call: &ToolCall, front: &mut dyn Front, cancel: &CancellationToken) -> Made {
        let given = {
            let mut follow = self.follow.borrow_mut();
            let Some((event, step)) = follow.expected.front().cloned() else {
                follow.ends();
                return unknown(call);
            };
            let is_last = follow.is_last_before_interruption();
            let is_given = is_last || is_given(call, follow.kind, &event);
            let given = is_given.then(|| given(call, &event, &step)).flatten();
            follow.given += usize::from(given.is_some());
            given.map(|given| (given, event))
        };
        match given {
            Some((made, result)) => self.changed(made, &result),
            None => self.worker.call(call, front, cancel),
        }
    }

    fn help(&mut self, begins: bool) {
        self.worker.help(begins);
    }

    fn check(
        &mut self,
        command: &str,
        front: &mut dyn Front,
        cancel: &CancellationToken,
    ) -> Checked {
        let known = {
            let mut follow = self.follow.borrow_mut();
            let output = String::new();
            let (command, is_stopped) = (command.to_owned(), follow.is_last_before_interruption());
            match follow.next().cloned() {
                None => {
                    follow.ends();
                    let ok = false;
                    Some(Checked {
                        command,
                        ok,
                        output,
                    })
                }
                Some(Step::Check { ok, .. }) if is_stopped => Some(Checked {
                    command,
                    ok,
                    output,
                }),
                Some(_) => None,
            }
        };
        known.unwrap_or_else(|| self.worker.check(command, front, cancel))
    }
}
