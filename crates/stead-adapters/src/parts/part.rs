//! Parts become events.

use stead_usf::{Edit, EditOperation, Event, EventType, Inactive, Raw, Severity};

use super::facts::time_of;
use super::map::{Mapper, Record};
use super::reply::{Reply, Role};
use super::usage::usage;
use super::{EMPTY_TEXT, STEP_MARK, text, tool};
use crate::container::json::Object;
use crate::{Fate, Output, extra};

/// Ids that the record's place says already.
const IDS: &[&str] = &["id", "sessionID", "messageID"];

/// When a request began and ended and how fast it was: its parts tell the times.
const SPEED: &[&str] = &["time", "metrics"];

/// Maps one part of the message `reply`.
pub(super) fn map(
    mapper: &mut Mapper,
    output: &mut Output<'_>,
    reply: &mut Reply,
    mut record: Record<'_>,
) -> Fate {
    let kind = record
        .data
        .peek("type")
        .and_then(crate::container::json::string);
    let kind = kind.unwrap_or_default();
    if !is_known(&kind) {
        return unknown(mapper, output, reply, record, &kind);
    }
    record.data.ignore(IDS);
    record.data.ignore(&["type"]);
    match &*kind {
        "text" => text::map(mapper, reply, record),
        "reasoning" => reasoning(mapper, reply, record),
        "tool" => tool::map(mapper, reply, record),
        "file" => file(mapper, reply, record),
        "step-finish" => step_finish(mapper, output, reply, record),
        "patch" => patch(mapper, reply, record),
        "compaction" => compaction(mapper, reply, record),
        "agent" => plain(mapper, reply, record, EventType::System),
        "subtask" => subtask(mapper, reply, record),
        "retry" => retry(mapper, reply, record),
        _ => mark(mapper, reply, record),
    }
}

fn is_known(kind: &str) -> bool {
    matches!(
        kind,
        "text"
            | "reasoning"
            | "tool"
            | "file"
            | "step-start"
            | "step-finish"
            | "snapshot"
            | "patch"
            | "compaction"
            | "agent"
            | "subtask"
            | "retry"
    )
}

/// Who said the message that begins with this part. A model's text has the time
/// at which it began; a user's has none, or 0.
pub(super) fn speaker(part: &Object<'_>) -> Role {
    let kind = part.peek("type").and_then(crate::container::json::string);
    match kind.as_deref() {
        Some("text") => {
            let time = part.peek("time").and_then(Object::of);
            match time.and_then(|mut time| time.i64("start")) {
                Some(start) if start != 0 => Role::Assistant,
                _ => Role::User,
            }
        }
        Some("file" | "agent" | "subtask" | "compaction") => Role::User,
        Some(kind) if is_known(kind) => Role::Assistant,
        _ => Role::Lost,
    }
}

/// An event for the record, with all that is known from its place.
pub(super) fn event(mapper: &mut Mapper, record: &Record<'_>, kind: EventType) -> Event {
    let mut event = Event::new(mapper.ids.unique(record.id.to_owned()), kind);
    event.source = Some(record.source.clone());
    if record.removed || mapper.branch.is_part_rewound(record.message, record.id) {
        event.inactive = Some(Inactive::Rewound);
    }
    event
}

/// What is left of the record and of its row.
pub(super) fn rest(record: Record<'_>) -> Option<Raw> {
    let row = record.row.as_ref().map(Raw::json);
    extra::with(record.data.rest(), &[("row", row)])
}

fn reasoning(mapper: &mut Mapper, reply: &mut Reply, mut record: Record<'_>) -> Fate {
    let start = start(&mut record.data);
    let words = record.data.string("text").filter(|text| !text.is_empty());
    if words.is_none() && record.data.is_empty() && record.row.is_none() {
        return Fate::Ignored(EMPTY_TEXT);
    }
    let mut event = event(mapper, &record, EventType::Reasoning);
    event.at = start.and_then(time_of);
    event.text = words;
    event.extra = rest(record);
    reply.pending.push(event);
    Fate::Mapped
}

/// A file beside a prompt, or one that the model made.
fn file(mapper: &mut Mapper, reply: &mut Reply, mut record: Record<'_>) -> Fate {
    let removed = record.removed || mapper.branch.is_part_rewound(record.message, record.id);
    if reply.role == Role::User && !removed {
        reply.files.extend(rest(record));
        return Fate::Mapped;
    }
    let kind = match reply.role {
        Role::Assistant => EventType::Assistant,
        Role::User => EventType::User,
        Role::Lost => EventType::Unknown,
    };
    let mut event = event(mapper, &record, kind);
    event.extra = record.row.take();
    event.attachments = rest(record).and_then(|file| Raw::of(&[file]).ok());
    reply.pending.push(event);
    Fate::Mapped
}

/// A request has come to its end. Where the message tells the tokens of its
/// only request, they are taken from there.
fn step_finish(
    mapper: &mut Mapper,
    output: &mut Output<'_>,
    reply: &mut Reply,
    mut record: Record<'_>,
) -> Fate {
    let tokens = record.data.object("tokens").and_then(usage);
    let cost = record.data.f64("cost");
    record.data.ignore(&["snapshot", "reason"]);
    record.data.ignore(SPEED);
    if !record.data.is_empty() || record.row.is_some() {
        let mut event = event(mapper, &record, EventType::System);
        event.extra = rest(record);
        reply.pending.push(event);
    }
    if reply.counted && reply.finish.is_none() && tokens.is_some() {
        mapper.attach_usage(reply, tokens, cost);
        mapper.flush(output, reply);
        reply.steps += 1;
    }
    Fate::Mapped
}

