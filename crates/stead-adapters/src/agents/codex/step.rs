//! What a record does to the model request in progress, as far as its types
//! tell. For the scan, which skips everything else; the mapper says the same
//! where it handles each record.

use memchr::memmem::Finder;
use stead_usf::Time;

use super::items;
use super::record::peek_text;
use crate::container::json::Object;

/// The type of a record stands this near to the begin of its line.
const HEAD: usize = 192;
const TYPE: &[u8] = b"\"type\":\"";
const ROLE: &[u8] = b"\"role\":\"";
/// So Codex begins a line, followed by the time.
const BEGIN: &[u8] = b"{\"timestamp\":\"";

/// What a record does to the model request in progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing.
    Nothing,
    /// It is an event of the reply.
    Reply,
    /// It is a part of the reply that gives no event.
    Hidden,
    /// It answers a call.
    Answered,
    /// It is a summary, which is a reply of its own.
    Summary,
    /// What follows belongs to another request.
    Next,
    /// Its types alone do not say.
    Unclear,
}

/// By the type of an item; messages have a role besides.
pub(super) fn of_item(kind: &str, role: Option<&str>) -> Step {
    match (kind, role) {
        ("message", None) | ("reasoning", _) => Step::Unclear,
        ("message", Some("assistant")) => Step::Reply,
        ("message", Some("user")) | ("agent_message", _) => Step::Next,
        ("message" | "additional_tools" | "ghost_snapshot", _) => Step::Nothing,
        ("compaction" | "compaction_summary" | "context_compaction", _) => Step::Hidden,
        (
            "function_call_output"
            | "custom_tool_call_output"
            | "local_shell_call_output"
            | "tool_search_output",
            _,
        ) => Step::Answered,
        _ if items::is_known(kind) => Step::Reply,
        _ => Step::Nothing,
    }
}

/// By the whole item.
pub(super) fn of_whole_item(item: &mut Object<'_>) -> Step {
    let kind = peek_text(item, "type").unwrap_or_default();
    let role = peek_text(item, "role").unwrap_or_default();
    match of_item(&kind, Some(&role)) {
        Step::Unclear if items::thought(item).is_some() => Step::Reply,
        Step::Unclear => Step::Hidden,
        step => step,
    }
}

/// By the type of an event that tells no words.
pub(super) fn of_event(kind: &str) -> Step {
    match kind {
        "task_started" | "turn_started" | "task_complete" | "turn_complete" | "turn_aborted"
        | "thread_rolled_back" => Step::Next,
        _ => Step::Nothing,
    }
}

/// Looks at heads of lines.
pub(super) struct Glance {
    types: Finder<'static>,
    roles: Finder<'static>,
}

impl Glance {
    pub(super) fn new() -> Self {
        Self {
            types: Finder::new(TYPE),
            roles: Finder::new(ROLE),
        }
    }

    /// What the line does, and its time if that matters. `None` if the head does
    /// not say: the line must be taken apart.
    pub(super) fn look(&self, line: &[u8]) -> Option<(Step, Option<Time>)> {
        // Written by Codex itself, the head says all.
        let at = word(line.strip_prefix(BEGIN)?);
        let head = &line[..line.len().min(HEAD)];
        let mut types = self.types.find_iter(head);
        let mut next = || types.next().map(|place| word(&head[place + TYPE.len()..]));
        let step = match (next()?, next()) {
            (
                "event_msg",
                Some(
                    "token_count"
                    | "task_started"
                    | "turn_started"
                    | "thread_settings_applied"
                    | "session_configured",
                )
                | None,
            )
            | ("session_meta" | "turn_context" | "token_usage_record", _)
            | ("response_item", None) => return None,
            ("event_msg", Some(kind)) => of_event(kind),
            ("response_item", Some(kind)) => {
                let role = self.roles.find(head);
                of_item(kind, role.map(|place| word(&head[place + ROLE.len()..])))
            }
            ("compacted", _) => Step::Summary,
            _ => Step::Nothing,
        };
        match step {
            Step::Unclear => None,
            Step::Nothing => Some((step, None)),
            step => Some((step, Time::parse(at).ok())),
        }
    }
}

/// A string up to its closing quote.
fn word(text: &[u8]) -> &str {
    let end = memchr::memchr(b'"', text).unwrap_or(text.len());
    std::str::from_utf8(&text[..end]).unwrap_or("")
}
