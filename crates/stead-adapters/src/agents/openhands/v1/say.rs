//! What was said: by the user, by the model, and by the agent in the user's place.

use stead_usf::{Event, EventType, Raw};

use super::super::SYSTEM_PROMPT;
use super::super::content::{Content, drop_empty, words};
use super::map::{Mapper, Record};
use super::put::Mapped;
use crate::container::json::Object;
use crate::ids::digest;
use crate::{Fate, Output};

/// How the message is to be sent: nothing that was said.
const SENDING: &[&str] = &[
    "role",
    "cache_enabled",
    "vision_enabled",
    "function_calling_enabled",
    "force_string_serializer",
    "send_reasoning_content",
];

/// The agent's own instructions and its tools' descriptions, tens of kilobytes
/// that are the same in all conversations.
const INSTRUCTIONS: &[&str] = &["system_prompt", "tools"];

/// The beginning of every conversation: instructions, and what is told about the
/// machine and the project.
pub(super) fn system(mapper: &mut Mapper, output: &mut Output<'_>, mut record: Record<'_>) -> Fate {
    record.data.ignore(INSTRUCTIONS);
    let context = record.data.take("dynamic_context");
    let text = context.and_then(|context| {
        let text = Object::of(context).and_then(|mut part| part.string("text"));
        text.or_else(|| Content::of(context).text)
    });
    let text = text.and_then(words);
    if text.is_none() && record.data.is_empty() {
        let parent = mapper.branch.parent(record.parent.as_deref());
        mapper.branch.pass(&record.id, parent);
        return Fate::Ignored(SYSTEM_PROMPT);
    }
    let mut event = Event::new("", EventType::System);
    event.injected = true;
    event.text = text;
    mapper.put(output, record, Mapped::one(event));
    Fate::Mapped
}

/// A message of the user or of the model.
pub(super) fn message(
    mapper: &mut Mapper,
    output: &mut Output<'_>,
    mut record: Record<'_>,
) -> Fate {
    let mut message = record.data.object("llm_message").unwrap_or_default();
    let content = Content::take(&mut message, "content");
    let added = Content::take(&mut record.data, "extended_content");
    let sender = record.data.take("sender").map(Raw::from_value);
    let is_model = record.by == "agent";
    let is_typed = record.by == "user" && sender.is_none() && !mapper.is_subagent;
    if record.by == "user" {
        let asked = content.text.as_deref().map(digest);
        mapper.memory.asked = mapper.memory.asked.or(asked);
        mapper.memory.ended = Some(false);
    } else if is_model {
        mapper.memory.ended = Some(true);
    }

    let kind = if is_model {
        EventType::Assistant
    } else {
        EventType::User
    };
    let mut made = Mapped {
        answer: record.data.string("llm_response_id"),
        events: reasoning(&mut message).into_iter().collect(),
        ..Mapped::default()
    };
    if let Some(text) = added.text {
        let mut event = Event::new("context", EventType::User);
        event.injected = true;
        event.text = Some(text);
        made.events.push(event);
    }
    let mut event = Event::new("", kind);
    event.injected = !is_model && !is_typed;
    event.text = content.text;
    event.attachments = content.images;
    made.events.push(event);

    message.ignore(SENDING);
    drop_empty(&mut message);
    made.details = vec![
        ("sender", sender),
        ("content", content.others),
        ("extended_content", added.others),
        ("llm_message", message.rest()),
    ];
    mapper.put(output, record, made);
    Fate::Mapped
}

/// What the model thought, from whichever of the fields has it. Signatures and
/// encrypted texts are for the provider alone.
pub(super) fn reasoning(object: &mut Object<'_>) -> Option<Event> {
    let plain = object.string("reasoning_content").and_then(words);
    let blocks = object.values("thinking_blocks").unwrap_or_default();
    let blocks: Vec<String> = blocks
        .iter()
        .filter_map(|block| Object::of(block)?.string("thinking"))
        .collect();
    let item = object.object("responses_reasoning_item").map(|mut item| {
        let list = |values: Option<Vec<&serde_json::value::RawValue>>| {
            let text = |value: &&_| {
                crate::container::json::string(value)
                    .map(std::borrow::Cow::into_owned)
                    .or_else(|| Object::of(value)?.string("text"))
            };
            values.unwrap_or_default().iter().filter_map(text).collect()
        };
        let whole: Vec<String> = list(item.values("content"));
        let summary: Vec<String> = list(item.values("summary"));
        if whole.is_empty() { summary } else { whole }
    });
    let text = plain
        .or_else(|| words(blocks.join("\n")))
        .or_else(|| words(item.unwrap_or_default().join("\n")))?;
    let mut event = Event::new("reasoning", EventType::Reasoning);
    event.text = Some(text);
    Some(event)
}
