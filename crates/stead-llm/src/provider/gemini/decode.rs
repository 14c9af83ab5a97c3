//! Reads Gemini's answers, streamed or not. A stream is a row of whole answers, each with
//! the parts that are new; parts of one kind that follow each other are one part, unless
//! a signature ends them.

use serde_json::{Value, json};

use super::wire;
use crate::encoding::base64;
use crate::message::{Form, Image};
use crate::provider::field::{list, some, some_text, text};
use crate::provider::{Decoder, Emitter, Refusal, Told};
use crate::response::{Label, StopKind};
use crate::sse::SseEvent;

/// What was read of an answer so far.
pub(super) struct Reading {
    seed: String,
    /// The label of the next part.
    next: Label,
    /// The part that more text would belong to, and whether it is a thought.
    open: Option<(Label, bool)>,
    finished: bool,
}

impl Reading {
    pub(super) fn new(seed: &str) -> Self {
        Self {
            seed: seed.to_owned(),
            next: 0,
            open: None,
            finished: false,
        }
    }

    fn object(&mut self, value: &Value, out: &mut Emitter) -> Result<(), Refusal> {
        if let Some(told) = some(value, "error").and_then(|_| Told::of_value(0, value)) {
            return Err(Refusal::Told(told));
        }
        out.began(text(value, "responseId"), text(value, "modelVersion"));
        if let Some(usage) = some(value, "usageMetadata") {
            out.usage(wire::usage(usage));
        }
        let Some(candidate) = list(value, "candidates").first() else {
            let blocked = wire::blocked(value);
            return blocked.map_or(Ok(()), |said| {
                Err(Refusal::Told(Told::of_code("content_filter", &said)))
            });
        };
        if let Some(content) = some(candidate, "content") {
            for part in list(content, "parts") {
                self.part(part, out);
            }
        }
        if let Some(word) = some_text(candidate, "finishReason") {
            let kind = wire::stop(word);
            out.stop(kind, word);
            if kind == StopKind::MalformedCall
                && let Some(said) = some_text(candidate, "finishMessage")
            {
                // The call itself is not there; what Gemini says of it is all there is.
                out.unknown("call", said);
            }
            self.finished = true;
        }
        Ok(())
    }

    fn part(&mut self, part: &Value, out: &mut Emitter) {
        let signature = some_text(part, "thoughtSignature");
        let back = signature.map(|signature| json!({"thoughtSignature": signature}));
        if let Some(call) = some(part, "functionCall") {
            let label = self.label();
            let own = some_text(call, "id").map(str::to_owned);
            let id = own.unwrap_or_else(|| format!("call_{}_{label}", self.seed));
            out.call(
                label,
                &id,
                text(call, "name").unwrap_or_default(),
                Form::Json,
            );
            let args = some(call, "args").map_or_else(|| "{}".to_owned(), Value::to_string);
            out.arguments(label, &args);
            if let Some(back) = back {
                out.opaque(label, back);
            }
        } else if let Some(words) = text(part, "text") {
            self.words(part, words, back, out);
        } else if let Some(image) = some(part, "inlineData").and_then(picture) {
            let label = self.label();
            out.image(label, image);
        } else {
            let names = part
                .as_object()
                .into_iter()
                .flat_map(|object| object.keys());
            let mut names = names.filter(|name| !wire::READ.contains(&name.as_str()));
            match names.next() {
                Some(name) => {
                    out.unknown("part", name);
                    let label = self.label();
                    out.opaque(label, part.clone());
                }
                // A signature alone belongs to an empty text.
                None => self.words(part, "", back, out),
            }
        }
    }

    fn words(&mut self, part: &Value, words: &str, back: Option<Value>, out: &mut Emitter) {
        let is_thought = part.get("thought") == Some(&Value::Bool(true));
        if back.is_none() && words.is_empty() {
            return;
        }
        // A signed part stays by itself: it has to go back as it came.
        let open = self
            .open
            .filter(|(_, thought)| *thought == is_thought && back.is_none());
        let label = open.map_or_else(|| self.label(), |(label, _)| label);
        if is_thought {
            out.empty_reasoning(label, words);
        } else {
            out.empty_text(label, words);
        }
        match back {
            Some(back) => out.opaque(label, back),
            None => self.open = Some((label, is_thought)),
        }
    }

    /// A label for a part of its own; nothing goes on before it.
    fn label(&mut self) -> Label {
        self.open = None;
        self.next += 1;
        self.next
    }
}

fn picture(data: &Value) -> Option<Image> {
    Some(Image {
        media_type: text(data, "mimeType")?.to_owned(),
        bytes: base64::bytes(text(data, "data")?)?,
    })
}

impl Decoder for Reading {
    fn event(&mut self, event: &SseEvent, out: &mut Emitter) -> Result<(), Refusal> {
        let data = event.data.trim();
        if data.is_empty() || data == "[DONE]" {
            return Ok(());
        }
        let value: Value = serde_json::from_str(data)
            .map_err(|error| Refusal::Malformed(format!("an event is no JSON: {error}")))?;
        self.object(&value, out)
    }

    fn whole(&mut self, body: Value, out: &mut Emitter) -> Result<(), Refusal> {
        let pieces = match body {
            // Without `alt=sse` a stream is a list.
            Value::Array(pieces) => pieces,
            one => vec![one],
        };
        let is_answer = |piece: &Value| {
            ["candidates", "promptFeedback", "error"]
                .iter()
                .any(|name| piece.get(name).is_some())
        };
        if !pieces.iter().any(is_answer) {
            return Err(Refusal::Malformed("there are no `candidates`".into()));
        }
        pieces
            .iter()
            .try_for_each(|piece| self.object(piece, out))?;
        self.finished = true;
        Ok(())
    }

    fn is_whole(&self) -> bool {
        self.finished
    }

    fn is_over(&self) -> bool {
        // What follows the last word may be the count of tokens.
        false
    }
}
