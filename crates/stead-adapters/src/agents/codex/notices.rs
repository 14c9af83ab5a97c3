//! Event messages: what the screen showed. Most repeat a response item; some
//! tell more of a call, and a few stand alone.

use serde::Deserialize;
use serde_json::value::RawValue;
use stead_usf::{Event, EventType, Inactive};

use super::content::Content;
use super::map::Mapper;
use super::record::{MARK, Record, STATE, TWIN};
use super::state::{Facts, Standing};
use super::unified_diff;
use crate::container::json::Object;
use crate::{Fate, Output};

/// Fields of events with no place in USF: whose turn it was, when it began and
/// ended, and the type itself.
const NOTICE: &[&str] = &[
    "type",
    "turn_id",
    "root_turn_id",
    "thread_id",
    "started_at",
    "started_at_ms",
    "completed_at",
    "completed_at_ms",
    "duration_ms",
];

impl Mapper {
    /// Maps an event by its type.
    pub(super) fn notice(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        envelope: Object<'_>,
        mut fields: Object<'_>,
        kind: &str,
    ) -> Fate {
        match kind {
            "user_message" => {
                let text = fields.text("message").unwrap_or_default();
                self.confirm_prompt(output, &text);
                fields.ignore(NOTICE);
                self.show_prompt(record, envelope, &text, fields.rest());
                Fate::Ignored(TWIN)
            }
            "agent_message" | "agent_reasoning" => {
                let spoke = kind == "agent_message";
                let name = if spoke { "message" } else { "text" };
                let mut event = Event::new(
                    "",
                    if spoke {
                        EventType::Assistant
                    } else {
                        EventType::Reasoning
                    },
                );
                event.text = fields.string(name);
                record.keep_envelope(envelope);
                fields.ignore(NOTICE);
                self.shown(output, record, event, fields.rest())
            }
            "agent_reasoning_raw_content"
            | "web_search_end"
            | "image_generation_end"
            | "plan_update"
            | "raw_response_item" => Fate::Ignored(TWIN),
            "task_started" | "turn_started" => self.begin_turn(output, fields),
            "task_complete" | "turn_complete" => {
                self.doubt_prompts(output);
                self.next_request(output);
                self.state.turn.standing = Standing::Resting;
                Fate::Ignored(MARK)
            }
            "context_compacted"
            | "sub_agent_activity"
            | "collab_agent_spawn_begin"
            | "collab_agent_spawn_end"
            | "collab_agent_interaction_begin"
            | "collab_agent_interaction_end"
            | "collab_waiting_begin"
            | "collab_waiting_end"
            | "collab_close_begin"
            | "collab_close_end"
            | "collab_resume_begin"
            | "collab_resume_end"
            | "exec_command_begin"
            | "patch_apply_begin"
            | "mcp_tool_call_begin"
            | "web_search_begin"
            | "item_started"
            | "turn_diff"
            | "shutdown_complete"
            | "agent_reasoning_section_break" => Fate::Ignored(MARK),
            "thread_settings_applied" | "session_configured" => self.settings(fields),
            "thread_name_updated" => {
                self.state.title = fields.string("thread_name").filter(|name| !name.is_empty());
                Fate::Mapped
            }
            "exec_command_end"
            | "mcp_tool_call_end"
            | "patch_apply_end"
            | "view_image_tool_call"
            | "dynamic_tool_call_response" => {
                record.keep_envelope(envelope);
                let call_id = fields.string("call_id");
                self.ended(output, record, fields, call_id, kind)
            }
            "item_completed" => self.completed(output, record, envelope, fields),
            _ => self.alone(output, record, envelope, fields, kind),
        }
    }

    /// Events that stand for themselves.
    fn alone(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        envelope: Object<'_>,
        mut fields: Object<'_>,
        kind: &str,
    ) -> Fate {
        let event_type = match kind {
            "turn_aborted" | "error" | "stream_error" => EventType::Error,
            _ if STANDING.contains(&kind) => EventType::System,
            _ => return self.unknown(output, record, envelope, kind),
        };
        record.keep_envelope(envelope);
        match kind {
            "turn_aborted" => {
                self.doubt_prompts(output);
                self.next_request(output);
                self.state.turn.standing = Standing::Resting;
            }
            "thread_rolled_back" => {
                if !record.rewound {
                    let turns = fields.peek("num_turns").and_then(|n| n.get().parse().ok());
                    let past = self.live.rewind(turns.unwrap_or(0));
                    self.retire(output, past, Inactive::Rewound);
                }
                self.next_request(output);
            }
            _ => {}
        }
        let mut event = Event::new("", event_type);
        let text = ["message", "reason", "user_facing_hint", "text"];
        event.text = text.iter().find_map(|name| fields.string(name));
        fields.ignore(match kind {
            // Their type is all that tells what happened.
            "thread_rolled_back" | "entered_review_mode" | "exited_review_mode" => &NOTICE[1..],
            _ => NOTICE,
        });
        self.put(output, record, event, fields.rest());
        Fate::Mapped
    }

    fn begin_turn(&mut self, output: &mut Output<'_>, mut fields: Object<'_>) -> Fate {
        if let Some(turn) = fields.text("turn_id") {
            self.state.inheritance.turn(&turn);
        }
        self.doubt_prompts(output);
        self.next_request(output);
        self.live.open_turn();
        self.state.turn.marked = true;
        self.state.turn.standing = Standing::Working;
        Fate::Ignored(MARK)
    }

