//! Calls of another agent that OpenHands drives. They are told again and again
//! while they run; what was told last counts.

use stead_usf::{Edit, Event, EventType, Tool, ToolKind};

use super::map::{Mapper, Record};
use super::put::Mapped;
use crate::container::json::{Object, string};
use crate::{Fate, Output};

/// A call as it was told last, until it comes to an end.
pub(super) struct Pending {
    id: String,
    at: Option<stead_usf::Time>,
    by: String,
    parent: Option<String>,
    json: String,
    source: stead_usf::Source,
}

/// Maps an `ACPToolCallEvent`.
pub(super) fn map(mapper: &mut Mapper, output: &mut Output<'_>, record: Record<'_>) -> Fate {
    let data = &record.data;
    let key = data
        .peek("tool_call_id")
        .and_then(string)
        .unwrap_or_default();
    let status = data.peek("status").and_then(string).unwrap_or_default();
    let is_over = matches!(status.as_ref(), "completed" | "failed" | "cancelled");
    let key = key.into_owned();
    let first = mapper.pending.remove(&key);
    let parent = mapper.branch.parent(record.parent.as_deref());
    mapper.branch.pass(&record.id, parent);
    let id = record.id.clone();
    let pending = Pending {
        at: record.at,
        by: record.by.clone().into_owned(),
        parent: record.parent.clone().map(std::borrow::Cow::into_owned),
        source: record.source.clone(),
        json: record
            .data
            .rest()
            .map_or_else(|| "{}".to_owned(), |rest| rest.json().to_owned()),
        id: first.map_or(id, |first| first.id),
    };
    if is_over {
        put(mapper, output, &pending);
    } else {
        mapper.pending.insert(key, pending);
    }
    Fate::Mapped
}

/// Puts out calls that have not come to an end. Their end may still come.
pub(super) fn finish(mapper: &mut Mapper, output: &mut Output<'_>) {
    for pending in std::mem::take(&mut mapper.pending).into_values() {
        mapper.is_broken = true;
        put(mapper, output, &pending);
    }
}

fn put(mapper: &mut Mapper, output: &mut Output<'_>, pending: &Pending) {
    let Ok(mut data) = Object::parse(&pending.json) else {
        return;
    };
    let call_id = data.string("tool_call_id");
    let title = data.string("title").unwrap_or_default();
    let input = data.raw("raw_input");
    let content = data.values("content").unwrap_or_default();
    let status = data.string("status").unwrap_or_default();
    let is_error = data.bool("is_error") == Some(true);
    let tool_kind = data.text("tool_kind").unwrap_or_default();

    let mut call = Event::new("", EventType::ToolCall);
    call.tool = Some(Tool::new(title, kind(&tool_kind)));
    call.call_id.clone_from(&call_id);
    call.input = input;
    call.edits = content.iter().filter_map(|block| diff(block)).collect();
    let texts: Vec<String> = content.iter().filter_map(|block| text(block)).collect();
    let output_text = match data.take("raw_output") {
        _ if !texts.is_empty() => Some(texts.join("\n")),
        Some(raw) => Some(string(raw).map_or_else(|| raw.get().to_owned(), Into::into)),
        None => None,
    };
    let record = |id: String, data| Record {
        id,
        at: pending.at,
        by: pending.by.clone().into(),
        parent: pending.parent.clone().map(Into::into),
        data,
        source: pending.source.clone(),
    };
    mapper.memory.ended = Some(false);
    let made = Mapped::one(call);
    let id = mapper.put(output, record(pending.id.clone(), data), made);
    if !matches!(status.as_str(), "completed" | "failed" | "cancelled") {
        return;
    }
    let mut result = Event::new("", EventType::ToolResult);
    result.call_id = call_id;
    result.ok = Some(status == "completed" && !is_error);
    result.output = output_text;
    let mut record = record(format!("{}#result", pending.id), Object::default());
    record.parent = Some(pending.id.clone().into());
    let result = mapper.put(output, record, Mapped::one(result));
    output.amend(mapper.slot, &id, &crate::Amendment::Result(result));
}

/// The words of the Agent Client Protocol.
fn kind(word: &str) -> ToolKind {
    match word {
        "read" => ToolKind::Read,
        "edit" | "delete" | "move" => ToolKind::Edit,
        "search" => ToolKind::Search,
        "execute" => ToolKind::Shell,
        "fetch" => ToolKind::WebFetch,
        _ => ToolKind::Other,
    }
}

/// A block that is a file's change; without an old text the file is written.
fn diff(block: &serde_json::value::RawValue) -> Option<Edit> {
    let mut block = Object::of(block)?;
    if block.text("type")? != "diff" {
        return None;
    }
    let mut either = |one, other| block.string(one).or_else(|| block.string(other));
    let (old, new) = (
        either("old_text", "oldText"),
        either("new_text", "newText")?,
    );
    let path = block.string("path")?;
    Some(match old {
        Some(old) => Edit::replace(path, old, new),
        None => Edit::write(path, new),
    })
}

/// A block that is a text, perhaps wrapped.
fn text(block: &serde_json::value::RawValue) -> Option<String> {
    let mut block = Object::of(block)?;
    match block.text("type")?.as_ref() {
        "text" => block.string("text"),
        "content" => block.object("content")?.string("text"),
        _ => None,
    }
}
