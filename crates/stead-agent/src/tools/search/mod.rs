//! `search`: finds lines by a regular expression.

mod lines;
mod run;

use serde_json::{Map, Value, json};
use stead_llm::ToolSpec;
use stead_usf::ToolKind;

use super::arguments::{Arguments, TOP};
use super::paths::reads;
use super::{Answer, Bench, Tool, Touches, spec};
use crate::workspace::Workspace;

#[cfg(test)]
mod tests;

/// Finds lines.
pub(super) struct Search;

/// What is looked for.
struct Asked {
    pattern: String,
    path: String,
    glob: Option<String>,
    /// So many lines are shown around each.
    context: usize,
    ignore_case: bool,
    notes: Vec<String>,
}

/// More lines around each are not shown.
const MOST_CONTEXT: u64 = 20;

fn asked(given: &Map<String, Value>, workspace: &Workspace) -> Result<Asked, String> {
    let mut arguments = Arguments::of(given, workspace);
    let pattern = arguments.needed("pattern", &["query", "regex", "regexp", "text"])?;
    if pattern.is_empty() {
        return Err("`pattern` is empty; call again with what to look for".to_owned());
    }
    let path = arguments.path_or_top()?;
    let glob = arguments.text("glob", &["include", "filepattern", "includepattern"])?;
    let context = arguments.number("context", &["contextlines", "c"])?;
    let ignore_case = arguments.flag("ignore_case", &["caseinsensitive", "i"])?;
    Ok(Asked {
        pattern,
        path: path.unwrap_or_else(|| TOP.to_owned()),
        glob: glob.filter(|glob| !glob.trim().is_empty()),
        context: context.unwrap_or(0).min(MOST_CONTEXT) as usize,
        ignore_case,
        notes: arguments.notes(),
    })
}

impl Tool for Search {
    fn spec(&self) -> ToolSpec {
        let properties = json!({
            "pattern": {"type": "string"},
            "path": {"type": "string"},
            "glob": {"type": "string"},
            "context": {"type": "integer", "description": "lines around each"},
            "ignore_case": {"type": "boolean"},
        });
        spec("search", include_str!("tool.md"), &properties, &["pattern"])
    }

    fn kind(&self) -> ToolKind {
        ToolKind::Search
    }

    fn touches(
        &self,
        arguments: &Map<String, Value>,
        workspace: &Workspace,
    ) -> Result<Touches, String> {
        reads(&asked(arguments, workspace)?.path, workspace)
    }

    fn call(&self, arguments: &Map<String, Value>, bench: &mut Bench<'_>) -> Answer {
        match asked(arguments, bench.workspace) {
            Err(why) => Answer::refused(why),
            Ok(asked) => run::run(&asked, bench).with_notes(&asked.notes),
        }
    }
}
