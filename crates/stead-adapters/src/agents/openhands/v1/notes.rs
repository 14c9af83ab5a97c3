//! What the agent notes beside what is said and done: summaries, pauses, errors,
//! hooks, and changes of its state.

use stead_usf::{Event, EventType, Raw};

use super::super::{LOG, STATE_UPDATE};
use super::map::{Mapper, Record};
use super::put::Mapped;
use super::requests::sum_up;
use crate::container::json::{Object, string};
use crate::ids::digest;
use crate::{Fate, Output};

/// A summary stands for events that are no longer sent.
pub(super) fn condensation(
    mapper: &mut Mapper,
    output: &mut Output<'_>,
    mut record: Record<'_>,
) -> Fate {
    let forgotten = record.data.take("forgotten_event_ids");
    let mut event = Event::new("", EventType::Summary);
    event.text = record.data.string("summary");
    let made = Mapped {
        answer: record.data.string("llm_response_id"),
        details: vec![("forgotten_event_ids", forgotten.map(Raw::from_value))],
        ..Mapped::one(event)
    };
    let ids: Vec<&serde_json::value::RawValue> = forgotten
        .and_then(|ids| serde_json::from_str(ids.get()).ok())
        .unwrap_or_default();
    mapper.put(output, record, made);
    let ids = ids.iter().filter_map(|id| Some(digest(&string(id)?)));
    mapper.branch.forget(ids.collect());
    Fate::Mapped
}

/// Everything else.
pub(super) fn map(
    mapper: &mut Mapper,
    output: &mut Output<'_>,
    mut record: Record<'_>,
    kind: &str,
) -> Fate {
    let data = &mut record.data;
    let mut event = Event::new("", EventType::System);
    match kind {
        "ConversationStateUpdateEvent" => {
            let is_stats = data.text("key").as_deref() == Some("stats");
            let value = data.take("value").filter(|_| is_stats && mapper.is_own());
            if let Some(stats) = value.and_then(Object::of) {
                sum_up(&mut mapper.memory.sums, stats);
            }
            data.ignore(&["key", "value"]);
            return leave(mapper, output, record, STATE_UPDATE);
        }
        "LLMCompletionLogEvent" => {
            data.ignore(&["filename", "log_data", "model_name", "usage_id"]);
            return leave(mapper, output, record, LOG);
        }
        "TokenEvent" | "StreamingDeltaEvent" => {
            data.ignore(&["prompt_token_ids", "response_token_ids"]);
            data.ignore(&["content", "reasoning_content"]);
            return leave(mapper, output, record, LOG);
        }
        "CondensationRequest" => event.text = Some("condensation requested".into()),
        "PauseEvent" | "InterruptEvent" => {
            mapper.memory.ended = Some(true);
            let interrupted = kind == "InterruptEvent";
            let text = if interrupted { "interrupted" } else { "paused" };
            event.text = Some(text.into());
        }
        "ConversationErrorEvent" => {
            mapper.memory.ended = Some(true);
            event.kind = EventType::Error;
            event.text = data.string("detail");
        }
        "HookExecutionEvent" => {
            event.text = data.string("hook_command");
            event.exit_code = data.i64("exit_code");
        }
        _ => return mapper.unknown(output, record, kind),
    }
    mapper.put(output, record, Mapped::one(event));
    Fate::Mapped
}

/// Leaves a record out, unless it holds what is not known.
fn leave(
    mapper: &mut Mapper,
    output: &mut Output<'_>,
    record: Record<'_>,
    rule: &'static str,
) -> Fate {
    if record.data.is_empty() {
        // Changes of the state are no part of the tree.
        if rule != STATE_UPDATE {
            let parent = mapper.branch.parent(record.parent.as_deref());
            mapper.branch.pass(&record.id, parent);
        }
        return Fate::Ignored(rule);
    }
    let event = Event::new("", EventType::System);
    mapper.put(output, record, Mapped::one(event));
    Fate::Mapped
}
