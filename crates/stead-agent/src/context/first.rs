//! The first message: the task, what it was taken apart into, and what is known of the
//! repository. Each piece is named, so that the record shows who put it in.

use crate::task::TaskSpec;

/// A piece of the first message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// What it is (`AGENTS.md`, `files`).
    pub name: String,
    /// What it says.
    pub text: String,
}

/// The first message: the user's words to the letter come last, where models heed them
/// most.
pub fn first_message(task: &str, spec: &TaskSpec, given: &[Given]) -> String {
    let pieces = given.iter().filter(|piece| !piece.text.trim().is_empty());
    let pieces = pieces.map(|Given { name, text }| {
        let text = text.trim_end();
        format!("<{name}>\n{text}\n</{name}>\n\n")
    });
    let mut message: String = pieces.collect();
    for (name, items) in [("Targets", &spec.targets), ("Checks", &spec.checks)] {
        if !items.is_empty() {
            message.extend([name, ": ", &items.join("; "), "\n"]);
        }
    }
    message.push_str("Task:\n");
    message.push_str(task);
    message
}

#[cfg(test)]
mod tests {
    use super::{Given, first_message};
    use crate::task::TaskSpec;

    #[test]
    fn what_is_given_is_named_and_the_task_comes_last_to_the_letter() {
        let spec = TaskSpec {
            checks: vec!["make test".to_owned()],
            ..TaskSpec::default()
        };
        let given = |name: &str, text: &str| Given {
            name: name.to_owned(),
            text: text.to_owned(),
        };
        let message = first_message(
            "add  a\ntest ",
            &spec,
            &[given("AGENTS.md", "Be brief.\n"), given("files", "")],
        );
        assert_eq!(
            message,
            "<AGENTS.md>\nBe brief.\n</AGENTS.md>\n\nChecks: make test\nTask:\nadd  a\ntest "
        );
    }
}
