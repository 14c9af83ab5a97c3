//! Answers requests from a record, one after the other: a recorded session runs again with it
//! although what it asks is not the same to the letter, as where a command told the time. What
//! is asked is held against what was asked then.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::replay::RecordedBody;
use crate::traffic::{End, Exchange};
use crate::transport::{Body, Incoming, Outgoing, Pending, Transport, TransportError};

/// The parts of a request that hold the conversation, in the wire formats.
const CONVERSATION: [&str; 7] = [
    "system",
    "instructions",
    "systemInstruction",
    "messages",
    "input",
    "contents",
    "tools",
];

/// Recorded exchanges in their order.
#[derive(Debug)]
pub struct InOrder {
    left: Mutex<VecDeque<Exchange>>,
    differences: Mutex<Vec<Difference>>,
    over: CancellationToken,
}

/// A request that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The exchange, as the record names it.
    pub exchange: String,
    /// Where in the request the first difference is, as a JSON pointer (RFC 6901).
    pub at: String,
}

impl InOrder {
    /// Answers from these. `over` is cancelled where the record has nothing more to say: when
    /// it ends, and where somebody cancelled the request then.
    pub fn new(exchanges: impl IntoIterator<Item = Exchange>, over: CancellationToken) -> Self {
        Self {
            left: Mutex::new(exchanges.into_iter().collect()),
            differences: Mutex::default(),
            over,
        }
    }

    /// How many exchanges nobody has asked for yet.
    pub fn left(&self) -> usize {
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.len()
    }

    /// The requests so far that were not the same.
    pub fn differences(&self) -> Vec<Difference> {
        let differences = self.differences.lock();
        differences.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn next(&self, request: &Outgoing) -> Option<Exchange> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let exchange = left.pop_front()?;
        drop(left);
        if let Some(at) = difference(&exchange.asked.body.0, &request.body) {
            let mut differences = self
                .differences
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            differences.push(Difference {
                exchange: exchange.id.clone(),
                at,
            });
        }
        Some(exchange)
    }
}

impl Transport for InOrder {
    fn send<'a>(&'a self, request: &'a Outgoing) -> Pending<'a, Result<Incoming, TransportError>> {
        Box::pin(async move {
            let Some(exchange) = self.next(request) else {
                return stop(&self.over).await;
            };
            let end = exchange.end.map(|(_, end)| end);
            let Some((_, head)) = exchange.head else {
                return match end {
                    Some(End::Failed { error }) => Err(error),
                    _ => stop(&self.over).await,
                };
            };
            let (failure, goes_on) = match end {
                Some(End::Failed { error }) => (Some(error), false),
                Some(End::Complete | End::Closed) => (None, false),
                // What made no sense then makes none now.
                Some(End::Abandoned) => {
                    let what = "no more of it was read".to_owned();
                    (Some(TransportError::Cut { what }), false)
                }
                Some(End::Cancelled) | None => (None, true),
            };
            let chunks = exchange.chunks.into_iter().map(|(_, bytes)| bytes);
            let body = RecordedBody::new(chunks.collect(), failure);
            let over = goes_on.then(|| self.over.clone());
            Ok(Incoming {
                status: head.status,
                headers: head.headers,
                decoded: true,
                body: Box::new(Unended { body, over }),
            })
        })
    }

    fn waits(&self) -> bool {
        false
    }
}

/// Says that nothing more will come, and waits to be dropped.
async fn stop<T>(over: &CancellationToken) -> T {
    over.cancel();
    std::future::pending().await
}

/// A recorded body, of which nobody knows how it would have gone on if it has an `over`.
struct Unended {
    body: RecordedBody,
    over: Option<CancellationToken>,
}

impl Body for Unended {
    fn chunk(&mut self) -> Pending<'_, Result<Option<Bytes>, TransportError>> {
        Box::pin(async move {
            match (self.body.chunk().await, &self.over) {
                (Ok(None), Some(over)) => stop(over).await,
                (chunk, _) => chunk,
            }
        })
    }
}

/// Where the conversations of two requests first differ.
fn difference(recorded: &[u8], now: &[u8]) -> Option<String> {
    if recorded == now {
        return None;
    }
    let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
    let (Some(recorded), Some(now)) = (read(recorded), read(now)) else {
        return Some(String::new());
    };
    CONVERSATION
        .iter()
        .find_map(|name| first(&recorded[*name], &now[*name], &format!("/{name}")))
}

/// Where two values first differ, in the order of the first.
fn first(one: &Value, other: &Value, at: &str) -> Option<String> {
    match (one, other) {
        (one, other) if one == other => None,
        (Value::Array(one), Value::Array(other)) => {
            let pairs = one.iter().zip(other).enumerate();
            let inner = pairs
                .into_iter()
                .find_map(|(n, (one, other))| first(one, other, &format!("{at}/{n}")));
            inner.or_else(|| Some(format!("{at}/{}", one.len().min(other.len()))))
        }
        (Value::Object(one), Value::Object(other)) => {
            let names = one.keys().chain(other.keys());
            let mut inner = names.map(|name| {
                let (one, other) = (one.get(name), other.get(name));
                let null = Value::Null;
                let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                first(one.unwrap_or(&null), other.unwrap_or(&null), &at)
            });
            inner.find_map(|found| found)
        }
        _ => Some(at.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn the_first_difference_is_named() {
        let one = br#"{"messages":[{"content":"a"},{"content":[{"text":"b"}]}],"seed":1}"#;
        for (other, at) in [
            (
                r#"{"seed":2,"messages":[{"content":"a"},{"content":[{"text":"b"}]}]}"#,
                None,
            ),
            (
                r#"{"messages":[{"content":"a"},{"content":[{"text":"c"}]}]}"#,
                Some("/messages/1/content/0/text"),
            ),
            (r#"{"messages":[{"content":"a"}]}"#, Some("/messages/1")),
            ("no JSON", Some("")),
        ] {
            assert_eq!(difference(one, other.as_bytes()).as_deref(), at, "{other}");
        }
    }
}
