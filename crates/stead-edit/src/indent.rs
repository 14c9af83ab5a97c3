//! How new lines are indented where the lines around them were found indented
//! otherwise.

use crate::change::Row;

/// What makes the new lines of a hunk stand as those that they stand beside: one for
/// each row. `None` if the lines on both sides of a new one are indented otherwise
/// than they were written, each by another width.
pub(crate) fn shifts(rows: &[Row], there: &[&str]) -> Option<Vec<Shift>> {
    let old: Vec<(usize, &str)> = rows
        .iter()
        .enumerate()
        .filter_map(|(number, row)| match row {
            Row::Keep(line) | Row::Remove(line) => Some((number, line.as_str())),
            Row::Add(_) => None,
        })
        .collect();
    let written: Vec<&str> = old.iter().map(|(_, line)| *line).collect();
    if let Some(shift) = Shift::between(&written, there) {
        return Some(vec![shift; rows.len()]);
    }
    let beside = |number: usize, row: &Row| {
        if !matches!(row, Row::Add(_)) {
            return Some(Shift::None);
        }
        let telling = |at: &usize| !written[*at].trim().is_empty();
        let next = old.partition_point(|(other, _)| *other < number);
        let before = (0..next).rev().find(telling);
        let after = (next..old.len()).find(telling);
        let of = |at: usize| Shift::between(&written[at..=at], &there[at..=at]);
        // What it stands in the place of says more than what follows.
        let gone = before.filter(|at| matches!(rows[old[*at].0], Row::Remove(_)));
        if let Some(shift) = gone.and_then(of) {
            return Some(shift);
        }
        match (before.and_then(of), after.and_then(of)) {
            (Some(before), Some(after)) => (before == after).then_some(before),
            (one, other) => one.or(other),
        }
    };
    let rows = rows.iter().enumerate();
    rows.map(|(number, row)| beside(number, row)).collect()
}

/// What makes the indentation of lines as they were written that of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shift {
    /// Nothing.
    None,
    /// This comes before what is there.
    More(String),
    /// This goes from the beginning.
    Less(String),
    /// So many blanks are one tab.
    Tabs(usize),
    /// A tab is so many blanks.
    Blanks(usize),
    /// This becomes that; how wide a step is in either is not known.
    Only(String, String),
}

impl Shift {
    /// What lies between lines as they were written and as they stand; `None` if that
    /// is not one thing for all.
    pub(crate) fn between(written: &[&str], there: &[&str]) -> Option<Self> {
        let pairs = written.iter().zip(there);
        let pairs = pairs.filter(|(line, _)| !line.trim().is_empty());
        let pairs: Vec<(&str, &str)> = pairs.map(|(a, b)| (lead(a), lead(b))).collect();
        let (first, its) = *pairs.first()?;
        let mut candidates = vec![Self::None];
        candidates.extend(
            its.strip_suffix(first)
                .map(|more| Self::More(more.to_owned())),
        );
        candidates.extend(
            first
                .strip_suffix(its)
                .map(|less| Self::Less(less.to_owned())),
        );
        // One depth alone does not tell how wide a step is.
        if pairs.iter().any(|(lead, _)| *lead != first) {
            candidates.extend([2, 4, 8, 3].map(Self::Tabs));
            candidates.extend([2, 4, 8, 3].map(Self::Blanks));
        }
        candidates.push(Self::Only(first.to_owned(), its.to_owned()));
        candidates.into_iter().find(|shift| {
            let fits = |(written, there): &(&str, &str)| {
                shift.indentation(written).as_deref() == Some(there)
            };
            pairs.iter().all(fits)
        })
    }

    /// A line as it is to stand in the file; `None` if it has less than is to go.
    pub(crate) fn apply(&self, line: &str) -> Option<String> {
        // Blank lines tell nothing of indentation: they stay as they were written.
        if *self == Self::None || line.trim().is_empty() {
            return Some(line.to_owned());
        }
        let lead = lead(line);
        Some(self.indentation(lead)? + &line[lead.len()..])
    }

    fn indentation(&self, lead: &str) -> Option<String> {
        match self {
            Self::None => Some(lead.to_owned()),
            Self::More(more) => Some(format!("{more}{lead}")),
            Self::Less(less) => lead.strip_prefix(less.as_str()).map(str::to_owned),
            Self::Only(written, there) => (lead == written).then(|| there.clone()),
            Self::Tabs(width) => {
                let blanks = lead.chars().all(|c| c == ' ') && lead.len().is_multiple_of(*width);
                blanks.then(|| "\t".repeat(lead.len() / width))
            }
            Self::Blanks(width) => {
                let tabs = lead.chars().all(|c| c == '\t');
                tabs.then(|| " ".repeat(lead.len() * width))
            }
        }
    }
}

/// The white space that a line begins with.
fn lead(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

#[cfg(test)]
mod tests {
    use super::Shift;

    #[test]
    fn what_lies_between_is_one_thing_for_all_lines() {
        let between = |written: &[&str], there: &[&str]| Shift::between(written, there);
        assert_eq!(
            between(&["a", "  b"], &["    a", "      b"]),
            Some(Shift::More("    ".into()))
        );
        assert_eq!(
            between(&["    a", "  b"], &["  a", "b"]),
            Some(Shift::Less("  ".into()))
        );
        assert_eq!(
            between(&["    a", "        b"], &["\ta", "\t\tb"]),
            Some(Shift::Tabs(4))
        );
        assert_eq!(
            between(&["\ta", "\t\tb"], &["  a", "    b"]),
            Some(Shift::Blanks(2))
        );
        assert_eq!(
            between(&["a", "", "b"], &["a", "   ", "b"]),
            Some(Shift::None)
        );
        assert_eq!(between(&["a", "b"], &["  a", "    b"]), None);
        let only = Shift::Only("    ".into(), "\t".into());
        assert_eq!(between(&["    a"], &["\ta"]), Some(only));
    }

    #[test]
    fn lines_get_the_indentation_of_the_file() {
        let more = Shift::More("  ".into());
        assert_eq!(more.apply("  x").as_deref(), Some("    x"));
        assert_eq!(more.apply("   ").as_deref(), Some("   "));
        assert_eq!(Shift::Less("  ".into()).apply("x"), None);
        assert_eq!(Shift::Tabs(4).apply("        x").as_deref(), Some("\t\tx"));
    }
}
