//! What shell commands do to files, as far as the command shows it.

use serde_json::Value;

use crate::step::Action;

/// What a command does.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Effects {
    /// Changes that the command shows, in order: path (absolute) and action.
    pub(crate) actions: Vec<(String, Action)>,
    /// It may change files in ways that it does not show.
    pub(crate) opaque: bool,
}

/// The command in a tool's input, in any agent's form.
pub(crate) fn command_of(input: &Value) -> Option<String> {
    let command = ["command", "cmd", "script"]
        .iter()
        .find_map(|name| input.get(*name))?;
    match command {
        Value::String(command) => Some(command.clone()),
        Value::Array(words) => match words
            .iter()
            .map(Value::as_str)
            .collect::<Option<Vec<_>>>()?
            .as_slice()
        {
            [_, flag, script] if flag.starts_with('-') && flag.ends_with('c') => {
                Some((*script).to_owned())
            }
            words => Some(words.join(" ")),
        },
        _ => None,
    }
}

/// The folder that the input says to run in.
pub(crate) fn folder_of(input: &Value) -> Option<String> {
    let names = ["workdir", "cwd", "working_directory"];
    let folder = names.iter().find_map(|name| input[name].as_str())?;
    Some(folder.to_owned())
}

/// What the command does, run in a folder. `output` is what it printed.
pub(crate) fn effects(_command: &str, _cwd: &str, _output: Option<&str>) -> Effects {
    Effects::default()
}
