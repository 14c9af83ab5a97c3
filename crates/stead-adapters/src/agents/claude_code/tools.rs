//! What each tool is for, and the file changes that its calls and results
//! stand for.

use serde_json::value::RawValue;
use stead_usf::{Edit, EditOperation, Hunk, Scope, ToolKind};

use crate::container::json::{Object, string};

/// The kind of a tool, over all versions of the agent.
pub(super) fn kind(name: &str) -> ToolKind {
    match name {
        "Bash" | "BashOutput" | "KillShell" | "KillBash" | "PowerShell" | "REPL" | "Monitor" => {
            ToolKind::Shell
        }
        "Read" | "NotebookRead" | "View" | "ReadNotebook" => ToolKind::Read,
        "Write" | "Replace" => ToolKind::Write,
        "Edit" | "MultiEdit" | "NotebookEdit" | "NotebookEditCell" => ToolKind::Edit,
        "Grep" | "GrepTool" | "LSP" => ToolKind::Search,
        "Glob" | "GlobTool" => ToolKind::Glob,
        "LS" => ToolKind::List,
        "AskUserQuestion" => ToolKind::Ask,
        "Task" | "Agent" | "dispatch_agent" | "AgentOutputTool" | "TaskOutput" | "TaskStop"
        | "SendMessage" | "Workflow" | "TeamCreate" | "TeamDelete" => ToolKind::Task,
        "WebFetch" | "WebFetchTool" | "web_fetch" => ToolKind::WebFetch,
        "WebSearch" | "web_search" => ToolKind::WebSearch,
        "TodoWrite" | "TodoRead" | "TaskCreate" | "TaskUpdate" | "TaskList" | "TaskGet"
        | "EnterPlanMode" | "ExitPlanMode" | "exit_plan_mode" => ToolKind::Todo,
        "ListMcpResourcesTool" | "ReadMcpResourceTool" => ToolKind::Mcp,
        _ if name.starts_with("mcp__") => ToolKind::Mcp,
        _ => ToolKind::Other,
    }
}

/// The changes that a call asks for.
pub(super) fn asked(name: &str, input: &RawValue) -> Vec<Edit> {
    if !matches!(kind(name), ToolKind::Write | ToolKind::Edit) {
        return Vec::new();
    }
    let Some(mut input) = Object::of(input) else {
        return Vec::new();
    };
    let path = input
        .string("file_path")
        .or_else(|| input.string("notebook_path"));
    let Some(path) = path else {
        return Vec::new();
    };
    match name {
        "Write" | "Replace" => input
            .string("content")
            .map(|content| Edit::write(path, content))
            .into_iter()
            .collect(),
        "MultiEdit" => input
            .values("edits")
            .unwrap_or_default()
            .into_iter()
            .filter_map(Object::of)
            .filter_map(|mut edit| replacement(&path, &mut edit))
            .collect(),
        "NotebookEdit" | "NotebookEditCell" => vec![cell(path, &mut input)],
        _ => replacement(&path, &mut input).into_iter().collect(),
    }
}

/// `old_string` becomes `new_string`; an empty `old_string` makes the file.
fn replacement(path: &str, edit: &mut Object<'_>) -> Option<Edit> {
    let before = edit.string("old_string")?;
    let after = edit.string("new_string")?;
    if before.is_empty() {
        return Some(Edit::write(path, after));
    }
    Some(Edit {
        replace_all: edit.bool("replace_all").unwrap_or(false),
        ..Edit::replace(path, before, after)
    })
}

/// A cell of a notebook is replaced, put in or taken out.
fn cell(path: String, input: &mut Object<'_>) -> Edit {
    let deleted = input.text("edit_mode").as_deref() == Some("delete");
    let after = input.string("new_source").filter(|_| !deleted);
    Edit {
        scope: after.as_ref().map(|_| Scope::Fragment),
        after,
        ..Edit::new(path, EditOperation::Modify)
    }
}

/// Fields of a file tool's result that repeat the call or the file.
const REPEATED: &[&str] = &[
    "content",
    "edits",
    "gitDiff",
    "originalFile",
    "originalFileContents",
    "replaceAll",
];

/// The change as the result tells it, which knows lines and what was there
/// before. Takes what it uses out of `result`; `None` if this is no file change.
pub(super) fn done(result: &mut Object<'_>) -> Option<Edit> {
    if result.peek("structuredPatch").is_none() {
        return notebook(result);
    }
    let path = result.string("filePath")?;
    let hunks = hunks(result);
    let before = result.string("oldString");
    let after = result.string("newString");
    let made = result.text("type");
    let whole = result.string("content");
    let mut edit = Edit::new(path, EditOperation::Modify);
    edit.hunks = hunks;
    edit.replace_all = result.bool("replaceAll").unwrap_or(false);
    match (before, after, whole) {
        (Some(before), Some(after), _) if !before.is_empty() => {
            edit.scope = Some(Scope::Fragment);
            (edit.before, edit.after) = (Some(before), Some(after));
        }
        (_, Some(text), None) | (_, _, Some(text)) => {
            edit.scope = Some(Scope::File);
            edit.after = Some(text);
            edit.before = result.string("originalFile");
            if made.as_deref() == Some("create") {
                edit.operation = EditOperation::Create;
            }
        }
        _ => {}
    }
    result.ignore(REPEATED);
    Some(edit)
}

/// A notebook's result holds the whole file before and after.
fn notebook(result: &mut Object<'_>) -> Option<Edit> {
    let path = result.string("notebook_path")?;
    let before = result.string("original_file");
    let after = result.string("updated_file");
    result.ignore(&["new_source", "old_source"]);
    after.as_ref()?;
    Some(Edit {
        scope: Some(Scope::File),
        before,
        after,
        ..Edit::new(path, EditOperation::Modify)
    })
}

fn hunks(result: &mut Object<'_>) -> Vec<Hunk> {
    let values = result.values("structuredPatch").unwrap_or_default();
    let hunk = |mut value: Object<'_>| Hunk {
        old_start: value.u64("oldStart"),
        new_start: value.u64("newStart"),
        anchor: None,
        lines: value
            .values("lines")
            .unwrap_or_default()
            .into_iter()
            .filter_map(string)
            // Not a line of the file: `\ No newline at end of file`.
            .filter(|line| line.starts_with([' ', '+', '-']))
            .map(std::borrow::Cow::into_owned)
            .collect(),
    };
    values
        .into_iter()
        .filter_map(Object::of)
        .map(hunk)
        .collect()
}
