//! A message while its parts are being read.

use stead_usf::{Event, Inactive, Model, Raw, Source, Usage};

use super::map::Record;
use super::usage::{is_placeholder, usage};
use crate::container::json::Object;
use crate::extra;

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    User,
    Assistant,
    /// The message itself is missing or damaged; only its parts are there.
    Lost,
}

/// A message and those of its events that are not put out yet: a user's wait
/// for attachments, a model's for the tokens of the request.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts about a message, not a state machine"
)]
pub(super) struct Reply {
    pub(super) id: String,
    pub(super) role: Role,
    pub(super) created: Option<i64>,
    pub(super) completed: Option<i64>,
    pub(super) model: Option<Model>,
    /// Id of the message that it answers.
    pub(super) answers: Option<String>,
    /// The event that it answers.
    pub(super) parent: Option<String>,
    pub(super) cwd: Option<String>,
    pub(super) summary: bool,
    pub(super) finish: Option<String>,
    pub(super) error: Option<Raw>,
    pub(super) tokens: Option<Usage>,
    pub(super) cost: Option<f64>,
    pub(super) rest: Option<Raw>,
    /// Whether `rest` says more than which agent and variant spoke.
    pub(super) odd: bool,
    pub(super) source: Source,
    pub(super) place: usize,
    pub(super) inactive: Option<Inactive>,
    pub(super) inherited: bool,
    /// It was taken over from another form.
    pub(super) migrated: bool,
    /// Answers of tools stand in it as texts.
    pub(super) answers_as_text: bool,
    /// Requests whose end has been seen in it. Until 0.14 or so a message held
    /// all requests up to the next prompt.
    pub(super) steps: u32,
    pub(super) pending: Vec<Event>,
    pub(super) files: Vec<Raw>,
    /// Paths that its calls change.
    pub(super) changes: Vec<String>,
    /// Files that changed meanwhile, whoever changed them.
    pub(super) patches: Vec<Event>,
    pub(super) spoken: bool,
    /// Whether its requests count. They do not where the message is damaged or
    /// missing without a trace: what they used stood there.
    pub(super) counted: bool,
    /// The user refused a tool, which ends the turn.
    pub(super) refused: bool,
}

/// Fields of a message that are known and have no place in USF: the system
/// prompt (the agent makes it anew each time), the tools that were allowed, and
/// the model that was chosen (the reply names the one that answered).
const DROPPED: &[&str] = &["id", "sessionID", "system", "tools", "model"];
/// What a message may say beside without needing an event of its own.
const PLAIN: &[&str] = &["agent", "mode", "variant", "finish"];

impl Reply {
    /// From a message's record.
    pub(super) fn of(record: Record<'_>) -> Self {
        let Record {
            id,
            mut data,
            row,
            source,
            ..
        } = record;
        let mut reply = Self::lost(id, source);
        data.ignore(DROPPED);
        reply.role = match data.text("role").as_deref() {
            Some("user") => Role::User,
            Some("assistant") => Role::Assistant,
            _ => Role::Lost,
        };
        let mut time = data.object("time").unwrap_or_default();
        reply.created = time.i64("created");
        reply.completed = time.i64("completed");
        if reply.role == Role::Assistant {
            reply.take_answer(&mut data);
        } else if reply.role == Role::User {
            // The changes of the turn, which its calls tell better.
            data.ignore(&["summary"]);
        }
        if data.peek("agent").is_some() {
            data.ignore(&["mode"]);
        }
        reply.odd = row.is_some() || data.names().any(|name| !PLAIN.contains(&name));
        reply.rest = extra::with(data.rest(), &[("row", row.as_ref().map(Raw::json))]);
        reply
    }

    /// A message of which only a part was found.
    pub(super) fn lost(id: &str, source: Source) -> Self {
        Self {
            id: id.to_owned(),
            role: Role::Lost,
            created: None,
            completed: None,
            model: None,
            answers: None,
            parent: None,
            cwd: None,
            summary: false,
            finish: None,
            error: None,
            tokens: None,
            cost: None,
            rest: None,
            odd: false,
            source,
            place: 0,
            inactive: None,
            inherited: false,
            migrated: false,
            answers_as_text: false,
            steps: 0,
            pending: Vec::new(),
            files: Vec::new(),
            changes: Vec::new(),
            patches: Vec::new(),
            spoken: false,
            counted: true,
            refused: false,
        }
    }

    fn take_answer(&mut self, data: &mut Object<'_>) {
        self.answers = data.string("parentID").filter(|id| !id.is_empty());
        let (model, provider) = (data.string("modelID"), data.string("providerID"));
        self.model = model.map(|id| Model { id, provider });
        let path = data.object("path");
        self.cwd = path.and_then(|mut path| path.string("cwd"));
        self.summary = data.bool("summary").unwrap_or(false);
        self.finish = data
            .peek("finish")
            .and_then(crate::container::json::string)
            .map(std::borrow::Cow::into_owned);
        if matches!(self.finish.as_deref(), Some("stop" | "tool-calls")) {
            data.ignore(&["finish"]);
        }
        self.error = data.raw("error");
        self.tokens = data.object("tokens").and_then(usage);
        self.cost = data.f64("cost");
    }

    /// The message's own counts: of its one request where `finish` says that it
    /// came to an end, else of the last of its requests, if any.
    pub(super) fn own_usage(&self) -> Option<Usage> {
        self.tokens
            .filter(|tokens| self.finish.is_some() || !is_placeholder(tokens))
    }

    /// What is left of the message's record, named as such.
    pub(super) fn rest_as_extra(&self) -> Option<Raw> {
        extra::with(None, &[("message", self.rest.as_ref().map(Raw::json))])
    }

    /// The name that the events of the present request share.
    pub(super) fn name(&self) -> String {
        match self.steps {
            0 => self.id.clone(),
            step => format!("{}#{}", self.id, step + 1),
        }
    }

    /// Whether the turn is over with it, as far as it tells.
    pub(super) fn is_end(&self) -> bool {
        self.role != Role::User
            && (self.error.is_some()
                || self.refused
                || match self.finish.as_deref() {
                    Some(finish) => !matches!(finish, "tool-calls" | "unknown"),
                    None => self.completed.is_some(),
                })
    }
}
