//! Token totals alone. Only the lines that can change them are taken apart:
//! those that count, name the model, or tell copied records from own ones. Of the
//! others the head says what they do to the request in progress.

use std::borrow::Cow;
use std::io::BufRead;

use serde_json::value::RawValue;
use stead_usf::{Model, SessionId, Time, Usage};

use super::content::Content;
use super::inherit::Inheritance;
use super::record::{peek_text, peek_u64, time};
use super::request::{Carrier, Request};
use super::step::{self, Glance, Step};
use super::usage::Meter;
use super::{compressed, items, prompt, read};
use crate::container::json::Object;
use crate::{ReadError, Unit, UsageRecord};

/// Reads the token counts of a unit.
pub(super) fn scan(unit: &Unit, found: &mut dyn FnMut(UsageRecord)) -> Result<bool, ReadError> {
    let mut requests = Vec::new();
    let cwd = collect(unit, &mut |request| requests.push(request))?;
    for request in requests {
        let cwd = cwd.clone();
        found(UsageRecord { cwd, ..request });
    }
    Ok(true)
}

/// Finds the requests; returns where the session worked.
fn collect(unit: &Unit, found: &mut dyn FnMut(UsageRecord)) -> Result<Option<String>, ReadError> {
    let thread = read::thread(unit);
    let mut scan = Scan {
        glance: Glance::new(),
        session: SessionId::new(&super::ID, &thread),
        thread: &thread,
        headed: false,
        meter: Meter::default(),
        inheritance: Inheritance::default(),
        request: Request::default(),
        items: false,
        prompts: false,
        model: None,
        provider: None,
        cwd: None,
        found,
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
                Ok(_) => scan.line(&line),
                // What can be read of a damaged file counts.
                Err(_) if compressed::is_compressed(path) => break,
                Err(source) => return Err(error(source)),
            }
        }
    }
    scan.step(Step::Next, None, false);
    Ok(scan.cwd)
}

struct Scan<'u, 'f> {
    glance: Glance,
    session: SessionId,
    thread: &'u str,
    headed: bool,
    meter: Meter,
    inheritance: Inheritance,
    request: Request<Bearer, UsageRecord>,
    /// Whether an item was read, of which events are copies.
    items: bool,
    /// Prompts of which there is only the event, while no item was read.
    prompts: bool,
    model: Option<String>,
    provider: Option<String>,
    cwd: Option<String>,
    found: &'f mut dyn FnMut(UsageRecord),
}

/// What is needed of an event that can carry tokens.
struct Bearer {
    at: Option<Time>,
    model: Option<Model>,
}

impl Scan<'_, '_> {
    fn line(&mut self, line: &[u8]) {
        // While copied records are read, the times of all lines matter.
        let whole = self.inheritance.is_copying() || !self.items || self.cwd.is_none();
        match self.glance.look(line).filter(|_| !whole) {
            Some((Step::Nothing, _)) => {}
            Some((step, at)) => self.step(step, at, false),
            None => {
                if let Ok(text) = std::str::from_utf8(line)
                    && let Ok(object) = Object::parse(text.trim())
                {
                    self.record(object);
                }
            }
        }
    }

    /// Carries out what a record does to the request in progress.
    fn step(&mut self, step: Step, at: Option<Time>, copied: bool) {
        match step {
            Step::Reply | Step::Summary if !copied => {
                let model = self.model();
                let bearer = Bearer { at, model };
                let (at, model) = (bearer.at, bearer.model.clone());
                if let Some(told) = self.request.reply(bearer) {
                    (self.found)(UsageRecord { at, model, ..told });
                }
            }
            Step::Hidden if !copied => self.request.hidden(),
            Step::Next => {
                if let Some(told) = self.request.next() {
                    (self.found)(told);
                }
            }
            _ => {}
        }
        if matches!(step, Step::Answered | Step::Summary) {
            self.request.answered();
        }
    }

