//! Escaping for HTML element content and quoted attribute values.
//!
//! Not for script or style elements, URLs or unquoted attributes, which have
//! other rules.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

/// `text` with `&`, `<`, `>`, `"` and `'` as entities; borrowed if it has none.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| entity(byte).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + text.len() / 8 + 16);
    escape_into(text, &mut out);
    Cow::Owned(out)
}

/// Appends [`escape`] of `text` to `out`.
pub fn escape_into(text: &str, out: &mut String) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if let Some(entity) = entity(byte) {
            out.push_str(&text[from..at]);
            out.push_str(entity);
            from = at + 1;
        }
    }
    out.push_str(&text[from..]);
}

const fn entity(byte: u8) -> Option<&'static str> {
    match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'"' => Some("&quot;"),
        b'\'' => Some("&#39;"),
        _ => None,
    }
}
