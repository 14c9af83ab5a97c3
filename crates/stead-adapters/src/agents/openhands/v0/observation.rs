//! Observations: what came of actions, and what the environment says by itself.

use stead_usf::{Edit, EditOperation, Event, EventType, Raw};

use super::super::content::{drop_empty, words};
use super::super::{NOTHING, STATE_UPDATE};
use super::map::{Call, Mapper, Record, Request};
use super::reply::Reply;
use crate::container::json::Object;
use crate::{Amendment, Fate, Output};

/// What is recorded of a web page beside its text: for the browser alone.
const OF_PAGE: &[&str] = &[
    "dom_object",
    "axtree_object",
    "extra_element_properties",
    "active_page_index",
    "focused_element_bid",
    "last_browser_action",
    "last_browser_action_error",
    "open_pages_urls",
    "goal_image_urls",
];

/// What repeats the call, or tells of the machine.
const OF_CALL: &[&str] = &[
    "command",
    "code",
    "path",
    "impl_source",
    "prev_exist",
    "old_content",
    "new_content",
    "diff",
    "_diff_cache",
    "diff_cache",
    "name",
    "arguments",
    "command_id",
    "task_list",
];
const OF_MACHINE: &[&str] = &["pid", "username", "hostname", "py_interpreter_path"];

/// Maps an observation.
pub(super) fn map(
    mapper: &mut Mapper,
    output: &mut Output<'_>,
    mut record: Record<'_>,
    kind: &str,
) -> Fate {
    // What people are shown.
    let message = record.data.string("message").and_then(words);
    let cause = record.data.u64("cause");
    let reply = record.data.object("tool_call_metadata").map(Reply::of);
    record.data.ignore(&["llm_metrics"]);
    let mut extras = record.data.object("extras").unwrap_or_default();
    if extras
        .peek("hidden")
        .is_some_and(|hidden| hidden.get() == "false")
    {
        extras.ignore(&["hidden"]);
    }
    let call = cause.and_then(|cause| mapper.open.remove(&cause));
    if let Some(call) = call.or_else(|| lost_call(kind, reply)) {
        return answer(mapper, output, record, extras, &call, kind);
    }
    let mut event = Event::new("", EventType::System);
    match kind {
        "agent_state_changed" => return state(mapper, output, record, extras),
        "recall" => {
            event.injected = true;
            recall(mapper, output, &mut extras);
        }
        "error" => event.kind = EventType::Error,
        "condense" => event.kind = EventType::Summary,
        "null" | "success" | "chat" | "download" | "message" | "loop_detection" => {}
        _ => {
            let extras = extras.rest();
            return mapper.unknown(output, record, kind, ("extras", extras));
        }
    }
    event.text = record.data.string("content").and_then(words).or(message);
    drop_empty(&mut extras);
    if kind == "null" && record.data.is_empty() && extras.is_empty() {
        return Fate::Ignored(NOTHING);
    }
    let details = [("extras", extras.rest())];
    mapper.put(output, record, vec![event], Request::default(), &details);
    Fate::Mapped
}

/// What answers a call that is not there.
fn lost_call(kind: &str, reply: Option<Reply<'_>>) -> Option<Call> {
    let is_answer = matches!(
        kind,
        "run"
            | "run_ipython"
            | "read"
            | "write"
            | "edit"
            | "browse"
            | "mcp"
            | "delegate"
            | "think"
            | "task_tracking"
            | "user_rejected"
    );
    is_answer.then(|| Call {
        event: None,
        id: reply.and_then(|reply| reply.call_id),
        tool: String::new(),
    })
}

/// A change of the agent's state; with a reason, something went wrong.
fn state(
    mapper: &mut Mapper,
    output: &mut Output<'_>,
    record: Record<'_>,
    mut extras: Object<'_>,
) -> Fate {
    let state = extras.string("agent_state").unwrap_or_default();
    let reason = extras.string("reason").and_then(words);
    match state.as_str() {
        "finished" | "awaiting_user_input" | "paused" | "stopped" | "rejected" | "error" => {
            mapper.ended = Some(true);
        }
        _ => {}
    }
    drop_empty(&mut extras);
    if reason.is_none() && extras.is_empty() && record.data.is_empty() {
        return Fate::Ignored(STATE_UPDATE);
    }
    let kind = if state == "error" {
        EventType::Error
    } else {
        EventType::System
    };
    let mut event = Event::new("", kind);
    event.text = reason;
    let details = [
        ("agent_state", Raw::of(&state).ok()),
        ("extras", extras.rest()),
    ];
    mapper.put(output, record, vec![event], Request::default(), &details);
    Fate::Mapped
}

