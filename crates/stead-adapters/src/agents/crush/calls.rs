//! Calls and their results: paired by id. With a result it is known what a call
//! made of a file.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;
use stead_usf::{Edit, EditOperation, Event};

use super::edits::whole;
use super::result::Change;
use super::versions::{Other, Versions};
use crate::early::Early;
use crate::{Amendment, Output, Slot};

/// The calls of a session that have no result yet, and results without a call.
#[derive(Debug, Default)]
pub(super) struct Calls {
    open: FxHashMap<String, VecDeque<Open>>,
    early: Early,
}

#[derive(Debug)]
struct Open {
    event: String,
    edits: Vec<Edit>,
}

impl Calls {
    /// Puts a call out.
    pub(super) fn call(&mut self, output: &mut Output<'_>, slot: Slot, mut event: Event) {
        if let Some(id) = event.call_id.clone() {
            event.result = self.early.call(&id);
            if event.result.is_none() {
                let (event, edits) = (event.id.clone(), event.edits.clone());
                self.open
                    .entry(id)
                    .or_default()
                    .push_back(Open { event, edits });
            }
        }
        output.event(slot, event);
    }

    /// Puts a result out. Returns what others changed in the files that its call
    /// changed, before it did.
    pub(super) fn result(
        &mut self,
        output: &mut Output<'_>,
        slot: Slot,
        mut event: Event,
        change: Option<Change>,
        versions: &mut Versions,
    ) -> Vec<Other> {
        let Some(call) = event.call_id.as_deref().and_then(|id| self.take(id)) else {
            if let Some(id) = &event.call_id {
                self.early.result(id, &event.id);
            }
            output.event(slot, event);
            return Vec::new();
        };
        event.parent = Some(call.event.clone());
        let done = event.ok == Some(true);
        let result = Amendment::Result(event.id.clone());
        output.event(slot, event);
        output.amend(slot, &call.event, &result);
        let (edits, others) = settle(call.edits, change, done, versions);
        if let Some(edits) = edits {
            output.amend(slot, &call.event, &Amendment::Edits(edits));
        }
        others
    }

    fn take(&mut self, id: &str) -> Option<Open> {
        let calls = self.open.get_mut(id)?;
        let call = calls.pop_front();
        if calls.is_empty() {
            self.open.remove(id);
        }
        call
    }
}

/// What a call made of its file, if that is better known now than before: by what
/// the result says, or by the history of the file.
fn settle(
    edits: Vec<Edit>,
    change: Option<Change>,
    done: bool,
    versions: &mut Versions,
) -> (Option<Vec<Edit>>, Vec<Other>) {
    if let Some(Change::Edits(edits)) = change {
        return (Some(edits), Vec::new());
    }
    let Some(first) = edits.first() else {
        return (None, Vec::new());
    };
    let path = first.path.clone();
    let is_new = first.operation == EditOperation::Create;
    if let Some(Change::Contents { before, after }) = change {
        let others = if done {
            versions.note(&path, &before, &after)
        } else {
            Vec::new()
        };
        let before = Some(before).filter(|_| !is_new);
        return (Some(vec![whole(path, before, after)]), others);
    }
    let found = if done {
        versions.take(&path, |before, after| {
            made(&edits, before).as_deref() == Some(after)
        })
    } else {
        None
    };
    if let Some((before, others)) = found {
        let after = made(&edits, &before).unwrap_or_default();
        // Of a file that was empty before a write it is not known whether it was there.
        let was_empty = before.is_empty() && !is_new;
        let edit = whole(path, Some(before).filter(|_| !is_new), after);
        let operation = if was_empty {
            EditOperation::Write
        } else {
            edit.operation
        };
        return (Some(vec![Edit { operation, ..edit }]), others);
    }
    let Some(Change::Hunks(hunks)) = change else {
        return (None, Vec::new());
    };
    let mut edits = edits;
    edits[0].hunks = hunks;
    (Some(edits), Vec::new())
}

/// What these changes make of a content; `None` if they do not say.
fn made(edits: &[Edit], before: &str) -> Option<String> {
    let mut text = before.to_owned();
    for edit in edits {
        let after = edit.after.as_deref()?;
        text = match &edit.before {
            Some(old) if edit.replace_all => text.replace(old, after),
            Some(old) => text.replacen(old, after, 1),
            None => after.to_owned(),
        };
    }
    Some(text)
}
