//! What tools answered.

use serde_json::value::RawValue;
use stead_usf::{Edit, Event, EventType, Hunk, Raw, Tool};

use super::{edits, tools};
use crate::container::json::Object;
use crate::diff::hunks;
use crate::extra;

/// Fields of a result's metadata that repeat the call or the output, or count what
/// they show.
const COPIES: &[&str] = &[
    "additions",
    "removals",
    "description",
    "output",
    "file_path",
    "filepath",
    "content",
    "edits_applied",
    "number_of_files",
    "number_of_matches",
    "working_directory",
    "action",
];

/// What a result says of the file that its call changed.
#[derive(Debug)]
pub(super) enum Change {
    /// The whole file before and after.
    Contents {
        /// As it was.
        before: String,
        /// As it is.
        after: String,
    },
    /// A diff.
    Hunks(Vec<Hunk>),
    /// All changes that the call made, which does not name them itself.
    Edits(Vec<Edit>),
}

/// Maps a `tool_result`.
pub(super) fn map(mut data: Object<'_>) -> (Event, Option<Change>) {
    let mut event = Event::new("", EventType::ToolResult);
    event.call_id = data.string("tool_call_id").filter(|id| !id.is_empty());
    let name = data.string("name").filter(|name| !name.is_empty());
    event.output = data.string("content");
    event.ok = data.bool("is_error").map(|failed| !failed);
    if name.as_deref() == Some("bash") {
        event.exit_code = event.output.as_deref().and_then(exit_code);
        if event.exit_code.is_some_and(|code| code != 0) {
            event.ok = Some(false);
        }
    }
    event.tool = name.map(|name| {
        let kind = tools::kind(&name);
        Tool::new(name, kind)
    });
    event.attachments = media(&mut data);
    let text = data.string("metadata").unwrap_or_default();
    let metadata = Object::parse(&text);
    let odd = metadata.is_err() && !text.is_empty();
    let mut metadata = metadata.unwrap_or_default();
    let change = change(&mut metadata).or_else(|| renamed(&event));
    event.duration_ms = duration(&mut metadata);
    metadata.ignore(COPIES);
    let metadata = if odd {
        Raw::of(&text).ok()
    } else {
        metadata.rest()
    };
    event.extra = extra::with(
        data.rest(),
        &[("metadata", metadata.as_ref().map(Raw::json))],
    );
    (event, change)
}

/// A command that failed says so at the end of its output; what follows is the folder.
fn exit_code(output: &str) -> Option<i64> {
    let output = output.split("\n\n<cwd>").next()?;
    output
        .lines()
        .next_back()?
        .strip_prefix("Exit code ")?
        .parse()
        .ok()
}

/// An image or the like.
fn media(data: &mut Object<'_>) -> Option<Raw> {
    let filled = |name: &str| data.peek(name).filter(|value| value.get() != "\"\"");
    let fields = ["data", "mime_type"].map(|name| (name, filled(name).map(RawValue::get)));
    let media = extra::with(None, &fields);
    data.ignore(&["data", "mime_type"]);
    media.and_then(|media| Raw::of(&[media]).ok())
}

/// Contents that are empty are left out by Crush.
fn change(metadata: &mut Object<'_>) -> Option<Change> {
    let (before, after) = (
        metadata.string("old_content"),
        metadata.string("new_content"),
    );
    if before.is_some() || after.is_some() {
        return Some(Change::Contents {
            before: before.unwrap_or_default(),
            after: after.unwrap_or_default(),
        });
    }
    let hunks = hunks(&metadata.text("diff")?);
    (!hunks.is_empty()).then_some(Change::Hunks(hunks))
}

/// The files in which a symbol was renamed.
fn renamed(event: &Event) -> Option<Change> {
    let is_rename = event
        .tool
        .as_ref()
        .is_some_and(|tool| tool.name == "lsp_rename");
    let said = event.output.as_deref().filter(|_| is_rename)?;
    Some(Change::Edits(edits::renamed(said)))
}

/// How long a command ran, in milliseconds.
fn duration(metadata: &mut Object<'_>) -> Option<u64> {
    let (start, end) = (metadata.i64("start_time")?, metadata.i64("end_time")?);
    u64::try_from(end.checked_sub(start)?).ok()
}
