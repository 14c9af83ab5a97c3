//! File changes that calls ask for.

use serde_json::value::RawValue;
use stead_usf::{Edit, EditOperation, Hunk};

use crate::container::json::Object;
use crate::diff::hunks;

/// The changes that a call of this tool asks for.
pub(super) fn edits(tool: &str, input: Option<&RawValue>) -> Vec<Edit> {
    let tool = tool.rsplit_once("__").map_or(tool, |(_, tool)| tool);
    let Some(mut input) = input.and_then(Object::of) else {
        return Vec::new();
    };
    let Some(path) = input.string("path").filter(|path| !path.is_empty()) else {
        return Vec::new();
    };
    let edit = match tool {
        "edit" | "patch_file" => replacement(path, input.string("before"), input.string("after")),
        "write" | "write_file" => input
            .string("content")
            .map(|content| Edit::write(path, content)),
        "text_editor" | "str_replace" => command(path, &mut input),
        _ => None,
    };
    edit.into_iter().collect()
}

/// One replacement. Where nothing is to be replaced, the file is written.
fn replacement(path: String, before: Option<String>, after: Option<String>) -> Option<Edit> {
    let (before, after) = (before?, after?);
    Some(if before.is_empty() {
        Edit::write(path, after)
    } else {
        Edit::replace(path, before, after)
    })
}

/// What `text_editor` is told to do.
fn command(path: String, input: &mut Object<'_>) -> Option<Edit> {
    match input.text("command").as_deref()? {
        "write" => Some(Edit::write(path, input.string("file_text")?)),
        "str_replace" | "edit_file" => match input.text("diff") {
            Some(diff) => Some(Edit {
                hunks: hunks(&diff),
                ..Edit::new(path, EditOperation::Modify)
            }),
            None => replacement(path, input.string("old_str"), input.string("new_str")),
        },
        "insert" => {
            let line = input
                .peek("insert_line")
                .and_then(crate::container::json::count)?;
            let text = input.string("new_str")?;
            let hunk = Hunk {
                old_start: Some(line),
                new_start: line.checked_add(1),
                anchor: None,
                lines: text.lines().map(|line| format!("+{line}")).collect(),
            };
            Some(Edit {
                hunks: vec![hunk],
                ..Edit::new(path, EditOperation::Modify)
            })
        }
        "undo_edit" => Some(Edit::new(path, EditOperation::Modify)),
        _ => None,
    }
}
