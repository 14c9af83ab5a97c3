//! `task`: a part of the work for a fresh conversation with a narrower goal, through the
//! hook that is handed in. Its calls are judged and recorded like all others.

use serde_json::{Map, Value, json};
use stead_llm::ToolSpec;
use stead_usf::ToolKind;

use super::arguments::Arguments;
use super::{Answer, Bench, Tool, Touches, spec};
use crate::workspace::Workspace;

#[cfg(test)]
mod tests;

/// Hands over a part of the work.
pub(super) struct Subtask;

/// A goal has at most so many characters.
const LONGEST: usize = 8_000;

fn asked(
    given: &Map<String, Value>,
    workspace: &Workspace,
) -> Result<(String, Vec<String>), String> {
    let mut arguments = Arguments::of(given, workspace);
    let goal = arguments.needed("goal", &["task", "prompt", "description", "instructions"])?;
    if goal.trim().is_empty() {
        return Err("`goal` is empty; call again with all that the helper has to know".to_owned());
    }
    if goal.chars().count() > LONGEST {
        return Err(format!(
            "`goal` has more than {LONGEST} characters; name files instead of quoting them"
        ));
    }
    Ok((goal, arguments.notes()))
}

impl Tool for Subtask {
    fn spec(&self) -> ToolSpec {
        let properties = json!({"goal": {"type": "string"}});
        spec("task", include_str!("tool.md"), &properties, &["goal"])
    }

    fn kind(&self) -> ToolKind {
        ToolKind::Task
    }

    fn touches(
        &self,
        arguments: &Map<String, Value>,
        workspace: &Workspace,
    ) -> Result<Touches, String> {
        asked(arguments, workspace).map(|_| Touches::default())
    }

    fn call(&self, arguments: &Map<String, Value>, bench: &mut Bench<'_>) -> Answer {
        let (goal, notes) = match asked(arguments, bench.workspace) {
            Ok(asked) => asked,
            Err(why) => return Answer::refused(why),
        };
        match bench.hooks.task.as_mut() {
            Some(task) => task(goal.trim()).bounded().with_notes(&notes),
            None => Answer::refused("there are no helpers in this session; do it yourself"),
        }
    }
}
