//! What USF has no field for, as JSON beside an event.

use serde::Serialize;
use serde_json::json;
use stead_usf::Event;

use super::notes::Commit;
use super::reflog::Made;
use super::times::Entry;
use crate::extra::with;

/// Adds a value to what an event keeps beside its fields.
pub(super) fn add(event: &mut Event, name: &str, value: &impl Serialize) {
    let json = serde_json::to_string(value).ok();
    event.extra = with(event.extra.take(), &[(name, json.as_deref())]);
}

/// What a line says of a commit, and what git's own log adds.
pub(super) fn add_commit(event: &mut Event, commit: Commit<'_>, made: Option<(&str, &Made)>) {
    let value = match made {
        Some((id, made)) => json!({
            "hash": commit.hash,
            "message": commit.message,
            "id": id,
            "committer": made.committer,
        }),
        None => json!({ "hash": commit.hash, "message": commit.message }),
    };
    add(event, commit.what, &value);
}

/// When a message was typed: local time, as recorded.
pub(super) fn add_typed(event: &mut Event, entry: Option<Entry>) {
    if let Some(entry) = entry {
        add(event, "typed_at", &entry.first);
    }
}

/// When the model was asked, and when it had answered: local times, as recorded.
pub(super) fn add_asked(event: &mut Event, entry: Option<Entry>) {
    let Some(entry) = entry else {
        return;
    };
    let Some(answered) = entry.last else {
        add(event, "answered_at", &entry.first);
        return;
    };
    add(event, "asked_at", &entry.first);
    add(event, "answered_at", &answered);
}
