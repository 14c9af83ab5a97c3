//! What tools answered, and files that lie in messages.

use std::borrow::Cow;

use serde_json::value::RawValue;
use stead_usf::{Event, EventType, Raw};

use super::record::{Mapped, blank};
use super::tools;
use crate::container::json::{Object, string};

/// Fields of structured results that repeat the output or the call.
const REPEATED: &[&str] = &[
    "bytes",
    "content",
    "file",
    "filenames",
    "isImage",
    "newTodos",
    "noOutputExpected",
    "oldTodos",
    "prompt",
    "result",
    "results",
    "stderr",
    "stdout",
    "type",
    "usage",
];

/// A result as a block of a message.
pub(super) fn of_block(block: &mut Object<'_>) -> Event {
    let mut event = blank(EventType::ToolResult);
    event.call_id = block.string("tool_use_id");
    let failed = block.bool("is_error").unwrap_or(false);
    event.ok = Some(!failed);
    if let Some(content) = block.take("content") {
        let (text, files) = content_of(content);
        event.output = text;
        event.attachments = attachments(&files);
    }
    if failed {
        event.exit_code = event.output.as_deref().and_then(exit_code);
    }
    block.ignore(&["type", "cache_control"]);
    event
}

/// The exit code that a failed command's output begins with.
fn exit_code(output: &str) -> Option<i64> {
    let line = output.lines().next()?;
    line.strip_prefix("Exit code ")?.trim().parse().ok()
}

/// Text and files of a result's content.
fn content_of(content: &RawValue) -> (Option<String>, Vec<String>) {
    if let Some(text) = string(content) {
        return (Some(text.into_owned()), Vec::new());
    }
    let Ok(values) = serde_json::from_str::<Vec<&RawValue>>(content.get()) else {
        // Results of the provider's own tools may be one object.
        return (Some(content.get().to_owned()), Vec::new());
    };
    let mut texts: Vec<Cow<'_, str>> = Vec::new();
    let mut files = Vec::new();
    for value in values {
        let Some(mut block) = Object::of(value) else {
            texts.extend(string(value));
            continue;
        };
        match block.text("text") {
            Some(text) => texts.push(text),
            None => files.push(file(value)),
        }
    }
    let text = (!texts.is_empty()).then(|| texts.join("\n"));
    (text, files)
}

/// A list of files as an event holds it.
pub(super) fn attachments(files: &[String]) -> Option<Raw> {
    if files.is_empty() {
        return None;
    }
    Raw::parse(&format!("[{}]", files.join(","))).ok()
}

/// A file in a message as JSON: to the letter, but for its bytes, of which
/// only the length in base64 stays.
pub(super) fn file(value: &RawValue) -> String {
    let described = || {
        let mut block = Object::of(value)?;
        let kind = block.raw("type")?;
        let mut source = block.object("source")?;
        let data = source.take("data")?;
        let length = data.get().len().saturating_sub(2);
        let source = source
            .rest()
            .map_or_else(|| "{}".to_owned(), |raw| raw.json().to_owned());
        let rest = block
            .rest()
            .map_or_else(|| "{}".to_owned(), |raw| raw.json().to_owned());
        Some(format!(
            "{{\"type\":{},\"source\":{source},\"base64_length\":{length},\"rest\":{rest}}}",
            kind.json()
        ))
    };
    let text = described().unwrap_or_else(|| value.get().to_owned());
    text.replace(",\"rest\":{}", "")
}

/// Takes the structured form of a result in: the change, the duration, where
/// the whole output lies. Returns what says more than the output.
pub(super) fn structured(mapped: &mut Mapped, result: &RawValue) -> Option<Raw> {
    let mut result = Object::of(result)?;
    let event = mapped
        .events
        .iter_mut()
        .find(|event| event.kind == EventType::ToolResult)?;
    event.duration_ms = result
        .u64("totalDurationMs")
        .or_else(|| result.u64("durationMs"));
    mapped.edit = tools::done(&mut result);
    mapped.spilled = result
        .peek("persistedOutputPath")
        .and_then(string)
        .and_then(|path| file_name(&path));
    for flag in [
        "interrupted",
        "userModified",
        "replaceAll",
        "truncated",
        "sandbox",
    ] {
        if result
            .peek(flag)
            .is_some_and(|value| value.get() == "false")
        {
            result.ignore(&[flag]);
        }
    }
    if event.output.as_deref().is_none_or(str::is_empty) {
        // The output does not say it: it is no repetition.
        let said = |name: &str| result.peek(name).and_then(string);
        let said = [said("stdout"), said("stderr")];
        let said = said.iter().flatten().filter(|text| !text.is_empty());
        let said: Vec<&str> = said.map(AsRef::as_ref).collect();
        if !said.is_empty() {
            event.output = Some(said.join("\n"));
        }
    }
    result.ignore(REPEATED);
    result.rest()
}

/// The file that an output too long for the transcript was written to.
pub(super) fn spilled(output: &str) -> Option<String> {
    let head = output.strip_prefix("<persisted-output>")?;
    let line = head.lines().find(|line| line.contains("saved to: "))?;
    file_name(line.split_once("saved to: ")?.1.trim())
}

/// The last part of a path of any system.
fn file_name(path: &str) -> Option<String> {
    let name = path.rsplit(['/', '\\']).next()?;
    (!name.is_empty() && name != ".." && name != ".").then(|| name.to_owned())
}
