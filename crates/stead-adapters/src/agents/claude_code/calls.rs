//! Calls that wait for their results.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use stead_usf::{Event, ToolKind};

use super::tree::digest;
use crate::container::json::{Object, string};
use crate::early::Early;

/// A call without a result yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Call {
    pub(super) talk: u32,
    /// The event of the call.
    pub(super) event: String,
    /// It changes a file.
    pub(super) edits: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task: Option<Task>,
}

/// What a subagent was started for.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Task {
    /// Digest of the prompt.
    prompt: u64,
    description: Option<String>,
    /// A subagent was found for it.
    taken: bool,
}

/// All calls without a result, by their ids. Some providers use ids again.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Calls {
    open: BTreeMap<String, Vec<Call>>,
    early: Early,
}

impl Calls {
    /// Takes in a call, and ties it to its result if that stands before it.
    pub(super) fn open(&mut self, talk: u32, event: &mut Event) {
        let Some(id) = &event.call_id else { return };
        event.result = self.early.call(&key(talk, id));
        if event.result.is_some() {
            return;
        }
        let kind = event.tool.as_ref().map(|tool| tool.kind);
        let call = Call {
            talk,
            event: event.id.clone(),
            edits: matches!(kind, Some(ToolKind::Edit | ToolKind::Write)),
            task: (kind == Some(ToolKind::Task))
                .then(|| task(event))
                .flatten(),
        };
        self.open.entry(id.clone()).or_default().push(call);
    }

    /// The call that the result `event` answers: the last one of the talk with
    /// its id. It is answered then.
    pub(super) fn close(&mut self, id: &str, talk: u32, event: &str) -> Option<Call> {
        let same = self.open.get_mut(id);
        let place = same
            .as_ref()
            .and_then(|calls| calls.iter().rposition(|call| call.talk == talk));
        let (Some(calls), Some(place)) = (same, place) else {
            self.early.result(&key(talk, id), event);
            return None;
        };
        let call = calls.remove(place);
        if calls.is_empty() {
            self.open.remove(id);
        }
        Some(call)
    }

    /// The call that started a subagent with this prompt, and what it is
    /// about: the one with the same words, or the only one there is.
    pub(super) fn started(&mut self, prompt: &RawValue) -> Option<(String, Option<String>)> {
        let wanted = string(prompt).map(|text| digest(&text));
        let mut free: Vec<_> = self
            .open
            .iter_mut()
            .flat_map(|(id, calls)| calls.iter_mut().map(move |call| (id, call)))
            .filter_map(|(id, call)| Some((id, call.task.as_mut()?)))
            .filter(|(_, task)| !task.taken)
            .collect();
        let same = free
            .iter()
            .position(|(_, task)| Some(task.prompt) == wanted);
        let place = same.or((free.len() == 1).then_some(0))?;
        let (id, task) = free.swap_remove(place);
        task.taken = true;
        Some((id.clone(), task.description.clone()))
    }
}

/// A call's id within its talk.
fn key(talk: u32, id: &str) -> String {
    format!("{talk}/{id}")
}

fn task(event: &Event) -> Option<Task> {
    let input: &RawValue = event.input.as_ref()?.to().ok()?;
    let mut input = Object::of(input)?;
    Some(Task {
        prompt: digest(&input.text("prompt")?),
        description: input.string("description"),
        taken: false,
    })
}
