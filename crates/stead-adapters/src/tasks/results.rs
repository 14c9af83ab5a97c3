//! What tools answered: told from other text in the user's place, and whether it
//! says that the tool did its work. Nothing of it is taken away.

/// How an answer begins that says that nothing was done.
const FAILURES: &[&str] = &[
    "The tool execution failed",
    "The user denied this operation",
    "[ERROR]",
    "Error: ",
    "Error executing ",
    "Missing value for required parameter",
    "Tool [",
    "Task was interrupted before this tool call",
    "Changes were rejected by the user",
];

/// An answer in a text of its own: `[read_file for 'src/a.rs'] Result:`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer<'a> {
    /// The tool, as the answer names it.
    pub(super) tool: &'a str,
    pub(super) body: &'a str,
}

/// The answer that a text is.
pub(super) fn answer(text: &str) -> Option<Answer<'_>> {
    let inner = text.strip_prefix('[')?;
    let end = inner.find("] Result:")?;
    let tool = inner[..end].split([' ', '\n']).next()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let is_name = !tool.is_empty() && tool.bytes().all(plain);
    let body = &inner[end + "] Result:".len()..];
    let body = body.strip_prefix(' ').unwrap_or(body);
    let body = body.trim_start_matches('\n');
    is_name.then_some(Answer { tool, body })
}

/// What an answer says of how it went.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) ok: bool,
    pub(super) exit_code: Option<i64>,
}

/// Reads the outcome out of an answer.
pub(super) fn outcome(text: &str) -> Outcome {
    let exit_code = exit_code(text);
    let failed = FAILURES.iter().any(|failure| text.starts_with(failure))
        || text.starts_with("{\"status\":\"error\"")
        || text.starts_with("{\"status\":\"denied\"")
        || text.starts_with("<error>")
        || text.starts_with("Access to ") && text.contains(" is blocked by the .")
        || text
            .lines()
            .take(3)
            .any(|line| line.starts_with("<error_details>"));
    Outcome {
        ok: !failed && exit_code.unwrap_or(0) == 0,
        exit_code,
    }
}

/// The exit code that the head of a command's answer tells.
fn exit_code(text: &str) -> Option<i64> {
    let head = text.split("\nOutput:").next()?;
    if !head.starts_with("Command ") {
        return None;
    }
    let codes = ["(exit code ", "with exit code ", "Exit code: "];
    let (_, code) = codes.iter().find_map(|before| head.split_once(before))?;
    let digits = code.find(|c: char| !c.is_ascii_digit() && c != '-');
    code[..digits.unwrap_or(code.len())].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Outcome, answer, outcome};

    #[test]
    fn answers_are_told_from_text() {
        let found = answer("[execute_command for 'ls [a]'] Result:\nx").unwrap();
        assert_eq!((found.tool, found.body), ("execute_command", "x"));
        assert_eq!(answer("[subagents] Result:").unwrap().tool, "subagents");
        for text in [
            "[NOTE] Some text",
            "[a b",
            "x [read_file] Result:",
            "[é] Result:",
        ] {
            assert_eq!(answer(text), None, "{text}");
        }
    }

    #[test]
    fn outcomes_are_told() {
        for (text, ok, exit_code) in [
            (
                "Command executed successfully (exit code 0).\nOutput:\nx",
                true,
                Some(0),
            ),
            (
                "Command failed with exit code 2.\nOutput:\n(exit code 0)",
                false,
                Some(2),
            ),
            (
                "Command executed in terminal within working directory '/a'. Exit code: 0\nOutput:",
                true,
                Some(0),
            ),
            ("Command executed.\nOutput:\nExit code: 1", true, None),
            (
                "The tool execution failed with the following error:\n<error>",
                false,
                None,
            ),
            ("1 | exit code 2", true, None),
            (
                "File does not exist at path: a\n\n<error_details>\nx",
                false,
                None,
            ),
            ("{\"status\":\"denied\",\"message\":\"x\"}", false, None),
            (
                "Access to a is blocked by the .rooignore file settings.",
                false,
                None,
            ),
        ] {
            assert_eq!(outcome(text), Outcome { ok, exit_code }, "{text}");
        }
    }
}
