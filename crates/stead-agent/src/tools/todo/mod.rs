//! `todo`: keeps a plan that the user sees.

use serde_json::{Map, Value, json};
use stead_llm::ToolSpec;
use stead_usf::ToolKind;

use super::arguments::{Arguments, bare};
use super::lines::count;
use super::{Answer, Bench, Status, Todo, Tool, Touches, spec};
use crate::workspace::Workspace;

#[cfg(test)]
mod tests;

/// Keeps the plan.
pub(super) struct Plan;

/// A plan has at most so many items, and an item so many characters.
const MOST_ITEMS: usize = 100;
const LONGEST_ITEM: usize = 200;

fn asked(
    given: &Map<String, Value>,
    workspace: &Workspace,
) -> Result<(Vec<Todo>, Vec<String>), String> {
    let mut arguments = Arguments::of(given, workspace);
    let items = arguments.value("items", &["todos", "plan", "steps", "tasks", "todolist"]);
    let items = items.ok_or("`items` is missing; call again with the whole plan")?;
    let Value::Array(items) = items else {
        return Err("`items` must be a list of {text, status}".to_owned());
    };
    if items.len() > MOST_ITEMS {
        return Err(format!("a plan has at most {MOST_ITEMS} items"));
    }
    let items = items.iter().enumerate();
    let items = items
        .map(|(number, value)| item(value).map_err(|why| format!("item {}: {why}", number + 1)));
    Ok((items.collect::<Result<_, _>>()?, arguments.notes()))
}

fn item(value: &Value) -> Result<Todo, String> {
    let (text, status) = match value {
        Value::String(text) => (text.as_str(), Status::default()),
        Value::Object(object) => {
            let field = |names: &[&str]| {
                let mut fields = object.iter();
                let found = fields.find(|(name, _)| names.contains(&bare(name).as_str()));
                found.and_then(|(_, value)| value.as_str())
            };
            let text = field(&["text", "content", "step", "task", "title", "description"]);
            let text = text.ok_or("`text` is missing")?;
            let status = field(&["status", "state"]).map_or(Ok(Status::default()), status)?;
            (text, status)
        }
        _ => return Err("it must be {text, status}".to_owned()),
    };
    // One line each, however it was written.
    let words: Vec<&str> = text.split_whitespace().collect();
    let text: String = words.join(" ").chars().take(LONGEST_ITEM).collect();
    if text.is_empty() {
        return Err("`text` is empty".to_owned());
    }
    Ok(Todo { text, status })
}

fn status(word: &str) -> Result<Status, String> {
    match bare(word).as_str() {
        "pending" | "todo" | "open" | "notstarted" | "" => Ok(Status::Pending),
        "active" | "inprogress" | "doing" | "current" | "started" => Ok(Status::Active),
        "done" | "completed" | "complete" | "finished" | "cancelled" | "skipped" => {
            Ok(Status::Done)
        }
        _ => Err(format!(
            "`{word}` is no status; they are pending, active, done"
        )),
    }
}

impl Tool for Plan {
    fn spec(&self) -> ToolSpec {
        let status = json!({"type": "string", "enum": ["pending", "active", "done"]});
        let item = json!({
            "type": "object",
            "properties": {"text": {"type": "string"}, "status": status},
        });
        let properties = json!({"items": {"type": "array", "items": item}});
        spec("todo", include_str!("tool.md"), &properties, &["items"])
    }

    fn kind(&self) -> ToolKind {
        ToolKind::Todo
    }

    fn touches(
        &self,
        arguments: &Map<String, Value>,
        workspace: &Workspace,
    ) -> Result<Touches, String> {
        asked(arguments, workspace).map(|_| Touches::default())
    }

    fn call(&self, arguments: &Map<String, Value>, bench: &mut Bench<'_>) -> Answer {
        match asked(arguments, bench.workspace) {
            Err(why) => Answer::refused(why),
            Ok((items, notes)) => {
                let left = items
                    .iter()
                    .filter(|item| item.status != Status::Done)
                    .count();
                let text = match left {
                    0 => "the plan is kept; all is done".to_owned(),
                    left => format!("the plan is kept; {} to do", count(left, "item")),
                };
                *bench.todo = items;
                Answer::done(text).with_notes(&notes)
            }
        }
    }
}
