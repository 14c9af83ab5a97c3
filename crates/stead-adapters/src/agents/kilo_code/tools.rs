//! What Kilo's own tools do. By their names they would be taken for those of MCP
//! servers, which have the server's name before theirs.

use stead_usf::ToolKind;

/// What a tool of Kilo's own does.
pub(super) fn kind(name: &str) -> Option<ToolKind> {
    Some(match name {
        "background_process" | "interactive_terminal" | "notebook_execute" => ToolKind::Shell,
        "notebook_read" => ToolKind::Read,
        "notebook_edit" => ToolKind::Edit,
        "codebase_search" | "semantic_search" | "kilo_local_recall" => ToolKind::Search,
        "agent_manager" => ToolKind::Task,
        "agent_manager_models"
        | "board_post"
        | "board_read"
        | "cancel_wakeup"
        | "cron_create"
        | "cron_delete"
        | "cron_list"
        | "generate_image"
        | "kilo_memory_recall"
        | "kilo_memory_save"
        | "link_pr"
        | "mode_switch"
        | "notify_user"
        | "repo_clone"
        | "schedule_wakeup"
        | "send_file" => ToolKind::Other,
        _ => return None,
    })
}
