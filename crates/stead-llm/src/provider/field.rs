//! Takes fields out of foreign JSON without trusting its types: what is not there or is
//! of another type is absent. A wrong type in a field that nobody needs must not cost
//! the answer, so providers' objects are not deserialised into structs.

use serde_json::Value;

/// A text.
pub(crate) fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str()
}

/// A text that is not empty.
pub(crate) fn some_text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    text(value, name).filter(|text| !text.is_empty())
}

/// A whole number that is not negative, also where it is written as `3.0`.
pub(crate) fn count(value: &Value, name: &str) -> Option<u64> {
    let value = value.get(name)?;
    let whole = |number: f64| number >= 0.0 && number.fract() == 0.0 && number < 9e15;
    value.as_u64().or_else(|| {
        value
            .as_f64()
            .filter(|number| whole(*number))
            .map(|number| number as u64)
    })
}

/// The items of a list; none if it is no list.
pub(crate) fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    let items = value.get(name).and_then(Value::as_array);
    items.map_or(&[], Vec::as_slice)
}

/// A field that is there and not null.
pub(crate) fn some<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value.get(name).filter(|value| !value.is_null())
}
