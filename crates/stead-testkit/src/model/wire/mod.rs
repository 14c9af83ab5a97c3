//! Puts answers into providers' formats. What stands here was written from the formats'
//! public descriptions and from what real agents take, not from our own decoders.

mod anthropic;
mod gemini;
mod openai;
mod responses;

use serde_json::{Value, json};

use super::{Answer, Asked, Call, Tokens, phrase};

/// A provider's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// Chat completions.
    Openai,
    /// Responses.
    Responses,
    /// Messages.
    Anthropic,
    /// `generateContent`.
    Gemini,
}

/// What a format puts on the line.
pub(super) struct Said<'a> {
    pub(super) answer: &'a Answer,
    pub(super) calls: Vec<Call>,
    pub(super) tokens: Tokens,
    pub(super) model: &'a str,
    /// The number of the request, which makes ids.
    pub(super) number: usize,
}

impl Wire {
    /// All formats.
    pub const ALL: [Self; 4] = [Self::Openai, Self::Responses, Self::Anthropic, Self::Gemini];

    /// The format of a request for an answer; none if the path is of another kind.
    pub(super) fn of_path(path: &str) -> Option<Self> {
        let path = path.split('?').next().unwrap_or_default();
        let ends = [
            ("/chat/completions", Self::Openai),
            ("/responses", Self::Responses),
            ("/messages", Self::Anthropic),
            (":generateContent", Self::Gemini),
            (":streamGenerateContent", Self::Gemini),
        ];
        let mut ends = ends.into_iter();
        ends.find_map(|(end, wire)| path.ends_with(end).then_some(wire))
    }

    /// What a client puts its own paths after.
    pub(super) const fn base(self) -> &'static str {
        match self {
            Self::Openai | Self::Responses | Self::Anthropic => "/v1",
            Self::Gemini => "/v1beta",
        }
    }

    /// An answer as it goes over the line: events, or the halves of one object.
    pub(super) fn frames(self, answer: &Answer, asked: &Asked, number: usize) -> Vec<Vec<u8>> {
        let length = |text: usize| (text as u64 / 4).max(1);
        let calls = answer.calls.iter();
        let said = Said {
            answer,
            calls: calls.map(|call| phrase::phrased(call, asked)).collect(),
            tokens: answer.usage.unwrap_or_else(|| Tokens {
                input: length(asked.body.len()),
                output: length(answer.say.len() + answer.think.len()),
            }),
            model: asked.model(),
            number,
        };
        if asked.is_streamed() {
            let events = match self {
                Self::Openai => openai::events(&said),
                Self::Responses => responses::events(&said),
                Self::Anthropic => anthropic::events(&said),
                Self::Gemini => gemini::events(&said),
            };
            return events.into_iter().map(String::into_bytes).collect();
        }
        let whole = match self {
            Self::Openai => openai::whole(&said),
            Self::Responses => responses::whole(&said),
            Self::Anthropic => anthropic::whole(&said),
            Self::Gemini => gemini::whole(&said),
        };
        let whole = whole.to_string().into_bytes();
        let (first, second) = whole.split_at(whole.len() / 2);
        vec![first.to_vec(), second.to_vec()]
    }

    /// The body of an answer that is none.
    pub(super) fn refusal(self, status: u16) -> Value {
        let (kind, words) = match status {
            429 => ("rate_limit_error", "Slow down"),
            529 | 503 => ("overloaded_error", "Overloaded"),
            401 | 403 => ("authentication_error", "This key opens nothing"),
            400 => ("invalid_request_error", "This makes no sense"),
            _ => ("server_error", "Something went wrong"),
        };
        match self {
            Self::Openai | Self::Responses => {
                json!({"type": "error", "error": {"message": words, "type": kind, "code": status}})
            }
            Self::Anthropic => json!({"type": "error", "error": {"type": kind, "message": words}}),
            Self::Gemini => {
                json!({"error": {"code": status, "message": words, "status": kind.to_uppercase()}})
            }
        }
    }
}

impl Call {
    /// The arguments as a text.
    fn text(&self) -> String {
        match (&self.raw, &self.arguments) {
            (Some(raw), _) => raw.clone(),
            (None, Value::String(text)) => text.clone(),
            (None, Value::Null) => "{}".to_owned(),
            (None, value) => value.to_string(),
        }
    }

    /// The arguments as an object, for formats in which they are one: what is none is
    /// put into one.
    fn object(&self) -> Value {
        let text = self.text();
        let value: Option<Value> = serde_json::from_str(&text).ok();
        value
            .filter(Value::is_object)
            .unwrap_or_else(|| json!({"input": text}))
    }
}

impl Said<'_> {
    /// The id of a call.
    fn id(&self, place: usize) -> String {
        format!("call_{}_{place}", self.number)
    }
}

/// A text in pieces of about so many bytes, as streams have it.
fn pieces(text: &str) -> Vec<&str> {
    // Large answers come in large pieces, so that they do not take for ever.
    let size = (text.len() / 1_000).max(24);
    let (mut pieces, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let (piece, more) = rest.split_at(rest.ceil_char_boundary(size.min(rest.len())));
        pieces.push(piece);
        rest = more;
    }
    pieces
}

fn event(name: Option<&str>, data: &Value) -> String {
    match name {
        Some(name) => format!("event: {name}\ndata: {data}\n\n"),
        None => format!("data: {data}\n\n"),
    }
}
