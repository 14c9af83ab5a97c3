//! Response items: what goes to the model and comes from it.

use std::borrow::Cow;

use stead_usf::{Event, EventType, Git, LinkKind, Parent, Raw, SessionId, Time};

use super::map::{Mapper, touch};
use super::prompt;
use super::record::{HIDDEN, Record, STATE, time};
use super::state::Doubt;
use super::tools;
use crate::container::json::{Object, Values};
use crate::{Amendment, Fate, Output};

/// The item types.
pub(super) fn is_known(kind: &str) -> bool {
    matches!(
        kind,
        "message"
            | "reasoning"
            | "function_call"
            | "function_call_output"
            | "custom_tool_call"
            | "custom_tool_call_output"
            | "local_shell_call"
            | "local_shell_call_output"
            | "web_search_call"
            | "image_generation_call"
            | "tool_search_call"
            | "tool_search_output"
            | "agent_message"
            | "additional_tools"
            | "ghost_snapshot"
            | "compaction"
            | "compaction_summary"
            | "context_compaction"
    )
}

/// Fields of items with no place in USF: how the item travelled, and bytes that
/// only the provider can read.
const ITEM: &[&str] = &[
    "type",
    "role",
    "internal_chat_message_metadata_passthrough",
    "encrypted_content",
];

impl Mapper {
    /// Maps an item of a known type.
    pub(super) fn item(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        mut fields: Object<'_>,
        kind: &str,
    ) -> Fate {
        match kind {
            "message" => self.message(output, record, fields),
            "reasoning" => self.reasoning(output, record, fields),
            "agent_message" => self.agent_message(output, record, fields),
            "function_call_output"
            | "custom_tool_call_output"
            | "local_shell_call_output"
            | "tool_search_output" => self.result(output, record, fields),
            "additional_tools" => Fate::Ignored(STATE),
            "compaction" | "compaction_summary" | "context_compaction" => Fate::Ignored(HIDDEN),
            "ghost_snapshot" => {
                fields.ignore(ITEM);
                let event = Event::new("", EventType::System);
                self.put(output, record, event, fields.rest());
                Fate::Mapped
            }
            _ => {
                self.doubt_prompt(output);
                let call_id = fields.string("call_id").or_else(|| {
                    fields
                        .peek("id")
                        .and_then(crate::container::json::string)
                        .map(Cow::into_owned)
                });
                let call = tools::call(kind, &mut fields);
                fields.ignore(ITEM);
                if fields
                    .peek("status")
                    .is_some_and(|status| status.get() == "\"completed\"")
                {
                    fields.ignore(&["status"]);
                }
                self.call(output, record, call_id, call, fields.rest());
                Fate::Mapped
            }
        }
    }

    fn message(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        mut fields: Object<'_>,
    ) -> Fate {
        let role = fields.text("role").unwrap_or(Cow::Borrowed(""));
        let content = Content::of(&mut fields);
        match role.as_ref() {
            "user" => {
                self.user(output, record, fields, content);
                return Fate::Mapped;
            }
            "assistant" => self.doubt_prompt(output),
            _ => {}
        }
        let mut event = match role.as_ref() {
            "assistant" => Event::new("", EventType::Assistant),
            _ => Event::new("", EventType::System),
        };
        event.injected = event.kind == EventType::System;
        event.text = content.text(|_| true);
        event.attachments = content.attachments();
        fields.ignore(ITEM);
        fields.ignore(&["status"]);
        self.put(output, record, event, fields.rest());
        Fate::Mapped
    }

    fn user(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        mut fields: Object<'_>,
        content: Content<'_>,
    ) {
        let kinds = kinds(&mut fields);
        fields.ignore(ITEM);
        self.next_request(output);
        let known = kinds.len() == content.parts.len();
        let typed_part = |place: usize| !known || kinds[place].starts_with("user.");
        let text = content.text(typed_part);
        let full = text.as_deref().unwrap_or("");
        if output.header(self.slot).cwd.is_none()
            && let Some(folder) = prompt::folder(full)
        {
            output.header(self.slot).cwd = Some(folder.to_owned());
        }
        let has_typed = (0..content.parts.len()).any(typed_part) || content.parts.is_empty();
        let typed = (self.state.subagent.is_none() || record.inherited)
            && has_typed
            && (known || !prompt::is_injected(full));
        let mut event = Event::new("", EventType::User);
        event.injected = !typed;
        event.attachments = content.attachments();
        if !typed {
            event.text = content.text(|_| true);
            self.put(output, record, event, fields.rest());
            return;
        }
        let ide = prompt::split_ide(full);
        event.text = ide
            .map(|(_, words)| words.to_owned())
            .or_else(|| text.clone());
        let context = ide.map(|(context, _)| context.to_owned());
        let added = context.or_else(|| content.text(|place| !typed_part(place)));
        if !record.rewound {
            self.live.prompt();
        }
        let words = event.text.clone().unwrap_or_default();
        let id = self.put(output, record, event, fields.rest());
        self.ask(output, id, words, known);
        if let Some(added) = added {
            let mut event = Event::new("", EventType::User);
            event.injected = true;
            event.text = Some(added);
            self.put(output, record, event, None);
        }
    }

