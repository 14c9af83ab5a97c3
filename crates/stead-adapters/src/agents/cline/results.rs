//! What tools answered: a text, often with JSON in it, or a list of answers.

use serde_json::value::RawValue;
use stead_usf::{EditOperation, Event, Raw};

use crate::container::json::{Object, Values, string};

/// An answer.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// What the model was told.
    pub(super) output: String,
    pub(super) ok: bool,
    pub(super) exit_code: Option<i64>,
    pub(super) images: Option<Raw>,
}

/// Reads the content of an answer.
pub(super) fn told(content: &RawValue) -> Told {
    let mut told = Told {
        ok: true,
        ..Told::default()
    };
    if let Some(text) = string(content) {
        if let Ok(answer) = Object::parse(&text) {
            told.judge(&answer);
        }
        told.output = text.into_owned();
        return told;
    }
    let answers: Values<'_> = serde_json::from_str(content.get()).unwrap_or_default();
    let mut texts = Vec::new();
    for answer in answers.into_iter().filter_map(Object::of) {
        let is_text = answer
            .peek("type")
            .is_some_and(|kind| kind.get() == "\"text\"");
        texts.extend(answer.peek("text").and_then(string).filter(|_| is_text));
        told.judge(&answer);
    }
    told.output = if texts.is_empty() {
        compact(content.get())
    } else {
        texts.join("\n")
    };
    let images = content.get().contains("\"image\"");
    told.images = images.then(|| Raw::from_value(content));
    told
}

impl Told {
    fn judge(&mut self, answer: &Object<'_>) {
        self.ok &= answer
            .peek("success")
            .is_none_or(|success| success.get() != "false");
        let error = answer.peek("error").and_then(string).unwrap_or_default();
        let code = error.strip_prefix("Command exited with code ");
        self.exit_code = self
            .exit_code
            .or(code.and_then(|code| code.trim().parse().ok()));
    }
}

/// What an answer says of its call: a file that was written was new.
pub(super) fn describe(call: &mut Event, output: &str) {
    let created = output.contains("\"result\":\"File created successfully");
    for edit in &mut call.edits {
        if created && edit.operation == EditOperation::Write {
            edit.operation = EditOperation::Create;
        }
    }
}

/// JSON without the blanks between its tokens, as the model was given it.
fn compact(json: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    let kept = json.chars().filter(|c| {
        if in_string {
            in_string = escaped || *c != '"';
            escaped = !escaped && *c == '\\';
            return true;
        }
        in_string = *c == '"';
        !c.is_ascii_whitespace()
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn answers_of_all_kinds() {
        for (json, output, ok, exit_code) in [
            (r#""done""#, "done", true, None),
            (
                r#""{\"result\":\"x\",\"success\":false}""#,
                r#"{"result":"x","success":false}"#,
                false,
                None,
            ),
            (
                "[ {\"query\": \"a \\\" b\",\n \"error\": \"Command exited with code 2\", \"success\": false} ]",
                r#"[{"query":"a \" b","error":"Command exited with code 2","success":false}]"#,
                false,
                Some(2),
            ),
            (
                r#"[{"type":"text","text":"a"},{"type":"text","text":"b"}]"#,
                "a\nb",
                true,
                None,
            ),
        ] {
            let raw = serde_json::from_str(json).unwrap();
            let told = told(raw);
            assert_eq!(
                (told.output.as_str(), told.ok, told.exit_code),
                (output, ok, exit_code)
            );
        }
    }
}
