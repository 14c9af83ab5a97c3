//! Calls that are not made again: their results are those of the record.

use std::time::Duration;

use stead_edit::{FilePlan, Plan};
use stead_llm::{ToolCall, ToolResult};
use stead_usf::{Edit, EditOperation, Event, ToolKind};

use super::Step;
use crate::run::Made;

/// The tool that reaches beyond the tree.
const FETCH: &str = "fetch";

/// What the result of a command says that the user ended.
const STOPPED: &str = "stopped by the user";

/// Whether a call is not made again: it reaches beyond the tree, or did not come to its own end.
pub(super) fn is_given(call: &ToolCall, kind: ToolKind, result: &Event) -> bool {
    let output = result.output.as_deref().unwrap_or_default();
    let is_stopped =
        kind == ToolKind::Shell && result.exit_code.is_none() && output.contains(STOPPED);
    kind == ToolKind::Mcp || call.name == FETCH || is_stopped
}

/// What a call changed, as far as the record has it as texts.
pub(super) fn plan(edits: &[Edit]) -> Plan {
    let bytes = |text: &Option<String>| text.clone().map(String::into_bytes);
    let files = edits.iter().filter_map(|edit| {
        let (before, after) = (bytes(&edit.before), bytes(&edit.after));
        let is_whole = match edit.operation {
            EditOperation::Create => after.is_some(),
            EditOperation::Delete => before.is_some(),
            _ => before.is_some() && after.is_some(),
        };
        is_whole.then(|| FilePlan {
            path: edit.path.clone(),
            before,
            after,
            moved_from: None,
        })
    });
    Plan {
        files: files.collect(),
        corrections: Vec::new(),
    }
}

/// The recorded result of a call, as if it had just been made.
pub(super) fn given(call: &ToolCall, event: &Event, step: &Step) -> Option<Made> {
    let Step::Result(done) = step else {
        return None;
    };
    Some(Made {
        result: ToolResult {
            id: call.id.clone(),
            name: call.name.clone(),
            text: event.output.clone().unwrap_or_default(),
            ok: done.ok,
            images: Vec::new(),
            form: call.form,
        },
        changes: Vec::new(),
        exit: done.exit.and_then(|code| i32::try_from(code).ok()),
        took: Duration::ZERO,
        decision: done.decision.clone(),
        blocked: None,
        unkept: Vec::new(),
        said: None,
        goal: None,
    })
}

/// What stands in the place of a result that nobody knows.
pub(super) fn unknown(call: &ToolCall) -> Made {
    Made {
        result: ToolResult {
            id: call.id.clone(),
            name: call.name.clone(),
            text: "the record ends here".to_owned(),
            ok: false,
            images: Vec::new(),
            form: call.form,
        },
        changes: Vec::new(),
        exit: None,
        took: Duration::ZERO,
        decision: "not made: the record ends here".to_owned(),
        blocked: None,
        unkept: Vec::new(),
        said: None,
        goal: None,
    }
}