/// What the model is told of the place that it works in.
fn recall(mapper: &mut Mapper, output: &mut Output<'_>, extras: &mut Object<'_>) {
    let peek = |name| extras.peek(name).and_then(crate::container::json::string);
    let told = peek("additional_agent_instructions");
    let header = output.header(mapper.slot);
    let folder = peek("working_dir")
        .map(std::borrow::Cow::into_owned)
        .and_then(words);
    let folder = folder.or_else(|| {
        // Before there was a field for it, it stood in a sentence.
        let rest = told
            .as_deref()?
            .strip_prefix("Your working directory is ")?;
        rest.split_once(". ").map(|(folder, _)| folder.to_owned())
    });
    if header.cwd.is_none() {
        header.cwd = folder;
    }
    let branch = peek("repo_branch")
        .map(std::borrow::Cow::into_owned)
        .and_then(words);
    if let (None, Some(branch)) = (&header.git, branch) {
        header.git = Some(stead_usf::Git {
            branch: Some(branch),
            ..stead_usf::Git::default()
        });
    }
}

/// The result of a call.
fn answer(
    mapper: &mut Mapper,
    output: &mut Output<'_>,
    mut record: Record<'_>,
    mut extras: Object<'_>,
    call: &Call,
    kind: &str,
) -> Fate {
    let told = record.data.string("content");
    let mut result = Event::new("", EventType::ToolResult);
    result.call_id.clone_from(&call.id);
    let success = record.data.bool("success");
    let mut metadata = extras.object("metadata").unwrap_or_default();
    let code = metadata
        .i64("exit_code")
        .or_else(|| extras.i64("exit_code"));
    // Before a command has ended, its code is -1.
    result.exit_code = code.filter(|code| *code != -1);
    let failed = matches!(kind, "error" | "user_rejected") || extras.bool("error") == Some(true);
    let by_code = code.map(|code| code == 0);
    result.ok = Some(!failed && success.or(by_code).unwrap_or(true));
    let before = metadata.string("prefix").unwrap_or_default();
    let behind = metadata.string("suffix").unwrap_or_default();
    let told = format!("{before}{}{behind}", told.unwrap_or_default());
    result.output = Some(told).filter(|told| !told.is_empty());
    metadata.ignore(OF_MACHINE);
    if let Some(folder) = metadata
        .peek("working_dir")
        .and_then(crate::container::json::string)
    {
        mapper
            .seen_folder
            .get_or_insert_with(|| folder.into_owned());
    }
    let edit = changed(call, &mut extras).filter(|_| result.ok == Some(true));
    let screens = [extras.take("screenshot"), extras.take("set_of_marks")];
    let screens: Vec<_> = screens
        .into_iter()
        .flatten()
        .filter(|image| image.get() != "\"\"")
        .collect();
    result.attachments = (!screens.is_empty())
        .then(|| Raw::of(&screens).ok())
        .flatten();
    extras.ignore(OF_CALL);
    extras.ignore(OF_PAGE);
    drop_empty(&mut extras);
    drop_empty(&mut metadata);
    if call.tool != "finish" {
        mapper.ended = Some(kind == "user_rejected");
    }
    let details = [("extras", extras.rest()), ("metadata", metadata.rest())];
    let id = mapper.put(output, record, vec![result], Request::default(), &details);
    if let Some(event) = &call.event {
        if let Some(edit) = edit {
            output.amend(mapper.slot, event, &Amendment::Edits(vec![edit]));
        }
        output.amend(mapper.slot, event, &Amendment::Result(id));
    }
    Fate::Mapped
}

/// What became of a file that was changed by a draft: the whole of it, before and
/// after. Of other changes the call itself says more.
fn changed(call: &Call, extras: &mut Object<'_>) -> Option<Edit> {
    if call.tool != "edit_file" {
        return None;
    }
    let existed = extras.bool("prev_exist");
    let operation = if existed == Some(false) {
        EditOperation::Create
    } else {
        EditOperation::Modify
    };
    Some(Edit {
        operation,
        before: extras.string("old_content"),
        ..Edit::write(extras.string("path")?, extras.string("new_content")?)
    })
}
