//! JSON objects taken apart one level at a time.
//!
//! A record is split into its fields without parsing their values; the mapper
//! takes the fields it knows, drops those it names, and what is left over is
//! kept to the letter. So nothing unknown is lost and nothing is parsed twice
//! into a tree. Values borrow from the input.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;
use stead_usf::Raw;

/// The fields of a JSON object that nobody has taken yet.
#[derive(Debug, Default)]
pub struct Object<'a> {
    fields: Vec<(Cow<'a, str>, &'a RawValue)>,
}

/// A list of values that have not been looked into.
pub type Values<'a> = Vec<&'a RawValue>;

impl<'a> Object<'a> {
    /// Splits one JSON object; anything before or after it is an error.
    pub fn parse(json: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// Splits a value if it is an object.
    pub fn of(value: &'a RawValue) -> Option<Self> {
        if value.get().starts_with('{') {
            Self::parse(value.get()).ok()
        } else {
            None
        }
    }

    /// Takes a field that is there and not `null`. Of fields with the same
    /// name the last one counts, as in every JSON reader the agents use.
    pub fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        let place = self.fields.iter().rposition(|(key, _)| key == name)?;
        let value = self.fields.swap_remove(place).1;
        (value.get() != "null").then_some(value)
    }

    /// Looks at a field without taking it.
    pub fn peek(&self, name: &str) -> Option<&'a RawValue> {
        let (_, value) = self.fields.iter().rfind(|(key, _)| key == name)?;
        (value.get() != "null").then_some(*value)
    }

    /// Takes a field of type `T`; one of another type stays.
    fn take_as<T: Deserialize<'a>>(&mut self, name: &str) -> Option<T> {
        let parsed = serde_json::from_str(self.peek(name)?.get()).ok()?;
        self.take(name);
        Some(parsed)
    }

    /// Takes a string.
    pub fn text(&mut self, name: &str) -> Option<Cow<'a, str>> {
        let text = string(self.peek(name)?)?;
        self.take(name);
        Some(text)
    }

    /// Takes a string as an owned value.
    pub fn string(&mut self, name: &str) -> Option<String> {
        self.text(name).map(Cow::into_owned)
    }

    /// Takes a whole number that is not negative.
    pub fn u64(&mut self, name: &str) -> Option<u64> {
        self.take_as(name)
    }

    /// Takes a whole number.
    pub fn i64(&mut self, name: &str) -> Option<i64> {
        self.take_as(name)
    }

    /// Takes a number.
    pub fn f64(&mut self, name: &str) -> Option<f64> {
        self.take_as(name)
    }

    /// Takes a truth value.
    pub fn bool(&mut self, name: &str) -> Option<bool> {
        self.take_as(name)
    }

    /// Takes an object apart.
    pub fn object(&mut self, name: &str) -> Option<Self> {
        let object = Self::of(self.peek(name)?)?;
        self.take(name);
        Some(object)
    }

    /// Takes a list.
    pub fn values(&mut self, name: &str) -> Option<Values<'a>> {
        self.take_as(name)
    }

    /// Takes a value to the letter.
    pub fn raw(&mut self, name: &str) -> Option<Raw> {
        self.take(name).map(Raw::from_value)
    }

    /// Drops fields that are known and have no place in USF.
    pub fn ignore(&mut self, names: &[&str]) {
        self.fields
            .retain(|(key, _)| !names.contains(&key.as_ref()));
    }

    /// Drops fields that are `null`: they say nothing.
    pub fn ignore_null(&mut self) {
        self.fields.retain(|(_, value)| value.get() != "null");
    }

    /// Whether all fields have been taken.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The names of the fields that are left.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(key, _)| key.as_ref())
    }

    /// What nobody took, as an object; `None` if nothing is left.
    pub fn rest(self) -> Option<Raw> {
        if self.fields.is_empty() {
            return None;
        }
        let mut json = Vec::new();
        let mut serializer = serde_json::Serializer::new(&mut json);
        let mut map = serializer.serialize_map(None).ok()?;
        for (key, value) in &self.fields {
            map.serialize_entry(key, value).ok()?;
        }
        SerializeMap::end(map).ok()?;
        Raw::parse(std::str::from_utf8(&json).ok()?).ok()
    }
}

/// The text of a JSON string; borrowed where it has no escapes. Escapes that
/// are no Unicode (lone surrogates) become U+FFFD.
pub fn string(value: &RawValue) -> Option<Cow<'_, str>> {
    let json = value.get();
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    match serde_json::from_str::<String>(json) {
        Ok(text) => Some(Cow::Owned(text)),
        Err(_) => lossy(json).map(Cow::Owned),
    }
}

/// A count, however it was written down: a whole number, also as a fraction
/// (`3.0`) or as text (`"3"`).
pub fn count(value: &RawValue) -> Option<u64> {
    let text = value.get().trim_matches('"');
    let whole = text.split_once('.').map_or(text, |(whole, fraction)| {
        let zeros = !fraction.is_empty() && fraction.bytes().all(|digit| digit == b'0');
        if zeros { whole } else { text }
    });
    whole.parse().ok()
}

/// A JSON string whose escapes are not all Unicode.
fn lossy(json: &str) -> Option<String> {
    let mut bytes = serde_json::from_str::<WtfBytes>(json).ok()?.0;
    for at in 1..bytes.len() {
        // Half a pair of surrogates takes three bytes, as U+FFFD does.
        if bytes[at - 1] == 0xED && bytes[at] >= 0xA0 && at + 1 < bytes.len() {
            bytes[at - 1..=at + 1].copy_from_slice("\u{fffd}".as_bytes());
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

struct WtfBytes(Vec<u8>);

impl<'de> Deserialize<'de> for WtfBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BytesVisitor;
        impl Visitor<'_> for BytesVisitor {
            type Value = WtfBytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<WtfBytes, E> {
                Ok(WtfBytes(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(BytesVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;
        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Object<'de>, M::Error> {
                let mut fields = Vec::with_capacity(16);
                while let Some(Key(key)) = map.next_key()? {
                    fields.push((key, map.next_value()?));
                }
                Ok(Object { fields })
            }
        }
        deserializer.deserialize_map(FieldsVisitor)
    }
}

/// A field name, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
