//! A reply's blocks become events: reasoning, words, calls. Which of them the
//! interface showed, and when, is found out in `turn`.

use serde_json::value::RawValue;
use stead_usf::{Event, EventType, Model, Raw, Tool};

use super::kept::keep;
use super::sent::{Block, Sent};
use super::tagged::{self, Part};
use super::tools;
use crate::container::json::{Object, Values};

/// Fields of blocks that mean nothing outside the request.
const OF_THE_REQUEST: &[&str] = &["cache_control", "call_id", "signature", "thoughtSignature"];

/// Something that the model said or did.
pub(super) struct Piece {
    pub(super) event: Event,
    /// A record of the interface speaks of it.
    pub(super) shown: bool,
}

/// The events of a reply, in order. `message` names the reply.
pub(super) fn pieces(sent: &mut Sent<'_>, message: &str, model: Option<&Model>) -> Vec<Piece> {
    let mut maker = Maker {
        index: sent.index,
        made: Vec::new(),
    };
    let by_protocol = sent.calls();
    maker.reasoning(&mut sent.rest);
    for mut block in std::mem::take(&mut sent.blocks) {
        match &*block.kind {
            "text" => maker.text(&mut block, by_protocol),
            "thinking" | "redacted_thinking" | "reasoning" => maker.thinking(block.rest),
            "tool_use" => maker.call(block.rest),
            // A signature in a block of its own.
            "thoughtSignature" => {}
            _ => {
                let event = maker.push(EventType::Unknown);
                event.extra = Some(Raw::from_value(block.json));
            }
        }
    }
    let mut events = maker.made;
    let rest = std::mem::take(&mut sent.rest).rest();
    if rest.is_some() {
        if events.is_empty() {
            events.push(Event::new(format!("a{}", sent.index), EventType::System));
        }
        keep(&mut events[0], "message", rest.as_ref());
    }
    let piece = |mut event: Event| {
        event.at = sent.at();
        event.source = Some(sent.source.clone());
        if event.kind != EventType::System && event.kind != EventType::Unknown {
            event.message = Some(message.to_owned());
            event.model = model.cloned();
        }
        Piece {
            event,
            shown: false,
        }
    };
    events.into_iter().map(piece).collect()
}

struct Maker {
    index: usize,
    made: Vec<Event>,
}

impl Maker {
    fn push(&mut self, kind: EventType) -> &mut Event {
        let id = format!("a{}.{}", self.index, self.made.len());
        self.made.push(Event::new(id, kind));
        let last = self.made.len() - 1;
        &mut self.made[last]
    }

    /// A text, with the calls that are written into it.
    fn text(&mut self, block: &mut Block<'_>, by_protocol: bool) {
        let text = block.text().unwrap_or_default();
        let first = self.made.len();
        let parts = if by_protocol {
            vec![Part::Text(&text)]
        } else {
            tagged::parts(&text)
        };
        for part in parts {
            match part {
                Part::Text(text) if text.trim().is_empty() => {}
                Part::Text(text) => {
                    self.push(EventType::Assistant).text = Some(text.trim().to_owned());
                }
                Part::Call(call) => {
                    if let Ok(input) = Raw::parse(&call.json()) {
                        self.called(call.name, None, Some(input));
                    }
                }
            }
        }
        let mut rest = std::mem::take(&mut block.rest);
        rest.ignore(OF_THE_REQUEST);
        let blank = |list: &serde_json::value::RawValue| list.get() == "[]";
        if rest.peek("reasoning_details").is_some_and(blank) {
            rest.ignore(&["reasoning_details"]);
        }
        let Some(rest) = rest.rest() else { return };
        if self.made.len() == first {
            self.push(EventType::Assistant);
        }
        self.made[first].extra = Some(rest);
    }

    /// Reasoning as a block, in words or not.
    fn thinking(&mut self, mut block: Object<'_>) {
        let mut texts: Vec<String> = block.string("thinking").into_iter().collect();
        texts.extend(block.string("text"));
        for part in block.values("summary").unwrap_or_default() {
            texts.extend(Object::of(part).and_then(|mut part| part.string("text")));
        }
        block.ignore(OF_THE_REQUEST);
        let event = self.push(EventType::Reasoning);
        texts.retain(|text| !text.trim().is_empty());
        texts.dedup();
        event.text = (!texts.is_empty()).then(|| texts.join("\n"));
        event.extra = block.rest();
    }

    /// Reasoning that stands beside the blocks, or is the whole message.
    fn reasoning(&mut self, rest: &mut Object<'_>) {
        let is_reasoning = rest
            .peek("type")
            .is_some_and(|kind| kind.get() == "\"reasoning\"");
        if let Some(text) = rest
            .string("reasoning_content")
            .filter(|text| !text.is_empty())
        {
            self.push(EventType::Reasoning).text = Some(text);
        }
        if is_reasoning {
            rest.ignore(&["type"]);
            let summary: Values<'_> = rest.values("summary").unwrap_or_default();
            let texts: Vec<_> = summary
                .into_iter()
                .filter_map(|part| Object::of(part)?.string("text"))
                .collect();
            let event = self.push(EventType::Reasoning);
            event.text = (!texts.is_empty()).then(|| texts.join("\n"));
        }
        let details = rest.peek("reasoning_details").map(details);
        if let Some(details) = details.filter(|details| !details.is_empty()) {
            rest.ignore(&["reasoning_details"]);
            self.push(EventType::Reasoning).text = Some(details);
        }
    }

    fn call(&mut self, mut block: Object<'_>) {
        let name = block.string("name").unwrap_or_default();
        let id = block.string("id").filter(|id| !id.is_empty());
        let input = block.raw("input");
        block.ignore(OF_THE_REQUEST);
        self.called(&name, id, input).extra = block.rest();
    }

    /// A call. If it speaks to the user, its words come first.
    fn called(&mut self, name: &str, id: Option<String>, input: Option<Raw>) -> &mut Event {
        let object = input
            .as_ref()
            .and_then(|input| Object::parse(input.json()).ok());
        let object = object.unwrap_or_default();
        let kind = tools::kind_of(name, &object);
        let edits = tools::edits(name, &object);
        if let Some(words) = tools::reply(name, &object) {
            self.push(EventType::Assistant).text = Some(words);
        }
        let event = self.push(EventType::ToolCall);
        event.tool = Some(Tool::new(name, kind));
        event.call_id = id;
        event.edits = edits;
        event.input = input;
        event
    }
}

/// The words of reasoning that a router passed on in parts. What else stands there
/// (signatures, encrypted text) means nothing outside the request.
fn details(list: &RawValue) -> String {
    let parts: Values<'_> = serde_json::from_str(list.get()).unwrap_or_default();
    let text = |part| {
        let mut part = Object::of(part)?;
        part.string("text").or_else(|| part.string("summary"))
    };
    parts.into_iter().filter_map(text).collect()
}
