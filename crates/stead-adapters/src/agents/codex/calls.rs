//! Tool calls and their results.

use stead_usf::{Edit, Event, EventType, Raw, Tool};

use super::map::Mapper;
use super::outcome;
use super::record::Record;
use super::state::{Facts, OpenCall};
use super::tools::{self, Call};
use crate::container::json::Object;
use crate::{Amendment, Fate, Output};

/// Fields of results with no place in USF: how the item travelled.
const RESULT: &[&str] = &[
    "type",
    "internal_chat_message_metadata_passthrough",
    "status",
    "execution",
];

impl Mapper {
    /// Puts out a call and remembers it until its result comes.
    pub(super) fn call(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        call_id: Option<String>,
        call: Call,
        rest: Option<Raw>,
    ) -> String {
        let mut event = Event::new("", EventType::ToolCall);
        let name = call.name.clone();
        if record.inherited && name == "spawn_agent" {
            self.spawned_by(output, call_id.as_deref(), call.input.as_ref());
        }
        event.tool = Some(Tool::new(call.name, call.kind));
        event.call_id.clone_from(&call_id);
        event.input = call.input;
        event.edits = call.edits;
        event.result = call_id.as_deref().and_then(|id| self.state.early.call(id));
        let answered = event.result.is_some();
        let id = self.put(output, record, event, rest);
        if let Some(call_id) = call_id.filter(|_| !answered) {
            let open = OpenCall {
                event: id.clone(),
                tool: name,
                facts: Facts::default(),
                left: false,
            };
            self.state.calls.insert(call_id, open);
        }
        id
    }

    /// `function_call_output` and its kin.
    pub(super) fn result(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        mut fields: Object<'_>,
    ) -> Fate {
        let call_id = fields.string("call_id");
        let open = call_id
            .as_ref()
            .and_then(|id| self.state.calls.remove(id.as_str()));
        let tool = open.as_ref().map_or("", |open| open.tool.as_str());
        let told = outcome::read(fields.take("output"), tool);
        let known = open.as_ref().map(|open| open.facts).unwrap_or_default();
        let mut event = Event::new("", EventType::ToolResult);
        event.parent = open.as_ref().map(|open| open.event.clone());
        event.call_id = call_id;
        event.exit_code = known.exit_code.or(told.facts.exit_code);
        event.duration_ms = known.duration_ms.or(told.facts.duration_ms);
        event.ok = known.ok.or(told.facts.ok);
        event.output = told.text;
        event.attachments = told.attachments;
        fields.ignore(RESULT);
        let call_id = event.call_id.clone();
        let id = self.put(output, record, event, fields.rest());
        self.state.request.answered();
        match (open, call_id) {
            (Some(open), _) => output.amend(self.slot, &open.event, &Amendment::Result(id)),
            (None, Some(call_id)) => self.state.early.result(&call_id, &id),
            (None, None) => {}
        }
        Fate::Mapped
    }

    /// An event tells how a call went, before its result is written. `false` if
    /// no such call is open.
    pub(super) fn learn(&mut self, call_id: Option<&str>, facts: Facts) -> bool {
        let Some(open) = call_id.and_then(|id| self.state.calls.get_mut(id)) else {
            return false;
        };
        open.facts = facts;
        true
    }

    /// The one open call of the JavaScript tool: what runs now, runs in it.
    pub(super) fn program(&self) -> Option<String> {
        let mut programs = self
            .state
            .calls
            .values()
            .filter(|open| open.tool == tools::PROGRAM && !open.left);
        match (programs.next(), programs.next()) {
            (Some(only), None) => Some(only.event.clone()),
            _ => None,
        }
    }

    /// A command that a program ran: a call of its own, with its result.
    pub(super) fn nested(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        call_id: String,
        input: Option<Raw>,
        told: (Option<String>, Facts),
        rest: Option<Raw>,
    ) -> Fate {
        let (text, facts) = told;
        let mut call = Event::new("", EventType::ToolCall);
        call.parent = self.program();
        call.call_id = Some(call_id.clone());
        call.tool = Some(Tool::new("exec_command", stead_usf::ToolKind::Shell));
        call.input = input;
        // It is no word of the model: the tokens are on the program's call.
        let request = std::mem::take(&mut self.state.request);
        let call = self.put(output, record, call, rest);
        self.state.request = request;
        let mut event = Event::new("", EventType::ToolResult);
        event.parent = Some(call.clone());
        event.call_id = Some(call_id);
        event.output = text;
        event.ok = facts.ok;
        event.exit_code = facts.exit_code;
        event.duration_ms = facts.duration_ms;
        let result = self.put(output, record, event, None);
        output.amend(self.slot, &call, &Amendment::Result(result));
        Fate::Mapped
    }

    /// A file change that was carried out: told better than by the patch if its
    /// call is open, else an event of its own.
    pub(super) fn changed(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        call_id: Option<&str>,
        edits: Vec<Edit>,
        rest: Option<Raw>,
    ) -> Fate {
        if let Some(open) = call_id.and_then(|id| self.state.calls.get(id)) {
            output.amend(self.slot, &open.event, &Amendment::Edits(edits));
            return Fate::Mapped;
        }
        let mut event = Event::new("", EventType::Edit);
        event.parent = self.program();
        event.edits = edits;
        self.put(output, record, event, rest);
        Fate::Mapped
    }
}
