//! Session text made safe for HTML.

use std::fmt::Write as _;

use stead_redact::{html, terminal};

use crate::export::view::{DocumentOptions, bytes};

/// `text` for an element or a quoted attribute. Control codes are taken out as
/// on a terminal: a page would show them as rubbish, or hide things with them.
pub(super) fn escaped(text: &str) -> String {
    html::escape(&terminal::escape(text)).into_owned()
}

/// A whole text, cut if it is very long.
pub(super) fn block(text: &str, options: &DocumentOptions) -> String {
    let (shown, hidden) = options.cut(text);
    let mut out = escaped(shown.trim_end());
    if hidden > 0 {
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "\n<em class=\"cut\">… {} more are left out</em>",
            bytes(hidden)
        );
    }
    out
}

/// The anchor of an event: letters and digits stay, all else is spelled in hex,
/// so that different ids stay different.
pub(super) fn anchor(id: &str) -> String {
    let mut out = String::from("e-");
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.' {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "_{byte:02x}");
        }
    }
    out
}
