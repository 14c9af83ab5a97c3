//! Where decoders put the pieces of an answer: it leaves out what is empty, so that
//! streams and whole answers give the same. It decides nothing about parts.

use serde_json::Value;
use stead_usf::Usage;

use crate::message::{Form, Image};
use crate::response::{Delta, Label, Stop, StopKind};

/// Pieces that were decoded and not yet handed on.
#[derive(Debug, Default)]
pub(crate) struct Emitter {
    deltas: Vec<Delta>,
}

impl Emitter {
    /// All that was put here since the last time.
    pub(crate) fn take(&mut self) -> Vec<Delta> {
        std::mem::take(&mut self.deltas)
    }

    pub(crate) fn began(&mut self, id: Option<&str>, model: Option<&str>) {
        let own = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let (id, model) = (own(id), own(model));
        if id.is_some() || model.is_some() {
            self.deltas.push(Delta::Began { id, model });
        }
    }

    pub(crate) fn text(&mut self, part: Label, text: &str) {
        if !text.is_empty() {
            let text = text.to_owned();
            self.deltas.push(Delta::Text { part, text });
        }
    }

    pub(crate) fn reasoning(&mut self, part: Label, text: &str) {
        if !text.is_empty() {
            self.empty_reasoning(part, text);
        }
    }

    /// Reasoning that may show nothing: the part is there for its opaque data.
    pub(crate) fn empty_reasoning(&mut self, part: Label, text: &str) {
        let text = text.to_owned();
        self.deltas.push(Delta::Reasoning { part, text });
    }

    /// Text that may be empty: the part is there for its opaque data.
    pub(crate) fn empty_text(&mut self, part: Label, text: &str) {
        let text = text.to_owned();
        self.deltas.push(Delta::Text { part, text });
    }

    pub(crate) fn call(&mut self, part: Label, id: &str, name: &str, form: Form) {
        self.deltas.push(Delta::Call {
            part,
            id: id.to_owned(),
            name: name.to_owned(),
            form,
        });
    }

    pub(crate) fn arguments(&mut self, part: Label, text: &str) {
        if !text.is_empty() {
            let text = text.to_owned();
            self.deltas.push(Delta::Arguments { part, text });
        }
    }

    pub(crate) fn image(&mut self, part: Label, image: Image) {
        self.deltas.push(Delta::Image { part, image });
    }

    pub(crate) fn opaque(&mut self, part: Label, data: Value) {
        self.deltas.push(Delta::Opaque { part, data });
    }

    pub(crate) fn usage(&mut self, usage: Usage) {
        if !usage.is_empty() {
            self.deltas.push(Delta::Usage(usage));
        }
    }

    pub(crate) fn stop(&mut self, kind: StopKind, word: &str) {
        let word = word.to_owned();
        self.deltas.push(Delta::Stop(Stop { kind, word }));
    }

    pub(crate) fn unknown(&mut self, kind: &str, name: &str) {
        // A name is foreign text; a kilobyte of it helps nobody.
        let name: String = name.chars().take(80).collect();
        self.deltas.push(Delta::Unknown(format!("{kind} {name}")));
    }
}
