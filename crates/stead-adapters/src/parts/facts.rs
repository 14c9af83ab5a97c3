//! What the store says of a session as a whole.

use stead_usf::{LinkKind, Parent, Session, SessionId, Time};

use super::Family;
use crate::container::json::Object;

/// A session's own record, from whichever generation.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) family: &'static Family,
    pub(super) id: String,
    pub(super) parent: Option<String>,
    /// The call in the parent that started the session.
    pub(super) call: Option<String>,
    /// What it was called in another form, from which it was taken over.
    pub(super) origin: Option<String>,
    /// Nothing was added to it since: it is the same session, and bears its id.
    pub(super) copied: bool,
    title: Option<String>,
    directory: Option<String>,
    version: Option<String>,
    pub(super) created: Option<i64>,
    updated: Option<i64>,
    pub(super) revert: Option<Revert>,
}

/// Where `/undo` cut the conversation. What comes at or after it is deleted
/// when the next prompt is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Revert {
    pub(super) message: String,
    pub(super) part: Option<String>,
}

impl Facts {
    /// A session of which only the id is known.
    pub(super) fn unknown(family: &'static Family, id: &str) -> Self {
        Self {
            family,
            id: id.to_owned(),
            parent: None,
            call: None,
            origin: None,
            copied: false,
            title: None,
            directory: None,
            version: None,
            created: None,
            updated: None,
            revert: None,
        }
    }

    /// From `session/…/SES.json`, whose name gives the id.
    pub(super) fn of_info(family: &'static Family, id: &str, mut info: Object<'_>) -> Self {
        let mut time = info.object("time").unwrap_or_default();
        Self {
            parent: filled(info.string("parentID")),
            title: filled(info.string("title")),
            directory: filled(info.string("directory")),
            version: filled(info.string("version")),
            created: time.i64("created"),
            updated: time.i64("updated"),
            revert: info.object("revert").and_then(Revert::of),
            ..Self::unknown(family, id)
        }
    }

    /// From a row of the table `session`.
    pub(super) fn of_row(family: &'static Family, mut row: Object<'_>) -> Option<Self> {
        let revert = row.string("revert");
        let id = filled(row.string("id"))?;
        let migrated = family.migrated.as_ref();
        let migrated = migrated.filter(|marks| marks.is_session(&id));
        let origin = migrated.and_then(|_| filled(row.string("slug")));
        let copied = origin.is_some() && row.bool("copied").unwrap_or(false);
        let id = origin.clone().filter(|_| copied).unwrap_or(id);
        Some(Self {
            copied,
            origin,
            parent: filled(row.string("parent_id")),
            call: row.string("parent_call"),
            title: filled(row.string("title")),
            directory: filled(row.string("directory")),
            version: filled(row.string("version"))
                .filter(|version| migrated.is_none_or(|marks| version != marks.version)),
            created: row.i64("time_created"),
            updated: row.i64("time_updated"),
            revert: revert.and_then(|json| Revert::of(Object::parse(&json).ok()?)),
            ..Self::unknown(family, &id)
        })
    }

    /// The header with which the session begins.
    pub(super) fn header(&self) -> Session {
        let mut header = Session::new(self.family.agent(), self.id.as_str());
        header.agent_version.clone_from(&self.version);
        header.cwd.clone_from(&self.directory);
        header.title = self.title.clone().filter(|title| !is_default(title));
        header.parent = self.link();
        for time in [self.created, self.updated] {
            let Some(time) = time.and_then(time_of) else {
                continue;
            };
            header.created_at = Some(header.created_at.map_or(time, |first| first.min(time)));
            header.updated_at = Some(header.updated_at.map_or(time, |last| last.max(time)));
        }
        header
    }

    /// A child session is a subagent. The agent itself records no parent of a
    /// fork, but its title says that it is one. What was taken over from another
    /// form goes on here.
    fn link(&self) -> Option<Parent> {
        let agent = self.family.agent();
        if let Some(origin) = self.origin.as_ref().filter(|_| !self.copied) {
            return Some(Parent {
                id: SessionId::new(&agent, origin),
                kind: LinkKind::Resume,
                call_id: None,
            });
        }
        let parent = self.parent.as_deref().filter(|parent| *parent != self.id)?;
        let forked = self.call.is_none() && self.title.as_deref().is_some_and(is_fork);
        Some(Parent {
            id: SessionId::new(&agent, parent),
            kind: if forked {
                LinkKind::Fork
            } else {
                LinkKind::Subagent
            },
            call_id: self.call.clone(),
        })
    }
}

impl Revert {
    fn of(mut revert: Object<'_>) -> Option<Self> {
        Some(Self {
            message: revert.string("messageID")?,
            part: revert.string("partID"),
        })
    }
}

/// The move from files to the database wrote empty texts for what was absent.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// Titles that stand until a real one is made.
fn is_default(title: &str) -> bool {
    ["New session - ", "Child session - "]
        .iter()
        .filter_map(|prefix| title.strip_prefix(prefix))
        .any(|time| Time::parse(time).is_ok())
}

/// `… (fork #2)`
fn is_fork(title: &str) -> bool {
    title
        .rsplit_once(" (fork #")
        .and_then(|(_, number)| number.strip_suffix(')'))
        .is_some_and(|number| number.parse::<u32>().is_ok())
}

/// Milliseconds as a time; 0 stands for none.
pub(super) fn time_of(millis: i64) -> Option<Time> {
    (millis != 0)
        .then(|| Time::from_millis(millis).ok())
        .flatten()
}
