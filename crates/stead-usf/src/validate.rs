//! The rules that every USF session keeps, whoever wrote it.

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::{Event, EventType, Session, SessionId};

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
    let nameless = session.agent.as_str().is_empty() || session.native_id.is_empty();
    if nameless || session.id != SessionId::new(&session.agent, &session.native_id) {
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

/// Unique ids, and parents that exist and lead to a beginning.
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
    check_chains(session, report);
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

/// No event comes after itself.
fn check_chains(session: &Session, report: &mut dyn FnMut(&'static str, String)) {
    let places: HashMap<&str, usize> = session
        .events
        .iter()
        .map(|e| e.id.as_str())
        .zip(0..)
        .collect();
    // For each event the walk that came by: 0 is none yet.
    let mut walks = vec![0; session.events.len()];
    for start in 0..session.events.len() {
        let mut next = Some(start);
        while let Some(place) = next.filter(|place| walks[*place] == 0) {
            walks[place] = start + 1;
            let parent = session.events[place].parent.as_deref();
            next = parent.and_then(|parent| places.get(parent).copied());
        }
        if let Some(place) = next.filter(|place| walks[*place] == start + 1) {
            let id = &session.events[place].id;
            report("U8", format!("event `{id}` is among its own parents"));
        }
    }
}

/// Calls have a tool. A result has one call at most, and it has one if a call
/// of its id is there.
fn check_calls(session: &Session, report: &mut dyn FnMut(&'static str, String)) {
    let mut results = HashMap::new();
    // For each call id, whether any of its calls has a result.
    let mut answered: HashMap<&str, bool> = HashMap::new();
    let is_call = |event: &&Event| event.kind == EventType::ToolCall;
    for event in session.events.iter().filter(is_call) {
        if event.tool.is_none() {
            report("U10", format!("call `{}` has no tool", event.id));
        }
        if let Some(id) = &event.call_id {
            *answered.entry(id).or_default() |= event.result.is_some();
        }
        if let Some(result) = &event.result
            && results
                .insert(result.as_str(), event.call_id.as_deref())
                .is_some()
        {
            report("U11", format!("`{result}` is the result of two calls"));
        }
    }
    for event in &session.events {
        let id = event.call_id.as_deref();
        let is_result = event.kind == EventType::ToolResult;
        if let Some(call_id) = results.get(event.id.as_str())
            && (!is_result || id != *call_id)
        {
            report(
                "U11",
                format!("`{}` is not the result of {call_id:?}", event.id),
            );
        } else if is_result
            && let Some(id) = id
            && answered.get(id) == Some(&false)
        {
            report("U11", format!("`{}` answers no call of `{id}`", event.id));
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
