//! Reads chat completions, streamed or not. An answer has one text, one reasoning and any
//! number of calls; it is read the same way whether it comes in one object or in many.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::wire;
use crate::message::Form;
use crate::provider::field::{list, some, some_text, text};
use crate::provider::{Decoder, Emitter, Refusal, Told};
use crate::response::Label;
use crate::sse::SseEvent;

const REASONING: Label = 0;
const TEXT: Label = 1;
const CALLS: Label = 2;

/// What was read of an answer so far.
pub(super) struct Reading {
    seed: String,
    calls: BTreeMap<u64, Call>,
    /// The field in which reasoning came: it goes back in the same.
    field: Option<&'static str>,
    details: Vec<Value>,
    finished: bool,
    over: bool,
}

/// A call that is coming in.
#[derive(Default)]
struct Call {
    /// It has been said that there is this call.
    is_told: bool,
    id: String,
    name: String,
    form: Form,
    /// Arguments that came before the name.
    early: String,
}

impl Reading {
    pub(super) fn new(seed: &str) -> Self {
        Self {
            seed: seed.to_owned(),
            calls: BTreeMap::new(),
            field: None,
            details: Vec::new(),
            finished: false,
            over: false,
        }
    }

    /// An object of a stream, or the whole answer: they differ in the name of a field.
    fn object(&mut self, value: &Value, out: &mut Emitter) -> Result<(), Refusal> {
        let choice = list(value, "choices").first();
        if let Some(told) = some(value, "error").and_then(|_| Told::of_value(0, value)) {
            return Err(Refusal::Told(told));
        }
        if let Some(error) = choice.filter(|choice| some(choice, "error").is_some()) {
            return Err(Told::of_value(0, error).map_or_else(
                || Refusal::Malformed("an error without words".into()),
                Refusal::Told,
            ));
        }
        out.began(text(value, "id"), text(value, "model"));
        if let Some(choice) = choice {
            self.choice(choice, out);
        }
        // Groq has it in a field of its own, Moonshot in the choice.
        let groq = value.get("x_groq").and_then(|own| some(own, "usage"));
        let places = [
            some(value, "usage"),
            groq,
            choice.and_then(|c| some(c, "usage")),
        ];
        if let Some(usage) = places.into_iter().flatten().next() {
            out.usage(wire::usage(usage));
        }
        Ok(())
    }

    fn choice(&mut self, choice: &Value, out: &mut Emitter) {
        let message = some(choice, "delta").or_else(|| some(choice, "message"));
        if let Some(message) = message {
            self.message(message, out);
        }
        if let Some(word) = some_text(choice, "finish_reason") {
            self.finish(out);
            out.stop(wire::stop(word), word);
        }
    }

    fn message(&mut self, message: &Value, out: &mut Emitter) {
        self.reasoning(message, out);
        content(message, out);
        for (place, call) in list(message, "tool_calls").iter().enumerate() {
            self.call(place, call, out);
        }
        // The form before `tool_calls`; some local servers still have it.
        if let Some(function) = some(message, "function_call") {
            self.call(0, &json!({"index": 0, "function": function}), out);
        }
        let names = message
            .as_object()
            .into_iter()
            .flat_map(|object| object.keys());
        for name in names {
            if !wire::READ.contains(&name.as_str()) && !wire::IGNORED.contains(&name.as_str()) {
                out.unknown("field", name);
            }
        }
    }

    fn reasoning(&mut self, message: &Value, out: &mut Emitter) {
        let field = self.field.or_else(|| {
            let mut fields = wire::REASONING.iter().copied();
            fields.find(|field| some_text(message, field).is_some())
        });
        if let Some(words) = field.and_then(|field| some_text(message, field)) {
            self.field = field;
            out.reasoning(REASONING, words);
        }
        self.details
            .extend(list(message, wire::DETAILS).iter().cloned());
    }

    fn call(&mut self, place: usize, value: &Value, out: &mut Emitter) {
        let index = crate::provider::field::count(value, "index").unwrap_or(place as u64);
        let index = self.index(index, value);
        let part = CALLS + index;
        let custom = some(value, "custom");
        let function = custom
            .or_else(|| some(value, "function"))
            .unwrap_or(&Value::Null);
        let seed = self.seed.clone();
        let call = self.calls.entry(index).or_default();
        if let Some(id) = some_text(value, "id").filter(|_| call.id.is_empty()) {
            id.clone_into(&mut call.id);
        }
        if custom.is_some() {
            call.form = Form::Text;
        }
        let arguments = match function.get("arguments").or_else(|| function.get("input")) {
            Some(Value::String(text)) => text.clone(),
            // Ollama's own format, and servers that took it over.
            Some(object @ (Value::Object(_) | Value::Array(_))) => object.to_string(),
            _ => String::new(),
        };
        // A name comes once; servers that repeat it with each piece mean the same.
        if let Some(name) = some_text(function, "name").filter(|_| !call.is_told) {
            name.clone_into(&mut call.name);
        }
        if !call.is_told && !call.name.is_empty() {
            call.tell(part, index, &seed, out);
        }
        if call.is_told {
            out.arguments(part, &arguments);
        } else {
            call.early.push_str(&arguments);
        }
        if let Some(extra) = some(value, wire::CALL_EXTRA) {
            out.opaque(part, extra.clone());
        }
    }

