//! What the store says of a session as a whole.

use stead_usf::{LinkKind, Parent, Raw, Session, SessionId, Source};

use super::ID;
use super::message::time_of;
use crate::container::json::Object;

/// Columns that are known and have no place in USF: what follows from the
/// messages, and the list that the last `todos` call wrote.
const KNOWN: &[&str] = &["table", "message_count", "todos"];

/// The size of the last request; 0 where there was none.
const LAST_REQUEST: [&str; 2] = ["prompt_tokens", "completion_tokens"];

/// Titles that stand until a real one is made.
const UNTITLED: &[&str] = &["Untitled Session", "New Session", "Generate a title"];

/// Between the message and the call that started a subagent, in its id.
const CALL: &str = "$$";

/// What stands before the parent's id where a title was made.
const TITLE: &str = "title-";

/// A session's own row.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) id: String,
    parent: Option<String>,
    title: Option<String>,
    cwd: Option<String>,
    created: Option<i64>,
    updated: Option<i64>,
    /// The message from which on the model sees the conversation.
    pub(super) summary: Option<String>,
    /// What it cost, that of its subagents included.
    pub(super) cost: Option<f64>,
    pub(super) rest: Option<Raw>,
    pub(super) source: Source,
}

impl Facts {
    /// A session of which only the id is known.
    pub(super) fn unknown(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            ..Self::default()
        }
    }

    /// From a row of the table `sessions`.
    pub(super) fn of(mut row: Object<'_>, source: Source) -> Option<Self> {
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let title = filled(row.string("title"));
        let facts = Self {
            id: filled(row.string("id"))?,
            parent: filled(row.string("parent_session_id")),
            title: title.filter(|title| !UNTITLED.contains(&title.as_str())),
            cwd: filled(row.string("project")),
            created: row.i64("created_at"),
            updated: row.i64("updated_at"),
            summary: filled(row.string("summary_message_id")),
            cost: row.f64("cost").filter(|cost| *cost > 0.0),
            rest: None,
            source,
        };
        row.ignore(KNOWN);
        for size in LAST_REQUEST {
            if row.peek(size).is_some_and(|tokens| tokens.get() == "0") {
                row.ignore(&[size]);
            }
        }
        Some(Self {
            rest: row.rest(),
            ..facts
        })
    }

    /// The header with which the session begins.
    pub(super) fn header(&self) -> Session {
        let mut header = Session::new(ID, self.id.as_str());
        header.title.clone_from(&self.title);
        header.cwd.clone_from(&self.cwd);
        header.parent = self.link();
        let times = [self.created, self.updated].map(|time| time.and_then(time_of));
        header.created_at = times.iter().flatten().min().copied();
        header.updated_at = times.iter().flatten().max().copied();
        header
    }

    /// Nobody types in it: its prompts are another agent's.
    pub(super) fn is_subagent(&self) -> bool {
        self.parent.is_some()
    }

    /// A subagent's id names its call; in early versions it is the call's.
    fn link(&self) -> Option<Parent> {
        let parent = self.parent.as_deref().filter(|parent| *parent != self.id)?;
        let call = self
            .id
            .split_once(CALL)
            .map_or(self.id.as_str(), |(_, call)| call);
        Some(Parent {
            id: SessionId::new(&ID, parent),
            kind: LinkKind::Subagent,
            call_id: Some(call.to_owned()),
        })
    }
}

/// Whether a session is one in which nothing but a title was made.
pub(super) fn is_title(id: &str, parent: Option<&str>) -> bool {
    parent.is_some_and(|parent| id.strip_prefix(TITLE) == Some(parent))
}
