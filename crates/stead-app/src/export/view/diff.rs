//! The lines of a file change, from whatever the agent recorded of it.

use similar::{Algorithm, DiffTag, capture_diff_slices, group_diff_ops};
use stead_usf::{Edit, EditOperation, Hunk, Scope};

/// Unchanged lines around each change.
const CONTEXT: usize = 3;
/// Beyond so many lines, what lies between the common beginning and the common
/// end is shown as wholly replaced: comparing it could take very long.
const COMPARED_LINES: usize = 6_000;

/// A change of one file, ready to paint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDiff<'a> {
    /// The change it comes from.
    pub edit: &'a Edit,
    /// Its lines; none if the agent recorded none.
    pub rows: Vec<DiffRow<'a>>,
    /// How many lines came in.
    pub added: usize,
    /// How many went out.
    pub removed: usize,
}

/// One row of a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiffRow<'a> {
    /// Lines are left out here; the place in words, if recorded.
    Gap(Option<&'a str>),
    /// A line of the file.
    Line(DiffLine<'a>),
}

/// A line of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiffLine<'a> {
    /// What became of it.
    pub kind: LineKind,
    /// Its number before the change, if known.
    pub old: Option<u64>,
    /// Its number after the change, if known.
    pub new: Option<u64>,
    /// The line without its end.
    pub text: &'a str,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// It is as before.
    Context,
    /// It came in.
    Added,
    /// It went out.
    Removed,
}

impl LineKind {
    /// The sign of the line in a unified diff.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Context => " ",
            Self::Added => "+",
            Self::Removed => "-",
        }
    }
}

impl<'a> FileDiff<'a> {
    /// The lines of `edit`: from its hunks, else from its texts.
    pub fn new(edit: &'a Edit) -> Self {
        let rows = if edit.hunks.is_empty() {
            compared(edit)
        } else {
            recorded(&edit.hunks)
        };
        let lines = |kind| {
            let of_kind = |row: &&DiffRow<'_>| matches!(row, DiffRow::Line(l) if l.kind == kind);
            rows.iter().filter(of_kind).count()
        };
        Self {
            edit,
            added: lines(LineKind::Added),
            removed: lines(LineKind::Removed),
            rows,
        }
    }

    /// What happened to the file: `created`, `changed`, …
    pub const fn verb(&self) -> &'static str {
        match self.edit.operation {
            EditOperation::Create => "created",
            EditOperation::Write => "written",
            EditOperation::Modify => "changed",
            EditOperation::Delete => "deleted",
            EditOperation::Rename => "moved",
        }
    }

    /// `+3 −1`; empty if no line is known.
    pub fn counts(&self) -> String {
        match (self.added, self.removed) {
            (0, 0) => String::new(),
            (added, 0) => format!("+{added}"),
            (0, removed) => format!("−{removed}"),
            (added, removed) => format!("+{added} −{removed}"),
        }
    }

    /// The largest line number, if any line has one.
    pub fn last_number(&self) -> Option<u64> {
        let numbers = self.rows.iter().filter_map(|row| match row {
            DiffRow::Line(line) => line.new.max(line.old),
            DiffRow::Gap(_) => None,
        });
        numbers.max()
    }
}

/// Rows from the hunks that the agent recorded.
fn recorded(hunks: &[Hunk]) -> Vec<DiffRow<'_>> {
    let mut rows = Vec::new();
    for (at, hunk) in hunks.iter().enumerate() {
        if at > 0 || hunk.anchor.is_some() {
            rows.push(DiffRow::Gap(hunk.anchor.as_deref()));
        }
        let (mut old, mut new) = (hunk.old_start, hunk.new_start);
        for line in &hunk.lines {
            let (kind, text) = match line.split_at_checked(1) {
                Some(("+", text)) => (LineKind::Added, text),
                Some(("-", text)) => (LineKind::Removed, text),
                Some((" ", text)) => (LineKind::Context, text),
                // `\ No newline at end of file` is no line of the file.
                Some(("\\", _)) => continue,
                _ => (LineKind::Context, line.as_str()),
            };
            let before = step(&mut old, kind != LineKind::Added);
            let after = step(&mut new, kind != LineKind::Removed);
            rows.push(DiffRow::Line(DiffLine {
                kind,
                old: before,
                new: after,
                text,
            }));
        }
    }
    rows
}

/// The number as it stands if the line has one on this side; counts on.
fn step(next: &mut Option<u64>, has: bool) -> Option<u64> {
    let number = (*next).filter(|_| has)?;
    *next = Some(number.saturating_add(1));
    Some(number)
}

