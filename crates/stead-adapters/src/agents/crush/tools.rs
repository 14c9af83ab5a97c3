//! What tools do.

use stead_usf::ToolKind;

/// What a tool does. Tools of MCP servers are named `mcp_server_tool`.
pub(super) fn kind(name: &str) -> ToolKind {
    match name {
        "view" => ToolKind::Read,
        "write" => ToolKind::Write,
        "edit" | "multiedit" | "patch" | "lsp_rename" | "lsp_replace_symbol" => ToolKind::Edit,
        "bash" | "job_output" | "job_kill" => ToolKind::Shell,
        "grep" | "rg" | "sourcegraph" | "references" | "diagnostics" | "lsp_references"
        | "lsp_diagnostics" | "lsp_definition" | "lsp_symbols" | "lsp_call_hierarchy" => {
            ToolKind::Search
        }
        "glob" => ToolKind::Glob,
        "ls" => ToolKind::List,
        "question" => ToolKind::Ask,
        "agent" | "agentic_fetch" => ToolKind::Task,
        "fetch" | "web_fetch" | "download" => ToolKind::WebFetch,
        "web_search" => ToolKind::WebSearch,
        "todos" => ToolKind::Todo,
        "list_mcp_resources" | "read_mcp_resource" => ToolKind::Mcp,
        _ if name.starts_with("mcp_") => ToolKind::Mcp,
        _ => ToolKind::Other,
    }
}
