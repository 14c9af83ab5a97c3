//! Ranges of lines as `git blame -L` takes them.

use std::ops::RangeInclusive;

/// A range of lines, counted from 1, as somebody wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineRange {
    from: Option<usize>,
    to: Option<usize>,
}

/// Why a range of lines means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// It is not written as ranges are.
    #[error("`{0}` is no range of lines")]
    Form(String),
    /// The file is shorter.
    #[error("the file has {}, there is no line {from}", count(*lines))]
    Beyond {
        /// The first line that was asked for.
        from: usize,
        /// How many lines the file has.
        lines: usize,
    },
}

fn count(lines: usize) -> String {
    let s = if lines == 1 { "" } else { "s" };
    format!("{lines} line{s}")
}

impl LineRange {
    /// Reads `10,20`, `10,+5` (five lines from 10 on), `10,-5` (five lines up to
    /// 10), `10` and `10,` (to the end), `,20` (from the beginning).
    pub fn parse(text: &str) -> Result<Self, RangeError> {
        let wrong = || RangeError::Form(text.to_owned());
        let number = |text: &str| match text.parse::<usize>() {
            Ok(number) if number > 0 && !text.starts_with('+') => Ok(number),
            _ => Err(wrong()),
        };
        let (first, second) = text.trim().split_once(',').unwrap_or((text.trim(), ""));
        let from = (!first.is_empty()).then(|| number(first)).transpose()?;
        if from.is_none() && second.is_empty() {
            return Err(wrong());
        }
        let at = from.unwrap_or(1);
        if let Some(more) = second.strip_prefix('+') {
            let to = at.saturating_add(number(more)? - 1);
            return Ok(Self { from, to: Some(to) });
        }
        if let Some(less) = second.strip_prefix('-') {
            let from = at.saturating_sub(number(less)? - 1).max(1);
            return Ok(Self {
                from: Some(from),
                to: Some(at),
            });
        }
        let to = (!second.is_empty()).then(|| number(second)).transpose()?;
        match (from, to) {
            // git takes the ends in either order.
            (Some(from), Some(to)) if to < from => Ok(Self {
                from: Some(to),
                to: Some(from),
            }),
            _ => Ok(Self { from, to }),
        }
    }

    /// The range in a file of so many lines; what goes beyond its end is cut.
    pub fn within(self, lines: usize) -> Result<RangeInclusive<usize>, RangeError> {
        let from = self.from.unwrap_or(1);
        if from > lines {
            return Err(RangeError::Beyond { from, lines });
        }
        Ok(from..=self.to.unwrap_or(lines).min(lines))
    }
}

#[cfg(test)]
mod tests {
    use super::{LineRange, RangeError};

    #[test]
    fn ranges_are_read_as_git_does() {
        for (text, lines) in [
            ("3,5", Some(3..=5)),
            ("5,3", Some(3..=5)),
            ("3,+2", Some(3..=4)),
            ("4,-2", Some(3..=4)),
            ("2,-5", Some(1..=2)),
            ("8", Some(8..=10)),
            ("8,", Some(8..=10)),
            (",2", Some(1..=2)),
            ("9,99", Some(9..=10)),
            ("10,10", Some(10..=10)),
            ("11", None),
        ] {
            let range = LineRange::parse(text).unwrap().within(10);
            assert_eq!(range.ok(), lines, "{text}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "", ",", "0", "0,3", "a", "3,b", "1,2,3", "-1", "3,+0", "+3", "3,+", "1 2",
        ] {
            let refused = LineRange::parse(text);
            assert_eq!(refused, Err(RangeError::Form(text.into())), "{text}");
        }
    }
}
