//! One attempt: sends a request, records it, and turns the bytes of the answer into pieces.
//! Whether there is another attempt is decided in `reply.rs`.

use std::future::Future;
use std::time::Duration;

use stead_usf::Time;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::client::{Call, Client, Prepared};
use crate::error::{LlmError, Stage};
use crate::provider::{Decoder, Emitter, Refusal, Told};
use crate::recording::Recording;
use crate::response::Delta;
use crate::sse::{SseEvent, SseReader};
use crate::traffic::End;
use crate::transport::{Body, Incoming, TransportError};
use crate::unpack::Unpack;
use crate::wait;

/// So much of an error's body is read; nobody explains himself at greater length.
const LONGEST_REFUSAL: u64 = 1 << 20;
/// So long we wait for the last count of tokens of an answer that is whole,
const FOR_MORE: Duration = Duration::from_secs(2);
/// and for the end of the body after the last event, so that the connection can be used
/// again.
const FOR_END: Duration = Duration::from_millis(50);

/// How far an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// More is to come.
    More,
    /// That was all.
    Whole,
}

/// An attempt whose head has come.
pub(crate) struct Attempt {
    recording: Recording,
    body: Box<dyn Body>,
    unpack: Option<Unpack>,
    decoder: Box<dyn Decoder>,
    emitter: Emitter,
    form: Form,
    status: u16,
    wait: Option<Duration>,
    deadline: Option<Instant>,
    bytes: u64,
    most_bytes: u64,
    has_answer: bool,
}

/// In which form the body comes.
enum Form {
    /// Nobody said; the first character will.
    Unsaid,
    Stream(SseReader),
    Whole(Vec<u8>),
    /// What stands in the body is why there is no answer.
    Refusal(Vec<u8>),
}

impl Attempt {
    /// Sends the request and waits for the head of the answer.
    pub(crate) async fn begin(
        client: &Client,
        prepared: &Prepared,
        call: &Call,
        number: u32,
    ) -> Result<Self, LlmError> {
        let now = (client.ambient.now)();
        let id = (call.id.as_str(), number);
        let mut recording = Recording::begin(call.tape.clone(), id, prepared, Time::from(now))?;
        let times = prepared.endpoint.timeouts;
        let deadline = times.whole.map(|whole| Instant::now() + whole);
        let sending = client.transport.send(&prepared.outgoing);
        let limit = Limit::new(Stage::FirstByte, times.first_byte, times.whole, deadline);
        let incoming = match limit.keep(&call.cancel, sending).await {
            Ok(incoming) => incoming,
            Err(stop) => return Err(stop.record(&mut recording, prepared)),
        };
        let unpack = unpack(&incoming, prepared);
        let packed = header(&incoming, "content-encoding").map(str::to_owned);
        let packed = packed.filter(|_| matches!(unpack, Ok(Some(_))) || incoming.decoded);
        recording.head(incoming.status, &incoming.headers, packed)?;
        let seed = &prepared.outgoing.hash[..8];
        let mut attempt = Self {
            form: form(&incoming),
            wait: wait::told(&incoming.headers, now),
            status: incoming.status,
            unpack: None,
            decoder: prepared.endpoint.wire.format().decoder(seed),
            emitter: Emitter::default(),
            body: incoming.body,
            recording,
            deadline,
            bytes: 0,
            most_bytes: client.most_bytes,
            has_answer: false,
        };
        let redirect = incoming.headers.iter().find(|(name, _)| name == "location");
        if let (300..=399, Some((_, to))) = (attempt.status, redirect) {
            attempt.recording.end(End::Abandoned)?;
            return Err(LlmError::Redirected {
                host: prepared.endpoint.host(),
                to: prepared.mask.text(to),
            });
        }
        match unpack {
            Ok(unpack) => attempt.unpack = unpack,
            Err(error) => {
                attempt.recording.end(End::Abandoned)?;
                return Err(error);
            }
        }
        Ok(attempt)
    }

    /// Reads the next bytes. Pieces of the answer come also with an error: they were there
    /// before it.
    pub(crate) async fn advance(
        &mut self,
        prepared: &Prepared,
        call: &Call,
    ) -> (Vec<Delta>, Result<Progress, LlmError>) {
        let progress = self.read(prepared, call).await;
        (self.emitter.take(), progress)
    }

