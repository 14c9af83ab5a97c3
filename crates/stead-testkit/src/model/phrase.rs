//! Phrases a command as a call of the tool that an agent offers for commands, so that one
//! script serves several agents.

use serde_json::{Value, json};

use super::{Asked, Call};

/// What agents call such a tool.
const NAMES: &[&str] = &[
    "shell",
    "exec_command",
    "shell_command",
    "bash",
    "Bash",
    "run_shell_command",
    "execute_command",
    "developer__shell",
];

/// The call with its tool and arguments; as it is if it has them.
pub(super) fn phrased(call: &Call, asked: &Asked) -> Call {
    let Some(command) = &call.shell else {
        return call.clone();
    };
    let tools = asked.tools();
    let mut known = NAMES.iter();
    let found = known.find_map(|name| tools.iter().find(|(own, _)| own == name));
    let (tool, schema) = found.cloned().unwrap_or_default();
    let fields = &schema["properties"];
    let field = ["command", "cmd"]
        .into_iter()
        .find(|name| fields.get(*name).is_some());
    let field = field.unwrap_or("command");
    let value = match fields[field]["type"].as_str() {
        Some("array") => json!(["sh", "-c", command]),
        _ => Value::String(command.clone()),
    };
    Call {
        tool,
        arguments: json!({ field: value }),
        ..call.clone()
    }
}
