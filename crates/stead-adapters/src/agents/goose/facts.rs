//! What the store says of a session as a whole.

use stead_usf::{LinkKind, Model, Parent, Raw, Session, SessionId, Source, Time};

use super::ID;
use super::usage::Counts;
use crate::container::json::{Object, count};

/// Fields that are known and have no place in USF, or stand elsewhere: the size
/// of the conversation, settings, and counts that follow from the messages.
const KNOWN: &[&str] = &[
    "table",
    "user_set_name",
    "extension_data",
    "total_tokens",
    "accumulated_total_tokens",
    "goose_mode",
    "archived_at",
    "project_id",
    "thread_id",
    "parent_delegation",
    "message_count",
];

/// Names that stand until a real one is made.
const UNNAMED: &[&str] = &["CLI Session", "New Chat", "New session", "ACP Session"];

/// A session's own record, from whichever generation.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) id: String,
    title: Option<String>,
    cwd: Option<String>,
    /// `user`, `sub_agent`, `scheduled`, …
    kind: Option<String>,
    /// The session that started this one, and the call that did.
    parent: Option<String>,
    call: Option<String>,
    /// The session that this one is a copy of.
    fork: Option<String>,
    created: Option<Stored>,
    updated: Option<Stored>,
    pub(super) model: Option<Model>,
    /// Sums over all requests, or what is known of the last one.
    pub(super) totals: Counts,
    pub(super) cost: Option<f64>,
    /// What a recipe says in the user's place.
    pub(super) recipe: Option<String>,
    pub(super) rest: Option<Raw>,
    pub(super) source: Source,
}

/// A time of the session's row.
#[derive(Debug, Clone, Copy)]
struct Stored {
    at: Time,
    /// It was written when the session was taken over from a file.
    imported: bool,
}

impl Facts {
    /// A session of which only the id is known.
    pub(super) fn unknown(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            ..Self::default()
        }
    }

    /// From a row of the table `sessions`, or from the first line of a file, whose
    /// name gives the id.
    pub(super) fn of(id: Option<&str>, mut record: Object<'_>, source: Source) -> Option<Self> {
        let id = match id {
            Some(id) => id.to_owned(),
            None => filled(record.string("id"))?,
        };
        let (name, description) = (record.string("name"), record.string("description"));
        let title = filled(name).or(filled(description));
        let config = record
            .object("model_config_json")
            .or(record.object("model_config"));
        let provider = filled(record.string("provider_name"));
        let model = config.and_then(|mut config| filled(config.string("model_name")));
        let recipe = record.peek("recipe_json").and_then(Object::of);
        let facts = Self {
            id,
            title: title.filter(|title| !UNNAMED.contains(&title.as_str())),
            cwd: filled(record.string("working_dir")),
            kind: filled(record.string("session_type")),
            parent: filled(record.string("parent_session_id")).or(record.string("parent_session")),
            call: record.string("parent_call"),
            fork: record.string("fork_of"),
            created: record
                .string("created_at")
                .and_then(|time| Stored::of(&time)),
            updated: record
                .string("updated_at")
                .and_then(|time| Stored::of(&time)),
            model: model.map(|id| Model { id, provider }),
            totals: totals(&mut record),
            cost: record.f64("accumulated_cost"),
            recipe: recipe.and_then(|mut recipe| filled(recipe.string("prompt"))),
            rest: None,
            source,
        };
        record.ignore(KNOWN);
        record.ignore(&["parent_session"]);
        record.ignore_null();
        Some(Self {
            rest: record.rest(),
            ..facts
        })
    }

    /// The header with which the session begins.
    pub(super) fn header(&self) -> Session {
        let mut header = Session::new(ID, self.id.as_str());
        header.title.clone_from(&self.title);
        header.cwd.clone_from(&self.cwd);
        header.parent = self.link();
        let own = |stored: &Option<Stored>| stored.filter(|stored| !stored.imported);
        header.created_at = own(&self.created).map(|stored| stored.at);
        header.updated_at = own(&self.updated).map(|stored| stored.at);
        tidy(&mut header);
        header
    }

    /// Fills in what no message told.
    pub(super) fn complete(&self, header: &mut Session) {
        if header.created_at.is_none() {
            header.created_at = self.created.map(|stored| stored.at);
            header.updated_at = self.updated.map(|stored| stored.at);
            tidy(header);
        }
        if header.models.is_empty() {
            header.models.extend(self.model.clone());
        }
    }

    /// Nobody types in it: its prompts are another agent's.
    pub(super) fn is_subagent(&self) -> bool {
        self.kind.as_deref() == Some("sub_agent") || self.call.is_some()
    }

    /// Its first prompt is that of a schedule.
    pub(super) fn is_scheduled(&self) -> bool {
        self.kind.as_deref() == Some("scheduled")
    }

    fn link(&self) -> Option<Parent> {
        let (id, kind) = match (&self.parent, &self.fork) {
            (Some(parent), _) => (parent, LinkKind::Subagent),
            (None, Some(original)) => (original, LinkKind::Fork),
            (None, None) => return None,
        };
        (*id != self.id).then(|| Parent {
            id: SessionId::new(&ID, id),
            kind,
            call_id: self.call.clone(),
        })
    }
}

/// Sums, or where there are none, what the last request took.
fn totals(record: &mut Object<'_>) -> Counts {
    let mut of = |prefix: &str| {
        let mut one = |name: &str| {
            let name = format!("{prefix}{name}");
            let found = record.peek(&name).and_then(count);
            record.ignore(&[&name]);
            found
        };
        Counts {
            input: one("input_tokens"),
            output: one("output_tokens"),
            cache_read: one("cache_read_tokens"),
            cache_write: one("cache_write_tokens"),
        }
    };
    let (sums, last) = (of("accumulated_"), of(""));
    if sums.is_empty() { last } else { sums }
}

/// The earlier time first, whichever clock wrote them.
fn tidy(header: &mut Session) {
    if let (Some(created), Some(updated)) = (header.created_at, header.updated_at) {
        header.created_at = Some(created.min(updated));
        header.updated_at = Some(created.max(updated));
    }
}

impl Stored {
    /// SQLite's own form is in UTC; with a `T` it is one of the import.
    fn of(text: &str) -> Option<Self> {
        if let Ok(at) = Time::parse(text) {
            return Some(Self {
                at,
                imported: text.contains('T'),
            });
        }
        let at = Time::parse(&format!("{}Z", text.trim().replacen(' ', "T", 1))).ok()?;
        Some(Self {
            at,
            imported: false,
        })
    }
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
