//! Texts: what was typed, what the model said, and what the agent added.

use stead_usf::{EventType, Time};

use super::facts::time_of;
use super::map::{Mapper, Record};
use super::reply::{Reply, Role};
use super::{EMPTY_TEXT, TRANSIENT, migrated, part};
use crate::{Fate, extra};

/// Maps a text part.
pub(super) fn map(mapper: &mut Mapper, reply: &mut Reply, mut record: Record<'_>) -> Fate {
    let mut flag = |name: &str| record.data.bool(name).unwrap_or(false);
    let (synthetic, ignored) = (flag("synthetic"), flag("ignored"));
    let injected = synthetic || ignored || (mapper.subagent && reply.role == Role::User);
    let start = part::start(&mut record.data);
    if mapper.is_transient(&record.data) {
        return Fate::Ignored(TRANSIENT.0);
    }
    let words = record.data.text("text").unwrap_or_default();
    if words.is_empty() && record.data.is_empty() && record.row.is_none() {
        return Fate::Ignored(EMPTY_TEXT);
    }
    if reply.migrated && reply.role == Role::User && !injected {
        let pieces = migrated::pieces(&words, &mut reply.answers_as_text);
        let at = start.or(reply.created).and_then(time_of);
        return pieces_of_text(mapper, reply, record, at, pieces);
    }
    let kind = match reply.role {
        Role::User => EventType::User,
        Role::Assistant if reply.summary => EventType::Summary,
        Role::Assistant => EventType::Assistant,
        Role::Lost => EventType::Unknown,
    };
    let mut event = part::event(mapper, &record, kind);
    event.injected = injected;
    event.at = start
        .or(reply.created.filter(|_| reply.role == Role::User))
        .and_then(time_of);
    let typed = typed(&words).filter(|_| kind == EventType::User && !injected);
    let original = typed.as_ref().and_then(|_| extra::quoted(&words));
    event.text = Some(typed.unwrap_or_else(|| words.into_owned()));
    event.extra = extra::with(part::rest(record), &[("text", original.as_deref())]);
    reply.pending.push(event);
    Fate::Mapped
}

/// A text of the user's side that was taken over from another form: what was typed,
/// and what the agent added, each an event.
fn pieces_of_text(
    mapper: &mut Mapper,
    reply: &mut Reply,
    record: Record<'_>,
    at: Option<Time>,
    pieces: Vec<(String, bool)>,
) -> Fate {
    let mut events = Vec::new();
    for (text, added) in pieces {
        let mut event = part::event(mapper, &record, EventType::User);
        event.injected = added;
        event.at = at;
        event.text = Some(text);
        events.push(event);
    }
    if let Some(first) = events.first_mut() {
        first.extra = part::rest(record);
    }
    reply.pending.extend(events);
    Fate::Mapped
}

/// What the user typed, where `opencode run` stored it otherwise: it puts an
/// argument with spaces in quotes, and a line end after it if there is no
/// terminal. `None` if it was stored as typed.
fn typed(stored: &str) -> Option<String> {
    let line = stored.strip_suffix('\n').unwrap_or(stored);
    let quoted = line
        .strip_prefix('"')
        .and_then(|line| line.strip_suffix('"'));
    let bare = |inner: &str| {
        let bytes = inner.as_bytes();
        memchr::memchr_iter(b'"', bytes).any(|at| at == 0 || bytes[at - 1] != b'\\')
    };
    match quoted {
        Some(inner) if inner.contains(' ') && !inner.ends_with('\\') && !bare(inner) => {
            Some(inner.replace("\\\"", "\""))
        }
        _ => (line.len() < stored.len()).then(|| line.to_owned()),
    }
}
