//! Records one exchange as it happens. An exchange that is dropped in the middle was
//! cancelled, and its record says so.

use std::sync::Arc;

use stead_usf::Time;
use tokio::time::Instant;

use crate::client::Prepared;
use crate::key::{Mask, MaskStream};
use crate::traffic::{Asked, Content, End, Happening, Head, Line, Tape, TapeError};

/// The record of an exchange that is going on.
pub(crate) struct Recording {
    tape: Arc<dyn Tape>,
    exchange: String,
    sent: Instant,
    mask: Mask,
    body: MaskStream,
    is_over: bool,
}

impl Recording {
    /// Records the request. What cannot be recorded is not to be sent.
    pub(crate) fn begin(
        tape: Arc<dyn Tape>,
        (id, attempt): (&str, u32),
        prepared: &Prepared,
        at: Time,
    ) -> Result<Self, TapeError> {
        let recording = Self {
            tape,
            exchange: format!("{id}.{attempt}"),
            sent: Instant::now(),
            mask: prepared.mask.clone(),
            body: prepared.mask.stream(),
            is_over: false,
        };
        let asked = Asked {
            at,
            attempt,
            provider: prepared.endpoint.provider.clone(),
            wire: prepared.endpoint.wire,
            model: prepared.model.clone(),
            method: prepared.outgoing.method.to_owned(),
            url: prepared.url.clone(),
            headers: prepared.shown_headers(),
            body: Content(prepared.mask.bytes(&prepared.outgoing.body)),
            hash: prepared.outgoing.hash.clone(),
        };
        recording.write(0, Happening::Request(asked))?;
        Ok(recording)
    }

    /// Records the head of the answer.
    pub(crate) fn head(
        &mut self,
        status: u16,
        headers: &[(String, String)],
        unpacked: Option<String>,
    ) -> Result<(), TapeError> {
        let shown = |(name, value): &(String, String)| {
            let value = match name.as_str() {
                // A cookie opens something to whoever has it.
                "set-cookie" => crate::key::MASK.to_owned(),
                _ => self.mask.text(value),
            };
            (name.clone(), value)
        };
        let head = Head {
            status,
            headers: headers.iter().map(shown).collect(),
            unpacked,
        };
        self.write(self.after(), Happening::Head(head))
    }

    /// Records bytes of the body.
    pub(crate) fn chunk(&mut self, bytes: &[u8]) -> Result<(), TapeError> {
        let bytes = self.body.push(bytes);
        self.bytes(bytes)
    }

    fn bytes(&self, bytes: Vec<u8>) -> Result<(), TapeError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let bytes = Content(bytes);
        self.write(self.after(), Happening::Chunk { bytes })
    }

    /// Records the end.
    pub(crate) fn end(&mut self, end: End) -> Result<(), TapeError> {
        if std::mem::replace(&mut self.is_over, true) {
            return Ok(());
        }
        let held = self.body.end();
        self.bytes(held)?;
        self.write(self.after(), Happening::End { end })
    }

    fn after(&self) -> u64 {
        self.sent.elapsed().as_micros() as u64
    }

    fn write(&self, after_us: u64, what: Happening) -> Result<(), TapeError> {
        self.tape.line(&Line {
            exchange: self.exchange.clone(),
            after_us,
            what,
        })
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        // Nobody is left to be told that it failed.
        let _ = self.end(End::Cancelled);
    }
}
