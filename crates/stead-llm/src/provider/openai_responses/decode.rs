//! Reads responses, streamed or not. The items of an answer come whole at their end; what
//! streamed before is not said again.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::wire;
use crate::message::Form;
use crate::provider::field::{count, list, some, some_text, text};
use crate::provider::{Decoder, Emitter, Refusal, Told};
use crate::response::{Label, StopKind};
use crate::sse::SseEvent;

/// So many parts an item may have; more would run into the labels of the next one.
const PARTS: u64 = 1 << 12;

/// What was read of an answer so far.
pub(super) struct Reading {
    seed: String,
    /// How many bytes of a part's text were given out.
    given: BTreeMap<Label, usize>,
    /// Calls that were said to be there.
    calls: BTreeSet<Label>,
    /// Items that came to their end.
    done: BTreeSet<u64>,
    is_whole: bool,
}

impl Reading {
    pub(super) fn new(seed: &str) -> Self {
        Self {
            seed: seed.to_owned(),
            given: BTreeMap::new(),
            calls: BTreeSet::new(),
            done: BTreeSet::new(),
            is_whole: false,
        }
    }

    /// The rest of a text of which a part may have streamed.
    fn rest<'t>(&mut self, part: Label, text: &'t str) -> &'t str {
        let given = self.given.insert(part, text.len()).unwrap_or(0);
        text.get(given..).unwrap_or_default()
    }

    fn more(&mut self, part: Label, text: &str) {
        *self.given.entry(part).or_default() += text.len();
    }

    fn handle(&mut self, kind: &str, value: &Value, out: &mut Emitter) -> Result<(), Refusal> {
        let item = count(value, "output_index").unwrap_or(0).min(1 << 40);
        let words = text(value, "delta").unwrap_or_default();
        match kind {
            "response.created" => began(value.get("response").unwrap_or(value), out),
            "response.output_text.delta" | "response.refusal.delta" => {
                let part = label(item, count(value, "content_index").unwrap_or(0));
                self.more(part, words);
                out.text(part, words);
            }
            "response.reasoning_summary_part.added" => {
                if count(value, "summary_index").is_some_and(|index| index > 0) {
                    self.more(label(item, 0), "\n\n");
                    out.reasoning(label(item, 0), "\n\n");
                }
            }
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                self.more(label(item, 0), words);
                out.reasoning(label(item, 0), words);
            }
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                // Before the call itself was told there is nothing to add to.
                if self.calls.contains(&label(item, 0)) {
                    self.more(label(item, 0), words);
                    out.arguments(label(item, 0), words);
                }
            }
            "response.output_item.done" => {
                self.item(item, value.get("item").unwrap_or(&Value::Null), out);
            }
            "response.completed" | "response.incomplete" | "response.done" => {
                self.end(value.get("response").unwrap_or(&Value::Null), out)?;
            }
            "response.failed" => {
                let response = value.get("response").unwrap_or(value);
                return Err(failure(response));
            }
            "error" => return Err(failure(value)),
            kind if wire::IGNORED.contains(&kind) => {}
            kind => out.unknown("event", kind),
        }
        if kind == "response.output_item.added" {
            self.begin(item, value.get("item").unwrap_or(&Value::Null), out);
        }
        Ok(())
    }

    /// The beginning of an item: a call is told of at once.
    fn begin(&mut self, index: u64, item: &Value, out: &mut Emitter) {
        if let Some(form) = call_form(item) {
            self.tell(index, item, form, out);
        }
    }

    fn tell(&mut self, index: u64, item: &Value, form: Form, out: &mut Emitter) {
        let part = label(index, 0);
        if self.calls.insert(part) {
            let own = some_text(item, "call_id").or_else(|| some_text(item, "id"));
            let id = own.map_or_else(|| format!("call_{}_{index}", self.seed), str::to_owned);
            out.call(part, &id, text(item, "name").unwrap_or_default(), form);
        }
    }

    /// An item at its end.
    fn item(&mut self, index: u64, item: &Value, out: &mut Emitter) {
        if !self.done.insert(index) {
            return;
        }
        if let Some(form) = call_form(item) {
            self.tell(index, item, form, out);
            let name = if form == Form::Text {
                "input"
            } else {
                "arguments"
            };
            let arguments = match item.get(name) {
                Some(Value::String(text)) => text.clone(),
                Some(object @ Value::Object(_)) => object.to_string(),
                _ => String::new(),
            };
            let rest = self.rest(label(index, 0), &arguments);
            out.arguments(label(index, 0), rest);
            return;
        }
        match text(item, "type") {
            Some("message") => self.message(index, item, out),
            Some("reasoning") => self.reasoning(index, item, out),
            Some(kind) => {
                out.unknown("item", kind);
                out.opaque(label(index, 0), item.clone());
            }
            None => out.unknown("item", "without a type"),
        }
    }

    fn message(&mut self, index: u64, item: &Value, out: &mut Emitter) {
        for (place, piece) in list(item, "content").iter().enumerate() {
            let part = label(index, place as u64);
            let words = text(piece, "text").or_else(|| text(piece, "refusal"));
            match words {
                Some(words) => {
                    let rest = self.rest(part, words);
                    out.text(part, rest);
                    if let Some(phase) = some(item, wire::PHASE) {
                        out.opaque(part, json!({wire::PHASE: phase}));
                    }
                }
                None => out.unknown("content", text(piece, "type").unwrap_or("without a type")),
            }
        }
    }

    fn reasoning(&mut self, index: u64, item: &Value, out: &mut Emitter) {
        let part = label(index, 0);
        let texts = |name| {
            let pieces = list(item, name).iter();
            pieces
                .filter_map(|piece| text(piece, "text"))
                .collect::<Vec<_>>()
                .join("\n\n")
        };
        let (summary, content) = (texts("summary"), texts("content"));
        let whole = if content.is_empty() { summary } else { content };
        let rest = self.rest(part, &whole).to_owned();
        out.empty_reasoning(part, &rest);
        let mut back = Map::new();
        for name in wire::REASONING_BACK {
            if let Some(value) = some(item, name) {
                back.insert((*name).to_owned(), value.clone());
            }
        }
        // Without its encrypted form a provider that stores nothing cannot take it back.
        if back.contains_key("encrypted_content") {
            back.entry("summary").or_insert_with(|| json!([]));
            out.opaque(part, back.into());
        }
    }

    /// The whole answer, at the end of a stream or by itself.
    fn end(&mut self, response: &Value, out: &mut Emitter) -> Result<(), Refusal> {
        if some(response, "error").is_some() || text(response, "status") == Some("failed") {
            return Err(failure(response));
        }
        began(response, out);
        for (index, item) in list(response, "output").iter().enumerate() {
            self.item(index as u64, item, out);
        }
        if let Some(usage) = some(response, "usage") {
            out.usage(wire::usage(usage));
        }
        let status = some_text(response, "status").unwrap_or("completed");
        let reason =
            some(response, "incomplete_details").and_then(|details| some_text(details, "reason"));
        let kind = match wire::stop(status, reason) {
            StopKind::EndTurn if !self.calls.is_empty() => StopKind::ToolUse,
            kind => kind,
        };
        out.stop(kind, reason.unwrap_or(status));
        self.is_whole = true;
        Ok(())
    }
}