    /// A message that looks typed was put out; `certain` if its record says so.
    fn ask(&mut self, output: &mut Output<'_>, event: String, text: String, certain: bool) {
        self.doubt_prompt(output);
        let prompts = &mut self.state.prompts;
        if std::mem::take(&mut prompts.expected) || certain {
            return;
        }
        prompts.open = Some(Doubt { event, text });
    }

    /// The screen showed a typed message: the last one read, or the next.
    pub(super) fn confirm_prompt(&mut self, output: &mut Output<'_>) {
        let prompts = &mut self.state.prompts;
        let first = !std::mem::replace(&mut prompts.confirmed, true);
        let confirmed = prompts.open.take();
        prompts.expected = confirmed.is_none();
        if first {
            for doubt in std::mem::take(&mut prompts.doubts) {
                self.take_back(output, &doubt, confirmed.as_ref());
            }
        }
    }

    /// The last message was not confirmed before the talk went on.
    pub(super) fn doubt_prompt(&mut self, output: &mut Output<'_>) {
        const MOST: usize = 8;
        let prompts = &mut self.state.prompts;
        let Some(doubt) = prompts.open.take() else {
            return;
        };
        if prompts.confirmed {
            self.take_back(output, &doubt, None);
        } else if prompts.doubts.len() < MOST {
            prompts.doubts.push(doubt);
        }
    }

    /// Nobody typed it after all.
    fn take_back(&mut self, output: &mut Output<'_>, doubt: &Doubt, next: Option<&Doubt>) {
        let first = &mut output.header(self.slot).first_prompt;
        if first.as_ref() == Some(&doubt.text) {
            *first = next.map(|next| next.text.clone());
        }
        output.amend(self.slot, &doubt.event, &Amendment::Injected);
    }

    fn reasoning(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        mut fields: Object<'_>,
    ) -> Fate {
        self.doubt_prompt(output);
        let shown = |fields: &mut Object<'_>, name| {
            Content::list(fields.values(name).unwrap_or_default()).join("\n\n")
        };
        let text = shown(&mut fields, "summary").or_else(|| shown(&mut fields, "content"));
        let Some(text) = text else {
            return Fate::Ignored(HIDDEN);
        };
        let mut event = Event::new("", EventType::Reasoning);
        event.text = Some(text);
        fields.ignore(ITEM);
        self.put(output, record, event, fields.rest());
        Fate::Mapped
    }

    /// A message of another agent.
    pub(super) fn agent_message(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        mut fields: Object<'_>,
    ) -> Fate {
        self.next_request(output);
        let content = Content::of(&mut fields);
        let mut event = Event::new("", EventType::User);
        event.injected = true;
        event.text = content.text(|_| true);
        event.attachments = content.attachments();
        fields.ignore(ITEM);
        self.put(output, record, event, fields.rest());
        Fate::Mapped
    }

    /// `session_meta`, or the bare first line: the session's own, or that of the
    /// session whose records were copied.
    pub(super) fn head(
        &mut self,
        output: &mut Output<'_>,
        record: &Record,
        mut meta: Object<'_>,
    ) -> Fate {
        let id = meta.string("id").unwrap_or_default();
        let created = time(meta.peek("timestamp"));
        let header = output.header(self.slot);
        if self.state.headed && id != header.native_id {
            self.state
                .inheritance
                .foreign(record.at.map(Time::as_millis));
            if header.parent.is_none() && !id.is_empty() {
                header.parent = Some(link(&id, LinkKind::Fork));
            }
            return Fate::Mapped;
        }
        let own_from = meta.u64("subagent_history_start_ordinal");
        self.state
            .inheritance
            .own(created.map(Time::as_millis), own_from);
        if self.state.headed {
            // A later segment: nothing of the earlier one goes on.
            self.state.calls.clear();
            self.state.turn.running = false;
        }
        self.state.headed = true;
        header.agent_version = meta.string("cli_version").or(header.agent_version.take());
        header.cwd = header.cwd.take().or_else(|| meta.string("cwd"));
        header.git = header.git.take().or_else(|| meta.object("git").map(git));
        if let Some(provider) = meta.string("model_provider") {
            self.state.provider = Some(provider);
        }
        self.descent(output, &mut meta);
        touch(output, self.slot, created);
        Fate::Mapped
    }

    /// Where the session came from.
    fn descent(&mut self, output: &mut Output<'_>, meta: &mut Object<'_>) {
        let spawn = meta
            .object("source")
            .and_then(|mut source| source.take("subagent"));
        let mut spawn = match spawn {
            Some(spawn) => {
                self.state.subagent.get_or_insert_default();
                Object::of(spawn).unwrap_or_default()
            }
            None => Object::default(),
        };
        let mut spawn = spawn.object("thread_spawn").unwrap_or_default();
        let path = spawn
            .string("agent_path")
            .or_else(|| meta.string("agent_path"));
        let parent = spawn
            .string("parent_thread_id")
            .or_else(|| meta.string("parent_thread_id"));
        let forked = meta.string("forked_from_id").or_else(|| {
            let mut base = meta.object("history_base")?;
            base.string("thread_id")
        });
        if let Some(agent) = &mut self.state.subagent {
            agent.path = path;
        }
        let header = output.header(self.slot);
        let (id, kind) = match (&self.state.subagent, parent, forked) {
            (Some(_), Some(parent), _) | (Some(_), None, Some(parent)) => {
                (parent, LinkKind::Subagent)
            }
            (None, _, Some(parent)) => (parent, LinkKind::Fork),
            _ => return,
        };
        if header.parent.is_none() && id != header.native_id {
            header.parent = Some(link(&id, kind));
        }
    }

    /// A copied call of `spawn_agent`: the one that started this subagent, if
    /// it names its task.
    pub(super) fn spawned_by(
        &self,
        output: &mut Output<'_>,
        call_id: Option<&str>,
        arguments: Option<&Raw>,
    ) {
        let path = self
            .state
            .subagent
            .as_ref()
            .and_then(|agent| agent.path.as_deref());
        let own = path.and_then(|path| path.rsplit('/').next());
        let task = arguments
            .and_then(|arguments| Object::parse(arguments.json()).ok())
            .and_then(|mut arguments| arguments.string("task_name"));
        if own.is_some()
            && own == task.as_deref()
            && let Some(parent) = &mut output.header(self.slot).parent
        {
            parent.call_id = call_id.map(str::to_owned);
        }
    }
}

