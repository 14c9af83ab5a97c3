//! Numbers and texts in the words that people read.

/// `1 turn`, `3 turns`.
pub fn count(n: usize, one: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {one}{s}", grouped(n as u64))
}

/// A number with a comma between each three digits: `12,345`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A size in bytes: `812 B`, `3.2 kB`, `14 MB`.
pub fn bytes(n: usize) -> String {
    scaled(n as u64, &[" B", " kB", " MB", " GB"])
}

/// A number of tokens: `812`, `3.2k`, `14M`.
pub fn tokens(n: u64) -> String {
    scaled(n, &["", "k", "M", "G"])
}

/// `n` in thousands, with one decimal below ten.
fn scaled(n: u64, units: &[&str; 4]) -> String {
    let mut tenths = n.saturating_mul(10);
    let mut unit = 0;
    while tenths >= 9_995 && unit + 1 < units.len() {
        tenths = tenths.saturating_add(500) / 1_000;
        unit += 1;
    }
    if unit == 0 || tenths >= 100 || tenths.is_multiple_of(10) {
        let whole = if unit == 0 { n } else { (tenths + 5) / 10 };
        format!("{whole}{}", units[unit])
    } else {
        format!("{}.{}{}", tenths / 10, tenths % 10, units[unit])
    }
}

/// A time span: `340 ms`, `12.3 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`.
pub fn duration(millis: u64) -> String {
    let seconds = millis / 1_000;
    let pair = |big: u64, unit: &str, small: u64, rest: &str| match small {
        0 => format!("{big} {unit}"),
        _ => format!("{big} {unit} {small} {rest}"),
    };
    match seconds {
        0 => format!("{millis} ms"),
        1..60 => match millis % 1_000 / 100 {
            0 => format!("{seconds} s"),
            tenths => format!("{seconds}.{tenths} s"),
        },
        60..3_600 => pair(seconds / 60, "min", seconds % 60, "s"),
        3_600..86_400 => pair(seconds / 3_600, "h", seconds / 60 % 60, "min"),
        _ => pair(seconds / 86_400, "d", seconds / 3_600 % 24, "h"),
    }
}

/// The first line of `text` that is not blank, without the space around it.
pub fn first_line(text: &str) -> &str {
    text.lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("")
}

/// `text` cut after `limit` characters, an ellipsis in the last one's place.
pub fn short(text: &str, limit: usize) -> String {
    if text.char_indices().nth(limit).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_tokens() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(812), "812 B");
        assert_eq!(bytes(3_249), "3.2 kB");
        assert_eq!(bytes(14_400_000), "14 MB");
        assert_eq!(tokens(999), "999");
        assert_eq!(tokens(1_000), "1k");
        assert_eq!(tokens(999_960), "1M");
        assert_eq!(tokens(1_250_000), "1.3M");
        assert_eq!(tokens(u64::MAX), "1844674407G");
    }

    #[test]
    fn spans_of_time() {
        assert_eq!(duration(340), "340 ms");
        assert_eq!(duration(12_345), "12.3 s");
        assert_eq!(duration(250_000), "4 min 10 s");
        assert_eq!(duration(7_500_000), "2 h 5 min");
        assert_eq!(duration(86_400_000), "1 d");
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(short("日本語テキスト", 4), "日本語…");
        assert_eq!(short("abc", 3), "abc");
        assert_eq!(first_line("\n \n  x y \nz"), "x y");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(count(1, "turn"), "1 turn");
    }
}
