//! What the record says of files at the beginning and at the end of tasks.

use std::collections::BTreeMap;

use serde::Serialize;

use super::follow::is_interruption;
use super::{RecordedTask, Step};
use crate::record::digest;
use crate::workspace::Workspace;

/// Larger files are not looked at: no record has their content.
const LARGEST: u64 = 4 << 20;

/// A file that a task changed, as it was left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct End {
    /// From the top of the tree.
    pub path: String,
    /// SHA-256 of what it holds on record; absent if it is gone.
    pub recorded: Option<String>,
    /// SHA-256 of what it holds now.
    pub now: Option<String>,
    /// A check ran after it was changed last, which may have changed it too.
    pub checked: bool,
}

/// The files that a task changed, on record and now. What a call left that was not made again
/// is not among them.
#[must_use]
pub fn ends(task: &RecordedTask, workspace: &Workspace) -> Vec<End> {
    let mut ends: BTreeMap<&str, End> = BTreeMap::new();
    for (at, (_, step)) in task.steps.iter().enumerate() {
        let next = task.steps.get(at + 1);
        match step {
            // It was interrupted, and not made again.
            Step::Result(_) if next.is_some_and(|(_, next)| is_interruption(next)) => {}
            Step::Result(done) => {
                for file in &done.files {
                    let end = End {
                        path: file.path.clone(),
                        recorded: file.after.clone(),
                        now: now(workspace, &file.path),
                        checked: false,
                    };
                    ends.insert(&file.path, end);
                }
            }
            Step::Check { .. } => ends.values_mut().for_each(|end| end.checked = true),
            _ => {}
        }
    }
    ends.into_values().collect()
}

/// The first file that a task saw in a state in which it is not now.
#[must_use]
pub fn first(task: &RecordedTask, workspace: &Workspace) -> Option<String> {
    let mut seen = Vec::new();
    let results = task.steps.iter().filter_map(|(_, step)| match step {
        Step::Result(done) => Some(done),
        _ => None,
    });
    for file in results.flat_map(|done| &done.files) {
        if seen.contains(&&file.path) {
            continue;
        }
        if now(workspace, &file.path) != file.before {
            return Some(file.path.clone());
        }
        seen.push(&file.path);
    }
    None
}

fn now(workspace: &Workspace, path: &str) -> Option<String> {
    let bytes = workspace.bytes(path, LARGEST)?;
    Some(digest(&bytes))
}
