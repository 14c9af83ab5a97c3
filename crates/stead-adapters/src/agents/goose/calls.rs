//! Calls and their results: paired by id, in whatever order they stand.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;
use stead_usf::{Edit, EditOperation, Event, EventType};

use crate::early::Early;
use crate::{Amendment, Output, Slot};

/// The calls of a session that have no result yet, and results without a call.
#[derive(Debug, Default)]
pub(super) struct Calls {
    open: FxHashMap<String, VecDeque<Open>>,
    early: Early,
}

#[derive(Debug)]
struct Open {
    event: String,
    /// A file that is written whole, of which the result says whether it is new.
    written: Option<Edit>,
}

impl Calls {
    /// Puts a call or a result out, tied to what is there of the other.
    pub(super) fn put(&mut self, output: &mut Output<'_>, slot: Slot, mut event: Event) {
        let Some(id) = event.call_id.clone() else {
            output.event(slot, event);
            return;
        };
        match event.kind {
            EventType::ToolCall => {
                event.result = self.early.call(&id);
                if event.result.is_none() {
                    let written = match event.edits.as_slice() {
                        [one] if one.operation == EditOperation::Write => Some(one.clone()),
                        _ => None,
                    };
                    let event = event.id.clone();
                    self.open
                        .entry(id)
                        .or_default()
                        .push_back(Open { event, written });
                }
                output.event(slot, event);
            }
            EventType::ToolResult => self.result(output, slot, &id, event),
            _ => output.event(slot, event),
        }
    }

    fn result(&mut self, output: &mut Output<'_>, slot: Slot, id: &str, mut event: Event) {
        let Some(call) = self.open.get_mut(id).and_then(VecDeque::pop_front) else {
            self.early.result(id, &event.id);
            output.event(slot, event);
            return;
        };
        if self.open.get(id).is_some_and(VecDeque::is_empty) {
            self.open.remove(id);
        }
        event.parent = Some(call.event.clone());
        let created = event
            .output
            .as_deref()
            .is_some_and(|said| said.starts_with("Created "));
        let result = Amendment::Result(event.id.clone());
        output.event(slot, event);
        output.amend(slot, &call.event, &result);
        if let Some(mut edit) = call.written.filter(|_| created) {
            edit.operation = EditOperation::Create;
            output.amend(slot, &call.event, &Amendment::Edits(vec![edit]));
        }
    }
}
