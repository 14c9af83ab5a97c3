//! What is known about a conversation beside its events: the state that the agent
//! saves, and what the server notes. The API gives both as one.

use stead_usf::{LinkKind, Parent, Session, SessionId, Time};

use super::super::ID;
use super::super::content::time_of;
use super::requests::Requests;
use crate::container::json::Object;

/// Facts of `base_state.json`, of `meta.json`, or of the API's answer.
#[derive(Default)]
pub(super) struct Facts {
    cwd: Option<String>,
    title: Option<String>,
    tagged_title: Option<String>,
    /// The conversation that this one is a copy of.
    pub(super) copied_from: Option<String>,
    /// The last event that was copied, if not all were.
    pub(super) copied_until: Option<String>,
    started_by: Option<String>,
    /// When the server made it.
    pub(super) created: Option<Time>,
    pub(super) status: Option<String>,
    /// The event that the next one follows, in versions with branches.
    pub(super) leaf: Option<String>,
    /// The user went back before the first event.
    pub(super) is_rewound: bool,
    pub(super) requests: Requests,
}

impl Facts {
    /// Takes in one document.
    pub(super) fn absorb(&mut self, mut state: Object<'_>) {
        if let Some(mut workspace) = state.object("workspace") {
            self.cwd = workspace.string("working_dir").or_else(|| self.cwd.take());
        }
        if let Some(mut tags) = state.object("tags") {
            self.tagged_title = tags.string("title").or_else(|| self.tagged_title.take());
        }
        if let Some(stats) = state.object("stats") {
            self.requests = Requests::of(stats);
        }
        self.is_rewound |= state.bool("head_is_empty") == Some(true);
        self.created = state
            .text("created_at")
            .and_then(|text| time_of(&text))
            .or(self.created);
        let mut take = |name, field: &mut Option<String>| {
            let value = state.string(name).filter(|value| !value.is_empty());
            *field = value.or_else(|| field.take());
        };
        take("title", &mut self.title);
        take("execution_status", &mut self.status);
        // So it was called up to 1.6.
        take("agent_status", &mut self.status);
        take("leaf_event_id", &mut self.leaf);
        take("forked_from_conversation_id", &mut self.copied_from);
        take("forked_from_event_id", &mut self.copied_until);
        take("parent_conversation_id", &mut self.started_by);
    }

    /// Writes them into a header. A subagent's parent is known already.
    pub(super) fn tell(&self, header: &mut Session) {
        header.cwd.clone_from(&self.cwd);
        header.title = self.title.clone().or_else(|| self.tagged_title.clone());
        if header.parent.is_some() {
            return;
        }
        let link = |id: &String, kind| Parent {
            id: SessionId::new(&ID, &native_id(id)),
            kind,
            call_id: None,
        };
        let fork = self.copied_from.as_ref();
        let fork = fork.map(|id| link(id, LinkKind::Fork));
        let child = self.started_by.as_ref();
        header.parent = fork.or_else(|| child.map(|id| link(id, LinkKind::Subagent)));
    }
}

/// A conversation's id in one form: files and folders are named without the
/// dashes that the API's answers have.
pub(in super::super) fn native_id(id: &str) -> String {
    let bare: String = id.chars().filter(|c| *c != '-').collect();
    if is_bare_id(&bare) {
        bare.to_ascii_lowercase()
    } else {
        id.to_owned()
    }
}

fn is_bare_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a name is a conversation's id, in either form.
pub(in super::super) fn is_id(name: &str) -> bool {
    is_bare_id(&native_id(name))
}
