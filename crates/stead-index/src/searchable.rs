//! What of an event can be searched, as text.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use stead_usf::{Event, EventType};

/// The text of an event and the files that it touches. Kept between events so
/// that their memory is used again.
#[derive(Debug, Default)]
pub(crate) struct Searchable {
    pub(crate) text: String,
    pub(crate) paths: Vec<String>,
}

/// Text of edits and unknown records beyond this is not searched.
const MAX_DEPTH: u32 = 120;

impl Searchable {
    /// Takes in what can be searched of `event` in place of what was there.
    pub(crate) fn set(&mut self, event: &Event) {
        self.text.clear();
        self.paths.clear();
        for text in [&event.text, &event.output].into_iter().flatten() {
            self.line(text);
        }
        for edit in &event.edits {
            self.path(&edit.path);
            if let Some(path) = &edit.new_path {
                self.path(path);
            }
        }
        match (&event.input, event.kind) {
            (Some(input), _) => self.json(input.json()),
            (None, EventType::Edit) => self.edits(event),
            (None, EventType::Unknown) => {
                if let Some(extra) = &event.extra {
                    self.json(extra.json());
                }
            }
            _ => {}
        }
    }

    fn edits(&mut self, event: &Event) {
        for edit in &event.edits {
            self.text.push_str(&edit.path);
            self.text.push('\n');
            for text in [&edit.before, &edit.after].into_iter().flatten() {
                self.line(text);
            }
            for line in edit.hunks.iter().flat_map(|hunk| &hunk.lines) {
                self.line(line);
            }
        }
    }

    fn line(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }

    fn path(&mut self, path: &str) {
        if !path.is_empty() && !self.paths.iter().any(|known| known == path) {
            self.paths.push(path.to_owned());
        }
    }

    /// The strings and numbers of a JSON value, a line each.
    fn json(&mut self, json: &str) {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let strings = Strings {
            into: self,
            is_path: false,
            depth: 0,
        };
        // A value that is no JSON to the end was searched up to there.
        let _ = strings.deserialize(&mut deserializer);
    }
}

/// Walks a JSON value without building it.
struct Strings<'s> {
    into: &'s mut Searchable,
    is_path: bool,
    depth: u32,
}

impl<'de> DeserializeSeed<'de> for Strings<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strings<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if self.is_path {
            self.into.path(text);
        }
        self.into.line(text);
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.into.line(&number.to_string());
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.into.line(&number.to_string());
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.into.line(&number.to_string());
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let depth = self.depth + 1;
        if depth > MAX_DEPTH {
            return Ok(());
        }
        let (into, is_path) = (self.into, self.is_path);
        while items
            .next_element_seed(Strings {
                into,
                is_path,
                depth,
            })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let depth = self.depth + 1;
        if depth > MAX_DEPTH {
            return Ok(());
        }
        let into = self.into;
        while let Some(key) = fields.next_key::<std::borrow::Cow<'de, str>>()? {
            let is_path = names_a_path(&key);
            fields.next_value_seed(Strings {
                into,
                is_path,
                depth,
            })?;
        }
        Ok(())
    }
}

/// Whether an argument of this name holds a path (`file_path`, `filePath`,
/// `path`, `notebook_path`, `absolute_path`, `filename`).
fn names_a_path(key: &str) -> bool {
    let key = key.as_bytes();
    let ends = |suffix: &[u8]| {
        key.len() >= suffix.len() && key[key.len() - suffix.len()..].eq_ignore_ascii_case(suffix)
    };
    ends(b"path") || ends(b"filename")
}

#[cfg(test)]
mod tests {
    use stead_usf::{Edit, Event, EventType, Raw};

    use super::Searchable;

    #[test]
    fn inputs_are_searched_without_their_escapes() {
        let mut call = Event::new("1", EventType::ToolCall);
        let json = r#"{"file_path":"/a/b.rs","edits":[{"old":"x\n\t\"y\"","n":7}],"ok":true}"#;
        call.input = Some(Raw::parse(json).unwrap());
        call.edits = vec![Edit::replace("/a/b.rs", "x", "y"), Edit::write("c.rs", "z")];
        let mut searchable = Searchable::default();
        searchable.set(&call);
        assert_eq!(searchable.text, "/a/b.rs\nx\n\t\"y\"\n7");
        assert_eq!(searchable.paths, ["/a/b.rs", "c.rs"]);
    }

    #[test]
    fn edits_of_their_own_are_searched() {
        let mut edit = Event::new("1", EventType::Edit);
        edit.edits = vec![Edit::replace("a", "old", "new")];
        let mut searchable = Searchable::default();
        searchable.set(&edit);
        assert_eq!(searchable.text, "a\n\nold\nnew");
    }
}
