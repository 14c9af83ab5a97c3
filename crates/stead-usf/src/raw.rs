//! JSON kept to the letter.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A JSON value exactly as the agent wrote it: key order, number forms and
/// escapes are untouched, and nothing is parsed until somebody asks.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Raw(Box<RawValue>);

impl Raw {
    /// Checks that `json` is one JSON value and keeps it.
    pub fn parse(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str::<Box<RawValue>>(json).map(Self)
    }

    /// Keeps a value that a JSON reader has already framed.
    pub fn from_value(raw: &RawValue) -> Self {
        Self(raw.to_owned())
    }

    /// Writes `value` as JSON.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::value::to_raw_value(value).map(Self)
    }

    /// The JSON text.
    pub fn json(&self) -> &str {
        self.0.get()
    }

    /// Parses the value into `T`.
    pub fn to<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.0.get())
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.get())
    }
}

/// Equal when the values are equal, whatever their spacing or key order. Where no
/// value can be made of the text (half of a surrogate pair, a number beyond all
/// numbers), its letters are compared, the spacing aside.
impl PartialEq for Raw {
    fn eq(&self, other: &Self) -> bool {
        if self.json() == other.json() {
            return true;
        }
        match (
            self.to::<serde_json::Value>(),
            other.to::<serde_json::Value>(),
        ) {
            (Ok(a), Ok(b)) => a == b,
            (Err(_), Err(_)) => letters(self.json()).eq(letters(other.json())),
            _ => false,
        }
    }
}

/// The bytes of a JSON text without the white space between its tokens.
fn letters(json: &str) -> impl Iterator<Item = u8> {
    let (mut in_string, mut escaped) = (false, false);
    json.bytes().filter(move |byte| {
        if !in_string {
            in_string = *byte == b'"';
            return !byte.is_ascii_whitespace();
        }
        in_string = escaped || *byte != b'"';
        escaped = !escaped && *byte == b'\\';
        true
    })
}

impl JsonSchema for Raw {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Raw".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "Any JSON value, as the agent recorded it." })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Raw;

    /// A JSON value as its tokens; many are no Unicode.
    fn tokens() -> impl Strategy<Value = Vec<String>> {
        let leaf = prop::sample::select(vec![
            r#""\ud800""#,
            r#""a \" \\""#,
            r#""\\\" \udfff b""#,
            "1e999",
            "-0.50",
            "null",
        ]);
        let leaf = leaf.prop_map(|token| vec![token.to_owned()]);
        leaf.prop_recursive(4, 24, 4, |inner| {
            let list = prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| enclosed("[", items, "]"));
            let object = prop::collection::vec(inner, 0..4).prop_map(|items| {
                let field = |(place, value): (usize, Vec<String>)| {
                    let name = format!(r#""{place} \ud9ab""#);
                    [vec![name, ":".into()], value].concat()
                };
                enclosed("{", items.into_iter().enumerate().map(field).collect(), "}")
            });
            prop_oneof![list, object]
        })
    }

    fn enclosed(open: &str, items: Vec<Vec<String>>, close: &str) -> Vec<String> {
        let mut tokens = vec![open.to_owned()];
        for (place, item) in items.into_iter().enumerate() {
            tokens.extend((place > 0).then(|| ",".to_owned()));
            tokens.extend(item);
        }
        tokens.push(close.to_owned());
        tokens
    }

    fn spaced(tokens: &[String], spaces: &[u8]) -> Raw {
        let mut json = String::new();
        for (place, token) in tokens.iter().enumerate() {
            let space = spaces[place % spaces.len()];
            json += ["", " ", "\n\t", "\r\n"][usize::from(space)];
            json += token;
        }
        Raw::parse(&json).unwrap()
    }

    proptest! {
        #[test]
        fn spacing_is_no_difference(
            tokens in tokens(),
            one in prop::collection::vec(0_u8..4, 1..9),
            other in prop::collection::vec(0_u8..4, 1..9),
        ) {
            prop_assert_eq!(spaced(&tokens, &one), spaced(&tokens, &other));
        }

        #[test]
        fn another_token_is_a_difference(
            tokens in tokens(),
            place in any::<prop::sample::Index>(),
            spaces in prop::collection::vec(0_u8..4, 1..9),
        ) {
            let mut changed = tokens.clone();
            let token = &mut changed[place.index(tokens.len())];
            prop_assume!(!"[]{},:".contains(token.as_str()));
            *token = if token.starts_with('"') {
                token.replacen('"', "\" ", 1)
            } else {
                "7".to_owned()
            };
            prop_assert_ne!(spaced(&tokens, &spaces), spaced(&changed, &spaces));
        }
    }

    #[test]
    fn values_are_compared_where_there_are_values() {
        let raw = |json| Raw::parse(json).unwrap();
        assert_eq!(
            raw(r#"{"a":1,"b":"x"}"#),
            raw(r#"{ "b": "\u0078", "a": 1 }"#)
        );
        assert_ne!(raw("[1]"), raw("[2]"));
        assert_ne!(raw(r#"["\ud800"]"#), raw(r#"["x"]"#));
    }
}
