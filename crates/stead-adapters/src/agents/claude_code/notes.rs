//! What the agent notes and puts in by itself: `system` and `attachment`
//! records.

use stead_usf::{EventType, Raw};

use super::record::{Head, Mapped, Turn, blank};
use super::speech;
use super::tree::Role;
use super::words::{Words, classify};
use crate::container::json::{Object, string};

/// Maps a note of the agent.
pub(super) fn system(mut record: Object<'_>) -> Mapped {
    let subtype = record.peek("subtype").and_then(string).unwrap_or_default();
    let kind = if subtype == "api_error" {
        EventType::Error
    } else {
        EventType::System
    };
    let mut event = blank(kind);
    event.text = record
        .string("content")
        .map(|text| match classify(&text, false, false) {
            Words::Command(shown) => shown.into_owned(),
            _ => text,
        });
    record.ignore(&["level"]);
    // A local command may be the first thing after a rewind.
    let role = if subtype == "local_command" {
        Role::User
    } else {
        Role::Other
    };
    let mut mapped = Mapped::one(role, Turn::Same, event);
    mapped.keep(record, &[]);
    mapped
}

/// Maps context that the agent put in; what it is stays in `extra`.
pub(super) fn attachment(head: &Head<'_>, mut record: Object<'_>) -> Mapped {
    let Some(mut attachment) = record.object("attachment") else {
        let mut mapped = Mapped::one(Role::Other, Turn::Same, blank(EventType::Unknown));
        mapped.keep(record, &[]);
        return mapped;
    };
    let kind = attachment.peek("type").and_then(string).unwrap_or_default();
    if kind == "queued_command"
        && let Some(prompt) = attachment.take("prompt")
    {
        let mode = attachment.text("commandMode");
        let meta = attachment.bool("isMeta").unwrap_or(false);
        let origin = attachment
            .object("origin")
            .and_then(|mut origin| origin.text("kind"));
        let machine = origin.is_some_and(|origin| origin != "human");
        let typed = mode.is_none_or(|mode| mode == "prompt") && !meta && !machine && !head.meta;
        let mut mapped = speech::queued(prompt, !typed);
        mapped.keep(record, &[("attachment", attachment.rest())]);
        return mapped;
    }
    let mut event = blank(EventType::System);
    event.injected = true;
    if kind.starts_with("hook_") || kind == "async_hook_response" {
        let said = ["content", "stdout", "blockingError", "stderr"];
        event.text = said
            .iter()
            .filter_map(|name| attachment.peek(name).and_then(string))
            .find(|text| !text.is_empty())
            .map(std::borrow::Cow::into_owned);
    }
    if let Some(name) = attachment.peek("filename") {
        event.attachments = Raw::parse(&format!("[{{\"filename\":{}}}]", name.get())).ok();
    }
    // Images and documents: the file is named, its bytes are not kept.
    if attachment
        .peek("content")
        .is_some_and(|content| content.get().contains("\"base64\":"))
    {
        attachment.ignore(&["content"]);
    }
    let mut mapped = Mapped::one(Role::Other, Turn::Same, event);
    mapped.keep(record, &[("attachment", attachment.rest())]);
    mapped
}
