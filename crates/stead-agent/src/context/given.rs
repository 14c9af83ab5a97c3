//! What the agent knows before the model asks for anything: a map of the repository, and
//! the instructions that people left. Each piece says why it is there.

use super::Given;
use super::instructions::instructions;
use super::map::{contents, focus, map};
use crate::task::{Facts, TaskSpec};
use crate::workspace::Workspace;

/// How much is given at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Tokens of the map. Small repositories need and get less.
    pub map_tokens: usize,
    /// Bytes of one file of instructions.
    pub instructions: usize,
    /// Bytes of all instructions.
    pub all_instructions: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            map_tokens: 800,
            instructions: 16 << 10,
            all_instructions: 32 << 10,
        }
    }
}

/// Gathers what a task is begun with: the map, the user's own instructions, those of the
/// project from its top to the targets. `user_instructions` are a name for the record and
/// what they say. Nothing is read that `may_read` denies, and nothing outside.
pub fn given(
    workspace: &Workspace,
    facts: &Facts,
    spec: &TaskSpec,
    user_instructions: Option<(&str, &str)>,
    may_read: &dyn Fn(&str) -> bool,
    budget: &Budget,
) -> Vec<Given> {
    let focus = focus(spec);
    let contents = contents(workspace, &facts.files, &focus, may_read);
    let map = map(contents.files(), &focus, budget.map_tokens);
    let mut given = Vec::new();
    if !map.is_empty() {
        let why = "the files of the repository, and what the most important define";
        let read = contents.files().filter(|(_, content)| !content.is_empty());
        given.push(Given {
            files: read.map(|(path, _)| path.to_owned()).collect(),
            ..Given::new("files", map, why)
        });
    }
    let user = user_instructions.map(|(name, text)| {
        let text = super::instructions::cut(text, budget.instructions, name);
        Given::new(name, text, "the user's own instructions")
    });
    given.extend(user);
    given.extend(instructions(workspace, &spec.targets, may_read, budget));
    given
}

#[cfg(test)]
mod tests {
    use stead_llm::ToolInput;

    use super::{Budget, given};
    use crate::context::first_message;
    use crate::task::by_rules;
    use crate::workspace::Workspace;

    const TASK: &str = "add unit tests to src/utils.py";

    fn small() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        for number in 0..27 {
            put(
                &format!("src/part{number}/module_{number}.py"),
                "def work(): pass\n",
            );
        }
        let functions =
            (0..60).map(|at| format!("def function_{at}(argument, other=None): pass\n"));
        put("src/utils.py", &functions.collect::<String>());
        put("AGENTS.md", "Be brief.");
        put("src/CLAUDE.md", "@../AGENTS.md\nNo globals.");
        folder
    }

    #[test]
    fn a_task_begins_with_what_is_given_and_why() {
        let folder = small();
        let workspace = Workspace::open(folder.path()).unwrap();
        let facts = workspace.facts();
        let spec = by_rules(TASK, &facts);
        let user = Some(("~/.config/stead/AGENTS.md", "Mine."));
        let given = given(
            &workspace,
            &facts,
            &spec,
            user,
            &|_| true,
            &Budget::default(),
        );
        let named: Vec<(&str, &str)> = given
            .iter()
            .map(|piece| (piece.name.as_str(), piece.why.as_str()))
            .collect();
        assert_eq!(
            named,
            [
                (
                    "files",
                    "the files of the repository, and what the most important define"
                ),
                ("~/.config/stead/AGENTS.md", "the user's own instructions"),
                ("AGENTS.md", "the project's instructions"),
                ("src/CLAUDE.md", "the project's instructions for src"),
            ]
        );
        assert!(
            given[0]
                .text
                .contains("  1: def function_0(argument, other=None)")
        );
    }

    #[test]
    fn the_first_request_of_a_small_task_is_short() {
        let folder = small();
        let workspace = Workspace::open(folder.path()).unwrap();
        let facts = workspace.facts();
        let spec = by_rules(TASK, &facts);
        let given = given(
            &workspace,
            &facts,
            &spec,
            None,
            &|_| true,
            &Budget::default(),
        );
        let message = first_message(TASK, &spec, &given);
        let tools = crate::tools::tools().iter().map(|tool| {
            let spec = tool.spec();
            let input = match spec.input {
                ToolInput::Schema(schema) => schema.to_string(),
                ToolInput::Freeform { definition, .. } => definition,
            };
            input.len() + spec.name.len() + spec.description.len() + 70
        });
        let tools: usize = tools.sum();
        let prompt = include_str!("../prompt/generator.md").len();
        let message = serde_json::to_string(&message).unwrap().len();
        assert!(
            tools + prompt + message < 6_000,
            "{tools} + {prompt} + {message}"
        );
    }
}
