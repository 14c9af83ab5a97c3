//! The time of a story: it moves only when something happens. It does not know
//! the machine's clock.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// 2 March 2026, 09:00 UTC, in milliseconds: when every story begins.
pub const START: i64 = 1_772_442_000_000;

/// A moment in milliseconds since 1970, as sessions write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

impl Moment {
    /// `2026-03-02T09:00:00.000Z`.
    pub fn iso(self) -> String {
        self.zoned().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }

    /// In a pattern of `strftime`, in UTC.
    pub fn format(self, pattern: &str) -> String {
        self.zoned().strftime(pattern).to_string()
    }

    /// Whole seconds since 1970, as git counts.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Some milliseconds later.
    #[must_use]
    pub const fn plus(self, milliseconds: i64) -> Self {
        Self(self.0 + milliseconds)
    }

    fn zoned(self) -> jiff::Zoned {
        let time = Timestamp::from_millisecond(self.0).expect("a time in this century");
        time.to_zoned(TimeZone::UTC)
    }
}
