//! What was sent to the model and what it answered: the messages of
//! `api_conversation_history.json`, in the form of the Messages API.

use std::borrow::Cow;

use memchr::memmem;
use serde_json::value::RawValue;
use stead_usf::{Model, Source, Time};

use super::shown::{model, time};
use crate::container::array::Element;
use crate::container::json::{Object, Values, string};

/// A message.
pub(super) struct Sent<'a> {
    /// Its place in the file.
    pub(super) index: usize,
    pub(super) ts: Option<i64>,
    /// A summary that stands for earlier messages.
    pub(super) is_summary: bool,
    /// The provider's id of the reply.
    pub(super) id: Option<String>,
    pub(super) model: Option<Model>,
    /// Tokens of the request, as far as this file has them.
    pub(super) metrics: Option<Object<'a>>,
    /// The mark that messages bear which this one replaces.
    pub(super) replaces: Option<String>,
    /// The mark of the message that replaces this one.
    pub(super) replaced: Option<String>,
    pub(super) blocks: Vec<Block<'a>>,
    /// What is left of the message.
    pub(super) rest: Object<'a>,
    pub(super) source: &'a Source,
}

/// A block of a message.
pub(super) struct Block<'a> {
    pub(super) kind: Cow<'a, str>,
    pub(super) rest: Object<'a>,
    /// The whole block.
    pub(super) json: &'a RawValue,
}

impl<'a> Sent<'a> {
    /// Takes a message apart; `None` if it is none.
    pub(super) fn of(index: usize, element: &'a Element) -> Option<Self> {
        let mut object = Object::parse(&element.text).ok()?;
        object.text("role")?;
        let is_summary = object.bool("isSummary").unwrap_or(false);
        let mark = |object: &mut Object<'_>, names: [&str; 2]| {
            names.iter().find_map(|name| object.string(name))
        };
        Some(Self {
            index,
            ts: object.i64("ts"),
            is_summary,
            id: object.string("id").filter(|id| !id.is_empty()),
            model: object.take("modelInfo").and_then(model),
            metrics: object.object("metrics"),
            replaces: mark(&mut object, ["condenseId", "truncationId"]),
            replaced: mark(&mut object, ["condenseParent", "truncationParent"]),
            blocks: blocks(&mut object),
            rest: object,
            source: &element.source,
        })
    }

    pub(super) fn at(&self) -> Option<Time> {
        self.ts.and_then(time)
    }

    /// Whether a message is the model's, from the beginning of its JSON.
    pub(super) fn is_reply(element: &Element) -> bool {
        Object::parse(&element.text).is_ok_and(|object| {
            let summary = object
                .peek("isSummary")
                .is_some_and(|value| value.get() == "true");
            let role = object.peek("role").and_then(string);
            !summary && role.is_some_and(|role| role == "assistant")
        })
    }

    /// Whether a message is a summary of messages that are gone: those of before
    /// Roo Code 3.36 bear no mark.
    pub(super) fn is_last_word(element: &Element) -> bool {
        memmem::find(element.text.as_bytes(), b"\"isSummary\"").is_some()
            && Object::parse(&element.text).is_ok_and(|object| {
                let summary = object.peek("isSummary");
                summary.is_some_and(|value| value.get() == "true")
                    && object.peek("condenseId").is_none()
            })
    }

    /// Whether any tool was called by the protocol, not by tags.
    pub(super) fn calls(&self) -> bool {
        self.blocks.iter().any(|block| block.kind == "tool_use")
    }
}

/// The blocks of a message; a plain text is one.
fn blocks<'a>(object: &mut Object<'a>) -> Vec<Block<'a>> {
    let Some(content) = object.take("content") else {
        return Vec::new();
    };
    let block = |json: &'a RawValue| {
        let mut rest = Object::of(json).unwrap_or_default();
        let plain = json.get().starts_with('"');
        let kind = plain.then(|| "text".into()).or_else(|| rest.text("type"));
        let kind = kind.unwrap_or_default();
        Block { kind, rest, json }
    };
    match serde_json::from_str::<Values<'a>>(content.get()) {
        Ok(values) => values.into_iter().map(block).collect(),
        Err(_) => vec![block(content)],
    }
}

impl<'a> Block<'a> {
    /// The text of a block of text, wherever it stands.
    pub(super) fn text(&mut self) -> Option<Cow<'a, str>> {
        string(self.json).or_else(|| self.rest.text("text"))
    }
}

/// What a tool was told to have answered: a text, or blocks of text and images.
pub(super) fn output(content: &RawValue) -> String {
    if let Some(text) = string(content) {
        return text.into_owned();
    }
    let values: Values<'_> = serde_json::from_str(content.get()).unwrap_or_default();
    let texts: Vec<_> = values
        .into_iter()
        .filter_map(|value| Object::of(value)?.text("text"))
        .collect();
    texts.join("\n")
}
