//! Calls that a model without a protocol for them writes as tags into its text:
//! `<read_file><path>…</path></read_file>`. Nothing but names that are tools is a
//! call; all else is text.

use std::fmt::Write as _;

use super::tools;

/// Parameters that hold files: their tags may stand in them.
const OF_ANY_TEXT: &[&str] = &["content", "diff", "result", "response", "patch", "input"];

/// A part of a model's text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Text(&'a str),
    Call(Call<'a>),
}

/// A call with its parameters, in order.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call<'a> {
    pub(super) name: &'a str,
    pub(super) parameters: Vec<(&'a str, &'a str)>,
}

/// Takes a text apart; text that is blank is left out.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut rest, mut searched) = (text, 0);
    while let Some((place, name)) = opening(rest, searched) {
        let inner = &rest[place + name.len() + 2..];
        let Some((body, behind)) = body(inner, name) else {
            searched = place + 1;
            continue;
        };
        push_text(&mut parts, &rest[..place]);
        let parameters = parameters(body);
        parts.push(Part::Call(Call { name, parameters }));
        (rest, searched) = (behind, 0);
    }
    push_text(&mut parts, rest);
    parts
}

fn push_text<'a>(parts: &mut Vec<Part<'a>>, text: &'a str) {
    if !text.trim().is_empty() {
        parts.push(Part::Text(text));
    }
}

/// The first tag that opens a call.
fn opening(text: &str, from: usize) -> Option<(usize, &str)> {
    let places = memchr::memchr_iter(b'<', &text.as_bytes()[from..]);
    places.map(|place| from + place).find_map(|place| {
        Some((place, tag(&text[place..])?)).filter(|(_, name)| tools::is_tool(name))
    })
}

/// The name of the tag that a text begins with.
fn tag(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('<')?.split_once('>')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (!name.is_empty() && name.bytes().all(plain)).then_some(name)
}

/// What stands in a call, and what behind it. A call that was cut off ends with
/// the text, if it has a parameter at all.
fn body<'a>(inner: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let close = format!("</{name}>");
    let mut ends = inner.match_indices(&close).map(|(place, _)| place);
    // The tag may stand in a file that is written: then the parameter is open.
    let whole = |end: &usize| {
        OF_ANY_TEXT.iter().all(|parameter| {
            let opened = inner[..*end].contains(&format!("<{parameter}>"));
            !opened || inner[..*end].contains(&format!("</{parameter}>"))
        })
    };
    if let Some(end) = ends.find(whole) {
        return Some((&inner[..end], &inner[end + close.len()..]));
    }
    (tag(inner.trim_start()).is_some()).then_some((inner, ""))
}

/// The parameters of a call. One that was cut off ends with the call.
fn parameters(body: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = body;
    while let Some(place) = memchr::memchr(b'<', rest.as_bytes()) {
        let Some(name) = tag(&rest[place..]) else {
            rest = &rest[place + 1..];
            continue;
        };
        let inner = &rest[place + name.len() + 2..];
        let close = format!("</{name}>");
        let any_text = OF_ANY_TEXT.contains(&name);
        let end = if any_text {
            inner.rfind(&close)
        } else {
            inner.find(&close)
        };
        let value = &inner[..end.unwrap_or(inner.len())];
        let value = if any_text {
            value.strip_prefix('\n').unwrap_or(value)
        } else {
            value.trim()
        };
        found.push((name, value));
        rest = end.map_or("", |end| &inner[end + close.len()..]);
    }
    found
}

impl Call<'_> {
    /// The parameters as JSON, every value a text.
    pub(super) fn json(&self) -> String {
        let mut json = String::from("{");
        for (name, value) in &self.parameters {
            let comma = if json.len() > 1 { "," } else { "" };
            let value = serde_json::Value::from(*value);
            let _ = write!(json, "{comma}\"{name}\":{value}");
        }
        json.push('}');
        json
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, parts};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found: Vec<_> = parts(text)
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.trim().to_owned(),
                Part::Call(call) => format!("{} {}", call.name, call.json()),
            })
            .collect();
        assert_eq!(found.join("\n"), expected);
    }

    #[test]
    fn calls_are_found_in_text() {
        check(
            "I look.\n\n<read_file>\n<path>\na.rs\n</path>\n</read_file>",
            "I look.\nread_file {\"path\":\"a.rs\"}",
        );
        check(
            "<b>bold</b> and <path>x</path>",
            "<b>bold</b> and <path>x</path>",
        );
        check(
            "<read_file><args><file><path>a</path></file></args></read_file> then",
            "read_file {\"args\":\"<file><path>a</path></file>\"}\nthen",
        );
        check("call <read_file> to see", "call <read_file> to see");
    }

    #[test]
    fn files_may_hold_tags() {
        check(
            "<write_to_file><path>a</path><content>\nx</write_to_file>\n<path>y</path></content>\n</write_to_file>",
            r#"write_to_file {"path":"a","content":"x</write_to_file>\n<path>y</path>"}"#,
        );
    }

    #[test]
    fn cut_calls_are_kept() {
        check(
            "<write_to_file><path>a</path><content>begin",
            r#"write_to_file {"path":"a","content":"begin"}"#,
        );
    }
}
