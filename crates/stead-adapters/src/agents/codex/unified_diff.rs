//! What Codex recorded of a change that it carried out: whole contents, or a
//! unified diff.

use serde_json::value::RawValue;
use stead_usf::{Edit, EditOperation, Hunk, Scope};

use crate::container::json::Object;

/// The edits of a `changes` field: an object of paths. Each value says
/// `type: add, delete or update`, or (before 0.6x) has that word as its only key.
pub(super) fn edits(changes: &RawValue) -> Vec<Edit> {
    let Some(mut changes) = Object::of(changes) else {
        return Vec::new();
    };
    let paths: Vec<String> = changes.names().map(str::to_owned).collect();
    let one = |path: String| {
        let change = changes.object(&path)?;
        edit(path, change)
    };
    paths.into_iter().filter_map(one).collect()
}

fn edit(path: String, mut change: Object<'_>) -> Option<Edit> {
    let kind = if let Some(kind) = change.string("type") {
        kind
    } else {
        let kind = change.names().next()?.to_owned();
        change = change.object(&kind)?;
        kind
    };
    let scope = Some(Scope::File);
    match kind.as_str() {
        "add" => Some(Edit {
            scope,
            after: change.string("content"),
            ..Edit::new(path, EditOperation::Create)
        }),
        "delete" => {
            let before = change.string("content");
            Some(Edit {
                scope: scope.filter(|_| before.is_some()),
                before,
                ..Edit::new(path, EditOperation::Delete)
            })
        }
        "update" => {
            let new_path = change.string("move_path");
            let operation = match new_path {
                Some(_) => EditOperation::Rename,
                None => EditOperation::Modify,
            };
            Some(Edit {
                new_path,
                hunks: hunks(&change.text("unified_diff")?),
                ..Edit::new(path, operation)
            })
        }
        _ => None,
    }
}

/// The hunks of a unified diff.
fn hunks(diff: &str) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    for line in diff.lines() {
        if let Some(head) = line.strip_prefix("@@ ") {
            hunks.push(head_of(head));
        } else if let Some(hunk) = hunks.last_mut()
            && line.starts_with([' ', '+', '-'])
        {
            hunk.lines.push(line.to_owned());
        }
    }
    hunks
}

/// Reads `-2,3 +2,6 @@ fn main()`.
fn head_of(head: &str) -> Hunk {
    let (ranges, anchor) = head.split_once("@@").unwrap_or((head, ""));
    let start = |sign: char| {
        let range = ranges
            .split_whitespace()
            .find_map(|range| range.strip_prefix(sign))?;
        range.split(',').next()?.parse().ok()
    };
    Hunk {
        old_start: start('-'),
        new_start: start('+'),
        anchor: Some(anchor.trim().to_owned()).filter(|anchor| !anchor.is_empty()),
        lines: Vec::new(),
    }
}
