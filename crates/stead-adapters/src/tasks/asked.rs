//! What stands in the user's place of the messages to the model: answers of tools,
//! and what a person typed among what the agent adds.

use stead_usf::{Event, EventType, Inactive, Raw, Time};

use super::kept::keep;
use super::results::{answer, outcome};
use super::sent::{self, Block, Sent};
use super::words::{self, Part};
use crate::container::json::Object;

/// The events of the messages between two replies.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) answers: Vec<Answer>,
    /// All else, in order.
    pub(super) others: Vec<Other>,
    /// The agent's description of the environment, the last one.
    pub(super) environment: Option<String>,
}

/// A tool's answer with what ties it to its call.
pub(super) struct Answer {
    pub(super) event: Event,
    /// The tool, as an answer in a text of its own names it.
    pub(super) tool: Option<String>,
}

/// Text in the user's place.
pub(super) struct Other {
    pub(super) event: Event,
    /// It stands in the tags of what was typed.
    pub(super) typed: bool,
}

impl Asked {
    /// Takes a message in; returns the ids of its events.
    pub(super) fn add(&mut self, mut sent: Sent<'_>, inactive: Option<Inactive>) -> Vec<String> {
        let mut maker = Maker {
            index: sent.index,
            number: 0,
            at: sent.at(),
            is_summary: sent.is_summary,
            summed: false,
            made: Self::default(),
            begun: None,
        };
        for block in std::mem::take(&mut sent.blocks) {
            maker.block(block);
        }
        let rest = sent.rest.rest();
        if rest.is_some() && maker.made.is_empty() {
            maker.text("", None);
        }
        let mut made = maker.made;
        let mut rest = rest;
        let mut ids = Vec::new();
        for event in made.events() {
            event.source = Some(sent.source.clone());
            event.inactive = inactive;
            keep(event, "message", rest.take().as_ref());
            ids.push(event.id.clone());
        }
        self.answers.append(&mut made.answers);
        self.others.append(&mut made.others);
        self.environment = made.environment.or(self.environment.take());
        ids
    }

    fn is_empty(&self) -> bool {
        self.answers.is_empty() && self.others.is_empty()
    }

    fn events(&mut self) -> impl Iterator<Item = &mut Event> {
        let answers = self.answers.iter_mut().map(|answer| &mut answer.event);
        answers.chain(self.others.iter_mut().map(|other| &mut other.event))
    }
}

/// Makes the events of one message.
struct Maker {
    index: usize,
    number: usize,
    at: Option<Time>,
    is_summary: bool,
    /// The summary's text has come.
    summed: bool,
    made: Asked,
    /// The last answer, if its text stands in a block of its own.
    begun: Option<usize>,
}

impl Maker {
    fn event(&mut self, kind: EventType) -> Event {
        let mut event = Event::new(format!("a{}.{}", self.index, self.number), kind);
        self.number += 1;
        event.at = self.at;
        event
    }

    fn block(&mut self, mut block: Block<'_>) {
        match &*block.kind {
            "text" => {
                let text = block.text().unwrap_or_default();
                block.rest.ignore(&["cache_control"]);
                self.text(&text, block.rest.rest());
            }
            "tool_result" => self.result(block.rest),
            // Copies of calls whose answers are still sent, and a place holder.
            "tool_use" | "reasoning" | "thinking" if self.is_summary => {}
            "image" | "document" => {
                let images = Raw::parse(&format!("[{}]", block.json.get())).ok();
                self.added(None).attachments = images;
            }
            _ => {
                let mut event = self.event(EventType::Unknown);
                event.extra = Some(Raw::from_value(block.json));
                self.other(event, false);
            }
        }
    }

    fn text(&mut self, text: &str, rest: Option<Raw>) {
        if self.is_summary && !std::mem::replace(&mut self.summed, true) {
            let mut event = self.event(EventType::Summary);
            (event.text, event.extra) = (Some(text.to_owned()), rest);
            self.other(event, false);
        } else if let Some(answer) = answer(text) {
            let mut event = self.answered(answer.body);
            event.extra = rest;
            self.begun = answer.body.is_empty().then_some(self.made.answers.len());
            let tool = Some(answer.tool.to_owned());
            self.made.answers.push(Answer { event, tool });
        } else if text.trim_start().starts_with("<environment_details>") {
            self.begun = None;
            self.made.environment = Some(text.to_owned());
            self.added(Some(text)).extra = rest;
        } else if self.is_summary {
            self.added(Some(text)).extra = rest;
        } else if let Some(place) = self.begun.take() {
            let answered = &mut self.made.answers[place].event;
            let outcome = outcome(text);
            (answered.ok, answered.exit_code) = (Some(outcome.ok), outcome.exit_code);
            answered.output = Some(text.to_owned());
            keep(answered, "text", rest.as_ref());
        } else {
            self.parts(text, rest);
        }
    }

    fn parts(&mut self, text: &str, mut rest: Option<Raw>) {
        for part in words::parts(text) {
            match part {
                Part::Added(text) => self.added(Some(text)).extra = rest.take(),
                Part::Typed(text) => {
                    let mut event = self.event(EventType::User);
                    event.text = Some(text.trim().to_owned());
                    event.extra = rest.take();
                    self.other(event, true);
                }
            }
        }
        if rest.is_some() {
            self.added(None).extra = rest;
        }
    }

    /// Text that the agent put in.
    fn added(&mut self, text: Option<&str>) -> &mut Event {
        let mut event = self.event(EventType::User);
        event.injected = true;
        event.text = text.map(|text| text.trim_matches('\n').to_owned());
        self.other(event, false);
        let last = self.made.others.len() - 1;
        &mut self.made.others[last].event
    }

    fn answered(&mut self, text: &str) -> Event {
        let mut event = self.event(EventType::ToolResult);
        let outcome = outcome(text);
        (event.ok, event.exit_code) = (Some(outcome.ok), outcome.exit_code);
        event.output = Some(text.to_owned());
        event
    }

    /// An answer by the protocol.
    fn result(&mut self, mut block: Object<'_>) {
        let content = block.take("content");
        let text = content.map(sent::output).unwrap_or_default();
        // Some are headed as those in texts are.
        let body = answer(&text).map_or(text.as_str(), |answer| answer.body);
        let mut event = self.answered(body);
        event.output = Some(text);
        if block.bool("is_error").unwrap_or(false) {
            event.ok = Some(false);
        }
        event.call_id = block.string("tool_use_id").filter(|id| !id.is_empty());
        block.ignore(&["cache_control", "call_id"]);
        event.extra = block.rest();
        let images = content.filter(|content| content.get().contains("\"image\""));
        event.attachments = images.map(Raw::from_value);
        self.made.answers.push(Answer { event, tool: None });
    }

    fn other(&mut self, event: Event, typed: bool) {
        self.made.others.push(Other { event, typed });
    }
}
