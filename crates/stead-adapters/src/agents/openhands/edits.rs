//! File changes: what a call asks for, and what its result knows better.

use serde_json::value::RawValue;
use stead_usf::{Edit, EditOperation, Hunk, Scope};

use crate::apply_patch;
use crate::container::json::Object;

/// The changes that a call of `tool` asks for.
pub(super) fn asked(tool: &str, input: Option<&RawValue>) -> Vec<Edit> {
    let Some(mut input) = input.and_then(Object::of) else {
        return Vec::new();
    };
    if tool == "apply_patch" {
        return input
            .text("patch")
            .map(|patch| apply_patch::edits(&patch))
            .unwrap_or_default();
    }
    let path = input.string("path").or_else(|| input.string("file_path"));
    let Some(path) = path.filter(|path| !path.is_empty()) else {
        return Vec::new();
    };
    let edit = match tool {
        "file_editor" | "str_replace_editor" | "planning_file_editor" => editor(path, &mut input),
        "edit" if input.peek("command").is_some() => editor(path, &mut input),
        "edit" => replacement(path, &mut input),
        "write" | "write_file" => input.string("content").map(|text| Edit::write(path, text)),
        // A draft with gaps: what came of it is in the result.
        "edit_file" => Some(Edit::new(path, EditOperation::Modify)),
        _ => None,
    };
    edit.into_iter().collect()
}

/// The commands of the editor.
fn editor(path: String, input: &mut Object<'_>) -> Option<Edit> {
    match input.text("command")?.as_ref() {
        "create" => Some(Edit::write(path, input.string("file_text")?)),
        "str_replace" => {
            let after = input.string("new_str").unwrap_or_default();
            Some(Edit::replace(path, input.string("old_str")?, after))
        }
        "insert" => Some(insertion(
            path,
            input.u64("insert_line"),
            input.string("new_str")?,
        )),
        "undo_edit" => Some(Edit::new(path, EditOperation::Modify)),
        _ => None,
    }
}

/// Lines that are put behind the line with this number; 0 is before the first.
fn insertion(path: String, line: Option<u64>, text: String) -> Edit {
    let hunk = line.map(|line| Hunk {
        old_start: Some(line),
        new_start: Some(line.saturating_add(1)),
        anchor: None,
        lines: text.lines().map(|line| format!("+{line}")).collect(),
    });
    Edit {
        scope: Some(Scope::Fragment),
        after: Some(text),
        hunks: hunk.into_iter().collect(),
        ..Edit::new(path, EditOperation::Modify)
    }
}

/// An empty `old_string` makes a new file. Where more than one place is expected
/// to change, all change.
fn replacement(path: String, input: &mut Object<'_>) -> Option<Edit> {
    let after = input.string("new_string")?;
    let before = input.string("old_string").unwrap_or_default();
    if before.is_empty() {
        return Some(Edit::write(path, after));
    }
    Some(Edit {
        replace_all: input.u64("expected_replacements").is_some_and(|n| n > 1),
        ..Edit::replace(path, before, after)
    })
}

/// Fields of a result that repeat the call, or that became an edit.
const OF_RESULT: &[&str] = &[
    "command",
    "path",
    "file_path",
    "prev_exist",
    "is_new_file",
    "replacements_made",
    "old_content",
    "new_content",
];

/// The change as its result knows it, where that is more than the call says:
/// whether a file that was written was there before, and what an undo brought
/// back. The fields that say so are taken.
pub(super) fn done(result: &mut Object<'_>) -> Option<Edit> {
    let command = result.string("command");
    let path = result.string("path").or_else(|| result.string("file_path"));
    let existed = result.bool("prev_exist");
    let existed = existed.or_else(|| result.bool("is_new_file").map(|new| !new));
    let (before, after) = (result.string("old_content"), result.string("new_content"));
    result.ignore(OF_RESULT);
    let operation = match (command.as_deref(), existed) {
        (Some("undo_edit"), _) => EditOperation::Modify,
        (Some("create") | None, Some(false)) => EditOperation::Create,
        (Some("create"), _) => EditOperation::Write,
        _ => return None,
    };
    Some(Edit {
        operation,
        before,
        ..Edit::write(path?, after?)
    })
}
