//! Exact records of what went over the wire: each attempt of a request is an *exchange*,
//! written line by line as it happens, so that a crash loses nothing that was there
//! before. Keys are masked; everything else is as it was. What a record is for (a ledger,
//! a file) is the caller's business.
//!
//! A line is a JSON object. Bodies are strings where they are UTF-8 and `{"base64": …}`
//! where they are not, chunk by chunk as they came.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;
use stead_usf::Time;

use crate::encoding::base64;
use crate::provider::Wire;
use crate::transport::TransportError;

/// A line of a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The exchange that it belongs to: the caller's name of the request, a dot, and the
    /// number of the attempt from 1.
    pub exchange: String,
    /// Microseconds since the request was sent; 0 for the request itself.
    pub after_us: u64,
    /// What happened.
    #[serde(flatten)]
    pub what: Happening,
}

/// What happens in an exchange, in this order; chunks as often as they come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Happening {
    /// The request; written before the first byte leaves.
    Request(Asked),
    /// The head of the answer.
    Head(Head),
    /// Bytes of the answer's body.
    Chunk {
        /// The bytes.
        bytes: Content,
    },
    /// The end.
    End {
        /// How it ended.
        end: End,
    },
}

/// A request as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// When it was sent.
    pub at: Time,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// The provider's name in the configuration.
    pub provider: String,
    /// The wire format.
    pub wire: Wire,
    /// The model that was asked.
    pub model: String,
    /// The method.
    pub method: String,
    /// The URL, keys masked.
    pub url: String,
    /// Headers as they were sent, keys masked.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Content,
    /// [`request_hash`] of the request.
    pub hash: String,
}

/// The head of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The status.
    pub status: u16,
    /// Headers in order.
    pub headers: Vec<(String, String)>,
    /// The body came packed like this (`gzip`) although nobody asked for it; the chunks
    /// of this record are unpacked, for otherwise keys in them would stay unseen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpacked: Option<String>,
}

/// How an exchange ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum End {
    /// The body came to its end.
    Complete,
    /// The answer was whole, and we waited for the end of the connection no longer.
    Closed,
    /// The answer made no sense or was too large, and we stopped reading.
    Abandoned,
    /// The caller stopped it.
    Cancelled,
    /// Something went wrong.
    Failed {
        /// What.
        error: TransportError,
    },
}

/// Bytes that are text as a rule.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Content(pub Vec<u8>);

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => to.serialize_str(text),
            Err(_) => to.collect_map([("base64", base64::text(&self.0))]),
        }
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Value::deserialize(from)? {
            Value::String(text) => Ok(Self(text.into_bytes())),
            value => value
                .get("base64")
                .and_then(Value::as_str)
                .and_then(base64::bytes)
                .map(Self)
                .ok_or_else(|| de::Error::custom("neither a text nor base64")),
        }
    }
}

/// Where lines of records go.
pub trait Tape: Send + Sync {
    /// Writes a line. A request whose line cannot be written is not sent.
    fn line(&self, line: &Line) -> Result<(), TapeError>;
}

/// A line that could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TapeError(pub String);

/// Lines kept in memory, for tests and for callers that keep them elsewhere.
#[derive(Debug, Default)]
pub struct MemoryTape(Mutex<Vec<Line>>);

impl MemoryTape {
    /// All lines so far.
    pub fn lines(&self) -> Vec<Line> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Tape for MemoryTape {
    fn line(&self, line: &Line) -> Result<(), TapeError> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line.clone());
        Ok(())
    }
}

/// Lines written out as JSON Lines, each flushed.
#[derive(Debug)]
pub struct LineTape<W>(Mutex<W>);

impl<W: Write + Send> LineTape<W> {
    /// Writes to this.
    pub const fn new(to: W) -> Self {
        Self(Mutex::new(to))
    }
}

impl<W: Write + Send> Tape for LineTape<W> {
    fn line(&self, line: &Line) -> Result<(), TapeError> {
        let words = |error: &dyn std::fmt::Display| TapeError(error.to_string());
        let mut json = serde_json::to_vec(line).map_err(|error| words(&error))?;
        json.push(b'\n');
        let mut to = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        to.write_all(&json).map_err(|error| words(&error))?;
        to.flush().map_err(|error| words(&error))
    }
}

/// A whole exchange, put together from its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// Its id.
    pub id: String,
    /// The request.
    pub asked: Asked,
    /// The head of the answer, with when it came; absent if none came.
    pub head: Option<(u64, Head)>,
    /// The chunks of the body, with when they came.
    pub chunks: Vec<(u64, Vec<u8>)>,
    /// How it ended, and when; absent if the record breaks off.
    pub end: Option<(u64, End)>,
}

impl Exchange {
    /// The body of the answer as far as it came.
    pub fn body(&self) -> Vec<u8> {
        let chunks = self.chunks.iter().flat_map(|(_, bytes)| bytes);
        chunks.copied().collect()
    }

    /// Puts lines together, in the order of their requests. Lines without a request
    /// before them belong to nothing and are left out.
    pub fn collect(lines: impl IntoIterator<Item = Line>) -> Vec<Self> {
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut exchanges: Vec<Self> = Vec::new();
        for line in lines {
            let (id, after) = (line.exchange, line.after_us);
            if let Happening::Request(asked) = line.what {
                places.insert(id.clone(), exchanges.len());
                exchanges.push(Self {
                    id,
                    asked,
                    head: None,
                    chunks: Vec::new(),
                    end: None,
                });
                continue;
            }
            let Some(exchange) = places.get(&id).map(|place| &mut exchanges[*place]) else {
                continue;
            };
            match line.what {
                Happening::Head(head) => exchange.head = Some((after, head)),
                Happening::Chunk { bytes } => exchange.chunks.push((after, bytes.0)),
                Happening::End { end } => exchange.end = Some((after, end)),
                Happening::Request(_) => {}
            }
        }
        exchanges
    }

    /// Reads JSON Lines. A last line that was cut off by a crash is left out.
    pub fn read(from: impl BufRead) -> io::Result<Vec<Self>> {
        let mut lines = Vec::new();
        let mut raw = from.lines().peekable();
        while let Some(text) = raw.next() {
            match serde_json::from_str::<Line>(&text?) {
                Ok(line) => lines.push(line),
                Err(_) if raw.peek().is_none() => {}
                Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
            }
        }
        Ok(Self::collect(lines))
    }
}

/// What two requests have in common that are the same: BLAKE3, in hex, over method, URL
/// and body, each ended by a zero byte. Headers are left out: keys and versions change.
pub fn request_hash(method: &str, url: &str, body: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new();
    for piece in [method.as_bytes(), url.as_bytes(), body] {
        hasher.update(piece);
        hasher.update(&[0]);
    }
    hasher.finalize().to_hex().to_string()
}
