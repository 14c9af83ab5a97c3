//! What a record of the interface is, by the word after `say` or `ask`.

use super::shown::Shown;

/// What is done with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A model request begins.
    Request,
    /// Numbers of the request, in the oldest files.
    RequestEnd,
    /// A person typed it.
    Typed,
    /// A person changed a file that the agent had proposed.
    TypedDiff,
    /// The model's words.
    Words,
    /// The model's last words, or its question: a call that speaks.
    CallWords,
    Reasoning,
    /// A tool is called.
    Call,
    /// A tool answered.
    Output,
    /// How subagents fare.
    Subagents,
    /// What subagents used, summed up.
    SubagentUsage,
    /// What requests used that were taken back.
    TakenBack,
    /// Something went wrong.
    Error,
    /// Something the agent did by itself.
    Note,
    /// Nothing but a sign that the agent waits for the user.
    Waits,
    Unknown,
}

/// The role of a record. `asked` says whether any request was made before.
pub(super) fn role(shown: &Shown<'_>, asked: bool) -> Role {
    let empty = shown.words().is_empty();
    match (shown.asks, shown.kind.as_str()) {
        (_, "api_req_started") => Role::Request,
        (_, "api_req_finished") => Role::RequestEnd,
        (_, "task" | "user_feedback") => Role::Typed,
        (false, "text") if !asked => Role::Typed,
        (_, "user_feedback_diff") => Role::TypedDiff,
        (_, "text") => Role::Words,
        (_, "reasoning") => Role::Reasoning,
        (true, "completion_result" | "command_output") if empty => Role::Waits,
        (
            _,
            "completion_result" | "plan_mode_respond" | "plan_mode_response" | "act_mode_respond",
        ) => Role::CallWords,
        (
            _,
            "command_output" | "mcp_server_response" | "browser_action_result" | "subtask_result",
        ) => Role::Output,
        (
            _,
            "tool"
            | "command"
            | "use_mcp_server"
            | "mcp_server_request_started"
            | "followup"
            | "browser_action_launch"
            | "browser_action"
            | "new_task"
            | "condense"
            | "summarize_task"
            | "report_bug"
            | "use_subagents"
            | "finishTask",
        ) => Role::Call,
        (_, "subagent") => Role::Subagents,
        (_, "subagent_usage") => Role::SubagentUsage,
        (_, "deleted_api_reqs" | "api_req_deleted") => Role::TakenBack,
        (true, "resume_task" | "resume_completed_task") => Role::Waits,
        (_, kind) if is_error(kind) => Role::Error,
        (_, kind) if is_note(kind) => Role::Note,
        _ => Role::Unknown,
    }
}

/// Words for something that went wrong.
fn is_error(kind: &str) -> bool {
    kind == "error"
        || kind == "api_req_failed"
        || kind == "command_permission_denied"
        || kind == "payment_required_prompt"
        || kind == "invalid_model"
        || kind == "unauthorized_prompt"
        || kind.ends_with("_error")
}

/// Words for what the agent did by itself.
fn is_note(kind: &str) -> bool {
    matches!(
        kind,
        "error_retry"
            | "api_req_retried"
            | "api_req_retry_delayed"
            | "api_req_rate_limit_wait"
            | "shell_integration_warning"
            | "shell_integration_warning_with_suggestion"
            | "too_many_tools_warning"
            | "mistake_limit_reached"
            | "auto_approval_max_req_reached"
            | "checkpoint_created"
            | "checkpoint_saved"
            | "checkpoint_restore"
            | "commit_changes"
            | "browser_session_status"
            | "inspect_site_result"
            | "load_mcp_documentation"
            | "generate_explanation"
            | "info"
            | "image"
            | "mcp_notification"
            | "new_task_started"
            | "task_progress"
            | "hook"
            | "hook_status"
            | "hook_output_stream"
            | "conditional_rules_applied"
            | "condense_context"
            | "sliding_window_truncation"
            | "codebase_search_result"
            | "user_edit_todos"
    )
}
