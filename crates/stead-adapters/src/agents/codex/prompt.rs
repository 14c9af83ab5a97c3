//! What a person typed, and what Codex put in a user's place.

use super::map::Mapper;
use super::state::Doubt;
use crate::{Amendment, Output};

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

impl Mapper {
    /// A message that looks typed was put out; `certain` if its record says so.
    pub(super) fn ask(
        &mut self,
        output: &mut Output<'_>,
        event: String,
        text: String,
        certain: bool,
    ) {
        self.doubt_prompt(output);
        let prompts = &mut self.state.prompts;
        if std::mem::take(&mut prompts.expected) || certain {
            return;
        }
        prompts.open = Some(Doubt { event, text });
    }

    /// The screen showed a typed message: the last one read, or the next.
    pub(super) fn confirm_prompt(&mut self, output: &mut Output<'_>) {
        let prompts = &mut self.state.prompts;
        let first = !std::mem::replace(&mut prompts.confirmed, true);
        let confirmed = prompts.open.take();
        prompts.expected = confirmed.is_none();
        if first {
            for doubt in std::mem::take(&mut prompts.doubts) {
                self.take_back(output, &doubt, confirmed.as_ref());
            }
        }
    }

    /// The last message was not confirmed before the talk went on.
    pub(super) fn doubt_prompt(&mut self, output: &mut Output<'_>) {
        const MOST: usize = 8;
        let prompts = &mut self.state.prompts;
        let Some(doubt) = prompts.open.take() else {
            return;
        };
        if prompts.confirmed {
            self.take_back(output, &doubt, None);
        } else if prompts.doubts.len() < MOST {
            prompts.doubts.push(doubt);
        }
    }

    /// Nobody typed it after all.
    fn take_back(&mut self, output: &mut Output<'_>, doubt: &Doubt, next: Option<&Doubt>) {
        let first = &mut output.header(self.slot).first_prompt;
        if first.as_ref() == Some(&doubt.text) {
            *first = next.map(|next| next.text.clone());
        }
        output.amend(self.slot, &doubt.event, &Amendment::Injected);
    }
}
