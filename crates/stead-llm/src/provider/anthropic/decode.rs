//! Reads Anthropic's messages, streamed or not. Blocks of an answer are its parts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::wire;
use crate::message::Form;
use crate::provider::field::{count, list, some, some_text, text};
use crate::provider::{Decoder, Emitter, Refusal, Told};
use crate::response::Label;
use crate::sse::SseEvent;

/// What was read of an answer so far.
pub(super) struct Reading {
    seed: String,
    blocks: BTreeMap<Label, Block>,
    stopped: bool,
    over: bool,
}

/// A block that is coming in.
enum Block {
    Text,
    Thinking {
        signature: String,
    },
    /// A call, and its input if the block began with one: then no deltas may follow.
    Call {
        input: Option<String>,
        has_deltas: bool,
    },
    Foreign,
}

impl Reading {
    pub(super) fn new(seed: &str) -> Self {
        Self {
            seed: seed.to_owned(),
            blocks: BTreeMap::new(),
            stopped: false,
            over: false,
        }
    }

    fn handle(&mut self, kind: &str, value: &Value, out: &mut Emitter) -> Result<(), Refusal> {
        let part = count(value, "index").unwrap_or(0);
        match kind {
            "message_start" => {
                let message = value.get("message").unwrap_or(&Value::Null);
                head(message, out);
                // A gateway may put a whole answer into its first event.
                for (place, block) in list(message, "content").iter().enumerate() {
                    self.begin(place as Label, block, out);
                }
            }
            "content_block_start" => {
                self.begin(
                    part,
                    value.get("content_block").unwrap_or(&Value::Null),
                    out,
                );
            }
            "content_block_delta" => {
                self.delta(part, value.get("delta").unwrap_or(&Value::Null), out);
            }
            "content_block_stop" => self.end(part, out),
            "message_delta" => {
                if let Some(usage) = some(value, "usage") {
                    out.usage(wire::usage(usage));
                }
                self.stop(value.get("delta").unwrap_or(&Value::Null), out);
            }
            "message_stop" => self.over = true,
            "ping" => {}
            "error" => {
                return Err(Told::of_value(0, value).map_or_else(
                    || Refusal::Malformed("an error without words".into()),
                    Refusal::Told,
                ));
            }
            kind => out.unknown("event", kind),
        }
        Ok(())
    }

    fn begin(&mut self, part: Label, block: &Value, out: &mut Emitter) {
        let known = match text(block, "type") {
            Some("text") => {
                out.text(part, text(block, "text").unwrap_or_default());
                Block::Text
            }
            Some("thinking") => {
                out.empty_reasoning(part, text(block, "thinking").unwrap_or_default());
                let signature = text(block, "signature").unwrap_or_default().to_owned();
                Block::Thinking { signature }
            }
            Some("redacted_thinking") => {
                out.empty_reasoning(part, "");
                out.opaque(part, block.clone());
                Block::Text
            }
            Some("tool_use") => self.call(part, block, out),
            kind => {
                out.unknown("block", kind.unwrap_or("without a type"));
                out.opaque(part, block.clone());
                Block::Foreign
            }
        };
        self.blocks.insert(part, known);
    }

    fn call(&self, part: Label, block: &Value, out: &mut Emitter) -> Block {
        let own = some_text(block, "id").map(str::to_owned);
        let id = own.unwrap_or_else(|| format!("call_{}_{part}", self.seed));
        out.call(
            part,
            &id,
            text(block, "name").unwrap_or_default(),
            Form::Json,
        );
        let input = some(block, "input").filter(|input| **input != json!({}));
        Block::Call {
            input: input.map(Value::to_string),
            has_deltas: false,
        }
    }

    fn delta(&mut self, part: Label, delta: &Value, out: &mut Emitter) {
        let words = |name| text(delta, name).unwrap_or_default();
        match (text(delta, "type"), self.blocks.get_mut(&part)) {
            (Some("text_delta"), _) => out.text(part, words("text")),
            (Some("thinking_delta"), _) => out.reasoning(part, words("thinking")),
            (Some("signature_delta"), Some(Block::Thinking { signature })) => {
                signature.push_str(words("signature"));
            }
            (Some("input_json_delta"), Some(Block::Call { has_deltas, .. })) => {
                *has_deltas |= !words("partial_json").is_empty();
                out.arguments(part, words("partial_json"));
            }
            // The input of a block that is not ours to run.
            (Some("input_json_delta"), Some(Block::Foreign)) => {}
            (Some(kind), _) if wire::IGNORED_DELTAS.contains(&kind) => {}
            (kind, _) => out.unknown("delta", kind.unwrap_or("without a type")),
        }
    }

    fn end(&mut self, part: Label, out: &mut Emitter) {
        match self.blocks.remove(&part) {
            Some(Block::Thinking { signature }) if !signature.is_empty() => {
                out.opaque(
                    part,
                    json!({"type": "thinking", "thinking": "", "signature": signature}),
                );
            }
            Some(Block::Call { input, has_deltas }) if !has_deltas => {
                out.arguments(part, input.as_deref().unwrap_or("{}"));
            }
            _ => {}
        }
    }

    fn stop(&mut self, place: &Value, out: &mut Emitter) {
        let Some(word) = some_text(place, "stop_reason") else {
            return;
        };
        // Blocks that nobody ended are ended here, so that their signatures are kept.
        let open: Vec<Label> = self.blocks.keys().copied().collect();
        for part in open {
            self.end(part, out);
        }
        out.stop(wire::stop(word), word);
        self.stopped = true;
    }
}

/// What stands at the head of an answer.
fn head(message: &Value, out: &mut Emitter) {
    out.began(text(message, "id"), text(message, "model"));
    if let Some(usage) = some(message, "usage") {
        out.usage(wire::usage(usage));
    }
}

impl Decoder for Reading {
    fn event(&mut self, event: &SseEvent, out: &mut Emitter) -> Result<(), Refusal> {
        let data = event.data.trim();
        if data.is_empty() || data == "[DONE]" {
            return Ok(());
        }
        let value: Value = serde_json::from_str(data)
            .map_err(|error| Refusal::Malformed(format!("an event is no JSON: {error}")))?;
        let kind = some_text(&value, "type").unwrap_or(&event.name).to_owned();
        self.handle(&kind, &value, out)
    }

    fn whole(&mut self, body: Value, out: &mut Emitter) -> Result<(), Refusal> {
        if let Some(told) = some(&body, "error").and_then(|_| Told::of_value(0, &body)) {
            return Err(Refusal::Told(told));
        }
        let Some(content) = body.get("content").and_then(Value::as_array) else {
            return Err(Refusal::Malformed("there is no `content`".into()));
        };
        head(&body, out);
        for (place, block) in content.iter().enumerate() {
            self.begin(place as Label, block, out);
            self.end(place as Label, out);
        }
        self.stop(&body, out);
        (self.stopped, self.over) = (true, true);
        Ok(())
    }

    fn is_whole(&self) -> bool {
        self.stopped
    }

    fn is_over(&self) -> bool {
        self.over
    }
}
