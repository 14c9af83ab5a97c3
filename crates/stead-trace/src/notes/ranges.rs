//! Sets of line numbers, as notes write them: `1-4,9,12`.

use std::fmt;

/// Line numbers, counted from 1, as ranges in ascending order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineNumbers {
    /// First and last of each range; apart from each other, ascending.
    ranges: Vec<(u64, u64)>,
}

impl LineNumbers {
    /// Reads `1-4,9,12`. `None` if anything else stands there, a number is 0, or a
    /// range ends before it begins.
    pub fn parse(text: &str) -> Option<Self> {
        let mut ranges = Vec::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            ranges.push((number(first)?, number(last)?));
        }
        if ranges.is_empty() {
            return None;
        }
        Self::of_ranges(ranges)
    }

    /// From ranges in any order; `None` if one is not a range of lines.
    pub fn of_ranges(ranges: impl IntoIterator<Item = (u64, u64)>) -> Option<Self> {
        let mut ranges: Vec<(u64, u64)> = ranges.into_iter().collect();
        if ranges
            .iter()
            .any(|(first, last)| *first == 0 || first > last)
        {
            return None;
        }
        ranges.sort_unstable();
        let mut joined: Vec<(u64, u64)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match joined.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => {
                    before.1 = before.1.max(last);
                }
                _ => joined.push((first, last)),
            }
        }
        Some(Self { ranges: joined })
    }

    /// Adds a line; zero is no line.
    pub fn add(&mut self, line: u64) {
        match self.ranges.last_mut() {
            // Lines mostly come in their order.
            Some(last) if last.1.checked_add(1) == Some(line) => last.1 = line,
            _ => self.join([(line, line)]),
        }
    }

    /// Adds the lines of another set.
    pub fn absorb(&mut self, other: &Self) {
        self.join(other.ranges.iter().copied());
    }

    fn join(&mut self, ranges: impl IntoIterator<Item = (u64, u64)>) {
        let whole = self.ranges.iter().copied().chain(ranges);
        if let Some(with) = Self::of_ranges(whole) {
            *self = with;
        }
    }

    /// Whether a line is among them.
    pub fn contains(&self, line: u64) -> bool {
        let after = self.ranges.partition_point(|(first, _)| *first <= line);
        after > 0 && self.ranges[after - 1].1 >= line
    }

    /// First and last of each range, ascending.
    pub fn ranges(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.ranges.iter().copied()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// How many lines they are.
    pub fn count(&self) -> u64 {
        let lengths = self.ranges.iter().map(|(first, last)| last - first + 1);
        lengths.fold(0, u64::saturating_add)
    }
}

/// A number without sign or spaces.
fn number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

impl fmt::Display for LineNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (first, last)) in self.ranges.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            if first == last {
                write!(f, "{comma}{first}")?;
            } else {
                write!(f, "{comma}{first}-{last}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::LineNumbers;

    #[test]
    fn ranges_are_read_and_written() {
        let lines = LineNumbers::parse("1-4,9-10,12,14,16").unwrap();
        assert_eq!(lines.to_string(), "1-4,9-10,12,14,16");
        assert_eq!(lines.count(), 9);
        let inside: Vec<u64> = (0..18).filter(|line| lines.contains(*line)).collect();
        assert_eq!(inside, [1, 2, 3, 4, 9, 10, 12, 14, 16]);
        let joined = LineNumbers::parse("7,5,6,1").unwrap();
        assert_eq!(joined.to_string(), "1,5-7");
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "",
            ",",
            "0",
            "5-3",
            "a",
            "1-",
            "-3",
            "1 - 2",
            "+1",
            "99999999999999999999",
        ] {
            assert_eq!(LineNumbers::parse(text), None, "{text}");
        }
    }
}
