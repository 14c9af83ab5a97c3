//! Tool parts become a call and, once it is done, a result.

use serde_json::value::RawValue;
use stead_usf::{Event, EventType, Raw, Tool, ToolKind};

use super::facts::time_of;
use super::map::{Mapper, Record};
use super::reply::Reply;
use super::{edits, part};
use crate::container::json::{Object, string};
use crate::tasks::tools;
use crate::{Fate, extra};

/// Fields of a result's metadata that only repeat what stands elsewhere: the
/// output, the call's description, the diff that became hunks, the texts of the
/// whole files that it applies to, and the calls of a subagent.
const COPIES: &[&str] = &[
    "output",
    "preview",
    "description",
    "diff",
    "filediff",
    "files",
    "results",
    "summary",
    "filepath",
    "exists",
    "parentSessionId",
];

/// Maps a `tool` part.
pub(super) fn map(mapper: &mut Mapper, reply: &mut Reply, mut record: Record<'_>) -> Fate {
    let name = record.data.string("tool").unwrap_or_default();
    let call_id = record.data.string("callID");
    let mut state = record.data.object("state").unwrap_or_default();
    let status = state.string("status").unwrap_or_default();
    let input = state.take("input");
    let mut metadata = state.object("metadata").unwrap_or_default();
    let time = state.object("time").map(Times::of).unwrap_or_default();
    state.ignore(&["title"]);
    if state.peek("raw").is_some_and(|raw| raw.get() == "\"\"") {
        state.ignore(&["raw"]);
    }

    let mut call = part::event(mapper, &record, EventType::ToolCall);
    call.at = time.start.and_then(time_of);
    call.call_id.clone_from(&call_id);
    let kind = if reply.migrated {
        let input = input.and_then(Object::of).unwrap_or_default();
        call.edits = tools::edits(&name, &input);
        tools::kind_of(&name, &input)
    } else {
        call.edits = edits::edits(&name, input, &metadata);
        (mapper.family.tools)(&name).unwrap_or_else(|| kind(&name))
    };
    let places = call.edits.iter();
    let places = places.flat_map(|edit| std::iter::once(&edit.path).chain(&edit.new_path));
    reply.changes.extend(places.cloned());
    call.input = input.map(Raw::from_value);
    note_child(mapper, kind, &metadata, call_id.as_deref());

    // A call that was taken over without an answer has its own name for one.
    let output = state.peek("output").and_then(string);
    let answered = !reply.migrated || output.is_none_or(|output| output != name);
    let done = answered && matches!(status.as_str(), "completed" | "error");
    let result = done.then(|| {
        let id = mapper.ids.unique(format!("{}#result", call.id));
        let mut result = Event::new(id, EventType::ToolResult);
        result.parent = Some(call.id.clone());
        result.call_id.clone_from(&call_id);
        result.at = time.end.and_then(time_of);
        result.duration_ms = time.duration();
        result.inactive = call.inactive;
        result.source.clone_from(&call.source);
        fill(&mut result, &status, &mut state, &mut metadata);
        reply.refused = status == "error" && result.output.as_deref().is_some_and(is_refusal);
        result
    });
    call.tool = Some(Tool::new(name, kind));
    call.result = result.as_ref().map(|result| result.id.clone());
    let metadata = tidy(metadata).rest();
    let details = [
        ("metadata", metadata.as_ref().map(Raw::json)),
        ("compacted", time.compacted.as_deref()),
    ];
    let leftover = state.rest();
    let leftover = ("state", leftover.as_ref().map(Raw::json));
    let rest = part::rest(record);
    reply.pending.push(call);
    let place = reply.pending.len() - 1;
    if let Some(mut result) = result {
        result.extra = extra::with(result.extra.take(), &details);
        reply.pending.push(result);
        reply.pending[place].extra = extra::with(rest, &[leftover]);
    } else {
        let [metadata, compacted] = details;
        reply.pending[place].extra = extra::with(rest, &[leftover, metadata, compacted]);
    }
    Fate::Mapped
}

