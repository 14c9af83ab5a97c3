//! The conversation of a session, made again of its record.

use std::collections::VecDeque;

use serde_json::Value;
use stead_llm::{Form, Message, Part, ToolCall, ToolInput, ToolResult};
use stead_usf::{Event, EventType};

use super::ended;
use crate::context::{Given, first_message};
use crate::hands::FOR_THE_SESSION;
use crate::machine::Outcome;
use crate::record::HELPER;
use crate::task::TaskSpec;
use crate::tools::tool;

/// What a call is answered with whose result is not on record.
const LOST: &str = "the session ended before there was a result; nobody knows how far it came";

/// What a record leaves to go on with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resumed {
    /// The conversation, whole: no call is without its result.
    pub messages: Vec<Message>,
    /// The plan of the last task.
    pub spec: TaskSpec,
    /// Requests that were made; the next are named after them.
    pub requests: u64,
    /// A task that did not end well changed files: they count for whoever goes on with it.
    pub changed: bool,
    /// Calls that the user allowed for the whole session, each with the setting in which
    /// they did.
    pub allowed: Vec<(Value, ToolCall)>,
}

/// Makes the conversation again. Reasoning is left out: providers take it back only with
/// signatures that belong to one request.
pub fn resume(events: &[Event]) -> Resumed {
    let mut made = Making::default();
    for event in events {
        made.take(event);
    }
    made.end_task();
    made.end_round();
    made.done
}

#[derive(Default)]
struct Making {
    done: Resumed,
    task: Option<(String, Vec<Given>)>,
    /// What the session worked with then.
    setting: Value,
    /// The answer that is put together, and results of its calls.
    answer: Vec<Part>,
    calls: VecDeque<ToolCall>,
    results: Vec<ToolResult>,
}

impl Making {
    fn take(&mut self, event: &Event) {
        let extra = event.extra.as_ref();
        let extra: Value = extra
            .and_then(|extra| serde_json::from_str(extra.json()).ok())
            .unwrap_or_default();
        let text = event.text.clone().unwrap_or_default();
        if let Some(request) = extra["exchange"].as_str().and_then(number) {
            self.done.requests = self.done.requests.max(request);
        }
        match (event.kind, ended(event)) {
            (EventType::Edit, _) => self.done.changed = true,
            (_, Some(Outcome::Done { .. })) => self.done.changed = false,
            _ => {}
        }
        // Of what a helper did, the conversation has the report alone.
        if !extra[HELPER].is_null() {
            return;
        }
        match event.kind {
            EventType::User if !event.injected => self.said(text),
            EventType::User => match extra["given"].as_str() {
                Some(name) => {
                    let why = extra["why"].as_str().unwrap_or_default();
                    self.given(Given::new(name, text, why));
                }
                None if extra["why"] == "nudge" => self.typed(&text),
                // A note on what gave way is of no use where everything is there.
                None => {}
            },
            EventType::System if !extra["setting"].is_null() => {
                self.setting = extra["setting"].clone();
            }
            EventType::System => {
                if let Ok(spec) = serde_json::from_value(extra["plan"].clone()) {
                    self.done.spec = spec;
                }
            }
            EventType::Assistant => {
                self.end_task();
                if !extra["exchange"].is_null() {
                    self.end_round();
                }
                if !text.is_empty() {
                    self.answer.push(Part::text(text));
                }
            }
            EventType::ToolCall => self.call(event),
            EventType::ToolResult => self.result(event),
            _ => {}
        }
    }

    /// The words of a task come first, then what is given with it.
    fn said(&mut self, text: String) {
        self.end_task();
        self.end_round();
        self.task = Some((text, Vec::new()));
    }

    fn given(&mut self, piece: Given) {
        if let Some((_, given)) = &mut self.task {
            given.push(piece);
        }
    }

    fn typed(&mut self, text: &str) {
        self.end_task();
        self.end_round();
        self.done.messages.push(Message::user(text));
    }

