//! Calls that are not made again: their results are those of the record.

use std::time::Duration;

use stead_llm::{ToolCall, ToolResult};
use stead_usf::{Event, ToolKind};

use super::Step;
use crate::run::Made;

/// The tool that reaches beyond the tree.
const FETCH: &str = "fetch";

/// Whether a call is not made again.
pub(super) fn is_given(call: &ToolCall, kind: ToolKind) -> bool {
    kind == ToolKind::Mcp || call.name == FETCH
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
    }
}