    /// The call that is meant. Some servers give every call of a stream the index 0, and
    /// only another id tells them apart; the first pieces of two calls both have names.
    fn index(&self, index: u64, value: &Value) -> u64 {
        let index = index.min(1 << 32);
        let Some(id) = some_text(value, "id") else {
            return index;
        };
        if let Some((own, _)) = self.calls.iter().find(|(_, call)| call.id == id) {
            return *own;
        }
        let taken = self
            .calls
            .get(&index)
            .is_some_and(|call| !call.id.is_empty());
        let names =
            some(value, "function").is_some_and(|function| some_text(function, "name").is_some());
        if taken && names {
            self.calls.keys().next_back().map_or(0, |last| last + 1)
        } else {
            index
        }
    }

    /// Says what is only known at the end: calls without a name, and what goes back.
    fn finish(&mut self, out: &mut Emitter) {
        if self.finished {
            return;
        }
        self.finished = true;
        let seed = self.seed.clone();
        for (index, call) in &mut self.calls {
            if !call.is_told {
                call.tell(CALLS + index, *index, &seed, out);
            }
        }
        let mut back = serde_json::Map::new();
        if let Some(field) = self.field {
            back.insert("field".into(), json!(field));
        }
        if !self.details.is_empty() {
            let details = joined(std::mem::take(&mut self.details));
            back.insert(wire::DETAILS.into(), details.into());
        }
        if !back.is_empty() {
            out.empty_reasoning(REASONING, "");
            out.opaque(REASONING, back.into());
        }
    }
}

impl Call {
    fn tell(&mut self, part: Label, index: u64, seed: &str, out: &mut Emitter) {
        self.is_told = true;
        if self.id.is_empty() {
            self.id = format!("call_{seed}_{index}");
        }
        out.call(part, &self.id, &self.name, self.form);
        let early = std::mem::take(&mut self.early);
        out.arguments(part, &early);
    }
}

/// Content is a text, or a list of pieces (Mistral, whose reasoning is one of them).
fn content(message: &Value, out: &mut Emitter) {
    let words = [text(message, "content"), text(message, "refusal")];
    for words in words
        .into_iter()
        .flatten()
        .filter(|words| !words.is_empty())
    {
        out.text(TEXT, words);
    }
    for piece in list(message, "content") {
        match text(piece, "type") {
            Some("text") => {
                out.text(TEXT, text(piece, "text").unwrap_or_default());
            }
            Some("thinking") => {
                for thought in list(piece, "thinking") {
                    out.reasoning(REASONING, text(thought, "text").unwrap_or_default());
                }
            }
            kind => out.unknown("content", kind.unwrap_or("without a type")),
        }
    }
}

/// Pieces of reasoning as they would have come at once: those of one index are one, their
/// texts joined, the last signature kept.
fn joined(pieces: Vec<Value>) -> Vec<Value> {
    let mut whole: Vec<Value> = Vec::new();
    for piece in pieces {
        let same = whole.last_mut().filter(|last| {
            piece.get("index").is_some()
                && last.get("index") == piece.get("index")
                && last.get("type") == piece.get("type")
        });
        let (Some(Value::Object(last)), Value::Object(piece)) = (same, &piece) else {
            whole.push(piece);
            continue;
        };
        for (name, value) in piece {
            match (last.get_mut(name), value) {
                (Some(Value::String(text)), Value::String(more))
                    if matches!(name.as_str(), "text" | "summary" | "data") =>
                {
                    text.push_str(more);
                }
                (Some(_), Value::Null) => {}
                _ => {
                    last.insert(name.clone(), value.clone());
                }
            }
        }
    }
    whole
}

impl Decoder for Reading {
    fn event(&mut self, event: &SseEvent, out: &mut Emitter) -> Result<(), Refusal> {
        let data = event.data.trim();
        if data == "[DONE]" {
            self.finish(out);
            self.over = true;
            return Ok(());
        }
        // Some proxies send empty events to keep the connection open.
        if data.is_empty() {
            return Ok(());
        }
        let value: Value = serde_json::from_str(data)
            .map_err(|error| Refusal::Malformed(format!("an event is no JSON: {error}")))?;
        self.object(&value, out)
    }

    fn whole(&mut self, body: Value, out: &mut Emitter) -> Result<(), Refusal> {
        if list(&body, "choices").is_empty() {
            let told = Told::of_value(0, &body);
            return Err(told.map_or_else(
                || Refusal::Malformed("there are no `choices`".into()),
                Refusal::Told,
            ));
        }
        self.object(&body, out)?;
        self.finish(out);
        self.over = true;
        Ok(())
    }

    fn is_whole(&self) -> bool {
        self.finished
    }

    fn is_over(&self) -> bool {
        self.over
    }
}