    fn end_task(&mut self) {
        let Some((words, given)) = self.task.take() else {
            return;
        };
        let text = first_message(&words, &self.done.spec, &given);
        self.done.messages.push(Message::user(text));
    }

    fn call(&mut self, event: &Event) {
        self.end_task();
        let input = event.input.as_ref().map_or("", |input| input.json());
        let name = event.tool.as_ref().map(|tool| tool.name.clone());
        let name = name.unwrap_or_default();
        let (arguments, form) = match serde_json::from_str(input) {
            Ok(Value::String(text)) => (text, form_of(&name)),
            _ => (input.to_owned(), Form::Json),
        };
        let call = ToolCall {
            id: event.call_id.clone().unwrap_or_default(),
            name,
            arguments,
            form,
            opaque: None,
        };
        self.answer.push(Part::ToolCall(call.clone()));
        self.calls.push_back(call);
    }

    fn result(&mut self, event: &Event) {
        let id = event.call_id.as_deref();
        let Some(at) = self
            .calls
            .iter()
            .position(|call| Some(call.id.as_str()) == id)
        else {
            return;
        };
        if let Some(call) = self.calls.remove(at) {
            if decision(event).starts_with(FOR_THE_SESSION) {
                self.done.allowed.push((self.setting.clone(), call.clone()));
            }
            let text = event.output.clone().unwrap_or_default();
            self.results
                .push(answered(call, text, event.ok == Some(true)));
        }
    }

    /// An answer with its calls, and the results of all of them.
    fn end_round(&mut self) {
        if !self.answer.is_empty() {
            let answer = std::mem::take(&mut self.answer);
            self.done.messages.push(Message::assistant(answer));
        }
        let lost = std::mem::take(&mut self.calls).into_iter();
        let mut results = std::mem::take(&mut self.results);
        results.extend(lost.map(|call| answered(call, LOST.to_owned(), false)));
        if !results.is_empty() {
            self.done.messages.push(Message::results(results));
        }
    }
}

/// What was said to a call, of its envelope.
fn decision(event: &Event) -> String {
    let extra = event.extra.as_ref().map_or("", |extra| extra.json());
    let extra: Value = serde_json::from_str(extra).unwrap_or_default();
    let said = extra["envelope"]["decision"].as_str();
    said.unwrap_or_default().to_owned()
}

fn answered(call: ToolCall, text: String, ok: bool) -> ToolResult {
    ToolResult {
        id: call.id,
        name: call.name,
        text,
        ok,
        images: Vec::new(),
        form: call.form,
    }
}

/// What arguments are that are on record as a text: text where the tool takes it, else what
/// was to be JSON and is none.
fn form_of(name: &str) -> Form {
    let spec = tool(name).map(|tool| tool.spec().input);
    match spec {
        Some(ToolInput::Freeform { .. }) => Form::Text,
        _ => Form::Json,
    }
}

/// The number of a request that is named `r7`, or of an exchange that is named `r7.1`.
fn number(name: &str) -> Option<u64> {
    let name = name.split_once('.').map_or(name, |(request, _)| request);
    name.strip_prefix('r')?.parse().ok()
}

impl Resumed {
    /// Calls that the user allowed for the whole session, as far as they did in a setting like
    /// this: under other rules, or outside of the sandbox, a yes may mean more than was asked.
    pub fn allowed_in(&self, setting: &Value) -> Vec<ToolCall> {
        let decides = ["sandbox", "network", "policies"];
        let same = |then: &Value| decides.iter().all(|name| then[*name] == setting[*name]);
        let allowed = self.allowed.iter().filter(|(then, _)| same(then));
        allowed.map(|(_, call)| call.clone()).collect()
    }

    /// Takes in names of exchanges: a request that a crash cut off is in the traffic alone,
    /// and no other may have its name.
    pub fn after<'a>(&mut self, exchanges: impl IntoIterator<Item = &'a str>) {
        let numbers = exchanges.into_iter().filter_map(number);
        self.requests = numbers.fold(self.requests, u64::max);
    }
}
