//! What a tool does, in all generations.

use serde_json::value::RawValue;
use stead_usf::{Tool, ToolKind};

use crate::container::json::{Object, string};

/// The tool of a call. `mcp` says that a server's tool answered to the name,
/// `input` is what it was called with.
pub(super) fn tool(name: &str, mcp: bool, input: Option<&RawValue>) -> Tool {
    let kind = if mcp {
        ToolKind::Mcp
    } else {
        kind(name, input)
    };
    Tool::new(name, kind)
}

fn kind(name: &str, input: Option<&RawValue>) -> ToolKind {
    match name {
        "terminal"
        | "execute_bash"
        | "bash"
        | "run"
        | "execute_ipython_cell"
        | "run_ipython"
        | "run_shell_command" => ToolKind::Shell,
        "file_editor" | "str_replace_editor" | "planning_file_editor" => editor(input),
        "edit"
            if input
                .and_then(Object::of)
                .is_some_and(|input| input.peek("command").is_some()) =>
        {
            editor(input)
        }
        "edit" | "edit_file" | "apply_patch" => ToolKind::Edit,
        "read" | "read_file" => ToolKind::Read,
        "write" | "write_file" => ToolKind::Write,
        "glob" => ToolKind::Glob,
        "grep" => ToolKind::Search,
        "list_directory" => ToolKind::List,
        "task" | "delegate" | "start_child_conversation" | "workflow" | "ask_oracle" => {
            ToolKind::Task
        }
        "task_tracker" | "task_tracking" => ToolKind::Todo,
        "browser_navigate" | "web_read" | "browse" => ToolKind::WebFetch,
        "call_tool_mcp" => ToolKind::Mcp,
        _ if name.starts_with("delegate_to_") => ToolKind::Task,
        _ => ToolKind::Other,
    }
}

/// The editor is one tool with several commands.
fn editor(input: Option<&RawValue>) -> ToolKind {
    let input = input.and_then(Object::of);
    let command = input
        .as_ref()
        .and_then(|input| string(input.peek("command")?));
    match command.as_deref() {
        Some("view") => ToolKind::Read,
        Some("create") => ToolKind::Write,
        _ => ToolKind::Edit,
    }
}

/// Whether a call of this tool is the model's last word in a turn.
pub(super) fn is_finish(name: &str) -> bool {
    name == "finish"
}
