//! What an agent that accounts for its calls kept of one: which request wanted it, which lines
//! of its prompt the model pointed at, who allowed it. Agents that keep nothing have none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stead_usf::{Event, EventType};

/// The account of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The event of the call.
    pub call: String,
    /// The tool, as the model named it.
    pub tool: Option<String>,
    /// The model that wanted it, after the provider that was asked: `provider/model`.
    pub route: Option<String>,
    /// The request's name in the session's traffic.
    pub exchange: Option<String>,
    /// The digests of the request's exchanges (SHA-256 of their lines), by their names.
    pub traffic: BTreeMap<String, String>,
    /// The system prompt that the request had.
    pub prompt: Option<PromptName>,
    /// Lines of the system prompt that the model pointed at.
    pub follows: Vec<String>,
    /// What the policy said, and by which rule.
    pub decision: Option<String>,
}

/// A system prompt, whose lines keep their ids as long as its version is the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptName {
    /// Which one.
    pub name: String,
    /// Its version.
    pub version: u64,
}

/// What an event says of what the session works with.
#[derive(Deserialize)]
struct Set {
    setting: Setting,
}

#[derive(Deserialize)]
struct Setting {
    prompt: PromptName,
}

/// What events say of the answer that they are part of.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    exchange: Option<String>,
    traffic: BTreeMap<String, String>,
    follows: Vec<String>,
}

/// What results say of their call.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    envelope: Envelope,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope {
    decision: Option<String>,
}

/// The call that an event is, or that an edit standing alone came of.
pub(super) fn call_of(events: &[Event], place: usize) -> Option<usize> {
    let event = events.get(place)?;
    if event.kind == EventType::ToolCall {
        return Some(place);
    }
    let id = event.call_id.as_ref()?;
    events[..place]
        .iter()
        .rposition(|known| known.kind == EventType::ToolCall && known.call_id.as_ref() == Some(id))
}

/// The account of the call at this place, if the agent keeps any.
pub(super) fn of(events: &[Event], place: usize) -> Option<Account> {
    let call = events.get(place)?;
    let result = call.result.as_ref();
    let result = result.and_then(|id| events.iter().find(|event| event.id == *id));
    let told: Told = result.and_then(said).unwrap_or_default();
    let answer = events[..place].iter().rev().find_map(answer);
    if told.envelope.decision.is_none() && answer.is_none() {
        return None;
    }
    let answer = answer.unwrap_or_default();
    let route = call.model.as_ref().map(|model| match &model.provider {
        Some(provider) => format!("{provider}/{}", model.id),
        None => model.id.clone(),
    });
    Some(Account {
        call: call.id.clone(),
        tool: call.tool.as_ref().map(|tool| tool.name.clone()),
        route,
        exchange: answer.exchange,
        traffic: answer.traffic,
        prompt: events[..place].iter().rev().find_map(prompt),
        follows: answer.follows,
        decision: told.envelope.decision,
    })
}

/// What an event of an answer says of its request.
fn answer(event: &Event) -> Option<Answer> {
    let speaks = matches!(event.kind, EventType::Assistant | EventType::Reasoning);
    let told: Answer = speaks.then(|| said(event)).flatten()?;
    told.exchange.is_some().then_some(told)
}

/// The system prompt, where a session says what it works with.
fn prompt(event: &Event) -> Option<PromptName> {
    let told: Option<Set> = (event.kind == EventType::System).then(|| said(event))?;
    told.map(|told| told.setting.prompt)
}

fn said<T: for<'de> Deserialize<'de>>(event: &Event) -> Option<T> {
    event.extra.as_ref()?.to().ok()
}

#[cfg(test)]
mod tests {
    use stead_usf::{Event, EventType, Model, Raw, Tool, ToolKind};

    use super::{call_of, of};

    fn session() -> Vec<Event> {
        let extra = |json: &str| Some(Raw::parse(json).unwrap());
        let mut setting = Event::new("e0", EventType::System);
        setting.extra = extra(r#"{"setting":{"prompt":{"name":"generator","version":3}}}"#);
        let mut answer = Event::new("e1", EventType::Assistant);
        answer.extra = extra(r#"{"exchange":"r3","traffic":{"r3.1":"00ff"},"follows":["S4"]}"#);
        let mut call = Event::new("e2", EventType::ToolCall);
        (call.call_id, call.result) = (Some("c1".to_owned()), Some("e2r".to_owned()));
        call.tool = Some(Tool::new("write", ToolKind::Write));
        call.model = Some(Model {
            id: "tiny".to_owned(),
            provider: Some("local".to_owned()),
        });
        let mut result = Event::new("e2r", EventType::ToolResult);
        result.call_id = Some("c1".to_owned());
        result.extra = extra(r#"{"envelope":{"decision":"allow: rule 2","arguments":"00"}}"#);
        let mut edit = Event::new("e4", EventType::Edit);
        edit.call_id = Some("c1".to_owned());
        vec![setting, answer, call, result, edit]
    }

    #[test]
    fn an_edit_leads_to_its_call_and_the_call_to_its_request() {
        let events = session();
        let place = call_of(&events, 4).unwrap();
        assert_eq!(place, 2);
        let account = of(&events, place).unwrap();
        assert_eq!(account.exchange.as_deref(), Some("r3"));
        assert_eq!(account.traffic["r3.1"], "00ff");
        assert_eq!(account.follows, ["S4"]);
        assert_eq!(account.prompt.as_ref().unwrap().version, 3);
        assert_eq!(account.decision.as_deref(), Some("allow: rule 2"));
        assert_eq!(account.route.as_deref(), Some("local/tiny"));
        assert_eq!(account.tool.as_deref(), Some("write"));
    }

    #[test]
    fn agents_that_keep_no_account_have_none() {
        let mut events = session();
        for event in &mut events {
            event.extra = None;
        }
        assert_eq!(of(&events, 2), None);
        assert_eq!(call_of(&events, 3), Some(2));
        assert_eq!(call_of(&events, 0), None);
    }
}
