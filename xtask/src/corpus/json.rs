//! Writing JSON lines fast: literal pieces with escaped strings between.

use super::words::push_number;

/// Something that stands in a JSON line.
pub(super) trait Put {
    fn put(&self, out: &mut String);
}

impl Put for str {
    fn put(&self, out: &mut String) {
        out.push_str(self);
    }
}

impl Put for String {
    fn put(&self, out: &mut String) {
        out.push_str(self);
    }
}

impl Put for u64 {
    fn put(&self, out: &mut String) {
        push_number(*self, out);
    }
}

impl Put for usize {
    fn put(&self, out: &mut String) {
        push_number(*self as u64, out);
    }
}

impl Put for i64 {
    fn put(&self, out: &mut String) {
        push_number(self.unsigned_abs(), out);
    }
}

impl Put for bool {
    fn put(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

impl<T: Put + ?Sized> Put for &T {
    fn put(&self, out: &mut String) {
        (**self).put(out);
    }
}

/// A string value: quoted and escaped.
pub(super) struct S<'a>(pub(super) &'a str);

impl Put for S<'_> {
    fn put(&self, out: &mut String) {
        out.push('"');
        escape(self.0, out);
        out.push('"');
    }
}

/// A string or null.
pub(super) struct Maybe<'a>(pub(super) Option<&'a str>);

impl Put for Maybe<'_> {
    fn put(&self, out: &mut String) {
        match self.0 {
            Some(text) => S(text).put(out),
            None => out.push_str("null"),
        }
    }
}

/// A time, as `"2026-01-02T03:04:05.678Z"`.
pub(super) struct At(pub(super) i64);

impl Put for At {
    fn put(&self, out: &mut String) {
        out.push('"');
        out.push_str(&iso(self.0));
        out.push('"');
    }
}

/// ISO 8601 with milliseconds.
pub(crate) fn iso(ms: i64) -> String {
    let (year, month, day) = civil(ms.div_euclid(86_400_000));
    let t = ms.rem_euclid(86_400_000);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        t / 3_600_000,
        t / 60_000 % 60,
        t / 1000 % 60,
        t % 1000
    )
}

/// Year, month and day of a day since 1970 (the usual algorithm of civil dates).
pub(super) fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (
        yoe + era * 400 + i64::from(month <= 2),
        month,
        doy - (153 * mp + 2) / 5 + 1,
    )
}

/// Appends `text` escaped as in a JSON string, without quotes.
pub(super) fn escape(text: &str, out: &mut String) {
    let mut from = 0;
    for (i, b) in text.bytes().enumerate() {
        if b >= 0x20 && b != b'"' && b != b'\\' {
            continue;
        }
        out.push_str(&text[from..i]);
        from = i + 1;
        match b {
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\r' => out.push_str("\\r"),
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            _ => out.push_str("\\u001b"),
        }
    }
    out.push_str(&text[from..]);
}

/// Appends each argument with [`Put`].
macro_rules! put {
    ($out:expr; $($piece:expr),+ $(,)?) => {{
        let out: &mut String = $out;
        $( $crate::corpus::json::Put::put(&$piece, out); )+
    }};
}
pub(super) use put;
