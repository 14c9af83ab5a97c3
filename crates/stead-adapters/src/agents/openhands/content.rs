//! Messages as lists of parts, as the model gets them: texts and images.

use serde_json::value::RawValue;
use stead_usf::{Raw, Time};

use crate::container::json::{Object, string};

/// What a list of parts holds.
#[derive(Default)]
pub(super) struct Content {
    /// Its texts, one below the other; `None` if there is none.
    pub(super) text: Option<String>,
    /// Its images, to the letter.
    pub(super) images: Option<Raw>,
    /// Its other parts, to the letter.
    pub(super) others: Option<Raw>,
}

impl Content {
    /// Reads a list of parts, or a mere text.
    pub(super) fn of(value: &RawValue) -> Self {
        if let Some(text) = string(value) {
            return Self {
                text: words(text.into_owned()),
                ..Self::default()
            };
        }
        let parts: Vec<&RawValue> = serde_json::from_str(value.get()).unwrap_or_default();
        let (mut texts, mut images, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for value in parts {
            let Some(mut part) = Object::of(value) else {
                others.push(value);
                continue;
            };
            match part.text("type").as_deref() {
                Some("text") => match part.string("text") {
                    Some(text) => texts.push(text),
                    None => others.push(value),
                },
                Some("image") => images.push(value),
                _ => others.push(value),
            }
        }
        let list = |values: Vec<&RawValue>| {
            let some = !values.is_empty();
            some.then(|| Raw::of(&values).ok()).flatten()
        };
        Self {
            text: words(texts.join("\n")),
            images: list(images),
            others: list(others),
        }
    }

    /// Takes a field that is such a list.
    pub(super) fn take(object: &mut Object<'_>, name: &str) -> Self {
        object.take(name).map(Self::of).unwrap_or_default()
    }
}

/// A text, unless it has no words.
pub(super) fn words(text: String) -> Option<String> {
    (!text.trim().is_empty()).then_some(text)
}

/// A recorded time. OpenHands writes the wall clock's time without saying in
/// which zone it was; it is taken as it stands.
pub(super) fn time_of(text: &str) -> Option<Time> {
    Time::parse(text)
        .or_else(|_| Time::parse(&format!("{text}Z")))
        .ok()
}

/// Drops fields that hold nothing.
pub(super) fn drop_empty(object: &mut Object<'_>) {
    let empty = |object: &Object<'_>, name: &str| {
        let value = object.peek(name).map(RawValue::get);
        value.is_none_or(|value| matches!(value, "[]" | "{}" | "\"\""))
    };
    let names: Vec<String> = object.names().map(str::to_owned).collect();
    let names: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| empty(object, name))
        .collect();
    object.ignore(&names);
}
