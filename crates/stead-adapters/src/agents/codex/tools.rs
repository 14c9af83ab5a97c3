//! What the tools are for, and which files they change.

use std::borrow::Cow;

use serde::Deserialize;
use stead_usf::{Edit, Raw, ToolKind};

use crate::apply_patch;
use crate::container::json::Object;

/// The tool that runs JavaScript, in which the other tools are functions.
pub(super) const PROGRAM: &str = "exec";

/// A tool call, taken apart.
pub(super) struct Call {
    pub(super) name: String,
    pub(super) kind: ToolKind,
    pub(super) input: Option<Raw>,
    pub(super) edits: Vec<Edit>,
}

/// What a tool does, by its name.
pub(super) fn kind(name: &str, namespace: Option<&str>) -> ToolKind {
    match name {
        "shell" | "container.exec" | "local_shell" | "exec_command" | "write_stdin"
        | "shell_command" | "unified_exec" => ToolKind::Shell,
        "apply_patch" => ToolKind::Edit,
        "update_plan" => ToolKind::Todo,
        "view_image" | "read_file" => ToolKind::Read,
        "list_dir" => ToolKind::List,
        "grep_files" => ToolKind::Search,
        "web_search" => ToolKind::WebSearch,
        "request_user_input" | "request_user_input_async" | "request_permissions" => ToolKind::Ask,
        "spawn_agent"
        | "spawn_agents_on_csv"
        | "send_input"
        | "send_message"
        | "followup_task"
        | "assign_task"
        | "wait_agent"
        | "resume_agent"
        | "close_agent"
        | "interrupt_agent"
        | "list_agents" => ToolKind::Task,
        "list_mcp_resources" | "list_mcp_resource_templates" | "read_mcp_resource" => ToolKind::Mcp,
        _ => match namespace {
            Some("collaboration") => ToolKind::Task,
            Some(space) if space.starts_with("multi_agent") => ToolKind::Task,
            Some(space) if space.starts_with("mcp__") => ToolKind::Mcp,
            _ if name.contains("__") => ToolKind::Mcp,
            _ => ToolKind::Other,
        },
    }
}

/// Takes the call out of an item of this type.
pub(super) fn call(item: &str, fields: &mut Object<'_>) -> Call {
    match item {
        "custom_tool_call" => custom(fields),
        "local_shell_call" => {
            let action = fields.take("action");
            let command = action.and_then(|action| serde_json::from_str(action.get()).ok());
            Call {
                name: "local_shell".into(),
                kind: ToolKind::Shell,
                input: action.map(Raw::from_value),
                edits: command
                    .map(|command: Command<'_>| command.edits())
                    .unwrap_or_default(),
            }
        }
        "web_search_call" => Call {
            name: "web_search".into(),
            kind: ToolKind::WebSearch,
            input: fields.raw("action"),
            edits: Vec::new(),
        },
        "image_generation_call" => Call {
            name: "image_generation".into(),
            kind: ToolKind::Other,
            input: fields.raw("revised_prompt"),
            edits: Vec::new(),
        },
        "tool_search_call" => Call {
            name: "tool_search".into(),
            kind: ToolKind::Other,
            input: fields.raw("arguments"),
            edits: Vec::new(),
        },
        _ => function(fields),
    }
}

/// A `function_call`: the arguments are JSON in a string.
fn function(fields: &mut Object<'_>) -> Call {
    let name = fields.string("name").unwrap_or_default();
    let namespace = fields
        .peek("namespace")
        .and_then(crate::container::json::string);
    let mut kind = kind(&name, namespace.as_deref());
    let letters = fields.take("arguments");
    let arguments = letters.and_then(crate::container::json::string);
    let mut edits = Vec::new();
    if let Some(arguments) = &arguments {
        match kind {
            ToolKind::Shell => {
                if let Ok(command) = serde_json::from_str::<Command<'_>>(arguments) {
                    edits = command.edits();
                    if command.is_patch() {
                        kind = ToolKind::Edit;
                    }
                }
            }
            ToolKind::Edit => edits = patch(arguments),
            // `wait` waits for agents, but for a program where one has a cell.
            ToolKind::Other if name == "wait" && !arguments.contains("cell_id") => {
                kind = ToolKind::Task;
            }
            _ => {}
        }
    }
    let parsed = arguments.as_deref().and_then(|text| Raw::parse(text).ok());
    Call {
        name,
        kind,
        input: parsed.or_else(|| letters.map(Raw::from_value)),
        edits,
    }
}

/// A `custom_tool_call`: the input is free text.
fn custom(fields: &mut Object<'_>) -> Call {
    let name = fields.string("name").unwrap_or_default();
    let letters = fields.take("input");
    let kind = kind(&name, None);
    let edits = match letters.and_then(crate::container::json::string) {
        Some(text) if kind == ToolKind::Edit => apply_patch::edits(&text),
        _ => Vec::new(),
    };
    Call {
        name,
        kind,
        input: letters.map(Raw::from_value),
        edits,
    }
}

/// The edits of `apply_patch` as a function: `{"input": PATCH}`.
fn patch(arguments: &str) -> Vec<Edit> {
    let text = Object::parse(arguments)
        .ok()
        .and_then(|mut object| object.string("input").or_else(|| object.string("patch")));
    text.map(|text| apply_patch::edits(&text))
        .unwrap_or_default()
}

/// The arguments of a shell tool, whichever.
#[derive(Deserialize)]
struct Command<'a> {
    #[serde(default, borrow, alias = "cmd")]
    command: Option<Words<'a>>,
    #[serde(default, borrow, alias = "working_directory")]
    workdir: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Words<'a> {
    Script(#[serde(borrow)] Cow<'a, str>),
    List(Vec<String>),
}

impl Command<'_> {
    /// The command is `apply_patch` and nothing else.
    fn is_patch(&self) -> bool {
        matches!(&self.command, Some(Words::List(words))
            if words.first().is_some_and(|word| word == "apply_patch" || word == "applypatch"))
    }

    fn edits(&self) -> Vec<Edit> {
        let mut edits = match &self.command {
            Some(Words::Script(script)) => apply_patch::in_script(script),
            Some(Words::List(words)) if self.is_patch() => words
                .get(1)
                .map_or_else(Vec::new, |text| apply_patch::edits(text)),
            // bash -lc SCRIPT
            Some(Words::List(words)) => words
                .last()
                .map_or_else(Vec::new, |script| apply_patch::in_script(script)),
            None => Vec::new(),
        };
        if let Some(folder) = self.workdir.as_deref().filter(|folder| !folder.is_empty()) {
            for edit in &mut edits {
                apply_patch::rebase(edit, folder);
            }
        }
        edits
    }
}