fn link(id: &str, kind: LinkKind) -> Parent {
    Parent {
        id: SessionId::new(&super::ID, id),
        kind,
        call_id: None,
    }
}

fn git(mut git: Object<'_>) -> Git {
    Git {
        branch: git.string("branch"),
        commit: git.string("commit_hash"),
        remote: git.string("repository_url"),
    }
}

/// What each part of a user message is (0.169), in order.
fn kinds<'a>(fields: &mut Object<'a>) -> Vec<Cow<'a, str>> {
    let kinds = fields
        .object("internal_chat_message_metadata_passthrough")
        .and_then(|mut passthrough| passthrough.values("content_item_kinds"));
    let text = |value| crate::container::json::string(value).unwrap_or_default();
    kinds.unwrap_or_default().into_iter().map(text).collect()
}

/// The parts of a message.
pub(super) struct Content<'a> {
    pub(super) parts: Vec<Part<'a>>,
}

pub(super) enum Part<'a> {
    Text(Cow<'a, str>),
    /// An image or a file, to the letter.
    Other(&'a str),
}

impl<'a> Content<'a> {
    /// Takes the `content` of a message: a list of parts, or just a text.
    fn of(fields: &mut Object<'a>) -> Self {
        match fields.values("content") {
            Some(values) => Self::list(values),
            None => Self {
                parts: fields.text("content").map(Part::Text).into_iter().collect(),
            },
        }
    }

    pub(super) fn list(values: Values<'a>) -> Self {
        let part = |value: &'a serde_json::value::RawValue| {
            let text = Object::of(value).and_then(|mut part| {
                // Tasks for subagents stand here; real ciphertext has no blanks.
                part.text("text").or_else(|| {
                    part.text("encrypted_content")
                        .filter(|text| text.contains(' '))
                })
            });
            text.map_or(Part::Other(value.get()), Part::Text)
        };
        Self {
            parts: values.into_iter().map(part).collect(),
        }
    }

    /// The texts of the wanted parts, one below the other.
    fn text(&self, wanted: impl Fn(usize) -> bool) -> Option<String> {
        let images = self.parts.iter().any(|part| matches!(part, Part::Other(_)));
        let texts = self
            .parts
            .iter()
            .enumerate()
            .filter_map(|(place, part)| match part {
                Part::Text(text) if wanted(place) && !(images && prompt::frames_image(text)) => {
                    Some(text.as_ref())
                }
                _ => None,
            });
        join(texts, "\n")
    }

    pub(super) fn join(&self, separator: &str) -> Option<String> {
        let texts = self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_ref()),
            Part::Other(_) => None,
        });
        join(texts, separator)
    }

    /// The parts that are no text, as a list.
    pub(super) fn attachments(&self) -> Option<Raw> {
        let others: Vec<&str> = self
            .parts
            .iter()
            .filter_map(|part| match part {
                Part::Other(json) if !json.contains("\"encrypted_content\"") => Some(*json),
                _ => None,
            })
            .collect();
        if others.is_empty() {
            return None;
        }
        Raw::parse(&format!("[{}]", others.join(","))).ok()
    }
}

fn join<'t>(texts: impl Iterator<Item = &'t str>, separator: &str) -> Option<String> {
    let mut joined: Option<String> = None;
    for text in texts {
        match &mut joined {
            Some(joined) => {
                joined.push_str(separator);
                joined.push_str(text);
            }
            None => joined = Some(text.to_owned()),
        }
    }
    joined
}
