//! The parts of a message.

use std::borrow::Cow;

use serde_json::value::RawValue;
use stead_usf::Raw;

use super::prompt;
use crate::container::json::{self, Object, Values};

/// What each part of a user message is (0.169), in order.
pub(super) fn kinds<'a>(fields: &mut Object<'a>) -> Vec<Cow<'a, str>> {
    let kinds = fields
        .object("internal_chat_message_metadata_passthrough")
        .and_then(|mut passthrough| passthrough.values("content_item_kinds"));
    let text = |value| json::string(value).unwrap_or_default();
    kinds.unwrap_or_default().into_iter().map(text).collect()
}

/// The parts of a message.
pub(super) struct Content<'a> {
    pub(super) parts: Vec<Part<'a>>,
}

pub(super) enum Part<'a> {
    Text(Cow<'a, str>),
    /// An image or a file, to the letter.
    Other(&'a str),
}

impl<'a> Content<'a> {
    /// Takes the `content` of a message: a list of parts, or just a text.
    pub(super) fn of(fields: &mut Object<'a>) -> Self {
        match fields.values("content") {
            Some(values) => Self::list(values),
            None => Self {
                parts: fields.text("content").map(Part::Text).into_iter().collect(),
            },
        }
    }

    pub(super) fn list(values: Values<'a>) -> Self {
        let part = |value: &'a RawValue| {
            let text = Object::of(value).and_then(|mut part| {
                // Tasks for subagents stand here; real ciphertext has no blanks.
                part.text("text").or_else(|| {
                    part.text("encrypted_content")
                        .filter(|text| text.contains(' '))
                })
            });
            text.map_or(Part::Other(value.get()), Part::Text)
        };
        Self {
            parts: values.into_iter().map(part).collect(),
        }
    }

    /// The texts of the wanted parts, one below the other.
    pub(super) fn text(&self, wanted: impl Fn(usize) -> bool) -> Option<String> {
        let images = self.parts.iter().any(|part| matches!(part, Part::Other(_)));
        let texts = self
            .parts
            .iter()
            .enumerate()
            .filter_map(|(place, part)| match part {
                Part::Text(text) if wanted(place) && !(images && prompt::frames_image(text)) => {
                    Some(text.as_ref())
                }
                _ => None,
            });
        join(texts, "\n")
    }

    pub(super) fn join(&self, separator: &str) -> Option<String> {
        let texts = self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_ref()),
            Part::Other(_) => None,
        });
        join(texts, separator)
    }

    /// The parts that are no text, as a list.
    pub(super) fn attachments(&self) -> Option<Raw> {
        let others: Vec<&str> = self
            .parts
            .iter()
            .filter_map(|part| match part {
                Part::Other(json) if !json.contains("\"encrypted_content\"") => Some(*json),
                _ => None,
            })
            .collect();
        if others.is_empty() {
            return None;
        }
        Raw::parse(&format!("[{}]", others.join(","))).ok()
    }
}

fn join<'t>(texts: impl Iterator<Item = &'t str>, separator: &str) -> Option<String> {
    let mut joined: Option<String> = None;
    for text in texts {
        match &mut joined {
            Some(joined) => {
                joined.push_str(separator);
                joined.push_str(text);
            }
            None => joined = Some(text.to_owned()),
        }
    }
    joined
}
