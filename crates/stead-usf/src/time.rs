//! Points in time, as the agents recorded them.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A point in time. Its JSON form is RFC 3339 in UTC, ending in `Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(Timestamp);

/// Why a recorded time could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TimeError {
    /// The text is no RFC 3339 timestamp with an offset.
    #[error("`{0}` is not an RFC 3339 time")]
    Text(String),
    /// The number lies outside the years -9999 to 9999.
    #[error("{0} is outside the range of times")]
    Range(i64),
}

impl Time {
    /// Reads RFC 3339 with an offset (`2026-11-21T01:11:58.832Z`).
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        Timestamp::from_str(text)
            .map(Self)
            .map_err(|_| TimeError::Text(text.to_owned()))
    }

    /// From milliseconds since 1970-01-01T00:00:00Z.
    pub fn from_millis(millis: i64) -> Result<Self, TimeError> {
        Timestamp::from_millisecond(millis)
            .map(Self)
            .map_err(|_| TimeError::Range(millis))
    }

    /// From seconds since 1970-01-01T00:00:00Z.
    pub fn from_seconds(seconds: i64) -> Result<Self, TimeError> {
        Timestamp::from_second(seconds)
            .map(Self)
            .map_err(|_| TimeError::Range(seconds))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z, rounded towards the past.
    pub fn as_millis(self) -> i64 {
        self.0.as_millisecond()
    }

    /// The time as a `jiff` timestamp, for calendar arithmetic.
    pub const fn timestamp(self) -> Timestamp {
        self.0
    }
}

impl From<Timestamp> for Time {
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

impl JsonSchema for Time {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "pattern": "Z$",
            "description": "A point in time: RFC 3339 in UTC."
        })
    }
}
