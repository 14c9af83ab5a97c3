//! Calls that wait for their results.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use stead_usf::{Event, ToolKind};

use super::tree::digest;
use crate::container::json::{Object, string};

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

/// All calls without a result, by their ids.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Calls(BTreeMap<String, Call>);

impl Calls {
    /// Takes in a call.
    pub(super) fn open(&mut self, talk: u32, event: &Event) {
        let Some(id) = &event.call_id else { return };
        let kind = event.tool.as_ref().map(|tool| tool.kind);
        let call = Call {
            talk,
            event: event.id.clone(),
            edits: matches!(kind, Some(ToolKind::Edit | ToolKind::Write)),
            task: (kind == Some(ToolKind::Task))
                .then(|| task(event))
                .flatten(),
        };
        // Of calls with the same id the first keeps it.
        self.0.entry(id.clone()).or_insert(call);
    }

    /// The call that a result answers; it is answered then.
    pub(super) fn close(&mut self, id: &str, talk: u32) -> Option<Call> {
        if self.0.get(id)?.talk != talk {
            return None;
        }
        self.0.remove(id)
    }

    /// The call that started a subagent with this prompt, and what it is
    /// about: the one with the same words, or the only one there is.
    pub(super) fn started(&mut self, prompt: &RawValue) -> Option<(String, Option<String>)> {
        let wanted = string(prompt).map(|text| digest(&text));
        let mut free: Vec<_> = self
            .0
            .iter_mut()
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

fn task(event: &Event) -> Option<Task> {
    let input: &RawValue = event.input.as_ref()?.to().ok()?;
    let mut input = Object::of(input)?;
    Some(Task {
        prompt: digest(&input.text("prompt")?),
        description: input.string("description"),
        taken: false,
    })
}
