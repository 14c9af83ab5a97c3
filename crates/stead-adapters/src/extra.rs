//! What USF has no place for, put together from the levels of a record.

use std::fmt::Write as _;

use stead_usf::Raw;

/// `rest`, an object or nothing, with further fields. Their values are JSON.
pub(crate) fn with(rest: Option<Raw>, fields: &[(&str, Option<&str>)]) -> Option<Raw> {
    if fields.iter().all(|(_, value)| value.is_none()) {
        return rest;
    }
    let open = |rest: &Raw| rest.json().trim_end().strip_suffix('}').map(str::to_owned);
    let mut json = rest
        .as_ref()
        .and_then(open)
        .unwrap_or_else(|| "{".to_owned());
    for (name, value) in fields {
        let Some(value) = value else { continue };
        let comma = if json.ends_with('{') { "" } else { "," };
        let _ = write!(json, "{comma}\"{name}\":{value}");
    }
    json.push('}');
    Raw::parse(&json).ok().or(rest)
}

/// A text as JSON.
pub(crate) fn quoted(text: &str) -> Option<String> {
    serde_json::to_string(text).ok()
}