/// When a call ran.
#[derive(Default)]
struct Times {
    start: Option<i64>,
    end: Option<i64>,
    /// When its output was cleared to save space in the conversation; as JSON.
    compacted: Option<String>,
}

impl Times {
    fn of(mut time: Object<'_>) -> Self {
        Self {
            start: time.i64("start"),
            end: time.i64("end"),
            compacted: time.take("compacted").map(|value| value.get().to_owned()),
        }
    }

    fn duration(&self) -> Option<u64> {
        u64::try_from(self.end?.checked_sub(self.start?)?).ok()
    }
}

/// What came out of the call.
fn fill(result: &mut Event, status: &str, state: &mut Object<'_>, metadata: &mut Object<'_>) {
    result.attachments = state.raw("attachments");
    if status == "completed" {
        result.output = state.string("output");
        // A shell command that was ended by a signal has no code, but `null`.
        let has_exit = metadata.names().any(|name| name == "exit");
        result.exit_code = metadata.i64("exit");
        result.ok = Some(!has_exit || result.exit_code == Some(0));
        metadata.ignore(&["exit"]);
        return;
    }
    result.ok = Some(false);
    let error = state.string("error");
    let interrupted = metadata
        .peek("interrupted")
        .is_some_and(|v| v.get() == "true");
    let partial = metadata.peek("output").filter(|_| interrupted);
    // An interrupted command's output is sent to the model instead of the error.
    if let Some(partial) = partial.and_then(string) {
        let error = error.as_deref().and_then(extra::quoted);
        result.extra = extra::with(None, &[("error", error.as_deref())]);
        result.output = Some(partial.into_owned());
    } else {
        result.output = error;
    }
}

/// The answers with which a turn ends because the user said no.
fn is_refusal(error: &str) -> bool {
    error.contains("user rejected permission") || error.contains("user dismissed this question")
}

/// Remembers which session a `task` call started. Until 1.0 only the calls
/// that it copied from there name it.
fn note_child(mapper: &mut Mapper, kind: ToolKind, metadata: &Object<'_>, call: Option<&str>) {
    let Some(call) = call.filter(|_| kind == ToolKind::Task) else {
        return;
    };
    let child = metadata.peek("sessionId").and_then(string).or_else(|| {
        let copies: Vec<&RawValue> = serde_json::from_str(metadata.peek("summary")?.get()).ok()?;
        Object::of(copies.first()?)?.text("sessionID")
    });
    if let Some(child) = child {
        mapper.children.push((child.into_owned(), call.to_owned()));
    }
}

fn tidy(mut metadata: Object<'_>) -> Object<'_> {
    metadata.ignore(COPIES);
    for (name, nothing) in [("diagnostics", "{}"), ("truncated", "false")] {
        if metadata.peek(name).is_some_and(|v| v.get() == nothing) {
            metadata.ignore(&[name]);
        }
    }
    metadata
}

/// What a tool does. Tools of MCP servers are named `server_tool`.
pub(super) fn kind(name: &str) -> ToolKind {
    match name {
        "read" => ToolKind::Read,
        "write" => ToolKind::Write,
        "edit" | "multiedit" | "patch" | "apply_patch" => ToolKind::Edit,
        "bash" | "shell" => ToolKind::Shell,
        "grep" => ToolKind::Search,
        "glob" => ToolKind::Glob,
        "list" | "ls" => ToolKind::List,
        "question" => ToolKind::Ask,
        "task" => ToolKind::Task,
        "webfetch" => ToolKind::WebFetch,
        "websearch" | "codesearch" => ToolKind::WebSearch,
        "todowrite" | "todoread" => ToolKind::Todo,
        "plan_enter" | "plan_exit" | "lsp_hover" | "lsp_diagnostics" => ToolKind::Other,
        _ if name.trim_matches('_').contains('_') => ToolKind::Mcp,
        _ => ToolKind::Other,
    }
}
