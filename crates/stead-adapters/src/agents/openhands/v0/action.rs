//! Actions: what the user and the model did.

use stead_usf::{Event, EventType, Raw};

use super::super::content::{drop_empty, words};
use super::super::{NOTHING, STATE_UPDATE, SYSTEM_PROMPT};
use super::call;
use super::map::{Mapper, Record, Request};
use super::reply::Reply;
use crate::container::json::Object;
use crate::{Fate, Output};

/// Maps an action.
pub(super) fn map(
    mapper: &mut Mapper,
    output: &mut Output<'_>,
    mut record: Record<'_>,
    kind: &str,
) -> Fate {
    let args = record.data.object("args").unwrap_or_default();
    match kind {
        "message" => message(mapper, output, record, args),
        "system" => system(mapper, output, record, args),
        "recall" => leave(
            mapper,
            output,
            record,
            args,
            NOTHING,
            &["recall_type", "query"],
        ),
        "null" => leave(mapper, output, record, args, NOTHING, &[]),
        "change_agent_state" => leave(mapper, output, record, args, STATE_UPDATE, &["agent_state"]),
        "condensation" => condensation(mapper, output, record, args),
        "condensation_request"
        | "pause"
        | "resume"
        | "stop"
        | "start"
        | "push"
        | "send_pr"
        | "loop_recovery"
        | "reject"
        | "initialize"
        | "summarize"
        | "add_task"
        | "modify_task" => {
            let mut event = Event::new("", EventType::System);
            let text = record.data.string("message").and_then(words);
            event.text = Some(text.unwrap_or_else(|| kind.replace('_', " ")));
            let details = [("args", args.rest())];
            mapper.put(output, record, vec![event], Request::default(), &details);
            Fate::Mapped
        }
        _ if call::is_tool(kind) || record.data.peek("tool_call_metadata").is_some() => {
            call::map(mapper, output, record, args, kind)
        }
        _ => {
            let args = args.rest();
            mapper.unknown(output, record, kind, ("args", args))
        }
    }
}

/// Words of the user or of the model.
fn message(
    mapper: &mut Mapper,
    output: &mut Output<'_>,
    mut record: Record<'_>,
    mut args: Object<'_>,
) -> Fate {
    let data = &mut record.data;
    // The same words again.
    data.ignore(&["message"]);
    let reply = data.object("tool_call_metadata").map(Reply::of);
    let sums = data.object("llm_metrics");
    let (is_user, is_agent) = (record.by == "user", record.by == "agent");
    let text = args.string("content");
    let waits = args.bool("wait_for_response") == Some(true);
    let mut events = Vec::new();
    let mut request = Request::default();
    if is_agent {
        request = mapper.spent.request(reply.as_ref(), sums).0;
        let thought = reply.and_then(|reply| reply.reasoning);
        events.extend(thought.map(|text| said("reasoning", EventType::Reasoning, text)));
        if waits {
            mapper.ended = Some(true);
        }
    } else if is_user {
        mapper.ended = Some(false);
    }
    let kind = if is_agent {
        EventType::Assistant
    } else {
        EventType::User
    };
    let mut event = Event::new("", kind);
    event.injected = !is_agent && !is_user;
    event.text = text;
    let (images, files) = (args.take("image_urls"), args.take("file_urls"));
    let attached: Vec<_> = images
        .iter()
        .chain(&files)
        .filter(|urls| urls.get() != "[]")
        .collect();
    event.attachments = (!attached.is_empty())
        .then(|| Raw::of(&attached).ok())
        .flatten();
    events.push(event);
    args.ignore(ARGS);
    drop_empty(&mut args);
    let details = [("args", args.rest())];
    mapper.put(output, record, events, request, &details);
    Fate::Mapped
}

/// Arguments that say how an action is to be done, not what it does.
pub(super) const ARGS: &[&str] = &[
    "thought",
    "security_risk",
    "confirmation_state",
    "blocking",
    "is_static",
    "impl_source",
    "keep_prompt",
];

pub(super) fn said(part: &str, kind: EventType, text: String) -> Event {
    let mut event = Event::new(part, kind);
    event.text = Some(text);
    event
}

/// The beginning of every stream.
fn system(
    mapper: &mut Mapper,
    output: &mut Output<'_>,
    record: Record<'_>,
    mut args: Object<'_>,
) -> Fate {
    let version = args.string("openhands_version");
    let header = output.header(mapper.slot);
    header.agent_version = version.or_else(|| header.agent_version.take());
    let known = ["content", "tools", "agent_class"];
    leave(mapper, output, record, args, SYSTEM_PROMPT, &known)
}

/// Leaves an action out, unless it holds what is not known.
fn leave(
    mapper: &mut Mapper,
    output: &mut Output<'_>,
    mut record: Record<'_>,
    mut args: Object<'_>,
    rule: &'static str,
    known: &[&str],
) -> Fate {
    record.data.ignore(&["message"]);
    args.ignore(known);
    args.ignore(ARGS);
    drop_empty(&mut args);
    if record.data.is_empty() && args.is_empty() {
        return Fate::Ignored(rule);
    }
    let details = [("args", args.rest())];
    let event = Event::new("", EventType::System);
    mapper.put(output, record, vec![event], Request::default(), &details);
    Fate::Mapped
}

/// A summary stands for records that are no longer sent.
fn condensation(
    mapper: &mut Mapper,
    output: &mut Output<'_>,
    mut record: Record<'_>,
    mut args: Object<'_>,
) -> Fate {
    record.data.ignore(&["message"]);
    let sums = record.data.object("llm_metrics");
    let request = mapper.spent.request(None, sums).0;
    let range = (
        args.u64("forgotten_events_start_id"),
        args.u64("forgotten_events_end_id"),
    );
    if let (Some(first), Some(last)) = range {
        mapper.forget(first, last);
    }
    for id in args.values("forgotten_event_ids").unwrap_or_default() {
        if let Some(id) = crate::container::json::count(id) {
            mapper.forget(id, id);
        }
    }
    let mut event = Event::new("", EventType::Summary);
    event.text = args.string("summary");
    args.ignore(&["summary_offset"]);
    args.ignore(ARGS);
    drop_empty(&mut args);
    let details = [("args", args.rest())];
    mapper.put(output, record, vec![event], request, &details);
    Fate::Mapped
}
