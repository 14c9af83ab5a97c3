//! What happens, as events. Ids, times and parents are given when they are recorded.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stead_edit::FilePlan;
use stead_llm::{Part, Response, ToolCall, ToolResult};
use stead_usf::{Edit, EditOperation, Event, EventType, Model, Raw, Scope, Tool, ToolKind, Usage};

use super::{Envelope, Vouched};
use crate::context::Given;
use crate::machine::{Checked, Outcome};
use crate::task::TaskSpec;

fn event(kind: EventType) -> Event {
    Event::new("", kind)
}

/// JSON as it is kept to the letter; absent if it has none, which values never lack.
fn raw(value: &Value) -> Option<Raw> {
    Raw::of(value).ok()
}

/// What the user typed.
pub fn said(text: &str) -> Event {
    Event {
        text: Some(text.to_owned()),
        ..event(EventType::User)
    }
}

/// Text that the agent put in by itself, and why.
pub fn injected(text: &str, why: &str) -> Event {
    Event {
        text: Some(text.to_owned()),
        injected: true,
        extra: raw(&json!({ "why": why })),
        ..event(EventType::User)
    }
}

/// The words, reasoning and further parts of a model's answer, without its calls, which
/// are recorded when they are made. `vouched` is what the traffic holds of it, `cited` the
/// lines of the system prompt that it points at.
pub fn answered(
    response: &Response,
    model: &Model,
    vouched: &Vouched,
    cited: &[String],
) -> Vec<Event> {
    let said = |kind: EventType, text: &str| Event {
        text: Some(text.to_owned()),
        message: response.id.clone(),
        model: Some(model.clone()),
        ..event(kind)
    };
    let mut events: Vec<Event> = Vec::new();
    for part in &response.parts {
        match part {
            Part::Text { text, .. } if !text.is_empty() => {
                events.push(said(EventType::Assistant, text));
            }
            Part::Reasoning { text, .. } if !text.is_empty() => {
                events.push(said(EventType::Reasoning, text));
            }
            _ => {}
        }
    }
    // An answer of nothing but calls has its tokens and its exchange on record too.
    if events.is_empty() {
        events.push(Event {
            text: None,
            ..said(EventType::Assistant, "")
        });
    }
    if let Some(first) = events.first_mut() {
        first.usage = (response.usage != Usage::default()).then_some(response.usage);
        let stop = response.stop.as_ref().map(|stop| stop.word.as_str());
        first.extra = raw(&json!({
            "exchange": vouched.request,
            "traffic": vouched.traffic,
            "stop": stop,
            "calls": response.calls().count(),
            "follows": cited,
        }));
    }
    events
}

/// A call that is about to be made.
pub fn call(call: &ToolCall, kind: ToolKind, model: &Model) -> Event {
    let text = Value::String(call.arguments.clone());
    Event {
        call_id: Some(call.id.clone()),
        tool: Some(Tool::new(call.name.clone(), kind)),
        // What is no JSON is kept as a text.
        input: Raw::parse(&call.arguments).ok().or_else(|| raw(&text)),
        model: Some(model.clone()),
        ..event(EventType::ToolCall)
    }
}

/// What became of a call.
pub fn result(
    result: &ToolResult,
    exit: Option<i32>,
    duration_ms: u64,
    envelope: &Envelope,
) -> Event {
    Event {
        call_id: Some(result.id.clone()),
        ok: Some(result.ok),
        output: Some(result.text.clone()),
        exit_code: exit.map(i64::from),
        duration_ms: Some(duration_ms),
        extra: Raw::of(&json!({ "envelope": envelope })).ok(),
        ..event(EventType::ToolResult)
    }
}

/// The result of a question to the user, with their answer to the letter.
pub fn in_words_of_the_user(mut result: Event, words: &str) -> Event {
    note(&mut result, "said", json!(words));
    result
}

/// Adds a field to what an event has beside its own.
pub(super) fn note(event: &mut Event, name: &str, value: Value) {
    let extra = event.extra.as_ref().and_then(|extra| extra.to().ok());
    let mut extra: serde_json::Map<String, Value> = extra.unwrap_or_default();
    extra.insert(name.to_owned(), value);
    event.extra = raw(&Value::Object(extra));
}

/// What a call did to files, if it did anything: texts whole, so that every byte can be
/// traced; of files that are no text, the digests in the envelope tell. The model is that of
/// the call, so that each line that was written leads to who wrote it.
pub fn edits(call_id: &str, files: &[FilePlan], model: &Model) -> Option<Event> {
    let edits: Vec<Edit> = files.iter().filter_map(edit).collect();
    (!edits.is_empty()).then(|| Event {
        call_id: Some(call_id.to_owned()),
        edits,
        model: Some(model.clone()),
        ..event(EventType::Edit)
    })
}

