//! Answers requests from a record instead of the network. A recorded session runs again
//! with it, as long as it asks the same.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use crate::traffic::{End, Exchange};
use crate::transport::{Body, Incoming, Outgoing, Pending, Transport, TransportError};

/// Recorded exchanges by the hash of their request. The same request asked again, as
/// after an error, gets the answers in the order in which they came.
#[derive(Debug, Default)]
pub struct Replay {
    exchanges: Mutex<HashMap<String, VecDeque<Exchange>>>,
}

impl Replay {
    /// Answers from these.
    pub fn new(exchanges: impl IntoIterator<Item = Exchange>) -> Self {
        let mut by_hash: HashMap<String, VecDeque<Exchange>> = HashMap::new();
        for exchange in exchanges {
            let own = by_hash.entry(exchange.asked.hash.clone()).or_default();
            own.push_back(exchange);
        }
        Self {
            exchanges: Mutex::new(by_hash),
        }
    }

    /// How many exchanges nobody has asked for yet.
    pub fn left(&self) -> usize {
        let exchanges = self
            .exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        exchanges.values().map(VecDeque::len).sum()
    }

    fn next(&self, hash: &str) -> Option<Exchange> {
        let mut exchanges = self
            .exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        exchanges.get_mut(hash)?.pop_front()
    }
}

impl Transport for Replay {
    fn send<'a>(&'a self, request: &'a Outgoing) -> Pending<'a, Result<Incoming, TransportError>> {
        Box::pin(async move {
            let missing = || TransportError::NotRecorded {
                hash: request.hash.clone(),
            };
            let exchange = self.next(&request.hash).ok_or_else(missing)?;
            let failure = match exchange.end {
                Some((_, End::Failed { error })) => Some(error),
                Some((_, End::Complete | End::Closed)) => None,
                // Nobody knows what would have come.
                Some((_, End::Abandoned | End::Cancelled)) | None => Some(TransportError::Cut {
                    what: "the record ends here".to_owned(),
                }),
            };
            let Some((_, head)) = exchange.head else {
                return Err(failure.unwrap_or_else(missing));
            };
            let chunks = exchange.chunks.into_iter().map(|(_, bytes)| bytes);
            Ok(Incoming {
                status: head.status,
                headers: head.headers,
                decoded: true,
                body: Box::new(RecordedBody::new(chunks.collect(), failure)),
            })
        })
    }
}

/// The body of a recorded answer.
pub(crate) struct RecordedBody {
    chunks: VecDeque<Vec<u8>>,
    failure: Option<TransportError>,
}

impl RecordedBody {
    /// Gives these chunks, and then the failure, if there is one.
    pub(crate) const fn new(chunks: VecDeque<Vec<u8>>, failure: Option<TransportError>) -> Self {
        Self { chunks, failure }
    }
}

impl Body for RecordedBody {
    fn chunk(&mut self) -> Pending<'_, Result<Option<Bytes>, TransportError>> {
        Box::pin(async move {
            match (self.chunks.pop_front(), self.failure.take()) {
                (Some(chunk), failure) => {
                    self.failure = failure;
                    Ok(Some(chunk.into()))
                }
                (None, Some(failure)) => Err(failure),
                (None, None) => Ok(None),
            }
        })
    }
}