    /// Reads the whole body of what is no answer of a model.
    pub(crate) async fn body(
        &mut self,
        prepared: &Prepared,
        call: &Call,
    ) -> Result<Vec<u8>, LlmError> {
        if !matches!(self.form, Form::Refusal(_)) {
            self.form = Form::Whole(Vec::new());
        }
        loop {
            let limit = self.limit(prepared);
            match limit.keep(&call.cancel, self.body.chunk()).await {
                Ok(Some(bytes)) => {
                    self.chunk(&bytes, prepared)?;
                }
                Ok(None) => break,
                Err(stop) => return Err(stop.record(&mut self.recording, prepared)),
            }
        }
        match std::mem::replace(&mut self.form, Form::Unsaid) {
            Form::Whole(body) => {
                self.recording.end(End::Complete)?;
                Ok(body)
            }
            refusal => {
                self.form = refusal;
                self.end(prepared).map(|_| Vec::new())
            }
        }
    }

    async fn read(&mut self, prepared: &Prepared, call: &Call) -> Result<Progress, LlmError> {
        let chunk = {
            let limit = self.limit(prepared);
            limit.keep(&call.cancel, self.body.chunk()).await
        };
        match chunk {
            Ok(Some(bytes)) => self.chunk(&bytes, prepared),
            Ok(None) => self.end(prepared),
            // The answer is there; what should still have come does not matter.
            Err(_) if self.decoder.is_whole() => self.finish(End::Closed),
            Err(stop) => Err(stop.record(&mut self.recording, prepared)),
        }
    }

    fn limit(&self, prepared: &Prepared) -> Limit {
        let times = prepared.endpoint.timeouts;
        let idle = match (self.decoder.is_over(), self.decoder.is_whole()) {
            (true, _) => times.idle.min(FOR_END),
            (false, true) => times.idle.min(FOR_MORE),
            (false, false) => times.idle,
        };
        Limit::new(Stage::Idle, idle, times.whole, self.deadline)
    }

    fn chunk(&mut self, bytes: &[u8], prepared: &Prepared) -> Result<Progress, LlmError> {
        let unpacked = match &mut self.unpack {
            None => None,
            Some(unpack) => match unpack.push(bytes) {
                Ok(unpacked) => Some(unpacked),
                Err(error) => {
                    let what = format!("its packing is damaged: {error}");
                    return Err(self.malformed(&what, prepared));
                }
            },
        };
        let bytes = unpacked.as_deref().unwrap_or(bytes);
        self.recording.chunk(bytes)?;
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        let refused = matches!(self.form, Form::Refusal(_));
        if refused && self.bytes > LONGEST_REFUSAL {
            return self.end(prepared);
        }
        if self.bytes > self.most_bytes {
            self.recording.end(End::Abandoned)?;
            return Err(LlmError::TooLarge {
                host: prepared.endpoint.host(),
                limit: self.most_bytes,
            });
        }
        self.bytes(bytes, prepared)
    }

    fn bytes(&mut self, bytes: &[u8], prepared: &Prepared) -> Result<Progress, LlmError> {
        if matches!(self.form, Form::Unsaid) {
            let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
            self.form = match first {
                None => return Ok(Progress::More),
                Some(b'{' | b'[') => Form::Whole(Vec::new()),
                Some(_) => Form::Stream(SseReader::default()),
            };
        }
        match &mut self.form {
            Form::Whole(body) | Form::Refusal(body) => body.extend_from_slice(bytes),
            Form::Stream(reader) => {
                let events = match reader.push(bytes) {
                    Ok(events) => events,
                    Err(error) => return Err(self.malformed(&error.to_string(), prepared)),
                };
                self.events(events, prepared)?;
            }
            Form::Unsaid => {}
        }
        Ok(Progress::More)
    }

    fn events(&mut self, events: Vec<SseEvent>, prepared: &Prepared) -> Result<(), LlmError> {
        for event in events {
            // Nothing that follows the last word is part of the answer.
            if self.decoder.is_over() {
                return Ok(());
            }
            if let Err(refusal) = self.decoder.event(&event, &mut self.emitter) {
                return Err(self.refused(refusal, prepared));
            }
            self.has_answer = true;
        }
        Ok(())
    }

    /// The body has come to its end.
    fn end(&mut self, prepared: &Prepared) -> Result<Progress, LlmError> {
        match std::mem::replace(&mut self.form, Form::Unsaid) {
            Form::Refusal(body) => {
                let told = Told::of_body(self.status, &body);
                return Err(self.refused(Refusal::Told(told), prepared));
            }
            Form::Whole(body) => {
                let decoded = match serde_json::from_slice(&body) {
                    Ok(value) => self.decoder.whole(value, &mut self.emitter),
                    // A body that ends too soon was cut; one that goes on wrong is another
                    // thing.
                    Err(error) if error.is_eof() => return Err(self.cut(prepared)),
                    Err(error) => Err(Refusal::Malformed(format!("it is no JSON: {error}"))),
                };
                if let Err(refusal) = decoded {
                    return Err(self.refused(refusal, prepared));
                }
                self.has_answer = true;
            }
            Form::Stream(mut reader) => {
                let last = reader.end().into_iter().collect();
                self.events(last, prepared)?;
            }
            Form::Unsaid => {}
        }
        if self.decoder.is_whole() && self.has_answer {
            self.finish(End::Complete)
        } else {
            Err(self.cut(prepared))
        }
    }