/// Files that a request changed, whoever changed them. Which of them no call
/// names is known at the end of the message: the snapshot that tells may be
/// taken while the next call is already at work.
fn patch(mapper: &mut Mapper, reply: &mut Reply, mut record: Record<'_>) -> Fate {
    let files: Option<Vec<String>> = record
        .data
        .peek("files")
        .and_then(|files| serde_json::from_str(files.get()).ok());
    let Some(files) = files else {
        return plain(mapper, reply, record, EventType::System);
    };
    record.data.ignore(&["files", "hash"]);
    let mut event = event(mapper, &record, EventType::Edit);
    let changed = |file| Edit::new(file, EditOperation::Modify);
    event.edits = files.into_iter().map(changed).collect();
    event.extra = rest(record);
    reply.patches.push(event);
    Fate::Mapped
}

/// Puts out what commands changed: all that no call of the message names.
pub(super) fn changed_by_commands(reply: &mut Reply) {
    for mut event in std::mem::take(&mut reply.patches) {
        let is_named = |edit: &Edit| {
            let mut paths = reply.changes.iter();
            paths.any(|path| is_same_file(&edit.path, path))
        };
        event.edits.retain(|edit| !is_named(edit));
        if !event.edits.is_empty() || event.extra.is_some() {
            reply.pending.push(event);
        }
    }
}

/// Whether a path, which may be relative, names a file. Systems differ in what
/// parts the folders.
fn is_same_file(file: &str, path: &str) -> bool {
    let (file, path) = (file.replace('\\', "/"), path.replace('\\', "/"));
    let path = path.strip_prefix("./").unwrap_or(&path);
    file.strip_suffix(path)
        .is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
}

fn compaction(mapper: &mut Mapper, reply: &mut Reply, record: Record<'_>) -> Fate {
    let tail = record
        .data
        .peek("tail_start_id")
        .and_then(crate::container::json::string);
    let live = reply.inactive.is_none() && !record.removed;
    if live {
        let tail = tail.map(std::borrow::Cow::into_owned);
        mapper.branch.request(&reply.id, reply.place, tail);
    }
    let mut event = event(mapper, &record, EventType::System);
    event.injected = true;
    event.at = reply.created.and_then(time_of);
    event.extra = extra::with(rest(record), &[("type", Some("\"compaction\""))]);
    reply.pending.push(event);
    Fate::Mapped
}

/// A command that hands its prompt to a subagent: nobody typed the prompt.
fn subtask(mapper: &mut Mapper, reply: &mut Reply, mut record: Record<'_>) -> Fate {
    let prompt = record.data.string("prompt");
    let mut event = event(mapper, &record, EventType::User);
    event.injected = true;
    event.at = reply.created.and_then(time_of);
    event.text = prompt;
    event.extra = rest(record);
    reply.pending.push(event);
    Fate::Mapped
}

fn retry(mapper: &mut Mapper, reply: &mut Reply, mut record: Record<'_>) -> Fate {
    let mut event = event(mapper, &record, EventType::Error);
    let mut time = record.data.object("time").unwrap_or_default();
    event.at = time.i64("created").and_then(time_of);
    event.text = record
        .data
        .peek("error")
        .and_then(|error| error_text(error.get()));
    event.extra = rest(record);
    reply.pending.push(event);
    Fate::Mapped
}

/// `step-start` and `snapshot`: only a hash of the agent's own file history.
fn mark(mapper: &mut Mapper, reply: &mut Reply, mut record: Record<'_>) -> Fate {
    record.data.ignore(&["snapshot"]);
    record.data.ignore(SPEED);
    if record.data.is_empty() && record.row.is_none() {
        return Fate::Ignored(STEP_MARK);
    }
    plain(mapper, reply, record, EventType::System)
}

/// An event that is all in its extra fields.
fn plain(mapper: &mut Mapper, reply: &mut Reply, record: Record<'_>, kind: EventType) -> Fate {
    let mut event = event(mapper, &record, kind);
    event.at = reply
        .created
        .filter(|_| reply.role == Role::User)
        .and_then(time_of);
    event.extra = rest(record);
    reply.pending.push(event);
    Fate::Mapped
}

fn unknown(
    mapper: &mut Mapper,
    output: &mut Output<'_>,
    reply: &mut Reply,
    record: Record<'_>,
    kind: &str,
) -> Fate {
    let message = format!("unknown part type `{kind}`");
    let source = record.source.clone();
    mapper.once(
        output,
        "unknown-record",
        Severity::Warning,
        message,
        &source,
    );
    plain(mapper, reply, record, EventType::Unknown);
    Fate::Reported
}

/// `{name, data: {message}}`
pub(super) fn error_text(json: &str) -> Option<String> {
    let mut error = Object::parse(json).ok()?;
    let name = error.string("name");
    let data = error.object("data");
    let said = data.and_then(|mut data| data.string("message"));
    said.filter(|said| !said.is_empty()).or(name)
}

/// When a part began; its end is dropped: the next part tells it.
pub(super) fn start(data: &mut Object<'_>) -> Option<i64> {
    let mut time = data.object("time")?;
    time.i64("start").filter(|start| *start != 0)
}
