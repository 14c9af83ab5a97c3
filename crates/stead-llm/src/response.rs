//! What a model answers: the pieces of a stream, and the whole that they make up.
//! Decoders make pieces only; the whole is put together here, for streams and for
//! answers that come at once alike.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stead_usf::Usage;

use crate::message::{Form, Image, Opaque, Origin, Part, ToolCall};

/// Names a part of an answer while it streams. Parts stand in the answer in the order
/// of their labels; labels have gaps.
pub type Label = u64;

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Delta {
    /// Who answers, as soon as it is known; may come again with more.
    Began {
        /// The provider's id of the answer.
        id: Option<String>,
        /// The model that answers, by its own name.
        model: Option<String>,
    },
    /// More words.
    Text {
        /// Of this part.
        part: Label,
        /// The words.
        text: String,
    },
    /// More reasoning.
    Reasoning {
        /// Of this part.
        part: Label,
        /// The words; empty where the provider shows nothing.
        text: String,
    },
    /// A call of a tool begins.
    Call {
        /// This part.
        part: Label,
        /// The call's id.
        id: String,
        /// The tool's name.
        name: String,
        /// What its arguments will be.
        form: Form,
    },
    /// More of a call's arguments.
    Arguments {
        /// Of this call's part.
        part: Label,
        /// Text of the arguments.
        text: String,
    },
    /// A picture, whole.
    Image {
        /// This part.
        part: Label,
        /// The picture.
        image: Image,
    },
    /// What is to be sent back with a part. It replaces what was said before; of a part
    /// without anything else it is all that there is.
    Opaque {
        /// Of this part.
        part: Label,
        /// The provider's own JSON.
        data: Value,
    },
    /// Tokens so far; counts that are absent stay as they were.
    Usage(Usage),
    /// Why the model stopped.
    Stop(Stop),
    /// Something came that this version does not know, by the name that it had.
    Unknown(String),
}

/// Why a model stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// What it means.
    pub kind: StopKind,
    /// The provider's word for it, to the letter.
    pub word: String,
}

/// What the end of an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopKind {
    /// The model is done.
    EndTurn,
    /// It waits for tools.
    ToolUse,
    /// The answer became too long.
    MaxTokens,
    /// A stop text came up.
    StopSequence,
    /// The model would not.
    Refusal,
    /// The provider would not let it.
    ContentFilter,
    /// The provider paused a long turn: send the same again with what came so far.
    Pause,
    /// The context is full.
    ContextFull,
    /// The model wrote a call that the provider could not read.
    MalformedCall,
    /// None of these; see the word.
    Other,
}

/// A whole answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// What was said, in order.
    pub parts: Vec<Part>,
    /// Why it ended; absent if nobody said.
    pub stop: Option<Stop>,
    /// Tokens, in the terms of USF; what was not told is absent.
    pub usage: Usage,
    /// The model that answered, by its own name.
    pub model: Option<String>,
    /// The provider's id of the answer.
    pub id: Option<String>,
    /// Names of what came and is not known to this version, each once.
    pub unknown: Vec<String>,
}

impl Response {
    /// All words, without reasoning.
    pub fn text(&self) -> String {
        let texts = self.parts.iter().filter_map(|part| match part {
            Part::Text { text, .. } => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// The calls of tools, in order.
    pub fn calls(&self) -> impl Iterator<Item = &ToolCall> {
        self.parts.iter().filter_map(|part| match part {
            Part::ToolCall(call) => Some(call),
            _ => None,
        })
    }
}

/// Puts the pieces of an answer together.
#[derive(Debug, Clone, Default)]
pub struct Assembly {
    parts: BTreeMap<Label, Slot>,
    whole: Response,
}

#[derive(Debug, Clone, Default)]
struct Slot {
    kind: Kind,
    text: String,
    id: String,
    name: String,
    image: Option<Image>,
    opaque: Option<Value>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Foreign,
    Text,
    Reasoning,
    Call(Form),
    Image,
}

impl Assembly {
    /// Takes in one piece.
    pub fn add(&mut self, delta: &Delta) {
        match delta {
            Delta::Began { id, model } => {
                self.whole.id = id.clone().or_else(|| self.whole.id.take());
                self.whole.model = model.clone().or_else(|| self.whole.model.take());
            }
            Delta::Text { part, text } => self.slot(*part, Kind::Text).text.push_str(text),
            Delta::Reasoning { part, text } => {
                self.slot(*part, Kind::Reasoning).text.push_str(text);
            }
            Delta::Call {
                part,
                id,
                name,
                form,
            } => {
                let slot = self.slot(*part, Kind::Call(*form));
                slot.id.clone_from(id);
                slot.name.clone_from(name);
            }
            Delta::Arguments { part, text } => {
                self.slot(*part, Kind::Call(Form::Json)).text.push_str(text);
            }
            Delta::Image { part, image } => {
                self.slot(*part, Kind::Image).image = Some(image.clone());
            }
            Delta::Opaque { part, data } => {
                self.parts.entry(*part).or_default().opaque = Some(data.clone());
            }
            Delta::Usage(usage) => self.whole.usage = usage.or(self.whole.usage),
            Delta::Stop(stop) => self.whole.stop = Some(stop.clone()),
            Delta::Unknown(name) => {
                if !self.whole.unknown.contains(name) {
                    self.whole.unknown.push(name.clone());
                }
            }
        }
    }

    /// The slot of a part; what it is, is said by the first piece that says so.
    fn slot(&mut self, part: Label, kind: Kind) -> &mut Slot {
        let slot = self.parts.entry(part).or_default();
        if slot.kind == Kind::Foreign {
            slot.kind = kind;
        }
        slot
    }

    /// The answer as far as it has come; `origin` marks what is to be sent back.
    pub fn response(&self, origin: &Origin) -> Response {
        let mut response = self.whole.clone();
        response.parts = self
            .parts
            .values()
            .filter_map(|slot| slot.part(origin))
            .collect();
        let called = response.calls().next().is_some();
        // Some servers, and Gemini, say "stop" where the model waits for a tool.
        if let Some(stop) = response.stop.as_mut()
            && stop.kind == StopKind::EndTurn
            && called
        {
            stop.kind = StopKind::ToolUse;
        }
        response
    }
}

impl Slot {
    /// The part; nothing for text that never came.
    fn part(&self, origin: &Origin) -> Option<Part> {
        let opaque = self.opaque.as_ref().map(|data| Opaque {
            origin: origin.clone(),
            data: data.clone(),
        });
        let text = self.text.clone();
        match self.kind {
            Kind::Text | Kind::Reasoning if text.is_empty() && opaque.is_none() => None,
            Kind::Text => Some(Part::Text { text, opaque }),
            Kind::Reasoning => Some(Part::Reasoning { text, opaque }),
            Kind::Image => self.image.clone().map(Part::Image),
            Kind::Foreign => opaque.map(Part::Foreign),
            Kind::Call(form) => Some(Part::ToolCall(ToolCall {
                id: self.id.clone(),
                name: self.name.clone(),
                arguments: text,
                form,
                opaque,
            })),
        }
    }
}