/// Rows from comparing the texts before and after.
fn compared(edit: &Edit) -> Vec<DiffRow<'_>> {
    let numbered = edit.scope == Some(Scope::File);
    let old: Vec<&str> = edit.before.as_deref().unwrap_or("").lines().collect();
    let new: Vec<&str> = edit.after.as_deref().unwrap_or("").lines().collect();
    let mut rows = Vec::with_capacity(new.len().min(64));
    for (at, group) in groups(&old, &new).into_iter().enumerate() {
        if at > 0 {
            rows.push(DiffRow::Gap(None));
        }
        for (tag, from, to) in group {
            let number = |index: usize| numbered.then_some(index as u64 + 1);
            if tag == DiffTag::Equal {
                rows.extend(
                    from.zip(to)
                        .map(|(a, b)| line(LineKind::Context, number(a), number(b), new[b])),
                );
                continue;
            }
            rows.extend(from.map(|a| line(LineKind::Removed, number(a), None, old[a])));
            rows.extend(to.map(|b| line(LineKind::Added, None, number(b), new[b])));
        }
    }
    rows
}

const fn line(kind: LineKind, old: Option<u64>, new: Option<u64>, text: &str) -> DiffRow<'_> {
    DiffRow::Line(DiffLine {
        kind,
        old,
        new,
        text,
    })
}

type Op = (DiffTag, std::ops::Range<usize>, std::ops::Range<usize>);

/// The changes with the lines around them, in groups.
fn groups(old: &[&str], new: &[&str]) -> Vec<Vec<Op>> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tails = old[head..].iter().rev().zip(new[head..].iter().rev());
    let tail = tails.take_while(|(a, b)| a == b).count();
    let (old_end, new_end) = (old.len() - tail, new.len() - tail);
    if old_end - head + new_end - head <= COMPARED_LINES {
        let ops = capture_diff_slices(Algorithm::Myers, old, new);
        let groups = group_diff_ops(ops, CONTEXT);
        return groups
            .into_iter()
            .map(|group| group.iter().map(similar::DiffOp::as_tag_tuple).collect())
            .collect();
    }
    let before = CONTEXT.min(head);
    let after = CONTEXT.min(tail);
    vec![vec![
        (DiffTag::Equal, head - before..head, head - before..head),
        (DiffTag::Replace, head..old_end, head..new_end),
        (
            DiffTag::Equal,
            old_end..old_end + after,
            new_end..new_end + after,
        ),
    ]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(edit: &Edit) -> String {
        let diff = FileDiff::new(edit);
        let rows = diff.rows.iter().map(|row| match row {
            DiffRow::Gap(place) => format!("@@ {}\n", place.unwrap_or("")),
            DiffRow::Line(line) => {
                let n = |n: Option<u64>| n.map_or_else(|| "·".to_owned(), |n| n.to_string());
                format!(
                    "{} {} {}{}\n",
                    n(line.old),
                    n(line.new),
                    line.kind.sign(),
                    line.text
                )
            }
        });
        rows.collect::<String>() + &diff.counts()
    }

    #[test]
    fn hunks_are_numbered_where_recorded() {
        let mut edit = Edit::new("a", EditOperation::Modify);
        let lines = |lines: &[&str]| lines.iter().map(|l| (*l).to_owned()).collect();
        edit.hunks = vec![
            Hunk {
                old_start: Some(9),
                new_start: Some(9),
                anchor: None,
                lines: lines(&[" a", "-b", "+c", "+d", "\\ No newline at end of file"]),
            },
            Hunk {
                anchor: Some("fn x()".into()),
                lines: lines(&["+é", ""]),
                ..Hunk::default()
            },
        ];
        let expected = "9 9  a\n10 · -b\n· 10 +c\n· 11 +d\n@@ fn x()\n· · +é\n· ·  \n+3 −1";
        assert_eq!(painted(&edit), expected);
    }

    #[test]
    fn fragments_are_compared_without_numbers() {
        let edit = Edit::replace("a", "x\ny\n", "x\nz\n");
        assert_eq!(painted(&edit), "· ·  x\n· · -y\n· · +z\n+1 −1");
    }

    #[test]
    fn a_written_file_comes_in_numbered() {
        assert_eq!(painted(&Edit::write("a", "x\ny")), "· 1 +x\n· 2 +y\n+2");
    }

    #[test]
    fn large_texts_are_not_compared_line_by_line() {
        let text = |word: &str| {
            let lines: Vec<String> = (0..9_000).map(|n| format!("{word}{n}")).collect();
            lines.join("\n") + "\n"
        };
        let mut edit = Edit::replace(
            "a",
            format!("k\n{}z", text("a")),
            format!("k\n{}z", text("b")),
        );
        edit.scope = Some(Scope::File);
        let diff = FileDiff::new(&edit);
        assert_eq!(
            (diff.added, diff.removed, diff.rows.len()),
            (9_000, 9_000, 18_002)
        );
        assert_eq!(diff.last_number(), Some(9_002));
    }
}
