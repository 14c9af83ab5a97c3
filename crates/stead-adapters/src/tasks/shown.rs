//! What the interface showed: the records of `ui_messages.json`. What they become
//! is told in `role`.

use serde_json::value::RawValue;
use stead_usf::{Model, Raw, Source, Time};

use crate::container::array::Element;
use crate::container::json::{Object, string};

/// Fields that say how a record was shown, or that stand elsewhere as well.
const OF_THE_INTERFACE: &[&str] = &[
    "partial",
    "modelInfo",
    "conversationHistoryIndex",
    "commandCompleted",
    "isAnswered",
    "isProtected",
    "isOperationOutsideWorkspace",
    "progressStatus",
    "apiProtocol",
];

/// A record, taken apart as far as all of them are alike.
pub(super) struct Shown<'a> {
    /// Its place in the file.
    pub(super) index: usize,
    pub(super) ts: Option<i64>,
    /// It asks, so that the agent waits for an answer.
    pub(super) asks: bool,
    /// The word after `say` or `ask`.
    pub(super) kind: String,
    pub(super) text: Option<String>,
    pub(super) reasoning: Option<String>,
    pub(super) attachments: Option<Raw>,
    pub(super) model: Option<Model>,
    /// What is left of it.
    pub(super) rest: Object<'a>,
    pub(super) source: &'a Source,
    /// The whole record.
    pub(super) json: &'a str,
}

impl<'a> Shown<'a> {
    /// Takes a record apart; `None` if it is no object.
    pub(super) fn of(index: usize, element: &'a Element) -> Option<Self> {
        let mut object = Object::parse(&element.text).ok()?;
        let asks = object
            .peek("type")
            .and_then(string)
            .is_some_and(|kind| kind == "ask");
        let kind = object.string(if asks { "ask" } else { "say" });
        if kind.is_some() {
            object.ignore(&["type", "say", "ask"]);
        }
        let model = object.peek("modelInfo").and_then(model);
        object.ignore(OF_THE_INTERFACE);
        Some(Self {
            index,
            ts: object.i64("ts"),
            asks,
            kind: kind.unwrap_or_default(),
            text: object.string("text"),
            reasoning: object.string("reasoning").filter(|text| !text.is_empty()),
            attachments: attachments(&mut object),
            model,
            rest: object,
            source: &element.source,
            json: &element.text,
        })
    }

    pub(super) fn at(&self) -> Option<Time> {
        self.ts.and_then(time)
    }

    /// The text that a person or a model wrote, without what is around it.
    pub(super) fn words(&self) -> &str {
        self.text.as_deref().unwrap_or_default().trim()
    }

    /// The text as JSON, where it is an object.
    pub(super) fn details(&self) -> Option<Object<'_>> {
        let text = self.text.as_deref()?;
        text.starts_with('{').then(|| Object::parse(text).ok())?
    }

    /// Whether a model request begins with it.
    pub(super) fn is_request(&self) -> bool {
        !self.asks && self.kind == "api_req_started"
    }
}

/// Images and files that the user added; lists without anything are none.
fn attachments(object: &mut Object<'_>) -> Option<Raw> {
    let mut filled = |name| {
        let value = object.peek(name)?;
        let is_list = value.get().starts_with('[');
        if is_list {
            object.ignore(&[name]);
        }
        let inner = value.get().trim_matches(['[', ']']);
        (is_list && !inner.trim().is_empty()).then_some(value)
    };
    match (filled("images"), filled("files")) {
        (Some(images), None) => Some(Raw::from_value(images)),
        (None, Some(files)) => Some(Raw::from_value(files)),
        (Some(images), Some(files)) => {
            Raw::parse(&format!("[{},{}]", inner(images), inner(files))).ok()
        }
        (None, None) => None,
    }
}

/// A list without its brackets.
fn inner(list: &RawValue) -> &str {
    let list = list.get();
    list.strip_prefix('[')
        .and_then(|list| list.strip_suffix(']'))
        .unwrap_or(list)
}

/// `{modelId, providerId}`.
pub(super) fn model(value: &RawValue) -> Option<Model> {
    let mut info = Object::of(value)?;
    let id = info.string("modelId").filter(|id| !id.is_empty())?;
    let provider = info.string("providerId").filter(|id| !id.is_empty());
    Some(Model { id, provider })
}

/// Milliseconds as a time; 0 stands for none.
pub(super) fn time(millis: i64) -> Option<Time> {
    (millis != 0).then(|| Time::from_millis(millis).ok())?
}
