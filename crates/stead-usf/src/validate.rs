//! The rules that every USF session keeps, whoever wrote it.

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::{EventType, Session, SessionId};

/// A rule of `docs/specs/usf.md` that a session breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule's number (`U7`).
    pub rule: &'static str,
    /// What breaks it.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.message)
    }
}

/// Checks a session against the rules of the specification and returns every
/// violation; none means that the session is valid.
pub fn validate(session: &Session) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut report = |rule, message: String| found.push(Violation { rule, message });
    if session.id != SessionId::new(&session.agent, &session.native_id) {
        report(
            "U2",
            format!("id `{}` is not agent and native id", session.id),
        );
    }
    if let (Some(created), Some(updated)) = (session.created_at, session.updated_at)
        && created > updated
    {
        report("U5", format!("created at {created}, updated at {updated}"));
    }
    check_ids(session, &mut report);
    check_calls(session, &mut report);
    check_usage(session, &mut report);
    found
}

/// Unique ids, and parents that exist.
fn check_ids(session: &Session, report: &mut dyn FnMut(&'static str, String)) {
    let mut ids = HashSet::with_capacity(session.events.len());
    for event in &session.events {
        if event.id.is_empty() || !ids.insert(event.id.as_str()) {
            report(
                "U7",
                format!("event id `{}` is empty or not unique", event.id),
            );
        }
    }
    for event in &session.events {
        for link in [&event.parent, &event.result].into_iter().flatten() {
            if !ids.contains(link.as_str()) {
                report(
                    "U8",
                    format!("event `{}` links to unknown `{link}`", event.id),
                );
            }
        }
    }
}

/// Calls have a tool and an id; a result that names a call of the session is
/// the one that the call names.
fn check_calls(session: &Session, report: &mut dyn FnMut(&'static str, String)) {
    let mut results = HashMap::new();
    for event in session
        .events
        .iter()
        .filter(|e| e.kind == EventType::ToolCall)
    {
        if event.tool.is_none() {
            report("U10", format!("call `{}` has no tool", event.id));
        }
        if let Some(result) = &event.result {
            results.insert(result.as_str(), event.call_id.as_deref());
        }
    }
    for event in &session.events {
        if let Some(call_id) = results.get(event.id.as_str())
            && (event.kind != EventType::ToolResult || event.call_id.as_deref() != *call_id)
        {
            report(
                "U11",
                format!("`{}` is not the result of {call_id:?}", event.id),
            );
        }
    }
}

/// The header's usage is the sum of its events' own usage.
fn check_usage(session: &Session, report: &mut dyn FnMut(&'static str, String)) {
    if session.events.is_empty() {
        return;
    }
    let sum = session
        .events
        .iter()
        .filter(|event| !event.inherited)
        .filter_map(|event| event.usage)
        .fold(crate::Usage::default(), |sum, usage| sum + usage);
    if sum != session.usage {
        report(
            "U14",
            format!("usage {:?} but events sum to {sum:?}", session.usage),
        );
    }
}
