//! What a person typed, and what Codex put in a user's place.

/// How text begins that Codex itself sends as the user.
const INJECTED: &[&str] = &[
    "<environment_context>",
    "<ENVIRONMENT_CONTEXT>",
    "<user_instructions>",
    "<USER_INSTRUCTIONS>",
    "<INSTRUCTIONS>",
    "# AGENTS.md instructions",
    "<turn_aborted>",
    "<subagent_notification>",
    "<permissions",
    "<collaboration_mode>",
    "<skill>",
    "<skills_instructions>",
    "<plugins_instructions>",
    "<apps_instructions>",
    "<personality_spec>",
    "<model_switch>",
    "<multi_agent_",
    "<hook_prompt",
    "<goal_context>",
    "<user_shell_command>",
    "<user_action>",
    "<realtime_conversation>",
    "<tools>",
    "Another language model started to solve this problem",
    "You are performing a CONTEXT CHECKPOINT COMPACTION",
    "Warning: apply_patch was requested via",
    "Warning: The maximum number of unified exec processes",
];

/// The IDE extension puts what is open in the editor before the words.
const IDE: &str = "# Context from my IDE setup:";
const IDE_REQUEST: &str = "## My request for Codex:";

/// Whether nobody typed a text in the user's place.
pub(super) fn is_injected(text: &str) -> bool {
    let text = text.trim_start();
    INJECTED.iter().any(|begin| text.starts_with(begin))
}

/// Splits a message of the IDE extension into its context and the words.
pub(super) fn split_ide(text: &str) -> Option<(&str, &str)> {
    if !text.trim_start().starts_with(IDE) {
        return None;
    }
    let (context, words) = text.split_once(IDE_REQUEST)?;
    Some((context.trim_end(), words.trim()))
}

/// Whether a part of a message only frames an image.
pub(super) fn frames_image(text: &str) -> bool {
    text == "<image>" || text == "</image>" || text.starts_with("<image name=")
}

/// The folder in an `<environment_context>`, in all its forms.
pub(super) fn folder(text: &str) -> Option<&str> {
    let after = |mark: &str, end: &str| {
        let (_, rest) = text.split_once(mark)?;
        Some(rest.split_once(end)?.0.trim())
    };
    after("<cwd>", "</cwd>")
        .or_else(|| after("Current working directory: ", "\n"))
        .filter(|folder| !folder.is_empty())
}
