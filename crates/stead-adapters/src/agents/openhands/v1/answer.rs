//! A tool answers: with what it did, with an error, or not at all because the
//! user or a hook said no.

use stead_usf::{Event, EventType, Raw};

use super::super::content::{Content, drop_empty};
use super::super::{edits, tools};
use super::call::key;
use super::map::{Mapper, Record};
use super::put::Mapped;
use crate::container::json::Object;
use crate::{Amendment, Fate, Output};

/// Fields of a command's result that repeat the call or tell of the machine.
const OF_COMMAND: &[&str] = &["full_output_save_dir", "exit_code", "command_id"];
const OF_MACHINE: &[&str] = &[
    "exit_code",
    "pid",
    "username",
    "hostname",
    "py_interpreter_path",
];

/// Maps an `ObservationEvent`, `AgentErrorEvent` or `UserRejectObservation`.
pub(super) fn map(
    mapper: &mut Mapper,
    output: &mut Output<'_>,
    mut record: Record<'_>,
    kind: &str,
) -> Fate {
    let call_id = record.data.string("tool_call_id");
    let action = record.data.string("action_id").unwrap_or_default();
    let name = record.data.string("tool_name").unwrap_or_default();
    let mut result = Event::new("", EventType::ToolResult);
    let mut details = Vec::new();
    let mut edit = None;
    match kind {
        "ObservationEvent" => {
            let mut observation = record.data.object("observation").unwrap_or_default();
            details.push(("working_dir", fill(&mut result, &mut observation)));
            edit = edits::done(&mut observation).filter(|_| result.ok == Some(true));
            let context = Content::take(&mut record.data, "extended_content");
            append(&mut result.output, context.text);
            drop_empty(&mut observation);
            details.push(("observation", observation.rest()));
        }
        "AgentErrorEvent" => {
            result.ok = Some(false);
            result.output = record.data.string("error");
        }
        _ => {
            result.ok = Some(false);
            result.output = record.data.string("rejection_reason");
        }
    }
    if !tools::is_finish(&name) {
        let by_user = kind == "UserRejectObservation"
            && record
                .data
                .peek("rejection_source")
                .is_none_or(|by| by.get() == "\"user\"");
        mapper.memory.ended = Some(by_user);
    }

    let key = key(call_id.as_deref(), &action);
    result.call_id = call_id;
    let call = mapper.memory.open.remove(&key);
    let made = Mapped {
        details,
        ..Mapped::one(result)
    };
    let id = mapper.put(output, record, made);
    match call {
        Some(call) => {
            if let Some(edit) = edit {
                output.amend(mapper.slot, &call, &Amendment::Edits(vec![edit]));
            }
            output.amend(mapper.slot, &call, &Amendment::Result(id));
        }
        None => mapper.memory.early.result(&key, &id),
    }
    Fate::Mapped
}

/// What came of the call, as the model was told. Returns the folder that a command
/// left the shell in.
fn fill(result: &mut Event, observation: &mut Object<'_>) -> Option<Raw> {
    observation.ignore(&["kind"]);
    let content = Content::take(observation, "content");
    // Up to 1.6 there was one text for what came out and one for what went wrong.
    let mut told = content.text.or_else(|| observation.string("output"));
    let failed = observation.bool("error").unwrap_or(false);
    let error = observation.string("error");
    let is_error = observation.bool("is_error") == Some(true) || failed || error.is_some();
    append(&mut told, error);
    result.attachments = content.images;
    let info = task(observation);
    let mut details = observation.object("metadata");
    let code = observation.i64("exit_code");
    let own = details
        .as_mut()
        .and_then(|metadata| metadata.i64("exit_code"));
    // Before a command has ended, its code is -1.
    let has_code = code.or(own).is_some();
    result.exit_code = code.or(own).filter(|code| *code != -1);
    result.ok = Some(!is_error && (!has_code || result.exit_code == Some(0)));
    observation.ignore(OF_COMMAND);
    if observation
        .peek("timeout")
        .is_some_and(|timeout| timeout.get() == "false")
    {
        observation.ignore(&["timeout"]);
    }
    if let Some(metadata) = &mut details {
        told = around(metadata, told);
    }
    if let Some(info) = info {
        told = Some(told.map_or_else(|| info.clone(), |told| format!("{info}\n{told}")));
    }
    result.output = told;
    details.as_mut().and_then(working_folder)
}

/// A command's output with the notes that the agent puts around it.
fn around(metadata: &mut Object<'_>, told: Option<String>) -> Option<String> {
    let before = metadata.string("prefix").unwrap_or_default();
    let behind = metadata.string("suffix").unwrap_or_default();
    let told = format!("{before}{}{behind}", told.unwrap_or_default());
    (!told.is_empty()).then_some(told)
}

fn working_folder(metadata: &mut Object<'_>) -> Option<Raw> {
    metadata.ignore(OF_MACHINE);
    metadata.take("working_dir").map(Raw::from_value)
}

/// What is told of a subagent before its answer.
fn task(observation: &mut Object<'_>) -> Option<String> {
    let id = observation.peek("task_id")?;
    let id = crate::container::json::string(id)?;
    let subagent = observation.string("subagent").unwrap_or_default();
    let status = observation.string("status").unwrap_or_default();
    Some(format!(
        "Task ID: {id}\nSubagent: {subagent}\nStatus: {status}"
    ))
}

fn append(told: &mut Option<String>, more: Option<String>) {
    if let Some(more) = more {
        *told = Some(match told.take() {
            Some(told) => format!("{told}\n{more}"),
            None => more,
        });
    }
}
