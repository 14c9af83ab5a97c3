//! The tools of the family: what each is for, and which of them a record of the
//! interface speaks of.

use stead_usf::{Edit, ToolKind};

use super::edits;
use crate::container::json::Object;

/// What the model calls when it has finished; its words are the reply.
const FINAL: &str = "attempt_completion";

/// Every tool that was ever called by tags in the text.
const TAGGED: &[&str] = &[
    "access_mcp_resource",
    "act_mode_respond",
    "append_to_file",
    "apply_diff",
    "apply_patch",
    "ask_followup_question",
    "attempt_completion",
    "browser_action",
    "codebase_search",
    "condense",
    "delete_file",
    "edit_file",
    "execute_command",
    "fast_edit_file",
    "fetch_instructions",
    "focus_chain",
    "generate_explanation",
    "generate_image",
    "insert_content",
    "list_code_definition_names",
    "list_files",
    "load_mcp_documentation",
    "multi_search_and_replace",
    "new_rule",
    "new_task",
    "plan_mode_respond",
    "plan_mode_response",
    "read_file",
    "replace_in_file",
    "report_bug",
    "run_slash_command",
    "search_and_replace",
    "search_files",
    "simple_read_file",
    "summarize_task",
    "switch_mode",
    "update_todo_list",
    "use_mcp_tool",
    "use_skill",
    "use_subagents",
    "web_fetch",
    "web_search",
    "write_to_file",
];

/// Whether a tag of this name is a call.
pub(super) fn is_tool(name: &str) -> bool {
    TAGGED.binary_search(&name).is_ok()
}

/// What a call does.
pub(crate) fn kind_of(name: &str, input: &Object<'_>) -> ToolKind {
    // Where it hands over to a task of its own, it says in which mode; in Cline it
    // leaves this one for another.
    if name == "new_task" && input.peek("mode").is_some() {
        return ToolKind::Task;
    }
    kind(name)
}

/// What a tool does. Tools of MCP servers are called by names of their own.
pub(super) fn kind(name: &str) -> ToolKind {
    match name {
        "read_file" | "simple_read_file" | "view_image" => ToolKind::Read,
        "write_to_file" | "write_file" | "new_rule" => ToolKind::Write,
        "replace_in_file"
        | "apply_diff"
        | "multi_apply_diff"
        | "apply_patch"
        | "edit"
        | "edit_file"
        | "fast_edit_file"
        | "delete_file"
        | "search_and_replace"
        | "multi_search_and_replace"
        | "search_replace"
        | "insert_content"
        | "append_to_file" => ToolKind::Edit,
        "execute_command" | "read_command_output" => ToolKind::Shell,
        "search_files" | "codebase_search" | "list_code_definition_names" => ToolKind::Search,
        "list_files" => ToolKind::List,
        "ask_followup_question" | "plan_mode_respond" | "plan_mode_response" => ToolKind::Ask,
        "use_subagents" => ToolKind::Task,
        "web_fetch" => ToolKind::WebFetch,
        "web_search" => ToolKind::WebSearch,
        "update_todo_list" | "focus_chain" => ToolKind::Todo,
        "use_mcp_tool" | "access_mcp_resource" => ToolKind::Mcp,
        _ if name.starts_with("mcp--") || name.starts_with("mcp__") => ToolKind::Mcp,
        _ => ToolKind::Other,
    }
}

/// The words with which a call speaks to the user: a reply, in the form of a call.
pub(super) fn reply(name: &str, input: &Object<'_>) -> Option<String> {
    let parameter = match name {
        FINAL => "result",
        "plan_mode_respond" | "plan_mode_response" | "act_mode_respond" => "response",
        _ => return None,
    };
    let words = crate::container::json::string(input.peek(parameter)?)?;
    let words = words.trim();
    (!words.is_empty()).then(|| words.to_owned())
}

/// The file changes that a call asks for.
pub(crate) fn edits(name: &str, input: &Object<'_>) -> Vec<Edit> {
    match kind(name) {
        ToolKind::Write | ToolKind::Edit => edits::edits(name, input),
        _ => Vec::new(),
    }
}

/// What the interface calls a tool (the word in `tool` of its records).
pub(super) fn shown_kind(word: &str) -> ToolKind {
    match word {
        "readFile" => ToolKind::Read,
        "newFileCreated" => ToolKind::Write,
        "editedExistingFile" | "appliedDiff" | "insertContent" | "searchAndReplace"
        | "fileDeleted" | "deleteFile" => ToolKind::Edit,
        "readCommandOutput" | "command" => ToolKind::Shell,
        "searchFiles" | "codebaseSearch" | "listCodeDefinitionNames" => ToolKind::Search,
        "listFilesTopLevel" | "listFilesRecursive" => ToolKind::List,
        "followup" | "plan_mode_respond" => ToolKind::Ask,
        "use_subagents" | "subagent" | "newTask" => ToolKind::Task,
        "webFetch" => ToolKind::WebFetch,
        "webSearch" => ToolKind::WebSearch,
        "updateTodoList" => ToolKind::Todo,
        "use_mcp_server" | "mcp_server_request_started" => ToolKind::Mcp,
        _ => ToolKind::Other,
    }
}

/// Whether a record of a tool of one kind may be about a call of another.
pub(super) fn fits(shown: ToolKind, called: ToolKind) -> bool {
    let changes = |kind| matches!(kind, ToolKind::Write | ToolKind::Edit);
    shown == called || changes(shown) && changes(called)
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_in_order() {
        assert!(super::TAGGED.is_sorted());
    }
}