fn label(item: u64, part: u64) -> Label {
    item * PARTS + part.min(PARTS - 1)
}

fn call_form(item: &Value) -> Option<Form> {
    match text(item, "type")? {
        "function_call" => Some(Form::Json),
        "custom_tool_call" => Some(Form::Text),
        _ => None,
    }
}

fn began(response: &Value, out: &mut Emitter) {
    out.began(text(response, "id"), text(response, "model"));
}

/// The error of an answer that failed. In events it stands on top, in answers below.
fn failure(value: &Value) -> Refusal {
    Refusal::Told(Told::of_value(0, value).unwrap_or_else(|| {
        Told::of_code("server_error", "the answer failed and no reason was given")
    }))
}

impl Decoder for Reading {
    fn event(&mut self, event: &SseEvent, out: &mut Emitter) -> Result<(), Refusal> {
        let data = event.data.trim();
        if data.is_empty() || data == "[DONE]" {
            return Ok(());
        }
        let value: Value = serde_json::from_str(data)
            .map_err(|error| Refusal::Malformed(format!("an event is no JSON: {error}")))?;
        if let Some(told) = some(&value, "error").and_then(|_| Told::of_value(0, &value)) {
            return Err(Refusal::Told(told));
        }
        let kind = some_text(&value, "type").unwrap_or(&event.name).to_owned();
        self.handle(&kind, &value, out)
    }

    fn whole(&mut self, body: Value, out: &mut Emitter) -> Result<(), Refusal> {
        if body.get("output").is_none() && some(&body, "error").is_none() {
            return Err(Refusal::Malformed("there is no `output`".into()));
        }
        self.end(&body, out)
    }

    fn is_whole(&self) -> bool {
        self.is_whole
    }
}
