//! Unified diffs, as agents record them beside an edit.

use stead_usf::Hunk;

/// The hunks of a unified diff of one file.
pub(crate) fn hunks(diff: &str) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    // Lines still to come in the hunk, so that a removed `-- x` is no header.
    let (mut old, mut new) = (0, 0);
    for line in diff.lines() {
        if old == 0 && new == 0 {
            if let Some((hunk, lengths)) = header(line) {
                hunks.push(hunk);
                (old, new) = lengths;
            }
            continue;
        }
        let Some(hunk) = hunks.last_mut() else { break };
        match line.as_bytes().first() {
            Some(b'+') => new = new.saturating_sub(1),
            Some(b'-') => old = old.saturating_sub(1),
            Some(b' ') | None => {
                old = old.saturating_sub(1);
                new = new.saturating_sub(1);
            }
            _ => continue,
        }
        let line = if line.is_empty() { " " } else { line };
        hunk.lines.push(line.to_owned());
    }
    hunks
}

/// `@@ -1,2 +1,7 @@ anchor`
fn header(line: &str) -> Option<(Hunk, (u64, u64))> {
    let (ranges, anchor) = line.strip_prefix("@@ -")?.split_once(" @@")?;
    let (old, new) = ranges.split_once(" +")?;
    let ((old_start, old), (new_start, new)) = (range(old)?, range(new)?);
    let hunk = Hunk {
        old_start: Some(old_start),
        new_start: Some(new_start),
        anchor: Some(anchor.trim().to_owned()).filter(|anchor| !anchor.is_empty()),
        lines: Vec::new(),
    };
    Some((hunk, (old, new)))
}

/// `1,7`, or `1` for one line.
fn range(text: &str) -> Option<(u64, u64)> {
    let (start, length) = text.split_once(',').unwrap_or((text, "1"));
    Some((start.parse().ok()?, length.parse().ok()?))
}
