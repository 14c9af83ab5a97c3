//! What a command printed, freed from what agents put around it.

use serde_json::Value;
use stead_usf::Event;

/// How the first of an agent's own lines begins; the last of them is `Output:`.
const HEADS: [&str; 4] = [
    "Chunk ID: ",
    "Exit code: ",
    "Wall time: ",
    "Command executed ",
];

/// So many lines of its own an agent puts first at most.
const HEAD_LINES: usize = 7;

/// How lines begin that agents put at the end.
const ENDS: [&str; 5] = [
    "[The command completed with exit code ",
    "[Command finished with exit code ",
    "[Current working directory: ",
    "[Python interpreter: ",
    "<bash_metadata>",
];

/// What a command printed.
pub(super) fn printed(result: &Event) -> Option<String> {
    result.output.as_deref().map(bare)
}

fn bare(output: &str) -> String {
    let unwrapped = unwrapped(output);
    let output = unwrapped.as_deref().unwrap_or(output);
    let mut text = headless(output);
    while let Some(last) = text.trim_end().lines().next_back()
        && ENDS.iter().any(|end| last.starts_with(end))
    {
        text = &text[..text.trim_end().len() - last.len()];
    }
    text.to_owned()
}

/// Codex up to 0.22 wraps it in JSON, and Cline from 3.0: a record for each command.
fn unwrapped(output: &str) -> Option<String> {
    if !output.starts_with("{\"output\":") && !output.starts_with("[{\"") {
        return None;
    }
    let wrapped: Value = serde_json::from_str(output).ok()?;
    let text = match wrapped.as_array().map(Vec::as_slice) {
        Some([only]) => only["result"].as_str(),
        Some(_) => None,
        None => wrapped["output"].as_str(),
    };
    text.map(str::to_owned)
}

fn headless(output: &str) -> &str {
    if !HEADS.iter().any(|head| output.starts_with(head)) {
        return output;
    }
    let mut at = 0;
    for line in output.split_inclusive('\n').take(HEAD_LINES) {
        at += line.len();
        if line.trim_end() == "Output:" {
            return &output[at..];
        }
    }
    output
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn what_agents_put_around_it_is_taken_off() {
        for output in [
            "a\nb\n",
            "Chunk ID: a162c5\nWall time: 0.0 seconds\nProcess exited with code 0\n\
             Original token count: 12\nOutput:\na\nb\n",
            "Exit code: 0\nWall time: 0.5 seconds\nOutput:\na\nb\n",
            "Command executed successfully (exit code 0).\nOutput:\na\nb\n",
            "{\"output\":\"a\\nb\\n\",\"metadata\":{\"exit_code\":0}}",
            "[{\"query\":\"cat f\",\"result\":\"a\\nb\\n\",\"success\":true}]",
            "a\nb\n[Current working directory: /w]\n[The command completed with exit code 0.]",
        ] {
            assert_eq!(bare(output), "a\nb\n", "{output}");
        }
        for output in ["Exit code: 1\nno more", "[{\"name\": 1}]", "{\"output\":"] {
            assert_eq!(bare(output), output);
        }
    }
}