    /// The answer is whole.
    fn finish(&mut self, end: End) -> Result<Progress, LlmError> {
        self.recording.end(end)?;
        Ok(Progress::Whole)
    }

    fn cut(&mut self, prepared: &Prepared) -> LlmError {
        let what = if self.bytes == 0 {
            "nothing came"
        } else {
            "the connection ended before the answer did"
        };
        match self.recording.end(End::Complete) {
            Err(error) => error.into(),
            Ok(()) => LlmError::Cut {
                host: prepared.endpoint.host(),
                what: what.to_owned(),
            },
        }
    }

    fn malformed(&mut self, what: &str, prepared: &Prepared) -> LlmError {
        self.refused(Refusal::Malformed(what.to_owned()), prepared)
    }

    fn refused(&mut self, refusal: Refusal, prepared: &Prepared) -> LlmError {
        let provider = &prepared.endpoint.provider;
        let end = match &refusal {
            Refusal::Told(_) => End::Closed,
            Refusal::Malformed(_) => End::Abandoned,
        };
        if let Err(error) = self.recording.end(end) {
            return error.into();
        }
        match refusal {
            Refusal::Malformed(what) => LlmError::Malformed {
                provider: provider.clone(),
                what: prepared.mask.text(&what),
            },
            Refusal::Told(mut told) => {
                told.said = prepared.mask.text(&told.said);
                told.error(provider, &prepared.model, self.wait)
            }
        }
    }
}

fn header<'i>(incoming: &'i Incoming, name: &str) -> Option<&'i str> {
    let mut own = incoming.headers.iter();
    own.find_map(|(own, value)| (own == name).then_some(value.as_str()))
}

fn unpack(incoming: &Incoming, prepared: &Prepared) -> Result<Option<Unpack>, LlmError> {
    if incoming.decoded {
        return Ok(None);
    }
    Unpack::of(header(incoming, "content-encoding")).map_err(|what| LlmError::Malformed {
        provider: prepared.endpoint.provider.clone(),
        what,
    })
}

/// The form of a body, by the head. Some servers send no stream although one was asked
/// for, and some send one under another name.
fn form(incoming: &Incoming) -> Form {
    let kind = header(incoming, "content-type").unwrap_or_default();
    match kind {
        _ if !(200..300).contains(&incoming.status) => Form::Refusal(Vec::new()),
        _ if kind.contains("event-stream") => Form::Stream(SseReader::default()),
        _ => Form::Unsaid,
    }
}

/// How long something may take.
struct Limit {
    stage: Stage,
    given: Duration,
    until: Instant,
}

/// Why waiting ended.
enum Halt {
    Cancelled,
    Failed(TransportError),
}

impl Limit {
    /// The limit of a stage, or that of the whole if it ends sooner.
    fn new(stage: Stage, given: Duration, whole: Option<Duration>, end: Option<Instant>) -> Self {
        let until = Instant::now() + given;
        match (whole, end) {
            (Some(whole), Some(end)) if end < until => Self {
                stage: Stage::Whole,
                given: whole,
                until: end,
            },
            _ => Self {
                stage,
                given,
                until,
            },
        }
    }

    /// Waits, but no longer than allowed. What is not waited for any more is dropped.
    async fn keep<T>(
        self,
        cancel: &CancellationToken,
        pending: impl Future<Output = Result<T, TransportError>>,
    ) -> Result<T, Halt> {
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(Halt::Cancelled),
            outcome = pending => outcome.map_err(Halt::Failed),
            () = tokio::time::sleep_until(self.until) => {
                Err(Halt::Failed(TransportError::Timeout {
                    stage: self.stage,
                    after_ms: self.given.as_millis() as u64,
                }))
            }
        }
    }
}

impl Halt {
    /// Records why it ended, and says so to the caller.
    fn record(self, recording: &mut Recording, prepared: &Prepared) -> LlmError {
        let (end, error) = match self {
            Self::Cancelled => (End::Cancelled, LlmError::Cancelled),
            Self::Failed(error) => {
                let endpoint = &prepared.endpoint;
                let told = error.clone().error(&endpoint.provider, &endpoint.host());
                (End::Failed { error }, told)
            }
        };
        recording.end(end).map_or_else(Into::into, |()| error)
    }
}
