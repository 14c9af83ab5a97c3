//! Differences of two texts, in the forms that agents write them down. It knows
//! no agent.

use super::push;
use similar::{ChangeTag, DiffOp, TextDiff};

/// A text of a file, and what it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) old: String,
    pub(super) new: String,
    /// The whole file before and after this replacement.
    pub(super) from: String,
    pub(super) to: String,
}

/// Replacements that make one text of another, one after the other; each old
/// text occurs once where it is replaced. `None` if there is no such way.
pub(super) fn pieces(before: &str, after: &str) -> Option<Vec<Piece>> {
    if before.is_empty() {
        return None;
    }
    (1..12).find_map(|context| cut(before, after, context))
}

fn cut(before: &str, after: &str, context: usize) -> Option<Vec<Piece>> {
    let diff = TextDiff::from_lines(before, after);
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let mut now = before.to_owned();
    let mut found = Vec::new();
    for group in diff.grouped_ops(context) {
        let (first, last) = (group.first()?, group.last()?);
        let mut was = old[first.old_range().start..last.old_range().end].concat();
        let mut is = new[first.new_range().start..last.new_range().end].concat();
        if was.ends_with('\n') && is.ends_with('\n') && is.len() > 1 && was.len() > 1 {
            // Models leave out the last line end.
            was.pop();
            is.pop();
        }
        if was.is_empty() || now.matches(was.as_str()).count() != 1 {
            return None;
        }
        let to = now.replacen(was.as_str(), &is, 1);
        found.push(Piece {
            old: was,
            new: is,
            from: std::mem::replace(&mut now, to.clone()),
            to,
        });
    }
    (now == after).then_some(found)
}

/// Lines that change, with three around them.
#[derive(Debug)]
pub(super) struct Hunk {
    /// First line and number of lines, before and after; lines count from 1.
    pub(super) old: (usize, usize),
    pub(super) new: (usize, usize),
    /// Lines without their ends, led by a blank, `+` or `-`.
    pub(super) lines: Vec<String>,
}

/// The hunks of a change.
pub(super) fn hunks(before: &str, after: &str) -> Vec<Hunk> {
    let diff = TextDiff::from_lines(before, after);
    let groups = diff.grouped_ops(3);
    groups.iter().map(|group| hunk(&diff, group)).collect()
}

fn hunk<'t>(diff: &TextDiff<'t, 't, str>, group: &[DiffOp]) -> Hunk {
    let mut lines = Vec::new();
    for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
        let sign = match change.tag() {
            ChangeTag::Equal => ' ',
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        lines.push(format!("{sign}{}", change.value().trim_end_matches('\n')));
    }
    let count = |absent| {
        lines
            .iter()
            .filter(|line| !line.starts_with(absent))
            .count()
    };
    let start = |range: std::ops::Range<usize>| range.start + 1;
    Hunk {
        old: (
            group.first().map_or(1, |op| start(op.old_range())),
            count('+'),
        ),
        new: (
            group.first().map_or(1, |op| start(op.new_range())),
            count('-'),
        ),
        lines,
    }
}

/// A unified diff without the names of the files.
pub(super) fn unified(before: &str, after: &str) -> String {
    let mut text = String::new();
    for hunk in hunks(before, after) {
        let ((old, olds), (new, news)) = (hunk.old, hunk.new);
        push(
            &mut text,
            format_args!("@@ -{old},{olds} +{new},{news} @@\n"),
        );
        for line in hunk.lines {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{pieces, unified};

    #[test]
    fn pieces_make_the_new_text() {
        let before = "a\nsame\nb\nsame\nc\nd\ne\nf\n";
        let after = "a\nsame\nnew\nb\nsame\nc\nd\ne\nother\n";
        let pieces = pieces(before, after).unwrap();
        assert_eq!(pieces.len(), 2);
        assert_eq!(pieces[0].old, "same\nb");
        assert_eq!(pieces[1].to, after);
    }

    #[test]
    fn hunks_have_their_places() {
        assert_eq!(
            unified("1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\n5\nx\n6\n"),
            "@@ -3,4 +3,5 @@\n 3\n 4\n 5\n+x\n 6\n"
        );
    }
}
