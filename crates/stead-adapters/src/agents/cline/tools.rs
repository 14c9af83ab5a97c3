//! The tools of sessions. Those of tasks stand in `tasks`.

use serde_json::value::RawValue;
use stead_usf::{Edit, EditOperation, Hunk, ToolKind};

use crate::apply_patch;
use crate::container::json::{Object, count, string};

/// What a tool does. Tools of MCP servers are named `server__tool`.
pub(super) fn kind(name: &str) -> ToolKind {
    match name {
        "read_files" => ToolKind::Read,
        "search_codebase" => ToolKind::Search,
        "run_commands" => ToolKind::Shell,
        "fetch_web_content" => ToolKind::WebFetch,
        "web_search" => ToolKind::WebSearch,
        "apply_patch" | "editor" => ToolKind::Edit,
        "ask_question" => ToolKind::Ask,
        "spawn_agent" => ToolKind::Task,
        _ if name.starts_with("team_") => ToolKind::Task,
        _ if name.contains("__") => ToolKind::Mcp,
        _ => ToolKind::Other,
    }
}

/// What a call asks a subagent.
pub(super) fn task(name: &str, input: &RawValue) -> Option<String> {
    (kind(name) == ToolKind::Task).then(|| Object::of(input)?.string("task"))?
}

/// The file changes that a call asks for.
pub(super) fn edits(name: &str, input: &RawValue) -> Vec<Edit> {
    match name {
        "apply_patch" => {
            let whole = string(input);
            let patch = whole.or_else(|| Object::of(input)?.text("input"));
            patch.map_or_else(Vec::new, |patch| apply_patch::edits(&patch))
        }
        "editor" => Object::of(input).and_then(edit).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// A text for another, lines at a place, or the whole file.
fn edit(mut input: Object<'_>) -> Option<Edit> {
    let path = input.string("path").filter(|path| !path.is_empty())?;
    let after = input.string("new_text")?;
    if let Some(before) = input.string("old_text").filter(|before| !before.is_empty()) {
        return Some(Edit::replace(path, before, after));
    }
    let Some(line) = input.take("insert_line") else {
        return Some(Edit::write(path, after));
    };
    let place = count(line).filter(|line| *line > 0);
    let hunk = Hunk {
        old_start: place,
        new_start: place,
        anchor: None,
        lines: after.lines().map(|line| format!("+{line}")).collect(),
    };
    Some(Edit {
        hunks: vec![hunk],
        ..Edit::new(path, EditOperation::Modify)
    })
}
