//! Calls of tools as editors show them: a title, a kind, places, what came of them.

use std::path::{Path, PathBuf};

use agent_client_protocol::v1::schema::{
    Content, Diff, Plan, PlanEntry, PlanEntryPriority, PlanEntryStatus, ToolCall, ToolCallContent,
    ToolCallLocation, ToolCallStatus, ToolKind,
};
use serde_json::Value;
use stead_redact::terminal::escape;
use stead_usf::{Edit, Event, ToolKind as Kind};

use super::words::fence;
use crate::text::{fit, one_line};

/// A title has at most so many columns.
const COLUMNS: usize = 160;

/// A file that is larger is told by its path alone.
const LARGEST: usize = 1 << 20;

/// A call that begins. Its id is the event's: those of models come again.
pub(super) fn begun(event: &Event, tree: &Path) -> ToolCall {
    let tool = event.tool.as_ref();
    let (name, kind) = tool.map_or(("tool", Kind::Other), |tool| (&tool.name, tool.kind));
    let input = event.input.as_ref().map_or("null", |input| input.json());
    let input: Value = serde_json::from_str(input).unwrap_or_default();
    let path = input["path"].as_str();
    let place = path.map(|path| ToolCallLocation::new(tree.join(path)));
    ToolCall::new(event.id.clone(), title(name, kind, &input))
        .name(name.to_owned())
        .kind(as_kind(kind))
        .status(ToolCallStatus::InProgress)
        .locations(place.into_iter().collect())
        .raw_input(input)
}

/// What is done to what, on one line. A command stands as it is run.
fn title(name: &str, kind: Kind, input: &Value) -> String {
    const TELLING: [&str; 7] = [
        "command", "path", "pattern", "query", "url", "question", "prompt",
    ];
    let told = TELLING.iter().find_map(|name| input[*name].as_str());
    let told = one_line(told.unwrap_or_default());
    let line = match kind {
        Kind::Shell if !told.is_empty() => told,
        _ if told.is_empty() => name.replace('_', " "),
        _ => format!("{name} {told}"),
    };
    fit(&line, COLUMNS)
}

const fn as_kind(kind: Kind) -> ToolKind {
    match kind {
        Kind::Read => ToolKind::Read,
        Kind::Write | Kind::Edit => ToolKind::Edit,
        Kind::Shell => ToolKind::Execute,
        Kind::Search | Kind::Glob | Kind::List => ToolKind::Search,
        Kind::WebFetch | Kind::WebSearch => ToolKind::Fetch,
        Kind::Todo | Kind::Task => ToolKind::Think,
        Kind::Ask | Kind::Mcp | Kind::Other => ToolKind::Other,
    }
}

/// A check that ran, as a call of its own.
pub(super) fn check(event: &Event, extra: &Value) -> Option<ToolCall> {
    let command = extra["check"].as_str()?;
    let when = extra["when"].as_str().unwrap_or_default();
    let title = fit(&format!("check {when}: {}", one_line(command)), COLUMNS);
    let call = ToolCall::new(event.id.clone(), title)
        .kind(ToolKind::Execute)
        .status(status(extra["ok"] == true));
    let output = extra["output"].as_str().unwrap_or_default();
    Some(call.content(text(output).into_iter().collect()))
}

/// Whether something did its work.
pub(super) const fn status(ok: bool) -> ToolCallStatus {
    if ok {
        ToolCallStatus::Completed
    } else {
        ToolCallStatus::Failed
    }
}

/// A tool's text, to be shown as it is; nothing if it is empty.
pub(super) fn text(text: &str) -> Option<ToolCallContent> {
    let text = escape(text.trim_end());
    let fence = fence(&text);
    let shown = format!("{fence}\n{text}\n{fence}");
    (!text.is_empty()).then(|| ToolCallContent::Content(Content::new(shown)))
}

/// What became of a file.
pub(super) fn changed(edit: &Edit, tree: &Path) -> ToolCallContent {
    let path = tree.join(edit.new_path.as_ref().unwrap_or(&edit.path));
    diff(path, edit.before.clone(), edit.after.clone())
}

/// A file before and after; a file that is too large, or is no text, by its name.
pub(super) fn diff(
    path: PathBuf,
    before: Option<String>,
    after: Option<String>,
) -> ToolCallContent {
    let size = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    if size(&before).max(size(&after)) > LARGEST || before.is_none() && after.is_none() {
        let name = format!("{} changed", one_line(&path.display().to_string()));
        return ToolCallContent::Content(Content::new(name));
    }
    ToolCallContent::Diff(Diff::new(path, after.unwrap_or_default()).old_text(before))
}

/// The plan that a call of `todo` keeps.
pub(super) fn plan(event: &Event) -> Option<Plan> {
    let tool = event.tool.as_ref()?;
    let input: Value = serde_json::from_str(event.input.as_ref()?.json()).ok()?;
    let items = input["items"].as_array()?;
    let entry = |item: &Value| {
        let text = item["text"].as_str().or(item.as_str())?;
        let status = match item["status"].as_str() {
            Some("active") => PlanEntryStatus::InProgress,
            Some("done") => PlanEntryStatus::Completed,
            _ => PlanEntryStatus::Pending,
        };
        let text = one_line(text);
        Some(PlanEntry::new(text, PlanEntryPriority::Medium, status))
    };
    (tool.kind == Kind::Todo).then(|| Plan::new(items.iter().filter_map(entry).collect()))
}
