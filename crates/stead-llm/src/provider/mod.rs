//! The wire formats. Each is a folder: `mod.rs` (what it is called, where its requests
//! go), `wire.rs` (the format's words and what we make of them), `encode.rs` (a request
//! to JSON), `decode.rs` (JSON to pieces of an answer). This file is their list and what
//! they have to do; it knows no field of any of them.
//!
//! Laws, held by `tests/laws.rs` on everything in `testdata/`: an answer that streams is
//! the same as one that comes at once; where a stream is cut makes no difference; what
//! is not known is named (`Delta::Unknown`) or ignored by name in `wire.rs`; an error
//! has a class.

mod anthropic;
mod emitter;
mod field;
mod gemini;
mod openai;
mod openai_responses;
mod refusal;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::endpoint::Dialect;
use crate::message::{Origin, Request};
use crate::response::Delta;
use crate::sse::SseEvent;

pub(crate) use emitter::Emitter;
pub(crate) use refusal::{Refusal, Told};

/// A wire format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wire {
    /// OpenAI's chat completions, and all that speak their dialects.
    Openai,
    /// OpenAI's responses.
    OpenaiResponses,
    /// Anthropic's messages.
    Anthropic,
    /// Gemini's generateContent.
    Gemini,
}

/// All formats with what speaks them: a new one is a folder and a line.
const WIRES: &[(Wire, &str, &dyn Format)] = &[
    (Wire::Openai, "openai", &openai::OpenAi),
    (
        Wire::OpenaiResponses,
        "openai-responses",
        &openai_responses::Responses,
    ),
    (Wire::Anthropic, "anthropic", &anthropic::Anthropic),
    (Wire::Gemini, "gemini", &gemini::Gemini),
];

impl Wire {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        WIRES.iter().map(|(wire, _, _)| *wire)
    }

    /// The name in configurations and on command lines.
    pub fn name(self) -> &'static str {
        let own = WIRES.iter().find(|(wire, _, _)| *wire == self);
        own.map_or("", |(_, name, _)| name)
    }

    /// What speaks it.
    pub(crate) fn format(self) -> &'static dyn Format {
        let own = WIRES.iter().find(|(wire, _, _)| *wire == self);
        own.map_or(&openai::OpenAi, |(_, _, format)| *format)
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that names no wire format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no wire format; there are openai, openai-responses, anthropic and gemini")]
pub struct UnknownWire(String);

impl FromStr for Wire {
    type Err = UnknownWire;

    fn from_str(text: &str) -> Result<Self, UnknownWire> {
        let own = WIRES.iter().find(|(_, name, _)| *name == text);
        own.map(|(wire, _, _)| *wire)
            .ok_or_else(|| UnknownWire(text.to_owned()))
    }
}

/// What an encoder has to know besides the request.
#[derive(Debug, Clone)]
pub(crate) struct Context<'a> {
    /// Whom the request goes to: only its own opaque data goes along.
    pub(crate) origin: &'a Origin,
    /// What this provider understands.
    pub(crate) dialect: &'a Dialect,
    /// Whether the answer is to stream.
    pub(crate) stream: bool,
}

/// Data of a provider that it gets back: only its own.
impl Context<'_> {
    pub(crate) fn own<'o>(&self, opaque: Option<&'o crate::message::Opaque>) -> Option<&'o Value> {
        opaque
            .filter(|opaque| opaque.origin == *self.origin)
            .map(|opaque| &opaque.data)
    }
}

/// What a wire format does.
pub(crate) trait Format: Sync {
    /// The path below the base URL.
    fn path(&self, request: &Request, stream: bool) -> String;

    /// The segment that stands in the base URL by convention (`v1`), added if the URL
    /// has no version of its own.
    fn version(&self) -> &'static str {
        "v1"
    }

    /// Whether the version is missing from a base URL with this path.
    fn lacks_version(&self, path: &str) -> bool {
        path.trim_matches('/').is_empty()
    }

    /// The header that carries the key: name, and what stands before the key.
    fn key_header(&self) -> (&'static str, &'static str) {
        ("authorization", "Bearer ")
    }

    /// Further headers that the format demands.
    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// The body.
    fn encode(&self, request: &Request, context: &Context<'_>) -> Map<String, Value>;

    /// A reader for one answer. `seed` makes ids of calls unique where the provider
    /// gives none.
    fn decoder(&self, seed: &str) -> Box<dyn Decoder>;
}

/// Reads one answer.
pub(crate) trait Decoder: Send {
    /// Takes in an event of a stream.
    fn event(&mut self, event: &SseEvent, out: &mut Emitter) -> Result<(), Refusal>;

    /// Takes in an answer that came at once.
    fn whole(&mut self, body: Value, out: &mut Emitter) -> Result<(), Refusal>;

    /// Whether the answer is whole.
    fn is_whole(&self) -> bool;

    /// Whether nothing follows any more, so that there is no need to wait for the end
    /// of the connection.
    fn is_over(&self) -> bool {
        self.is_whole()
    }
}

/// Decodes an answer for tests and fuzzing: as a stream of bytes, or whole.
pub mod decode {
    use super::{Delta, Emitter, Refusal, SseEvent, Wire};
    use crate::sse::SseReader;

    /// The pieces of a recorded answer, and whether it was whole; in words, why not.
    pub fn stream(wire: Wire, pieces: &[&[u8]]) -> Result<(Vec<Delta>, bool), String> {
        let mut reader = SseReader::default();
        let mut decoder = wire.format().decoder("test");
        let mut out = Emitter::default();
        let mut feed = |events: Vec<SseEvent>, out: &mut Emitter| {
            let mut events = events.into_iter();
            events
                .try_for_each(|event| decoder.event(&event, out))
                .map_err(|e| e.to_string())
        };
        for piece in pieces {
            let events = reader.push(piece).map_err(|error| error.to_string())?;
            feed(events, &mut out)?;
        }
        feed(reader.end().into_iter().collect(), &mut out)?;
        Ok((out.take(), decoder.is_whole()))
    }

    /// The pieces of an answer that came at once; in words, why there are none.
    pub fn whole(wire: Wire, body: &[u8]) -> Result<Vec<Delta>, String> {
        let body = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let mut out = Emitter::default();
        let mut decoder = wire.format().decoder("test");
        decoder
            .whole(body, &mut out)
            .map_err(|refusal: Refusal| refusal.to_string())?;
        Ok(out.take())
    }
}

#[cfg(test)]
mod tests;