    fn model(&self) -> Option<Model> {
        Some(Model {
            id: self.model.clone()?,
            provider: self.provider.clone(),
        })
    }

    fn record(&mut self, mut object: Object<'_>) {
        let kind = peek_text(&object, "type");
        let (Some(kind), Some(payload)) = (kind.as_deref(), object.peek("payload")) else {
            // A bare item.
            return self.item(&mut object, None, false);
        };
        let at = time(object.peek("timestamp"));
        let ordinal = peek_u64(&object, "ordinal");
        let copied = self.inheritance.record(at.map(Time::as_millis), ordinal);
        let told = match kind {
            "token_usage_record" => self.meter.request(payload).map(|(usage, _)| usage),
            "event_msg" => self.event(payload, at, copied),
            _ => {
                let Some(mut fields) = Object::of(payload) else {
                    return;
                };
                match kind {
                    "session_meta" => self.head(fields, at),
                    "turn_context" => self.turn(fields),
                    "response_item" => self.item(&mut fields, at, copied),
                    "compacted" => self.step(Step::Summary, at, copied),
                    _ => {}
                }
                None
            }
        };
        if let Some(usage) = told.filter(|_| !copied) {
            self.tell(usage, at);
        }
    }

    fn tell(&mut self, usage: Usage, at: Option<Time>) {
        let told = UsageRecord {
            session: self.session.clone(),
            message: None,
            at,
            model: self.model(),
            cwd: None,
            usage,
            cost_usd: None,
        };
        match self.request.tell(told) {
            Carrier::Event(Bearer { at, model }, told) => {
                (self.found)(UsageRecord { at, model, ..told });
            }
            Carrier::Alone(requests) => requests
                .into_iter()
                .flatten()
                .for_each(|told| (self.found)(told)),
        }
    }

    fn item(&mut self, item: &mut Object<'_>, at: Option<Time>, copied: bool) {
        let kind = peek_text(item, "type").unwrap_or_default();
        if items::is_known(&kind) {
            (self.items, self.prompts) = (true, false);
            if self.cwd.is_none() && peek_text(item, "role").as_deref() == Some("user") {
                let text = Content::of(item).text(|_| true);
                self.cwd = text.and_then(|text| prompt::folder(&text).map(str::to_owned));
            }
            let step = step::of_whole_item(item);
            self.step(step, at, copied);
        }
    }

    /// An event; gives the tokens that it tells of.
    fn event(&mut self, payload: &RawValue, at: Option<Time>, copied: bool) -> Option<Usage> {
        let mut fields = Object::of(payload)?;
        let kind = peek_text(&fields, "type")?;
        match kind.as_ref() {
            "token_count" => return self.meter.count(payload),
            "task_started" | "turn_started" => self.turn(fields),
            "thread_settings_applied" | "session_configured" => {
                let mut settings = fields.object("thread_settings").unwrap_or(fields);
                self.model = settings.string("model").or(self.model.take());
                self.provider = settings
                    .string("model_provider_id")
                    .or(self.provider.take());
            }
            "item_completed" => {
                let item = fields.object("item").unwrap_or_default();
                let kind = peek_text(&item, "type").unwrap_or_default();
                self.words(&kind, at, copied);
            }
            kind => {
                self.words(kind, at, copied);
                self.step(step::of_event(kind), at, copied);
            }
        }
        None
    }

    /// Words of which there may be only the event.
    fn words(&mut self, kind: &str, at: Option<Time>, copied: bool) {
        match kind {
            _ if self.items => {}
            "user_message" | "UserMessage" => self.prompts = true,
            "agent_message" | "agent_reasoning" | "AgentMessage" => {
                if std::mem::take(&mut self.prompts) {
                    self.step(Step::Next, at, copied);
                }
                self.step(Step::Reply, at, copied);
            }
            _ => {}
        }
    }

    /// A turn begins.
    fn turn(&mut self, mut fields: Object<'_>) {
        self.step(Step::Next, None, false);
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
