//! Masks secrets in what leaves stead.

use stead_redact::Redactor;
use stead_usf::{Edit, Event, Issue, Raw, Session};

/// Masks secrets in a session, events included.
pub fn mask_session(session: &mut Session) {
    let redactor = Redactor::default_rules();
    mask_header(&redactor, session);
    for event in &mut session.events {
        mask_event(&redactor, event);
    }
}

pub(crate) fn mask_header(redactor: &Redactor, header: &mut Session) {
    let git = header.git.as_mut().and_then(|git| git.remote.as_mut());
    let fields = [header.title.as_mut(), header.first_prompt.as_mut(), git];
    for text in fields.into_iter().flatten() {
        mask_text(redactor, text);
    }
    for Issue { message, .. } in &mut header.issues {
        mask_text(redactor, message);
    }
}

pub(crate) fn mask_event(redactor: &Redactor, event: &mut Event) {
    for text in [&mut event.text, &mut event.output].into_iter().flatten() {
        mask_text(redactor, text);
    }
    for raw in [&mut event.input, &mut event.extra, &mut event.attachments]
        .into_iter()
        .flatten()
    {
        mask_raw(redactor, raw);
    }
    for edit in &mut event.edits {
        mask_edit(redactor, edit);
    }
}

fn mask_edit(redactor: &Redactor, edit: &mut Edit) {
    for text in [&mut edit.before, &mut edit.after].into_iter().flatten() {
        mask_text(redactor, text);
    }
    for hunk in &mut edit.hunks {
        // A secret may go over several lines.
        let joined = hunk.lines.join("\n");
        if let std::borrow::Cow::Owned(masked) = redactor.mask(&joined) {
            hunk.lines = masked.split('\n').map(str::to_owned).collect();
        }
    }
}

fn mask_text(redactor: &Redactor, text: &mut String) {
    if let std::borrow::Cow::Owned(masked) = redactor.mask(text) {
        *text = masked;
    }
}

fn mask_raw(redactor: &Redactor, raw: &mut Raw) {
    let std::borrow::Cow::Owned(masked) = redactor.mask(raw.json()) else {
        return;
    };
    *raw = Raw::parse(&masked).unwrap_or_else(|_| mask_strings(redactor, raw));
}

/// Masks the strings of a value one by one, where masking its text has broken
/// the JSON.
fn mask_strings(redactor: &Redactor, raw: &Raw) -> Raw {
    fn walk(redactor: &Redactor, value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => mask_text(redactor, text),
            serde_json::Value::Array(items) => items.iter_mut().for_each(|v| walk(redactor, v)),
            serde_json::Value::Object(fields) => {
                // A name like `password` tells that its value is a secret.
                for (key, value) in fields.iter_mut() {
                    if let serde_json::Value::String(text) = value {
                        let pair = format!("{key}={text}");
                        if redactor
                            .find(&pair)
                            .iter()
                            .any(|found| found.range.start > key.len())
                        {
                            "[redacted:secret]".clone_into(text);
                        }
                    }
                    walk(redactor, value);
                }
            }
            _ => {}
        }
    }
    let mut value: serde_json::Value = raw.to().unwrap_or_default();
    walk(redactor, &mut value);
    Raw::of(&value).unwrap_or_else(|_| raw.clone())
}
