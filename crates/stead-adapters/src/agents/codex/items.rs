//! Response items: what goes to the model and comes from it.

use std::borrow::Cow;

use stead_usf::{Event, EventType};

use super::content::Content;
use super::map::Mapper;
use super::record::{HIDDEN, Record, STATE};
use super::{prompt, tools};
use crate::container::json::{self, Object};
use crate::{Fate, Output};

/// The item types.
pub(super) fn is_known(kind: &str) -> bool {
    matches!(
        kind,
        "message"
            | "reasoning"
            | "function_call"
            | "function_call_output"
            | "custom_tool_call"
            | "custom_tool_call_output"
            | "local_shell_call"
            | "local_shell_call_output"
            | "web_search_call"
            | "image_generation_call"
            | "tool_search_call"
            | "tool_search_output"
            | "agent_message"
            | "additional_tools"
            | "ghost_snapshot"
            | "compaction"
            | "compaction_summary"
            | "context_compaction"
    )
}

/// Takes the text of reasoning, if it is shown.
pub(super) fn thought(item: &mut Object<'_>) -> Option<String> {
    let shown = |item: &mut Object<'_>, name| {
        Content::list(item.values(name).unwrap_or_default()).join("\n\n")
    };
    shown(item, "summary").or_else(|| shown(item, "content"))
}

/// Fields of items with no place in USF: how the item travelled, and bytes that
/// only the provider can read.
const ITEM: &[&str] = &[
    "type",
    "role",
    "internal_chat_message_metadata_passthrough",
    "encrypted_content",
];

impl Mapper {
    /// Maps an item of a known type.
    pub(super) fn item(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        mut fields: Object<'_>,
        kind: &str,
    ) -> Fate {
        self.state.items = true;
        self.state.shown.clear();
        match kind {
            "message" => self.message(output, record, fields),
            "reasoning" => self.reasoning(output, record, fields),
            "agent_message" => self.agent_message(output, record, fields),
            "function_call_output"
            | "custom_tool_call_output"
            | "local_shell_call_output"
            | "tool_search_output" => self.result(output, record, fields),
            "additional_tools" => Fate::Ignored(STATE),
            "compaction" | "compaction_summary" | "context_compaction" => {
                self.hidden(record);
                Fate::Ignored(HIDDEN)
            }
            "ghost_snapshot" => {
                fields.ignore(ITEM);
                let event = Event::new("", EventType::System);
                self.put(output, record, event, fields.rest());
                Fate::Mapped
            }
            _ => {
                self.doubt_prompts(output);
                let call_id = fields.string("call_id").or_else(|| {
                    fields
                        .peek("id")
                        .and_then(json::string)
                        .map(Cow::into_owned)
                });
                let call = tools::call(kind, &mut fields);
                fields.ignore(ITEM);
                if fields
                    .peek("status")
                    .is_some_and(|status| status.get() == "\"completed\"")
                {
                    fields.ignore(&["status"]);
                }
                self.call(output, record, call_id, call, fields.rest());
                Fate::Mapped
            }
        }
    }

    fn message(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        mut fields: Object<'_>,
    ) -> Fate {
        let role = fields.text("role").unwrap_or(Cow::Borrowed(""));
        let content = Content::of(&mut fields);
        match role.as_ref() {
            "user" => {
                self.user(output, record, fields, &content);
                return Fate::Mapped;
            }
            "assistant" => self.doubt_prompts(output),
            _ => {}
        }
        let mut event = match role.as_ref() {
            "assistant" => Event::new("", EventType::Assistant),
            _ => Event::new("", EventType::System),
        };
        event.injected = event.kind == EventType::System;
        event.text = content.text(|_| true);
        event.attachments = content.attachments();
        fields.ignore(ITEM);
        fields.ignore(&["status"]);
        self.put(output, record, event, fields.rest());
        Fate::Mapped
    }

    fn user(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        mut fields: Object<'_>,
        content: &Content<'_>,
    ) {
        let kinds = super::content::kinds(&mut fields);
        fields.ignore(ITEM);
        self.next_request(output);
        let known = kinds.len() == content.parts.len();
        let typed_part = |place: usize| !known || kinds[place].starts_with("user.");
        let text = content.text(typed_part);
        let full = text.as_deref().unwrap_or("");
        if output.header(self.slot).cwd.is_none()
            && let Some(folder) = prompt::folder(full)
        {
            output.header(self.slot).cwd = Some(folder.to_owned());
        }
        let has_typed = (0..content.parts.len()).any(typed_part);
        let typed = (self.state.subagent.is_none() || record.inherited)
            && has_typed
            && (known || !prompt::is_injected(full));
        let mut event = Event::new("", EventType::User);
        event.injected = !typed;
        event.attachments = content.attachments();
        if !typed {
            event.text = content.text(|_| true);
            self.put(output, record, event, fields.rest());
            return;
        }
        let ide = prompt::split_ide(full);
        event.text = ide
            .map(|(_, words)| words.to_owned())
            .or_else(|| text.clone());
        let around = ide.map(|(editor, _)| editor.to_owned());
        let added = around.or_else(|| content.text(|place| !typed_part(place)));
        if !record.rewound {
            self.live.prompt();
        }
        let words = event.text.clone().unwrap_or_default();
        let id = self.put(output, record, event, fields.rest());
        self.ask(id, full, words, known);
        if let Some(added) = added {
            let mut event = Event::new("", EventType::User);
            event.injected = true;
            event.text = Some(added);
            self.put(output, record, event, None);
        }
    }

    fn reasoning(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        mut fields: Object<'_>,
    ) -> Fate {
        self.doubt_prompts(output);
        let Some(text) = thought(&mut fields) else {
            self.hidden(record);
            return Fate::Ignored(HIDDEN);
        };
        let mut event = Event::new("", EventType::Reasoning);
        event.text = Some(text);
        fields.ignore(ITEM);
        if fields.peek("content").is_none() {
            fields.ignore(&["content"]); // `null`
        }
        self.put(output, record, event, fields.rest());
        Fate::Mapped
    }

    /// A message of another agent.
    pub(super) fn agent_message(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        mut fields: Object<'_>,
    ) -> Fate {
        self.next_request(output);
        let content = Content::of(&mut fields);
        let mut event = Event::new("", EventType::User);
        event.injected = true;
        event.text = content.text(|_| true);
        event.attachments = content.attachments();
        fields.ignore(ITEM);
        self.put(output, record, event, fields.rest());
        Fate::Mapped
    }
}
