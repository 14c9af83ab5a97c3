//! Subagents, of which the interface tells no more than what they were asked, what
//! they answered and what they used. Each becomes a session of its own.

use stead_usf::{Event, EventType, LinkKind, Parent, Session, SessionId, Status, Usage};

use super::Family;
use super::shown::Shown;
use super::usage::Spent;
use crate::Output;
use crate::container::json::{Object, count};

/// A subagent's session.
pub(super) struct Child {
    header: Session,
    events: Vec<Event>,
}

/// The subagents of a record. `sum` is what they used together.
pub(super) fn children(
    family: &Family,
    task: &str,
    shown: &Shown<'_>,
    sum: Option<Spent>,
    call: Option<&str>,
) -> Vec<Child> {
    let Some(mut details) = shown.details() else {
        return Vec::new();
    };
    let items = details.values("items").unwrap_or_default();
    // Only their sum tells of caches: it is the one subagent's, if there is one.
    let sum = sum.filter(|_| items.len() == 1);
    let place = shown.ts.unwrap_or_default();
    let mut children = Vec::new();
    for (number, item) in (1..).zip(items) {
        let Some(item) = Object::of(item) else {
            continue;
        };
        let id = format!("{task}.{place}.{number}");
        let mut header = Session::new(family.agent.clone(), id);
        header.parent = Some(Parent {
            id: SessionId::new(&family.agent, task),
            kind: LinkKind::Subagent,
            call_id: call.map(str::to_owned),
        });
        children.push(child(header, item, shown, sum));
    }
    children
}

fn child(
    mut header: Session,
    mut item: Object<'_>,
    shown: &Shown<'_>,
    sum: Option<Spent>,
) -> Child {
    let event = |number: usize, kind| {
        let mut event = Event::new(format!("u{}.{number}", shown.index), kind);
        event.at = shown.at();
        event.source = Some(shown.source.clone());
        event
    };
    let mut events = Vec::new();
    if let Some(prompt) = item.string("prompt") {
        let mut asked = event(0, EventType::User);
        asked.text = Some(prompt);
        asked.injected = true;
        events.push(asked);
    }
    let status = item.string("status").unwrap_or_default();
    let failure = item.string("error").filter(|error| !error.is_empty());
    let mut answered = event(1, EventType::Assistant);
    answered.text = item.string("result");
    answered.model.clone_from(&shown.model);
    let spent = sum.unwrap_or_else(|| own(&item));
    (answered.usage, answered.cost_usd) = (spent.usage, spent.cost_usd);
    item.ignore(&["index", "inputTokens", "outputTokens", "totalCost"]);
    answered.extra = item.rest();
    answered.message = Some(format!("{}/1", header.native_id));
    events.push(answered);
    if let Some(failure) = failure {
        let mut failed = event(2, EventType::Error);
        failed.text = Some(failure);
        events.push(failed);
    }
    header.status = match status.as_str() {
        "completed" | "failed" => Some(Status::Ended),
        _ => Some(Status::Aborted),
    };
    Child { header, events }
}

fn own(item: &Object<'_>) -> Spent {
    let one = |name| item.peek(name).and_then(count);
    let usage = Usage {
        input: one("inputTokens"),
        output: one("outputTokens"),
        ..Usage::default()
    };
    let cost = item
        .peek("totalCost")
        .and_then(|cost| cost.get().parse().ok());
    Spent {
        usage: (!usage.is_empty()).then_some(usage),
        cost_usd: cost,
    }
}

impl Child {
    /// Puts the session out.
    pub(super) fn put(mut self, output: &mut Output<'_>, parent: &Session) {
        self.header.cwd.clone_from(&parent.cwd);
        self.header.agent_version.clone_from(&parent.agent_version);
        let slot = output.begin(self.header, false);
        for event in self.events {
            output.event(slot, event);
        }
        output.end(slot);
    }
}
