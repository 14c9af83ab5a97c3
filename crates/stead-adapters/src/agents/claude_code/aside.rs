//! Records that stand outside the talk: titles, cost, notes, and those that
//! are unknown or left out.

use stead_usf::{Event, EventType, Issue, Severity, Source, Time};

use super::put::Placed;
use super::read::{Reader, Title, slot};
use super::record::{Head, Mapped, Turn, blank, time};
use super::tree::{Node, Role};
use crate::container::json::{Object, string};
use crate::{Fate, Output};

impl Reader<'_> {
    /// A record that is left out, though others may follow it.
    pub(super) fn pass(&mut self, object: &Object<'_>) {
        let Some(uuid) = object.peek("uuid").and_then(string) else {
            return;
        };
        if self.tree.find(&uuid).is_some() {
            return;
        }
        let parent = object.peek("parentUuid").and_then(string);
        let above = parent.as_deref().and_then(|parent| self.tree.find(parent));
        self.forgotten |= parent.is_some() && above.is_none() && self.tree.forgot();
        self.tree.add(Node {
            id: (*uuid).into(),
            parent: above,
            events: 0,
            talk: above.map_or(0, |place| self.tree.node(place).talk),
            role: Role::Other,
            inactive: None,
            digest: 0,
        });
    }

    /// A title. It may be that of another session, which alone has the leaf.
    pub(super) fn summary(&mut self, output: &mut Output<'_>, mut object: Object<'_>) -> Fate {
        let leaf = object.text("leafUuid");
        let place = leaf.as_deref().and_then(|leaf| self.tree.find(leaf));
        match place {
            Some(place) if self.tree.node(place).talk == 0 => {
                self.titled(output, object, "summary", Title::Made)
            }
            _ => {
                self.forgotten |= self.tree.forgot();
                Fate::Ignored("other-title")
            }
        }
    }

    pub(super) fn titled(
        &mut self,
        output: &mut Output<'_>,
        mut object: Object<'_>,
        field: &str,
        kind: Title,
    ) -> Fate {
        let talk = self.main(output);
        if let Some(title) = object.string(field) {
            self.title(output, talk, title, kind);
        }
        Fate::Mapped
    }

    /// The cost so far. A fork's goes on from its parent's, so it is not the
    /// fork's own.
    pub(super) fn cost(&mut self, output: &mut Output<'_>, mut object: Object<'_>) -> Fate {
        if self.talks.is_empty() || self.lineage.parent.is_some() || self.place.agent {
            return Fate::Ignored("state");
        }
        if let Some(cost) = object.f64("totalCostUSD") {
            output.header(slot(0)).cost_usd = Some(cost);
        }
        Fate::Mapped
    }

    /// A note of the agent that stands outside the talk.
    pub(super) fn note(
        &mut self,
        output: &mut Output<'_>,
        mut object: Object<'_>,
        source: Source,
        text: &str,
    ) -> Fate {
        let mut event = blank(EventType::System);
        event.text = object.string(text);
        let at = time(&mut object);
        self.alone(output, event, at, object, source)
    }

    /// A record of a type that is not known.
    pub(super) fn unknown(
        &mut self,
        output: &mut Output<'_>,
        kind: &str,
        object: Object<'_>,
        source: Source,
    ) -> Fate {
        let talk = self.main(output);
        let message = match kind {
            "" => "a record has no type".to_owned(),
            kind => format!("records of type `{kind}` are not known"),
        };
        let issues = &output.header(slot(talk)).issues;
        let known = |issue: &Issue| issue.code == "unknown-record" && issue.message == message;
        if !issues.iter().any(known) {
            let issue = Issue::new(Severity::Warning, "unknown-record", message);
            output.issue(slot(talk), issue.at(source.clone()));
        }
        let at = object.peek("timestamp").and_then(string);
        let at = at.and_then(|at| Time::parse(&at).ok());
        self.alone(output, blank(EventType::Unknown), at, object, source);
        Fate::Reported
    }

    /// An event of the session itself that is the whole record.
    fn alone(
        &mut self,
        output: &mut Output<'_>,
        event: Event,
        at: Option<Time>,
        object: Object<'_>,
        source: Source,
    ) -> Fate {
        let talk = self.main(output);
        let head = Head {
            uuid: object.peek("uuid").and_then(string),
            parent: object.peek("parentUuid").and_then(string),
            at,
            ..Head::default()
        };
        let mut mapped = Mapped::one(Role::Other, Turn::Same, event);
        mapped.events[0].extra = object.rest();
        let record = Placed {
            head,
            talk,
            copied: false,
            content: 0,
            source,
            may_branch: false,
            logical: None,
        };
        self.put(output, &record, mapped)
    }
}
