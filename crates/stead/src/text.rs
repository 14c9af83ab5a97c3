//! Small texts: ages, sizes, counts, paths, as people read them.

use std::path::Path;

use jiff::Timestamp;
use stead_usf::Time;
use unicode_width::UnicodeWidthChar;

/// How long ago, in the one unit that fits best.
pub(crate) fn age(at: Option<Time>, now: Timestamp) -> String {
    let Some(at) = at else { return "-".into() };
    let seconds = now.as_second() - at.timestamp().as_second();
    match seconds {
        i64::MIN..0 => "in future".into(),
        0..60 => "now".into(),
        60..3600 => format!("{}m ago", seconds / 60),
        3600..86_400 => format!("{}h ago", seconds / 3600),
        86_400..2_592_000 => format!("{}d ago", seconds / 86_400),
        2_592_000..31_536_000 => format!("{}mo ago", seconds / 2_592_000),
        _ => format!("{}y ago", seconds / 31_536_000),
    }
}

/// A number with a unit letter (`1.2M`).
pub(crate) fn count(number: u64) -> String {
    let units = [(1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")];
    for (size, letter) in units {
        if number >= size {
            let value = number as f64 / size as f64;
            return if value < 10.0 {
                format!("{value:.1}{letter}")
            } else {
                format!("{value:.0}{letter}")
            };
        }
    }
    number.to_string()
}

/// How many of what, in the right number (`1 file`, `2 files`).
pub(crate) fn counted(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// Bytes with a unit.
pub(crate) fn bytes(number: u64) -> String {
    if number < 1000 {
        format!("{number} B")
    } else {
        format!("{}B", count(number))
            .replace("kB", " kB")
            .replace("MB", " MB")
            .replace("GB", " GB")
    }
}

/// A path with the home folder as `~`.
pub(crate) fn path(path: &str, home: Option<&Path>) -> String {
    match home.and_then(|home| Path::new(path).strip_prefix(home).ok()) {
        Some(rest) if rest.as_os_str().is_empty() => "~".into(),
        Some(rest) => format!("~/{}", rest.display()),
        None => path.to_owned(),
    }
}

/// Session text on one line, safe for a terminal.
pub(crate) fn one_line(text: &str) -> String {
    let safe = stead_redact::terminal::escape(text);
    safe.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Columns that a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.chars().filter_map(UnicodeWidthChar::width).sum()
}

/// A text cut to so many columns, with `…` where it was cut.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut used = 0;
    for character in text.chars() {
        let wide = character.width().unwrap_or(0);
        if used + wide + 1 > columns {
            break;
        }
        used += wide;
        cut.push(character);
    }
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use stead_usf::Time;

    use super::{age, bytes, count, fit, one_line, path};

    #[test]
    fn ages() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let of = |text: &str| age(Some(Time::parse(text).unwrap()), now);
        assert_eq!(of("2026-11-21T11:59:30Z"), "now");
        assert_eq!(of("2026-11-21T10:00:00Z"), "2h ago");
        assert_eq!(of("2026-11-01T10:00:00Z"), "20d ago");
        assert_eq!(of("2024-11-01T10:00:00Z"), "2y ago");
        assert_eq!(of("2026-11-22T10:00:00Z"), "in future");
        assert_eq!(age(None, now), "-");
    }

    #[test]
    fn numbers() {
        assert_eq!(count(999), "999");
        assert_eq!(count(1234), "1.2k");
        assert_eq!(count(12_345_678), "12M");
        assert_eq!(bytes(12), "12 B");
        assert_eq!(bytes(5_500_000), "5.5 MB");
    }

    #[test]
    fn texts() {
        assert_eq!(fit("修复了登录", 5), "修复…");
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!(one_line("a\n\u{1b}[31mb\tc"), "a b c");
        assert_eq!(path("/home/dev/work", Some("/home/dev".as_ref())), "~/work");
        assert_eq!(path("/srv", Some("/home/dev".as_ref())), "/srv");
    }
}