fn edit(file: &FilePlan) -> Option<Edit> {
    let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).ok();
    let operation = match (&file.before, &file.after) {
        (None, None) => return None,
        (None, Some(_)) => EditOperation::Create,
        (Some(_), None) => EditOperation::Delete,
        (Some(_), Some(_)) => EditOperation::Modify,
    };
    let (before, after) = (
        file.before.as_ref().and_then(text),
        file.after.as_ref().and_then(text),
    );
    Some(Edit {
        scope: (before.is_some() || after.is_some()).then_some(Scope::File),
        before,
        after,
        ..Edit::new(file.path.clone(), operation)
    })
}

/// What the session begins or goes on with: version, models, sandbox, place, policies, as
/// words and as an object.
pub fn setting(words: &str, facts: &Value) -> Event {
    Event {
        text: Some(words.to_owned()),
        extra: raw(&json!({ "setting": facts })),
        ..event(EventType::System)
    }
}

/// What the task was taken apart into.
pub fn planned(planned: &Planned<'_>) -> Event {
    let Planned {
        spec,
        by,
        told,
        answer,
    } = planned;
    let (mut usage, mut model) = (None, None);
    let mut extra = json!({ "plan": spec, "by": by });
    if !told.is_empty() {
        extra["told"] = json!(told);
    }
    if let Some((answer, vouched)) = answer {
        if let (Value::Object(extra), Value::Object(vouched)) = (&mut extra, json!(vouched)) {
            extra.extend(vouched);
        }
        if let Some(answer) = answer {
            usage = (answer.usage != Usage::default()).then_some(answer.usage);
            model.clone_from(&answer.model);
        }
    }
    Event {
        text: Some(format!("{} ({})", spec.goal, spec.intent.word())),
        model: model.map(|id| Model { id, provider: None }),
        usage,
        extra: raw(&extra),
        ..event(EventType::System)
    }
}

/// A plan, and how it came to be.
#[derive(Debug, Clone)]
pub struct Planned<'a> {
    /// The plan.
    pub spec: &'a TaskSpec,
    /// Who made it: `provider/model`, `rules`, or `user`.
    pub by: &'a str,
    /// What of a model's answer was left out or added, or why there was none of use.
    pub told: &'a [String],
    /// If a model was asked: its answer, if one came, and what the traffic holds of it.
    pub answer: Option<(Option<&'a Response>, Vouched)>,
}

/// A piece of the first message that nobody typed, by its name, and why it is there.
pub fn given(piece: &Given) -> Event {
    let why = json!({ "given": piece.name, "why": piece.why });
    Event {
        text: Some(piece.text.clone()),
        injected: true,
        extra: raw(&why),
        ..event(EventType::User)
    }
}

/// What a check came to, before anything was changed or after.
pub fn check(checked: &Checked, when: When) -> Event {
    let Checked {
        command,
        ok,
        output,
    } = checked;
    let word = if *ok { "ends well" } else { "fails" };
    let (tail, when) = match when {
        When::Before => (" before any change", "before"),
        When::After => ("", "after"),
    };
    Event {
        text: Some(format!("`{command}` {word}{tail}")),
        extra: raw(&json!({ "check": command, "ok": ok, "output": output, "when": when })),
        ..event(EventType::System)
    }
}

/// When a check ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Before anything was changed.
    Before,
    /// When the model said that it is done.
    After,
}

/// A request that brought no answer, and what the traffic holds of it.
pub fn failed(words: &str, vouched: &Vouched) -> Event {
    Event {
        text: Some(words.to_owned()),
        extra: Raw::of(vouched).ok(),
        ..event(EventType::Error)
    }
}

/// What was found when a session went on whose last writer was stopped: nobody vouched for
/// it when it was written, and from now on the record does.
pub fn broke_off(unsigned: u64, torn: u64, left: &[(String, String)]) -> Event {
    let counts = [
        ("records without a signature", unsigned),
        ("bytes of a record that was not whole", torn),
        ("exchanges that no event tells of", left.len() as u64),
    ];
    let counts = counts.iter().filter(|(_, count)| *count > 0);
    let found: Vec<String> = counts
        .map(|(what, count)| format!("{what}: {count}"))
        .collect();
    let traffic: BTreeMap<&String, &String> = left.iter().map(|(name, sum)| (name, sum)).collect();
    Event {
        text: Some(format!(
            "the session broke off before; {}",
            found.join("; ")
        )),
        extra: raw(&json!({ "unsigned": unsigned, "torn": torn, "traffic": traffic })),
        ..event(EventType::System)
    }
}

/// How the task ended.
pub fn outcome(outcome: &Outcome) -> Event {
    let kind = match outcome {
        Outcome::Done { .. } => EventType::System,
        _ => EventType::Error,
    };
    let words = match outcome {
        Outcome::Done { checked: true, .. } => "done; the checks ended well".to_owned(),
        Outcome::Done { checked: false, .. } => "done".to_owned(),
        Outcome::Failed(failure) => format!("failed: {failure}"),
        Outcome::Blocked { reason } => format!("blocked: {reason}"),
        Outcome::Interrupted => "interrupted by the user".to_owned(),
    };
    Event {
        text: Some(words),
        extra: Raw::of(outcome).ok(),
        ..event(kind)
    }
}
