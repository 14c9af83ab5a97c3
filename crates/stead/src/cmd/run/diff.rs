//! Changes as a unified diff that `git apply` takes.

use std::fmt::Write;

use similar::TextDiff;
use stead_edit::FilePlan;

/// The diff of all files.
pub(super) fn of(changes: &[FilePlan]) -> String {
    let mut all = String::new();
    for change in changes {
        let (old, new) = (format!("a/{}", change.path), format!("b/{}", change.path));
        let _ = writeln!(all, "diff --git {old} {new}");
        let (old, new) = match (&change.before, &change.after) {
            (None, _) => ("/dev/null".to_owned(), new),
            (_, None) => (old, "/dev/null".to_owned()),
            _ => (old, new),
        };
        let text = |bytes: &Option<Vec<u8>>| String::from_utf8(bytes.clone().unwrap_or_default());
        match (text(&change.before), text(&change.after)) {
            (Ok(before), Ok(after)) => {
                let diff = TextDiff::from_lines(&before, &after);
                let _ = write!(all, "{}", diff.unified_diff().header(&old, &new));
            }
            _ => {
                let _ = writeln!(all, "Binary files {old} and {new} differ");
            }
        }
    }
    all
}
