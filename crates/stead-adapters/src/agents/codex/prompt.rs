//! What a person typed, and what Codex put in a user's place.

use std::hash::Hasher;

use rustc_hash::FxHasher;

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

/// What two copies of a message have in common: all but white space, which
/// depends on how the parts were joined.
fn key(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    for word in text.split_ascii_whitespace() {
        word.bytes().for_each(|byte| hasher.write_u8(byte));
    }
    hasher.finish()
}

/// Which user messages a person typed is told by `user_message` events: each
/// repeats one, before it or (mostly) after it. A message that has none by the
/// time the model answers was not typed, if the file has such events at all.
impl Mapper {
    /// A message that looks typed was put out; `certain` if its record says so.
    /// `full` is the whole message, `text` the part that is the event's.
    pub(super) fn ask(&mut self, event: String, full: &str, text: String, certain: bool) {
        const MOST: usize = 16;
        let prompts = &mut self.state.prompts;
        let key = key(full);
        if prompts.expected == Some(key) {
            prompts.expected = None;
            prompts.first.get_or_insert(text);
        } else if !certain && prompts.open.len() < MOST {
            prompts.open.push(Doubt { event, text, key });
        }
    }

    /// The screen showed a typed message.
    pub(super) fn confirm_prompt(&mut self, output: &mut Output<'_>, full: &str) {
        let prompts = &mut self.state.prompts;
        let first = !std::mem::replace(&mut prompts.confirmed, true);
        let key = key(full);
        let same = prompts.open.iter().position(|doubt| doubt.key == key);
        let place = same.or(prompts.open.len().checked_sub(1));
        prompts.expected = place.is_none().then_some(key);
        if let Some(place) = place {
            let confirmed = prompts.open.remove(place);
            prompts.first.get_or_insert(confirmed.text);
        }
        if first {
            for doubt in std::mem::take(&mut prompts.doubts) {
                self.take_back(output, &doubt);
            }
        }
    }

    /// The talk goes on: messages that were not confirmed were not typed.
    pub(super) fn doubt_prompts(&mut self, output: &mut Output<'_>) {
        const MOST: usize = 8;
        let prompts = &mut self.state.prompts;
        if prompts.open.is_empty() {
            return;
        }
        let open = std::mem::take(&mut prompts.open);
        if prompts.confirmed {
            for doubt in &open {
                self.take_back(output, doubt);
            }
        } else {
            let room = MOST.saturating_sub(prompts.doubts.len());
            prompts.doubts.extend(open.into_iter().take(room));
        }
    }

    /// Nobody typed it after all.
    fn take_back(&mut self, output: &mut Output<'_>, doubt: &Doubt) {
        let first = &mut output.header(self.slot).first_prompt;
        if first.as_ref() == Some(&doubt.text) {
            first.clone_from(&self.state.prompts.first);
        }
        output.amend(self.slot, &doubt.event, &Amendment::Injected);
    }
}
