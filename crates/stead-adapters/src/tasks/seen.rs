//! Records of the interface that speak of a tool: found again among the calls of
//! the reply, or calls themselves where the reply is not in the store.

use stead_usf::{Edit, EditOperation, Event, EventType, Raw, Tool, ToolKind};

use super::kept::keep;
use super::pieces::Piece;
use super::shown::Shown;
use super::{edits, tools};
use crate::container::json::{Object, string};
use crate::diff::hunks;
use crate::extra;

/// Fields of a tool's record that repeat what the call or its answer says.
const COPIES: &[&str] = &[
    "tool",
    "path",
    "content",
    "diff",
    "regex",
    "filePattern",
    "query",
    "question",
    "options",
    "response",
    "prompts",
    "mode",
    "todos",
    "skill",
    "type",
    "serverName",
    "toolName",
    "arguments",
    "uri",
    "batchFiles",
    "batchDiffs",
    "diffStats",
    "startLineNumbers",
    "readLineStart",
    "readLineEnd",
    "reason",
    "operationIsLocatedInWorkspace",
    "isOutsideWorkspace",
    "isProtected",
];

/// What the record's tool does.
pub(super) fn kind(shown: &Shown<'_>) -> ToolKind {
    tools::shown_kind(&name(shown))
}

/// The interface's own name of the tool.
fn name(shown: &Shown<'_>) -> String {
    let tool = shown
        .details()
        .and_then(|mut details| details.string("tool"));
    tool.filter(|tool| !tool.is_empty())
        .unwrap_or_else(|| shown.kind.clone())
}

/// The call that a record of a tool speaks of: the first that no record spoke of
/// yet, else the last.
pub(super) fn call(pieces: &[Piece], kind: ToolKind) -> Option<usize> {
    let fits = |piece: &Piece| {
        let tool = piece.event.tool.as_ref();
        piece.event.kind == EventType::ToolCall
            && tool.is_some_and(|tool| tools::fits(kind, tool.kind))
    };
    let fresh = pieces.iter().position(|piece| !piece.shown && fits(piece));
    fresh.or_else(|| pieces.iter().rposition(fits))
}

/// Takes over what the record knows of the call, besides its time.
pub(super) fn describe(event: &mut Event, shown: &Shown<'_>) {
    let Some(mut details) = shown.details() else {
        return;
    };
    let word = details.peek("tool").and_then(string).unwrap_or_default();
    if let [edit] = event.edits.as_mut_slice() {
        if word == "newFileCreated" && edit.operation == EditOperation::Write {
            edit.operation = EditOperation::Create;
        }
        if edit.hunks.is_empty() {
            edit.hunks = diff_of(&details);
        }
    }
    details.ignore(COPIES);
    keep(event, "shown", details.rest().as_ref());
}

/// The diff that a record of a file change holds.
fn diff_of(details: &Object<'_>) -> Vec<stead_usf::Hunk> {
    ["content", "diff"]
        .iter()
        .filter_map(|name| details.peek(name).and_then(string))
        .map(|text| hunks(&text))
        .find(|hunks| !hunks.is_empty())
        .unwrap_or_default()
}

/// Makes an event the call that the record shows.
pub(super) fn make_call(event: &mut Event, shown: &Shown<'_>) {
    let name = name(shown);
    event.tool = Some(Tool::new(name.clone(), tools::shown_kind(&name)));
    let text = shown.text.as_deref().unwrap_or_default();
    let Some(details) = shown.details() else {
        let field = if shown.kind == "command" {
            "command"
        } else {
            "text"
        };
        let text = Raw::of(text).ok();
        event.input = text.and_then(|text| extra::with(None, &[(field, Some(text.json()))]));
        return;
    };
    event.edits = changes(&name, &details);
    event.input = Raw::parse(text).ok();
}

/// The file changes that a record shows.
pub(super) fn changes(name: &str, details: &Object<'_>) -> Vec<Edit> {
    let text = |field| details.peek(field).and_then(string);
    let is_change = matches!(tools::shown_kind(name), ToolKind::Write | ToolKind::Edit);
    let path = text("path").filter(|path| is_change && !path.is_empty());
    let Some(path) = path else { return Vec::new() };
    let created = name == "newFileCreated";
    let hunks = diff_of(details);
    if !hunks.is_empty() {
        let operation = if created {
            EditOperation::Create
        } else {
            EditOperation::Modify
        };
        return vec![Edit {
            hunks,
            ..Edit::new(path, operation)
        }];
    }
    if matches!(name, "fileDeleted" | "deleteFile") {
        return vec![Edit::new(path, EditOperation::Delete)];
    }
    for field in ["diff", "content"] {
        let blocks = text(field).map(|diff| edits::blocks(&path, &diff));
        if let Some(blocks) = blocks.filter(|blocks| !blocks.is_empty()) {
            return blocks;
        }
    }
    match text("content") {
        Some(content) if created => vec![Edit {
            operation: EditOperation::Create,
            ..Edit::write(path, content)
        }],
        _ => vec![Edit::new(path, EditOperation::Modify)],
    }
}
