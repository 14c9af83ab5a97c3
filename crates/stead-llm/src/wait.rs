//! How long to wait: what providers say in headers and bodies, and our own back-off.
//! It waits for nothing itself and knows neither clock nor chance: both are passed in.

use std::time::Duration;

use jiff::Timestamp;

/// When to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// So many attempts in all; 1 is no retry.
    pub attempts: u32,
    /// Before the second attempt; it doubles each time.
    pub first: Duration,
    /// We wait at most so long. Whoever wants us to wait longer gets no second request:
    /// the error says how long, and the caller decides.
    pub longest: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            first: Duration::from_millis(500),
            longest: Duration::from_mins(1),
        }
    }
}

impl RetryPolicy {
    /// The wait after attempt number `attempt` (from 1; 0 if none began): what the provider told, or else
    /// exponential back-off, of which `chance` (0 to 1) takes away up to a half, so that
    /// many clients do not come back at once. Nothing if there is to be no further one.
    pub fn wait(&self, attempt: u32, told: Option<Duration>, chance: f64) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        if let Some(told) = told {
            return (told <= self.longest).then_some(told);
        }
        let doubled = self
            .first
            .saturating_mul(1 << attempt.saturating_sub(1).min(16));
        let chance = if chance.is_finite() {
            chance.clamp(0.0, 1.0)
        } else {
            0.0
        };
        Some(doubled.min(self.longest).mul_f64(1.0 - chance / 2.0))
    }
}

/// What headers say of waiting: `Retry-After` (RFC 9110, 10.2.3: seconds or a date),
/// `retry-after-ms` (OpenAI), and the resets of limits (`x-ratelimit-reset…`,
/// `anthropic-ratelimit-…-reset`), of which the latest counts.
pub(crate) fn told(headers: &[(String, String)], now: Timestamp) -> Option<Duration> {
    let value = |name: &str| {
        let mut own = headers.iter();
        own.find_map(|(own, value)| own.eq_ignore_ascii_case(name).then_some(value.trim()))
    };
    if let Some(millis) = value("retry-after-ms").and_then(|text| text.parse::<f64>().ok()) {
        return seconds(millis / 1000.0);
    }
    if let Some(text) = value("retry-after") {
        return text
            .parse()
            .ok()
            .and_then(seconds)
            .or_else(|| until(text, now));
    }
    let resets = headers
        .iter()
        .filter(|(name, _)| is_exhausted(name, headers));
    resets
        .filter_map(|(_, value)| reset(value.trim(), now))
        .max()
}

/// Whether a header is the reset of a limit of which nothing is left, or of which nobody
/// says how much is left.
fn is_exhausted(name: &str, headers: &[(String, String)]) -> bool {
    let name = name.to_ascii_lowercase();
    if !name.contains("ratelimit") || !name.contains("reset") {
        return false;
    }
    let remaining = name.replace("reset", "remaining");
    let left = headers
        .iter()
        .find(|(own, _)| own.eq_ignore_ascii_case(&remaining));
    left.is_none_or(|(_, left)| left.trim() == "0")
}

/// A reset: a duration (`6m0s`, `20`), a date, or seconds or milliseconds since 1970.
fn reset(value: &str, now: Timestamp) -> Option<Duration> {
    let Ok(number) = value.parse::<f64>() else {
        return duration(value).or_else(|| until(value, now));
    };
    let at = match number {
        _ if number > 1e12 => number / 1000.0,
        _ if number > 1e9 => number,
        _ => return seconds(number),
    };
    seconds((at - now.as_millisecond() as f64 / 1000.0).max(0.0))
}

/// The time until a date in either of the forms of HTTP and RFC 3339.
fn until(text: &str, now: Timestamp) -> Option<Duration> {
    let http = jiff::fmt::rfc2822::parse(text).map(|zoned| zoned.timestamp());
    let at = http.or_else(|_| text.parse::<Timestamp>()).ok()?;
    let wait = at.duration_since(now);
    Some(Duration::try_from(wait).unwrap_or_default())
}

fn seconds(number: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(number).ok()
}

/// A duration as providers write it: `1h2m3.5s`, `200ms`, `34s`.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut sum = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        let after = &rest[end..];
        let end = after
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(after.len());
        let unit = match &after[..end] {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        sum += number * unit;
        rest = &after[end..];
    }
    (!text.trim().is_empty()).then(|| seconds(sum)).flatten()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{RetryPolicy, told};

    fn wait(headers: &[(&str, &str)]) -> Option<f64> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let headers: Vec<_> = headers.iter().map(own).collect();
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        told(&headers, now).map(|wait| wait.as_secs_f64())
    }

    #[test]
    fn providers_words_for_waiting_are_understood() {
        assert_eq!(wait(&[("Retry-After", "7")]), Some(7.0));
        assert_eq!(
            wait(&[("retry-after", "Sat, 21 Nov 2026 12:00:30 GMT")]),
            Some(30.0)
        );
        assert_eq!(
            wait(&[("retry-after", "Sat, 21 Nov 2026 11:00:30 GMT")]),
            Some(0.0)
        );
        assert_eq!(
            wait(&[("retry-after-ms", "250"), ("retry-after", "9")]),
            Some(0.25)
        );
        assert_eq!(wait(&[("x-ratelimit-reset-tokens", "6m0s")]), Some(360.0));
        assert_eq!(wait(&[("x-ratelimit-reset", "1795262405")]), Some(5.0));
        assert_eq!(wait(&[("x-ratelimit-reset", "1795262405000")]), Some(5.0));
        assert_eq!(
            wait(&[("anthropic-ratelimit-tokens-reset", "2026-11-21T12:00:09Z")]),
            Some(9.0)
        );
        assert_eq!(wait(&[("retry-after", "soon"), ("date", "x")]), None);
        assert_eq!(wait(&[]), None);
    }

    #[test]
    fn only_limits_that_are_used_up_count() {
        let headers = [
            ("x-ratelimit-remaining-requests", "99"),
            ("x-ratelimit-reset-requests", "8h"),
            ("x-ratelimit-remaining-tokens", "0"),
            ("x-ratelimit-reset-tokens", "1s"),
        ];
        assert_eq!(wait(&headers), Some(1.0));
    }

    #[test]
    fn waits_double_and_end() {
        let policy = RetryPolicy::default();
        let waits: Vec<_> = (1..6).map(|n| policy.wait(n, None, 0.0)).collect();
        let millis = |n| Some(Duration::from_millis(n));
        assert_eq!(waits, [millis(500), millis(1000), millis(2000), None, None]);
        assert_eq!(policy.wait(1, None, 1.0), millis(250));
        // What was cancelled before its first attempt.
        assert_eq!(policy.wait(0, None, 0.0), millis(500));
        assert_eq!(
            policy.wait(1, millis(61_000), 0.0),
            None,
            "too long to wait"
        );
        assert_eq!(policy.wait(1, millis(59_000), 1.0), millis(59_000));
        let patient = RetryPolicy {
            attempts: 99,
            ..policy
        };
        assert_eq!(patient.wait(98, None, f64::NAN), Some(policy.longest));
    }
}
