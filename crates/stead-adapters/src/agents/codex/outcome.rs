//! What the text of a tool's result says about how it went. Codex has told its
//! models in many ways:
//!
//! - `{"output": …, "metadata": {"exit_code", "duration_seconds"}}` as text (to
//!   0.5x, and what the file kept of later forms),
//! - `Exit code: 0`, `Wall time: 0.1 seconds`, `Output:` (0.4x on),
//! - `Chunk ID: …`, `Wall time: …`, `Process exited with code 0`, `Output:` (0.6x on),
//! - `Script completed`, `Wall time 0.1 seconds`, `Output:` (the JavaScript tool),
//! - a JSON object from tools about agents, where an error is a bare sentence.

use serde::Deserialize;
use serde_json::value::RawValue;
use stead_usf::{Raw, ToolKind};

use super::content::Content;
use super::state::Facts;
use super::tools;
use crate::container::json::{self, Object};

/// What a result tells.
#[derive(Default)]
pub(super) struct Outcome {
    /// What the model was told.
    pub(super) text: Option<String>,
    /// Images among it.
    pub(super) attachments: Option<Raw>,
    pub(super) facts: Facts,
}

/// Beginnings of what Codex says when it did not do what a call asked for.
const REFUSALS: &[&str] = &[
    "aborted",
    "failed to ",
    "unsupported ",
    "unknown ",
    "err: ",
    "Error: ",
    "error: ",
    "execution error:",
    "tool call error:",
    "exec_command failed",
    "write_stdin failed",
    "exec command rejected",
    "rejected ",
    "user rejected",
    "patch rejected",
    "apply_patch verification failed",
    "unable to ",
    "command timed out",
    "Invalid ",
    "invalid ",
    "Script failed",
    "Script terminated",
];

/// Reads the `output` of a result: a text, parts, or (to 0.2x) an object.
pub(super) fn read(output: Option<&RawValue>, tool: &str) -> Outcome {
    let Some(output) = output else {
        return Outcome::default();
    };
    if let Some(text) = json::string(output) {
        let facts = facts(&text, tool);
        return Outcome {
            text: Some(text.into_owned()),
            facts,
            ..Outcome::default()
        };
    }
    if let Ok(values) = serde_json::from_str(output.get()) {
        let parts = Content::list(values);
        let text = parts.join("\n");
        return Outcome {
            facts: facts(text.as_deref().unwrap_or(""), tool),
            attachments: parts.attachments(),
            text,
        };
    }
    let mut object = Object::of(output).unwrap_or_default();
    let success = object.bool("success");
    let text = object.string("content");
    let mut facts = facts(text.as_deref().unwrap_or(""), tool);
    facts.ok = success.or(facts.ok);
    Outcome {
        text: text.or_else(|| Some(output.get().to_owned())),
        attachments: None,
        facts,
    }
}

/// `{"output", "metadata"}`.
#[derive(Deserialize)]
struct Wrapped {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    exit_code: i64,
    duration_seconds: Option<f64>,
}

fn facts(text: &str, tool: &str) -> Facts {
    if text.starts_with('{')
        && let Ok(wrapped) = serde_json::from_str::<Wrapped>(text)
    {
        let Metadata {
            exit_code,
            duration_seconds,
        } = wrapped.metadata;
        return Facts {
            ok: Some(exit_code == 0),
            exit_code: Some(exit_code),
            duration_ms: duration_seconds.and_then(millis),
        };
    }
    let mut facts = head(text);
    if facts.ok.is_none() {
        let refused = REFUSALS.iter().any(|begin| text.starts_with(begin));
        let answers_json = tools::kind(tool, None) == ToolKind::Task;
        facts.ok = Some(!refused && (!answers_json || text.trim_start().starts_with('{')));
    }
    facts
}

/// Reads the lines above `Output:`.
fn head(text: &str) -> Facts {
    const MOST_LINES: usize = 8;
    let mut facts = Facts::default();
    for line in text.lines().take(MOST_LINES) {
        let code = line
            .strip_prefix("Exit code: ")
            .or_else(|| line.strip_prefix("Process exited with code "));
        if let Some(code) = code.and_then(|code| code.trim().parse().ok()) {
            facts.exit_code = Some(code);
            facts.ok = Some(code == 0);
        } else if let Some(time) = line
            .strip_prefix("Wall time: ")
            .or_else(|| line.strip_prefix("Wall time "))
        {
            let seconds = time.split(' ').next().and_then(|time| time.parse().ok());
            facts.duration_ms = seconds.and_then(millis);
        } else if line.starts_with("Output:") {
            break;
        } else if !HEAD.iter().any(|begin| line.starts_with(begin)) {
            // No such head: the numbers, if any, are the tool's own words.
            return Facts::default();
        }
    }
    facts
}

/// Other lines above `Output:`.
const HEAD: &[&str] = &[
    "Chunk ID: ",
    "Process running with session ID ",
    "Original token count: ",
    "Total output lines: ",
    "Script ",
    "Warning: ",
];

pub(super) fn millis(seconds: f64) -> Option<u64> {
    let millis = (seconds * 1000.0).round();
    (0.0..1e15).contains(&millis).then_some(millis as u64)
}
