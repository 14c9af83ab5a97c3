//! What can be asked: a file for each group of questions, a line in [`TOOLS`] for each.

mod lines;
mod numbers;
mod sessions;
mod show;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::cli::GlobalArgs;
use crate::command_error::CommandError;
use crate::environment::Context;

/// A question that a model can ask.
#[derive(Debug)]
pub(super) struct Question {
    /// The tool's name.
    pub(super) name: &'static str,
    /// For people who are asked whether it may be called.
    pub(super) title: &'static str,
    /// For the model: what it gives, and when to ask it.
    pub(super) description: &'static str,
    /// JSON Schema of the arguments.
    pub(super) schema: fn() -> Value,
    /// Works the answer out.
    pub(super) answer: fn(Value, &Desk) -> Result<String, CommandError>,
}

/// All questions, the one to begin with first.
pub(super) const TOOLS: &[Question] = &[
    Question {
        name: "search_sessions",
        title: "Search what agents said and did",
        description: include_str!("search_sessions.md"),
        schema: sessions::search_schema,
        answer: sessions::search,
    },
    Question {
        name: "list_sessions",
        title: "List sessions of agents",
        description: include_str!("list_sessions.md"),
        schema: sessions::list_schema,
        answer: sessions::list,
    },
    Question {
        name: "show_session",
        title: "Read a session",
        description: include_str!("show_session.md"),
        schema: show::schema,
        answer: show::show,
    },
    Question {
        name: "who_wrote",
        title: "Say which session wrote the lines of a file",
        description: include_str!("who_wrote.md"),
        schema: lines::who_schema,
        answer: lines::who,
    },
    Question {
        name: "why_line",
        title: "Tell why a line is as it is",
        description: include_str!("why_line.md"),
        schema: lines::why_schema,
        answer: lines::why,
    },
    Question {
        name: "usage_stats",
        title: "Count sessions, tokens and cost",
        description: include_str!("usage_stats.md"),
        schema: numbers::stats_schema,
        answer: numbers::stats,
    },
    Question {
        name: "authorship_report",
        title: "Say whose the lines of a repository are",
        description: include_str!("authorship_report.md"),
        schema: numbers::report_schema,
        answer: numbers::report,
    },
];

/// The question of this name.
pub(super) fn question(name: &str) -> Option<&'static Question> {
    TOOLS.iter().find(|question| question.name == name)
}

/// This machine, and what stead was told when it was started.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) global: GlobalArgs,
    pub(super) context: Context,
}

impl Desk {
    pub(super) fn new(global: &GlobalArgs, context: &Context) -> Self {
        Self {
            global: global.clone(),
            context: context.clone(),
        }
    }

    /// The desk at this moment.
    pub(super) fn now(&self) -> Self {
        Self {
            global: self.global.clone(),
            context: self.context.for_a_program(),
        }
    }
}

/// How a model reads a session from an event on.
fn read_on(session: &str, event: &str) -> String {
    format!("show_session id={session} from={event}")
}

/// The arguments of a call; what does not fit is told so that the next call can be right.
fn arguments<T: DeserializeOwned>(value: Value, schema: fn() -> Value) -> Result<T, CommandError> {
    serde_json::from_value(value).map_err(|error| {
        let schema = schema();
        let names = schema["properties"].as_object().into_iter().flatten();
        let names: Vec<&str> = names.map(|(name, _)| name.as_str()).collect();
        CommandError::usage(format!("the arguments do not fit: {error}"))
            .hint(format!("there are {}", names.join(", ")))
    })
}

/// An object of these properties and no others.
fn object(properties: &Value, required: &[&str]) -> Value {
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}
