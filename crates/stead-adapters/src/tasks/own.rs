//! Records of the interface that speak of nothing else in the store: what a person
//! typed, what went wrong, what the agent noted, and replies that were taken out of
//! what is sent.

use stead_usf::{Edit, EditOperation, Event, EventType};

use super::role::Role;
use super::same::said;
use super::shown::Shown;
use super::turn::{Place, Turn};
use super::usage::{Cached, Spent};
use super::weave::Weave;
use super::{seen, subagent};
use crate::container::json::Object;
use crate::diff::hunks;
use crate::{Fate, Output};

impl Turn {
    /// Makes a record an event.
    pub(super) fn own(
        &mut self,
        weave: &mut Weave<'_>,
        output: &mut Output<'_>,
        role: Role,
        shown: Shown<'_>,
    ) -> Fate {
        let mut event = match role {
            Role::Typed => {
                let mut event = plain(&shown, EventType::User);
                event.injected = std::mem::take(&mut weave.handed_over);
                event
            }
            Role::TypedDiff => Self::typed_diff(&shown),
            Role::Words => self.spoken(&shown, EventType::Assistant),
            Role::CallWords => {
                let mut event = self.spoken(&shown, EventType::Assistant);
                event.text = Some(said(&shown));
                event
            }
            Role::Reasoning => self.spoken(&shown, EventType::Reasoning),
            Role::Call | Role::Subagents => self.call(weave, role, &shown),
            Role::Output => self.output(&shown),
            Role::SubagentUsage | Role::TakenBack | Role::RequestEnd => {
                let mut event = plain(&shown, EventType::System);
                let protocol = weave.protocol.as_deref();
                let cached = Cached::of(protocol, self.model.as_ref(), shown.ts);
                let details = shown.details();
                let spent = details.map(|mut details| Spent::shown(&mut details, cached));
                let spent = spent.unwrap_or_default();
                if role == Role::RequestEnd {
                    self.spent = self.spent.or(spent);
                    return Fate::Mapped;
                }
                (event.usage, event.cost_usd) = (spent.usage, spent.cost_usd);
                event
            }
            Role::Error => plain(&shown, EventType::Error),
            Role::Note | Role::Waits | Role::Request => {
                let mut event = plain(&shown, EventType::System);
                event.cost_usd = condensing(&shown);
                event
            }
            Role::Unknown => {
                let mut event = plain(&shown, EventType::Unknown);
                weave.unknown(output, &shown, &mut event);
                self.places.push(Place::Own(event.into()));
                return Fate::Reported;
            }
        };
        event.attachments = shown.attachments;
        event.extra = shown.rest.rest();
        self.places.push(Place::Own(event.into()));
        Fate::Mapped
    }

    /// An event of the model's reply.
    pub(super) fn spoken(&self, shown: &Shown<'_>, kind: EventType) -> Event {
        let mut event = plain(shown, kind);
        event.message = Some(self.name.clone());
        event.model.clone_from(&self.model);
        event
    }

    /// Reasoning that a record has beside its text.
    pub(super) fn reasoning(&mut self, shown: &Shown<'_>) {
        let Some(text) = &shown.reasoning else { return };
        if self.saying(EventType::Reasoning, text).is_some() {
            return;
        }
        let mut event = self.spoken(shown, EventType::Reasoning);
        event.id.push_str(".reasoning");
        event.text = Some(text.clone());
        self.places.push(Place::Own(event.into()));
    }

    fn typed_diff(shown: &Shown<'_>) -> Event {
        let mut event = plain(shown, EventType::Edit);
        let details = shown.details();
        let Some(mut details) = details else {
            return event;
        };
        if let Some(path) = details.string("path").filter(|path| !path.is_empty()) {
            let diff = details.string("diff").unwrap_or_default();
            let hunks = hunks(&diff);
            event.text = None;
            event.edits = vec![Edit {
                hunks,
                ..Edit::new(path, EditOperation::Modify)
            }];
        }
        event
    }

    fn call(&mut self, weave: &mut Weave<'_>, role: Role, shown: &Shown<'_>) -> Event {
        let mut event = self.spoken(shown, EventType::ToolCall);
        event.text = None;
        seen::make_call(&mut event, shown);
        if role == Role::Subagents {
            let children = subagent::children(weave.family, &weave.task, shown, self.sum, None);
            weave.children.extend(children);
        }
        self.lone = Some(self.places.len());
        event
    }

    /// What a tool answered, of whose call only the interface tells.
    fn output(&mut self, shown: &Shown<'_>) -> Event {
        let mut event = plain(shown, EventType::ToolResult);
        event.output = event.text.take();
        if let Some(Place::Own(call)) = self
            .lone
            .take()
            .and_then(|place| self.places.get_mut(place))
        {
            call.result = Some(event.id.clone());
        }
        event
    }
}

/// What it cost to make a summary. Its tokens are not recorded.
fn condensing(shown: &Shown<'_>) -> Option<f64> {
    let done = shown.rest.peek("contextCondense")?;
    Object::of(done)?.f64("cost")
}

/// An event with the record's text.
pub(super) fn plain(shown: &Shown<'_>, kind: EventType) -> Event {
    let mut event = Event::new(format!("u{}", shown.index), kind);
    event.at = shown.at();
    event.source = Some(shown.source.clone());
    if kind != EventType::System || !shown.is_request() {
        event.text = shown.text.clone().filter(|text| !text.trim().is_empty());
    }
    event
}