    fn settings(&mut self, mut fields: Object<'_>) -> Fate {
        let mut settings = match fields.object("thread_settings") {
            Some(settings) => settings,
            None => fields,
        };
        if let Some(model) = settings.string("model") {
            self.state.model = Some(model);
        }
        if let Some(provider) = settings.string("model_provider_id") {
            self.state.provider = Some(provider);
        }
        Fate::Ignored(STATE)
    }

    /// `item_completed`: the item is what the older events were.
    fn completed(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        envelope: Object<'_>,
        mut fields: Object<'_>,
    ) -> Fate {
        let Some(mut item) = fields.object("item") else {
            return self.unknown(output, record, envelope, "item_completed");
        };
        let kind = item.text("type").unwrap_or_default();
        match kind.as_ref() {
            "UserMessage" => {
                let text = Content::of(&mut item).join("").unwrap_or_default();
                self.confirm_prompt(output, &text);
                self.show_prompt(record, envelope, &text, item.rest());
                Fate::Ignored(TWIN)
            }
            "AgentMessage" if !self.state.items => {
                let mut event = Event::new("", EventType::Assistant);
                event.text = Content::of(&mut item).join("");
                record.keep_envelope(envelope);
                self.shown(output, record, event, item.rest())
            }
            "AgentMessage" | "Reasoning" | "Plan" | "WebSearch" | "ImageGeneration" => {
                Fate::Ignored(TWIN)
            }
            "SubAgentActivity"
            | "CollabAgentToolCall"
            | "ContextCompaction"
            | "Sleep"
            | "EnteredReviewMode"
            | "ExitedReviewMode" => Fate::Ignored(MARK),
            "CommandExecution" | "McpToolCall" | "FileChange" | "ImageView" | "DynamicToolCall" => {
                record.keep_envelope(envelope);
                let id = item.string("id");
                self.ended(output, record, item, id, &kind)
            }
            _ => self.unknown(output, record, envelope, &kind),
        }
    }

    /// A tool has ended. If its call waits for the result, the result will say
    /// so; else the event speaks for itself.
    fn ended(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        mut fields: Object<'_>,
        call_id: Option<String>,
        kind: &str,
    ) -> Fate {
        let facts = facts(&mut fields);
        let known = self.learn(call_id.as_deref(), facts);
        let changes = fields.peek("changes").map(unified_diff::edits);
        if let Some(edits) = changes.filter(|edits| !edits.is_empty() && facts.ok != Some(false)) {
            fields.ignore(&["changes"]);
            fields.ignore(NOTICE);
            return self.changed(output, record, call_id.as_deref(), edits, fields.rest());
        }
        if known {
            return Fate::Mapped;
        }
        let text = ["aggregated_output", "formatted_output", "stdout"];
        let text = text.iter().find_map(|name| fields.string(name));
        match call_id {
            Some(id) if kind == "CommandExecution" && self.program().is_some() => {
                let command = fields.raw("command");
                fields.ignore(NOTICE);
                self.nested(output, record, id, command, (text, facts), fields.rest())
            }
            call_id => {
                let mut event = Event::new("", EventType::System);
                event.call_id = call_id;
                event.output = text;
                event.ok = facts.ok;
                event.exit_code = facts.exit_code;
                event.duration_ms = facts.duration_ms;
                fields.ignore(NOTICE);
                self.put(output, record, event, fields.rest());
                Fate::Mapped
            }
        }
    }
}

/// Events that stand alone and are not errors.
const STANDING: &[&str] = &[
    "thread_rolled_back",
    "entered_review_mode",
    "exited_review_mode",
    "warning",
    "guardian_warning",
    "guardian_assessment",
    "background_event",
    "deprecation_notice",
    "model_reroute",
    "thread_goal_updated",
    "undo_completed",
    "injected_message",
    "hook_completed",
    "dynamic_tool_call_request",
];

/// `{"secs": 0, "nanos": 51224}`.
#[derive(Deserialize)]
struct Duration {
    secs: u64,
    nanos: u32,
}

fn facts(fields: &mut Object<'_>) -> Facts {
    let exit_code = fields.i64("exit_code");
    let status = fields.text("status");
    let done = match status.as_deref() {
        Some("completed") => Some(true),
        Some("failed" | "declined") => Some(false),
        _ => None,
    };
    let result = fields.peek("result").and_then(succeeded);
    let duration: Option<Duration> = fields
        .take("duration")
        .and_then(|duration| serde_json::from_str(duration.get()).ok());
    Facts {
        ok: exit_code
            .map(|code| code == 0)
            .or(fields.bool("success"))
            .or(result)
            .or(done),
        exit_code,
        duration_ms: duration.map(|time| {
            let millis = u64::from(time.nanos) / 1_000_000;
            time.secs.saturating_mul(1000).saturating_add(millis)
        }),
    }
}

/// `{"Ok": {"content": …, "isError": …}}` or `{"Err": …}`, of MCP tools.
fn succeeded(result: &RawValue) -> Option<bool> {
    let mut result = Object::of(result)?;
    if result.peek("Err").is_some() {
        return Some(false);
    }
    let mut answer = result.object("Ok")?;
    let failed = answer.bool("isError").or_else(|| answer.bool("is_error"));
    Some(!failed.unwrap_or(false))
}
