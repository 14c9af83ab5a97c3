//! A session as it is on record, taken apart into its tasks.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::Path;

use serde_json::Value;
use stead_llm::traffic::Exchange;
use stead_usf::{Edit, Event, EventType, Session};

use super::{ReplayError, Step};
use crate::context::Given;
use crate::record::{EVENTS, TRAFFIC, vouched};
use crate::task::TaskSpec;

/// A session.
#[derive(Debug)]
pub struct Recorded {
    /// Its header.
    pub header: Session,
    /// Its events.
    pub events: Vec<Event>,
    /// Its tasks, in order.
    pub tasks: Vec<RecordedTask>,
}

/// A task, with all that came of it.
#[derive(Debug)]
pub struct RecordedTask {
    /// So many events of the session come before it and what is set for it.
    pub before: usize,
    /// What was set for it; the setting of the task before it counts if there is none.
    pub setting: Option<Value>,
    /// The user's words.
    pub words: String,
    /// The plan.
    pub spec: TaskSpec,
    /// The event that has it.
    pub planned: Event,
    /// What the model was given with it.
    pub given: Vec<Given>,
    /// What came of it: events, with what they are as steps.
    pub steps: Vec<(Event, Step)>,
    /// What calls changed, by the event of their result.
    pub edits: HashMap<String, Vec<Edit>>,
    /// The number of the last request before the generator's first.
    pub requests: u64,
    /// The exchanges with the generator.
    pub exchanges: Vec<Exchange>,
    /// Numbers of requests that are the task's: after the first, up to the second.
    range: (u64, u64),
}

impl Recorded {
    /// Reads the session in a folder. What a crash cut off is left out.
    pub fn read(folder: &Path) -> Result<Self, ReplayError> {
        let file = BufReader::new(File::open(folder.join(EVENTS))?);
        let (header, events) = stead_usf::read_lines(file)?;
        let events: Vec<Event> = events.map_while(Result::ok).collect();
        let mut tasks = tasks(&events);
        let exchanges = match File::open(folder.join(TRAFFIC)) {
            Ok(file) => Exchange::read(BufReader::new(file))?,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        for exchange in exchanges {
            let number = number(&exchange.id).unwrap_or(0);
            let own = |task: &&mut RecordedTask| {
                number > task.requests && (task.range.0 + 1..=task.range.1).contains(&number)
            };
            if let Some(task) = tasks.iter_mut().find(own) {
                task.exchanges.push(exchange);
            }
        }
        Ok(Self {
            header,
            events,
            tasks,
        })
    }

    /// The setting that holds for a task.
    #[must_use]
    pub fn setting(&self, task: usize) -> Value {
        let tasks = self.tasks.get(..=task).unwrap_or_default();
        let settings = tasks.iter().rev().filter_map(|task| task.setting.as_ref());
        settings.into_iter().next().cloned().unwrap_or(Value::Null)
    }
}

/// Takes events apart. A task is the user's words with a plan after them.
fn tasks(events: &[Event]) -> Vec<RecordedTask> {
    let mut tasks: Vec<RecordedTask> = Vec::new();
    let mut setting: Option<(usize, Value)> = None;
    let mut newest = 0;
    let mut at = 0;
    while let Some(event) = events.get(at) {
        let extra = extra(event);
        if !extra["setting"].is_null() {
            setting = Some((at, extra["setting"].clone()));
        } else if let Some(planned) = events.get(at + 1).filter(|next| is_begun(event, next)) {
            let (before, setting) = setting.take().unzip();
            if let Some(last) = tasks.last_mut() {
                last.range.1 = newest;
            }
            let task = begun(event, planned, before.unwrap_or(at), setting, newest);
            newest = newest.max(task.requests);
            tasks.push(task);
            at += 1;
        } else if let Some(task) = tasks.last_mut() {
            task.take(event, &extra);
        }
        newest = newest.max(named(event));
        at += 1;
    }
    tasks
}

/// Whether two events are the user's words and the plan that was made of them.
fn is_begun(said: &Event, planned: &Event) -> bool {
    said.kind == EventType::User && !said.injected && !extra(planned)["plan"].is_null()
}

fn begun(
    said: &Event,
    planned: &Event,
    before: usize,
    setting: Option<Value>,
    newest: u64,
) -> RecordedTask {
    let facts = extra(planned);
    let asked = facts["exchange"].as_str().and_then(number);
    RecordedTask {
        before,
        setting,
        words: said.text.clone().unwrap_or_default(),
        spec: serde_json::from_value(facts["plan"].clone()).unwrap_or_default(),
        planned: planned.clone(),
        given: Vec::new(),
        steps: Vec::new(),
        edits: HashMap::new(),
        requests: asked.unwrap_or(newest),
        exchanges: Vec::new(),
        range: (newest, u64::MAX),
    }
}

impl RecordedTask {
    fn take(&mut self, event: &Event, extra: &Value) {
        if let (true, Some(name)) = (event.injected, extra["given"].as_str()) {
            let text = event.text.clone().unwrap_or_default();
            let why = extra["why"].as_str().unwrap_or_default();
            self.given.push(Given::new(name, text, why));
            return;
        }
        if let (EventType::Edit, Some((result, _))) = (event.kind, self.steps.last()) {
            self.edits.insert(result.id.clone(), event.edits.clone());
        }
        if let Some(step) = Step::of(event) {
            self.steps.push((event.clone(), step));
        }
    }
}

fn extra(event: &Event) -> Value {
    let extra = event.extra.as_ref().and_then(|extra| extra.to().ok());
    extra.unwrap_or(Value::Null)
}

/// The greatest number of a request that an event names.
fn named(event: &Event) -> u64 {
    let vouched = vouched(event);
    let names = vouched.traffic.keys().chain(&vouched.request);
    names.filter_map(|name| number(name)).max().unwrap_or(0)
}

/// The number of a request that is named `r7`, or of an exchange that is named `r7.1`.
fn number(name: &str) -> Option<u64> {
    let name = name.split_once('.').map_or(name, |(request, _)| request);
    name.strip_prefix('r')?.parse().ok()
}
