//! Lines of a record to events. They are events already; what is checked is that their ids and
//! links hold together also where a line was lost, and what is new in them is kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stead_usf::{Event, EventType, Issue, Session, Severity, Source};

use crate::container::json::Object;
use crate::container::jsonl::Records;
use crate::early::Early;
use crate::extra;
use crate::ids::Ids;
use crate::{Amendment, Fate, Output, Slot};

/// The fields of an event (`docs/specs/usf.md`).
const FIELDS: [&str; 23] = [
    "id",
    "parent",
    "at",
    "type",
    "injected",
    "inactive",
    "inherited",
    "text",
    "message",
    "call_id",
    "tool",
    "input",
    "result",
    "ok",
    "output",
    "exit_code",
    "duration_ms",
    "edits",
    "model",
    "usage",
    "cost_usd",
    "attachments",
    "extra",
];

/// What is remembered from line to line.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    ids: Ids,
    /// The last event.
    pub(super) last: Option<String>,
    /// Calls without a result, by their ids: which event each is.
    open: BTreeMap<String, String>,
    early: Early,
    /// The last event says how a task ended.
    pub(super) is_over: bool,
}

/// Maps one session.
pub(super) struct Mapper {
    pub(super) slot: Slot,
    pub(super) state: State,
}

/// How the record says that a task is over.
#[derive(Deserialize)]
struct Over {
    #[serde(rename = "outcome")]
    _outcome: String,
}

impl Records for Mapper {
    fn record(&mut self, output: &mut Output<'_>, object: Object<'_>, source: Source) -> Fate {
        if object.peek("usf").is_some() && self.state.last.is_none() {
            return self.header(output, object, source);
        }
        self.event(output, object, source)
    }

    fn damaged(&mut self, output: &mut Output<'_>, issue: Issue) {
        output.issue(self.slot, issue);
    }
}

impl Mapper {
    /// Takes over what the first line says. Times, models and tokens are summed up from the
    /// events, as the header is written before any of them.
    fn header(&self, output: &mut Output<'_>, object: Object<'_>, source: Source) -> Fate {
        let whole = object.rest();
        let Some(told) = whole.and_then(|whole| whole.to::<Session>().ok()) else {
            let message = "the header is none of USF 1.0";
            let issue = Issue::new(Severity::Error, "bad-header", message);
            output.issue(self.slot, issue.at(source));
            return Fate::Reported;
        };
        let header = output.header(self.slot);
        let named = told.native_id == header.native_id;
        header.agent_version = told.agent_version;
        header.title = told.title;
        header.cwd = told.cwd;
        header.git = told.git;
        header.parent = told.parent;
        header.created_at = told.created_at;
        header.updated_at = told.created_at;
        if !named {
            let message = "the record is that of another session than the folder";
            let issue = Issue::new(Severity::Warning, "other-session", message);
            output.issue(self.slot, issue.at(source));
        }
        Fate::Mapped
    }

    fn event(&mut self, output: &mut Output<'_>, mut object: Object<'_>, source: Source) -> Fate {
        let unknown: Vec<String> = object
            .names()
            .filter(|name| !FIELDS.contains(name))
            .map(str::to_owned)
            .collect();
        let mut further = Vec::with_capacity(unknown.len());
        for name in &unknown {
            // The source is where it is read now.
            let value = object.take(name).filter(|_| name != "source");
            further.extend(value.map(|value| (name.as_str(), value.get())));
        }
        let rest = object.rest();
        let known = rest.as_ref().and_then(|rest| rest.to::<Event>().ok());
        let fields: Vec<(&str, Option<&str>)> = further
            .iter()
            .map(|(name, value)| (*name, Some(*value)))
            .collect();
        let Some(mut event) = known else {
            let mut event = Event::new("", EventType::Unknown);
            event.extra = extra::with(rest, &fields);
            let message = "the line is no event of USF 1.0";
            let issue = Issue::new(Severity::Warning, "unknown-record", message);
            output.issue(self.slot, issue.at(source.clone()));
            self.put(output, event, source);
            return Fate::Reported;
        };
        event.extra = extra::with(event.extra, &fields);
        self.put(output, event, source);
        Fate::Mapped
    }

    /// Puts an event out, with its links as far as they lead somewhere.
    fn put(&mut self, output: &mut Output<'_>, mut event: Event, source: Source) {
        let state = &mut self.state;
        if event.id.is_empty() {
            event.id = format!("line-{}", source.line.unwrap_or_default());
        }
        event.parent = event.parent.filter(|parent| state.ids.has(parent));
        event.id = state.ids.unique(event.id);
        event.source = Some(source);
        // Which event is the result is known once it is there.
        event.result = None;
        if event.kind == EventType::ToolCall && event.tool.is_none() {
            event.kind = EventType::Unknown;
        }
        let mut answered = None;
        match (event.kind, &event.call_id) {
            (EventType::ToolCall, Some(call)) => {
                event.result = state.early.call(call);
                if event.result.is_none() {
                    state.open.insert(call.clone(), event.id.clone());
                }
            }
            (EventType::ToolResult, Some(call)) => {
                answered = state.open.remove(call);
                if answered.is_none() {
                    state.early.result(call, &event.id);
                }
            }
            _ => {}
        }
        let told = event.extra.as_ref();
        state.is_over = told.is_some_and(|extra| extra.to::<Over>().is_ok());
        state.last = Some(event.id.clone());
        let id = event.id.clone();
        output.event(self.slot, event);
        if let Some(call) = answered {
            output.amend(self.slot, &call, &Amendment::Result(id));
        }
    }
}
