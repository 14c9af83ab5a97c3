//! Commits that a session made: which, and what their times say of its changes.

use rustc_hash::FxHashMap;
use serde_json::Value;
use stead_usf::{Event, EventType, Session, ToolKind};

/// Commits that git told the session it made: `[main 1a2b3c4] message`.
pub(super) fn named(result: Option<&Event>, call: &Event, commits: &mut Vec<String>) {
    let is_shell = call
        .tool
        .as_ref()
        .is_some_and(|tool| tool.kind == ToolKind::Shell);
    let Some(output) = result.and_then(|result| result.output.as_deref()) else {
        return;
    };
    if !is_shell || !output.contains('[') {
        return;
    }
    for line in output.lines() {
        let Some((head, _)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
            continue;
        };
        let Some(id) = head.rsplit(' ').next() else {
            continue;
        };
        let is_id = id.len() >= 7 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_id && head.contains(' ') {
            commits.push(id.to_owned());
        }
    }
}

/// A commit that the agent says it made.
pub(super) fn own(event: &Event) -> Option<String> {
    let extra: Value = serde_json::from_str(event.extra.as_ref()?.json()).ok()?;
    Some(extra["commit"]["hash"].as_str()?.to_owned())
}

/// When changes without a time of their own were committed by the agent itself, in
/// milliseconds since 1970, by the events' ids: a change was made just before the
/// last commit that stands behind it. Before that one there may be another, of what
/// the agent found when it was about to make the change.
pub(super) fn dates(session: &Session) -> FxHashMap<&str, i64> {
    let mut dates = FxHashMap::default();
    let mut waiting: Vec<&str> = Vec::new();
    let mut committed = false;
    for event in &session.events {
        let asks = event.kind == EventType::User;
        if committed && (asks || !event.edits.is_empty()) {
            waiting.clear();
            committed = false;
        }
        if !event.edits.is_empty() && event.at.is_none() {
            waiting.push(&event.id);
        }
        if let Some(at) = event.at.filter(|_| own(event).is_some()) {
            let before = at.as_millis() - 1;
            dates.extend(waiting.iter().map(|id| (*id, before)));
            committed = true;
        }
    }
    dates
}
