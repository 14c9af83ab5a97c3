//! The user's side: what a `user` record becomes.

use std::borrow::Cow;

use serde_json::value::RawValue;
use stead_usf::{EventType, Raw};

use super::record::{Head, Mapped, Turn, blank};
use super::result;
use super::tree::Role;
use super::words::{self, Words, classify};
use crate::container::json::{Object, string};

/// Maps a record in the user's place. `delegated` if the other side is an
/// agent too, so that nobody types.
pub(super) fn map(
    head: &Head<'_>,
    delegated: bool,
    mut record: Object<'_>,
    mut message: Object<'_>,
) -> Mapped {
    let content = message.take("content");
    let summary = record.bool("isCompactSummary").unwrap_or(false);
    let speaker = Speaker {
        // A plan is carried out in a talk of its own: the agent quotes it.
        meta: head.meta
            || summary
            || (delegated && !head.human)
            || record.peek("planContent").is_some(),
        human: head.human && !summary,
        summary,
    };
    let mut mapped = Mapped::new(Role::User, Turn::Same);
    if let Some(content) = content {
        speak(&mut mapped, content, &speaker);
    }
    if mapped.events.is_empty() {
        let mut event = blank(EventType::User);
        event.injected = true;
        mapped.add(event);
    }
    let mut structured = None;
    if mapped.role == Role::Result
        && let Some(result) = record.take("toolUseResult")
    {
        structured = result::structured(&mut mapped, result);
    }
    if mapped.spilled.is_none() {
        let output = mapped
            .events
            .iter()
            .find_map(|event| event.output.as_deref());
        mapped.spilled = output.and_then(result::spilled);
    }
    message.ignore(&["role"]);
    mapped.keep(
        record,
        &[("message", message.rest()), ("toolUseResult", structured)],
    );
    mapped
}

/// A prompt that was typed while the agent worked. It stands in an attachment.
pub(super) fn queued(prompt: &RawValue, meta: bool) -> Mapped {
    let speaker = Speaker {
        meta,
        human: false,
        summary: false,
    };
    let mut mapped = Mapped::new(Role::User, Turn::Same);
    speak(&mut mapped, prompt, &speaker);
    // It joins a turn that is under way.
    (mapped.role, mapped.turn) = (Role::Other, Turn::Same);
    mapped
}

struct Speaker {
    meta: bool,
    human: bool,
    summary: bool,
}

impl Speaker {
    /// A text's parts, which may be by different speakers.
    fn parts<'a>(&self, text: &'a str) -> Vec<&'a str> {
        if self.meta || self.human || self.summary {
            return vec![text];
        }
        words::parts(text)
    }
}

/// Takes the content apart: words, results and files.
fn speak(mapped: &mut Mapped, content: &RawValue, speaker: &Speaker) {
    if let Some(text) = string(content) {
        let parts = speaker.parts(&text);
        if parts.len() == 1 {
            say(mapped, &[text], None, speaker);
            return;
        }
        for part in parts {
            say(mapped, &[Cow::Borrowed(part)], None, speaker);
        }
        return;
    }
    let Ok(values) = serde_json::from_str::<Vec<&RawValue>>(content.get()) else {
        let mut event = blank(EventType::Unknown);
        event.extra = Raw::parse(&format!("{{\"content\":{}}}", content.get())).ok();
        mapped.add(event);
        return;
    };
    let mut typed: Vec<Cow<'_, str>> = Vec::new();
    let mut files = Vec::new();
    let mut leftovers = Vec::new();
    for value in values {
        let Some(mut block) = Object::of(value) else {
            match string(value) {
                Some(text) => typed.push(text),
                None => files.push(value.get().to_owned()),
            }
            continue;
        };
        let kind = block.peek("type").and_then(string).unwrap_or_default();
        match &*kind {
            "tool_result" => {
                let mut event = result::of_block(&mut block);
                event.extra = block.rest();
                mapped.add(event);
                (mapped.role, mapped.turn) = (Role::Result, Turn::Open);
            }
            "text" => {
                let Some(text) = block.text("text") else {
                    files.push(result::file(value));
                    continue;
                };
                block.ignore(&["type", "cache_control"]);
                leftovers.extend(block.rest());
                for part in speaker.parts(&text) {
                    if classify(part, speaker.meta, speaker.human) == Words::Typed {
                        typed.push(Cow::Owned(part.to_owned()));
                    } else {
                        say(mapped, &[Cow::Borrowed(part)], None, speaker);
                    }
                }
            }
            _ => files.push(result::file(value)),
        }
    }
    if !typed.is_empty() || !files.is_empty() {
        say(mapped, &typed, result::attachments(&files), speaker);
    }
    let free = mapped.events.iter_mut().find(|event| event.extra.is_none());
    if let Some(event) = free.filter(|_| !leftovers.is_empty()) {
        let leftovers = leftovers.iter().map(Raw::json).collect::<Vec<_>>();
        event.extra = Raw::parse(&format!("{{\"blocks\":[{}]}}", leftovers.join(","))).ok();
    }
}

/// Words and files as one event.
fn say(mapped: &mut Mapped, texts: &[Cow<'_, str>], files: Option<Raw>, speaker: &Speaker) {
    let text = match texts {
        [one] => one.clone(),
        several => Cow::Owned(several.join("\n")),
    };
    let words = if speaker.summary {
        Words::Summary
    } else {
        classify(&text, speaker.meta, speaker.human)
    };
    // An instruction of the agent beside a result changes nothing in the turn.
    let opens = mapped.role != Role::Result;
    match words {
        Words::Typed | Words::Injected => {
            let injected = words == Words::Injected;
            let mut event = blank(EventType::User);
            event.injected = injected;
            event.text = (!texts.is_empty()).then(|| text.clone().into_owned());
            event.attachments = files;
            mapped.add(event);
            if opens && (!injected || text.starts_with("<task-notification")) {
                mapped.turn = Turn::Open;
            }
        }
        Words::Summary => {
            mapped.push(EventType::Summary, &*text);
        }
        Words::Command(shown) => {
            mapped.push(EventType::System, shown);
        }
        Words::Interrupted => {
            mapped.push(EventType::Error, &*text);
            mapped.turn = Turn::Closed;
        }
    }
}
