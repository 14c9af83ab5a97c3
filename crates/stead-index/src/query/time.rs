//! Dates of `since:` and `before:` as instants.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::error::{QueryError, Span, shown};

/// The instant that `text` stands for: for a day, month or year the start of it in
/// `tz`, for `3d` and the like that long before `now`.
pub(super) fn resolve(
    text: &str,
    span: Span,
    now: Timestamp,
    tz: &TimeZone,
) -> Result<Timestamp, QueryError> {
    let local = now.to_zoned(tz.clone());
    let lower = text.to_ascii_lowercase();
    match &*lower {
        "today" => return start_of(Ok(local.date()), tz, text, span),
        "yesterday" => return start_of(local.date().yesterday(), tz, text, span),
        _ => {}
    }
    if let Some(relative) = Relative::read(&lower) {
        return relative.before(&local, text, span);
    }
    if let Some(period) = period(text) {
        return start_of(period, tz, text, span);
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    // Read as a civil time only when it looks like one: jiff knows more spellings.
    let shaped = text.len() > 10 && text.is_char_boundary(10) && digits(text, "dddd-dd-dd");
    match text.parse::<DateTime>() {
        Ok(civil) if shaped => tz.to_timestamp(civil).map_err(|_| out_of_range(text, span)),
        _ => Err(not_a_date(text, span)),
    }
}

fn start_of(
    date: Result<Date, jiff::Error>,
    tz: &TimeZone,
    text: &str,
    span: Span,
) -> Result<Timestamp, QueryError> {
    let date = date.map_err(|_| not_a_date(text, span))?;
    let zoned = date
        .to_zoned(tz.clone())
        .map_err(|_| out_of_range(text, span))?;
    Ok(zoned.timestamp())
}

/// The first day of `2026`, `2026-11` or `2026-11-21`; an error when the calendar has
/// no such day, nothing when the text is something else.
fn period(text: &str) -> Option<Result<Date, jiff::Error>> {
    let whole = |shape: &str| text.len() == shape.len() && digits(text, shape);
    if !whole("dddd") && !whole("dddd-dd") && !whole("dddd-dd-dd") {
        return None;
    }
    let mut parts = text
        .split('-')
        .map(|part| part.parse::<i16>().unwrap_or_default());
    let year = parts.next().unwrap_or_default();
    let month = parts.next().unwrap_or(1);
    let day = parts.next().unwrap_or(1);
    Some(Date::new(year, month as i8, day as i8))
}

/// Whether `text` starts like `shape`, where `d` is a digit.
fn digits(text: &str, shape: &str) -> bool {
    text.len() >= shape.len()
        && text
            .bytes()
            .zip(shape.bytes())
            .all(|(byte, want)| match want {
                b'd' => byte.is_ascii_digit(),
                _ => byte == want,
            })
}

/// A number and a unit: `3d`.
struct Relative<'a> {
    amount: &'a str,
    unit: &'a str,
}

impl<'a> Relative<'a> {
    /// Reads digits followed by letters only.
    fn read(text: &'a str) -> Option<Self> {
        let split = text.find(|c: char| !c.is_ascii_digit())?;
        let (amount, unit) = text.split_at(split);
        let unit_is_word = unit.bytes().all(|b| b.is_ascii_alphabetic());
        (!amount.is_empty() && unit_is_word).then_some(Self { amount, unit })
    }

    /// Days and longer go by the calendar: `1d` ago is the same time of day.
    fn before(&self, now: &jiff::Zoned, text: &str, span: Span) -> Result<Timestamp, QueryError> {
        let amount = self
            .amount
            .parse::<i64>()
            .map_err(|_| out_of_range(text, span))?;
        let length = match self.unit {
            "m" => jiff::Span::new().try_minutes(amount),
            "h" => jiff::Span::new().try_hours(amount),
            "d" => jiff::Span::new().try_days(amount),
            "w" => jiff::Span::new().try_weeks(amount),
            "mo" => jiff::Span::new().try_months(amount),
            "y" => jiff::Span::new().try_years(amount),
            unit => return Err(unknown_unit(unit, span)),
        };
        let then = length.and_then(|length| now.checked_sub(length));
        then.map(|zoned| zoned.timestamp())
            .map_err(|_| out_of_range(text, span))
    }
}

fn unknown_unit(unit: &str, span: Span) -> QueryError {
    QueryError::new(format!("unknown unit `{}`", shown(unit)), span)
        .hint("the units are m (minutes), h, d, w, mo (months), y")
}

fn not_a_date(text: &str, span: Span) -> QueryError {
    QueryError::new(format!("`{}` is not a date", shown(text)), span)
        .hint("write 2026-11-21, 2026-11, 2026, today, yesterday, 3d, 12h, or an RFC 3339 time")
}

fn out_of_range(text: &str, span: Span) -> QueryError {
    QueryError::new(format!("`{}` is out of range", shown(text)), span)
}
