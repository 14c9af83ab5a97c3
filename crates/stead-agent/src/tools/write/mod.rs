//! `write`: makes a file, or puts another in its place.

use serde_json::{Map, Value, json};
use stead_edit::Change;
use stead_llm::ToolSpec;
use stead_usf::ToolKind;

use super::arguments::Arguments;
use super::lines::count;
use super::{Answer, Bench, Tool, Touches, change, spec};
use crate::workspace::Workspace;

#[cfg(test)]
mod tests;

/// Writes a file.
pub(super) struct Write;

struct Asked {
    path: String,
    content: String,
    notes: Vec<String>,
}

fn asked(given: &Map<String, Value>, workspace: &Workspace) -> Result<Asked, String> {
    let mut arguments = Arguments::of(given, workspace);
    Ok(Asked {
        path: arguments.path()?,
        content: content(&mut arguments)?,
        notes: arguments.notes(),
    })
}

fn content(arguments: &mut Arguments<'_>) -> Result<String, String> {
    match arguments.value(
        "content",
        &["contents", "text", "filetext", "filecontent", "code"],
    ) {
        None => Err("`content` is missing; call again with the whole file".to_owned()),
        Some(Value::String(text)) => Ok(text.clone()),
        // So models write files that are JSON themselves.
        Some(value @ (Value::Object(_) | Value::Array(_))) => {
            arguments
                .note("`content` was JSON and is written as such; give it as a string".to_owned());
            let text = serde_json::to_string_pretty(value).map_err(|error| error.to_string())?;
            Ok(format!("{text}\n"))
        }
        Some(value) => Ok(value.to_string()),
    }
}

impl Asked {
    fn change(&self) -> Change {
        Change::Write {
            path: self.path.clone(),
            text: self.content.clone(),
        }
    }
}

impl Tool for Write {
    fn spec(&self) -> ToolSpec {
        let properties = json!({
            "path": {"type": "string"},
            "content": {"type": "string"},
        });
        spec(
            "write",
            include_str!("tool.md"),
            &properties,
            &["path", "content"],
        )
    }

    fn kind(&self) -> ToolKind {
        ToolKind::Write
    }

    fn touches(
        &self,
        arguments: &Map<String, Value>,
        workspace: &Workspace,
    ) -> Result<Touches, String> {
        change::touches(&[asked(arguments, workspace)?.change()], workspace)
    }

    fn call(&self, arguments: &Map<String, Value>, bench: &mut Bench<'_>) -> Answer {
        match asked(arguments, bench.workspace) {
            Err(why) => Answer::refused(why),
            Ok(asked) => written(&asked, bench).with_notes(&asked.notes),
        }
    }
}

fn written(asked: &Asked, bench: &mut Bench<'_>) -> Answer {
    let path = &asked.path;
    match change::carry_out(&[asked.change()], bench) {
        Err(why) => Answer::refused(why),
        Ok(plan) => {
            let lines = count(asked.content.lines().count(), "line");
            let text = match plan.files.first() {
                None => format!("`{path}` already is so"),
                Some(file) if file.before.is_none() => format!("`{path}` is made, {lines}"),
                Some(_) => format!("`{path}` is replaced, {lines}"),
            };
            change::answer(text, plan)
        }
    }
}
