//! Token totals alone. Only the lines that can change them are taken apart:
//! those that count, name the model, or tell copied records from own ones.

use std::borrow::Cow;
use std::io::BufRead;

use memchr::memmem::Finder;
use serde_json::value::RawValue;
use stead_usf::{Model, SessionId, Time};

use super::inherit::Inheritance;
use super::record::{peek_text, peek_u64, time};
use super::usage::Meter;
use super::{compressed, locate, read};
use crate::container::json::Object;
use crate::{ReadError, Unit, UsageRecord};

/// The type of a record stands this near to the begin of its line.
const HEAD: usize = 192;
const TYPE: &[u8] = b"\"type\":\"";

/// Reads the token counts of a unit.
pub(super) fn scan(unit: &Unit, found: &mut dyn FnMut(UsageRecord)) -> Result<bool, ReadError> {
    let thread = locate::name(&unit.path).map_or("", |name| name.thread);
    let mut scan = Scan {
        types: Finder::new(TYPE),
        session: SessionId::new(&super::ID, thread),
        thread,
        headed: false,
        meter: Meter::default(),
        inheritance: Inheritance::default(),
        model: None,
        provider: None,
        cwd: None,
    };
    for path in read::rollouts(unit) {
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            continue;
        }
        let error = |source| ReadError::Io {
            path: path.clone(),
            source,
        };
        let mut input = compressed::open(path).map_err(error)?;
        let mut line = Vec::new();
        loop {
            line.clear();
            match input.read_until(b'\n', &mut line) {
                Ok(0) => break,
                Ok(_) => scan.line(&line, found),
                // What can be read of a damaged file counts.
                Err(_) if compressed::is_compressed(path) => break,
                Err(source) => return Err(error(source)),
            }
        }
    }
    Ok(true)
}

struct Scan<'u> {
    types: Finder<'static>,
    session: SessionId,
    thread: &'u str,
    headed: bool,
    meter: Meter,
    inheritance: Inheritance,
    model: Option<String>,
    provider: Option<String>,
    cwd: Option<String>,
}

impl Scan<'_> {
    fn line(&mut self, line: &[u8], found: &mut dyn FnMut(UsageRecord)) {
        if self.can_matter(line)
            && let Ok(text) = std::str::from_utf8(line)
            && let Ok(object) = Object::parse(text.trim())
        {
            self.record(&object, found);
        }
    }

    /// Whether the line must be taken apart. While copied records are read, the
    /// times of all lines matter.
    fn can_matter(&self, line: &[u8]) -> bool {
        // Written by Codex itself, the head says all; else look closer.
        if !line.starts_with(b"{\"timestamp\":\"") || self.inheritance.is_copying() {
            return true;
        }
        let head = &line[..line.len().min(HEAD)];
        let mut words = self.types.find_iter(head).map(|place| {
            let rest = &head[place + TYPE.len()..];
            &rest[..memchr::memchr(b'"', rest).unwrap_or(rest.len())]
        });
        match words.next() {
            Some(b"event_msg") => matches!(
                words.next(),
                Some(
                    b"token_count"
                        | b"task_started"
                        | b"turn_started"
                        | b"thread_settings_applied"
                        | b"session_configured"
                ) | None
            ),
            Some(b"session_meta" | b"turn_context" | b"token_usage_record") | None => true,
            Some(_) => false,
        }
    }

    fn record(&mut self, object: &Object<'_>, found: &mut dyn FnMut(UsageRecord)) {
        let (Some(kind), Some(payload)) = (peek_text(object, "type"), object.peek("payload"))
        else {
            return;
        };
        let at = time(object.peek("timestamp"));
        let ordinal = peek_u64(object, "ordinal");
        let copied = self.inheritance.record(at.map(Time::as_millis), ordinal);
        let told = match kind.as_ref() {
            "token_usage_record" => self.meter.request(payload),
            "session_meta" | "turn_context" | "event_msg" => self.told(&kind, payload, at),
            _ => None,
        };
        if let Some((usage, message)) = told.filter(|_| !copied) {
            found(UsageRecord {
                session: self.session.clone(),
                message,
                at,
                model: self.model.clone().map(|id| Model {
                    id,
                    provider: self.provider.clone(),
                }),
                cwd: self.cwd.clone(),
                usage,
                cost_usd: None,
            });
        }
    }

    fn told(
        &mut self,
        kind: &str,
        payload: &RawValue,
        at: Option<Time>,
    ) -> Option<(stead_usf::Usage, Option<String>)> {
        let mut fields = Object::of(payload)?;
        match kind {
            "session_meta" => self.head(fields, at),
            "turn_context" => self.turn(fields),
            _ => match peek_text(&fields, "type").as_deref() {
                Some("token_count") => return Some((self.meter.count(payload)?, None)),
                Some("task_started" | "turn_started") => self.turn(fields),
                Some("thread_settings_applied" | "session_configured") => {
                    let mut settings = fields.object("thread_settings").unwrap_or(fields);
                    self.model = settings.string("model").or(self.model.take());
                    self.provider = settings
                        .string("model_provider_id")
                        .or(self.provider.take());
                }
                _ => {}
            },
        }
        None
    }

    fn turn(&mut self, mut fields: Object<'_>) {
        if let Some(turn) = fields.text("turn_id") {
            self.inheritance.turn(&turn);
        }
        self.model = fields.string("model").or(self.model.take());
    }

    fn head(&mut self, mut meta: Object<'_>, at: Option<Time>) {
        let id = meta.text("id").unwrap_or(Cow::Borrowed(""));
        if self.headed && id != self.thread {
            self.inheritance.foreign(at.map(Time::as_millis));
            return;
        }
        self.headed = true;
        let created = time(meta.peek("timestamp")).map(Time::as_millis);
        let own_from = meta.u64("subagent_history_start_ordinal");
        self.inheritance.own(created, own_from);
        self.provider = meta.string("model_provider").or(self.provider.take());
        self.cwd = self.cwd.take().or_else(|| meta.string("cwd"));
    }
}
