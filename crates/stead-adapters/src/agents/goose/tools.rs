//! What tools do.

use stead_usf::ToolKind;

/// Extensions that come with Goose: what their tools do is known by name. Tools
/// of all others are those of MCP servers.
const BUILTIN: &[&str] = &[
    "developer",
    "analyze",
    "summon",
    "subagent",
    "dynamic_task",
    "todo",
    "apps",
    "skills",
    "tom",
    "extensionmanager",
    "platform",
    "orchestrator",
    "chatrecall",
    "code_execution",
    "memory",
    "computercontroller",
    "autovisualiser",
    "tutorial",
    "peekaboo",
    "synopsis",
];

/// What a tool does. A name may have its extension before it (`developer__shell`);
/// where several do not, the call says which extension it is.
pub(super) fn kind(name: &str, extension: Option<&str>) -> ToolKind {
    let (prefix, tool) = match name.rsplit_once("__") {
        Some((prefix, tool)) if !tool.is_empty() => (Some(prefix), tool),
        _ => (None, name),
    };
    let extension = extension.or(prefix).map(plain);
    if extension.is_some_and(|extension| !BUILTIN.contains(&extension.as_str())) {
        return ToolKind::Mcp;
    }
    match tool {
        "read" | "read_file" | "read_image" | "image_processor" | "load" | "view"
        | "load_skill" => ToolKind::Read,
        "write" | "write_file" => ToolKind::Write,
        "edit" | "text_editor" | "str_replace" | "patch_file" => ToolKind::Edit,
        "shell" | "bash" | "process_manager" | "automation_script" | "computer_control" => {
            ToolKind::Shell
        }
        "search" | "ripgrep" | "analyze" | "analyze_code" | "search_available_extensions" => {
            ToolKind::Search
        }
        "glob" => ToolKind::Glob,
        "tree" | "list_directory" => ToolKind::List,
        "delegate" | "subagent" | "create_task" | "execute_task" | "run_task" => ToolKind::Task,
        "web_scrape" | "fetch_web_content" => ToolKind::WebFetch,
        "web_search" => ToolKind::WebSearch,
        "todo_write" | "todo_read" | "write_todo" | "update_plan" => ToolKind::Todo,
        _ => ToolKind::Other,
    }
}

/// The name of an extension as the model sees it.
fn plain(name: &str) -> String {
    let kept = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    kept.collect::<String>().to_ascii_lowercase()
}
