//! Changes that were made in place, as a unified diff.

use std::fmt::Write;

use similar::TextDiff;
use stead_edit::FilePlan;

/// The diff of all files. Those that are no text are named.
pub(super) fn of(changes: &[FilePlan]) -> String {
    let mut all = String::new();
    for change in changes {
        let (old, new) = (format!("a/{}", change.path), format!("b/{}", change.path));
        let _ = writeln!(all, "diff --git {old} {new}");
        let nothing = || "/dev/null".to_owned();
        let old = change.before.as_ref().map_or_else(nothing, |_| old);
        let new = change.after.as_ref().map_or_else(nothing, |_| new);
        let text = |bytes: &Option<Vec<u8>>| String::from_utf8(bytes.clone().unwrap_or_default());
        if let (Ok(before), Ok(after)) = (text(&change.before), text(&change.after)) {
            let diff = TextDiff::from_lines(&before, &after);
            let _ = write!(all, "{}", diff.unified_diff().header(&old, &new));
        } else {
            let _ = writeln!(all, "Binary files {old} and {new} differ");
        }
    }
    all
}
