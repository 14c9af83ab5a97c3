//! What a model can do in a workspace: each tool is a folder here and a line in
//! [`tools`].
//!
//! A *tool* is offered to the model by its *spec* and called with *arguments*, which are
//! read leniently where it is clear what is meant. What a call *touches* is asked first,
//! so that a permission can be decided upon. The *answer* is a text for the model, never
//! longer than [`answer::MOST`], and the changes of files that were carried out. A call
//! that cannot be done is answered too, with what to do instead. Nothing here decides on
//! permissions or starts a program: a [`Shell`] is handed in.

pub mod answer;
mod apply_patch;
mod arguments;
mod ask;
mod bench;
mod change;
mod edit;
mod fetch;
mod glob;
mod lines;
mod list;
mod paths;
mod read;
mod search;
mod shell;
mod task;
#[cfg(test)]
mod tests;
mod todo;
mod write;

pub use answer::Answer;
pub use bench::{AskUser, Bench, Hooks, Known, Page, Question, Ran, Shell, Status, Todo, Web};
pub use fetch::{MOST_BYTES as MOST_BYTES_OF_PAGE, is_public};

use serde_json::{Map, Value, json};
use stead_llm::{FREEFORM_FIELD, ToolCall, ToolInput, ToolSpec};
use stead_usf::ToolKind;

use crate::workspace::Workspace;

/// A tool.
pub trait Tool: Sync {
    /// How it is offered to the model.
    fn spec(&self) -> ToolSpec;

    /// The word for it in the record.
    fn kind(&self) -> ToolKind;

    /// What a call would touch, for the permission to be asked; or, for the model, why
    /// the arguments make no sense.
    fn touches(
        &self,
        arguments: &Map<String, Value>,
        workspace: &Workspace,
    ) -> Result<Touches, String>;

    /// Does it.
    fn call(&self, arguments: &Map<String, Value>, bench: &mut Bench<'_>) -> Answer;
}

/// What a call would touch. Paths are relative to the top of the workspace, which is
/// `.`; one that is a link stands beside where it leads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touches {
    /// Files and folders whose content would be seen. What lies below a folder is asked
    /// for once more, file by file, with [`Bench::may_read`].
    pub reads: Vec<String>,
    /// Files that would be written, moved or removed.
    pub writes: Vec<String>,
    /// The command that would be run.
    pub command: Option<String>,
    /// The host that would be spoken to.
    pub host: Option<String>,
}

/// The tools that every session has, by name.
pub fn tools() -> &'static [&'static dyn Tool] {
    &[
        &apply_patch::ApplyPatch,
        &edit::Edit,
        &glob::Glob,
        &list::List,
        &read::Read,
        &search::Search,
        &shell::Run,
        &todo::Plan,
        &write::Write,
    ]
}

/// What a session has beside its workspace: see [`Hooks`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Has {
    /// Somebody answers questions.
    pub ask: bool,
    /// The web.
    pub web: bool,
    /// Helpers.
    pub task: bool,
}

/// The tools that a session offers, by name.
pub fn offered(has: Has) -> Vec<&'static dyn Tool> {
    let more: [(bool, &'static dyn Tool); 3] = [
        (has.ask, &ask::Ask),
        (has.web, &fetch::Fetch),
        (has.task, &task::Subtask),
    ];
    let more = more.into_iter().filter(|(has, _)| *has);
    let more = more.map(|(_, tool)| tool);
    let mut offered: Vec<&'static dyn Tool> = tools().iter().copied().chain(more).collect();
    offered.sort_by_cached_key(|tool| tool.spec().name);
    offered
}

/// The tool of a name, offered or not; names are compared without case and signs, since
/// models write `ApplyPatch` for `apply_patch`.
pub fn tool(name: &str) -> Option<&'static dyn Tool> {
    let wanted = arguments::bare(name);
    let all = Has {
        ask: true,
        web: true,
        task: true,
    };
    let mut tools = offered(all).into_iter();
    tools.find(|tool| arguments::bare(&tool.spec().name) == wanted)
}

/// The answer to a call of a tool that does not exist.
pub fn no_tool(name: &str) -> Answer {
    let names: Vec<String> = tools().iter().map(|tool| tool.spec().name).collect();
    Answer::refused(format!(
        "there is no tool `{name}`; the tools are {}",
        names.join(", ")
    ))
}

/// The arguments of a call as an object, whichever format carried it; or, for the
/// model, why they cannot be read.
pub fn arguments(call: &ToolCall) -> Result<Map<String, Value>, String> {
    if call.form == stead_llm::Form::Text {
        let text = Value::String(call.arguments.clone());
        return Ok(Map::from_iter([(FREEFORM_FIELD.to_owned(), text)]));
    }
    call.object().map_err(|error| {
        format!("the arguments are no JSON object ({error}); call again with valid JSON")
    })
}

/// A spec with an object of these properties.
fn spec(name: &str, description: &str, properties: &Value, required: &[&str]) -> ToolSpec {
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    ToolSpec {
        name: name.to_owned(),
        description: description.trim().to_owned(),
        input: ToolInput::Schema(schema),
    }
}
