//! The command and its folder in the input of a tool call, in every agent's form.
//! What the command does is not looked at.

use serde_json::Value;

/// The command in a tool's input, in any agent's form.
pub(crate) fn command_of(input: &Value) -> Option<String> {
    let names = ["command", "cmd", "commands", "script"];
    match input {
        // Codex's free-form tools and some plug-ins have nothing but the text.
        Value::String(command) => return Some(command.clone()),
        // OpenHands: what is typed into a program that runs is no command.
        _ if input["is_input"].as_bool() == Some(true) => return None,
        _ => {}
    }
    let Some(command) = names.iter().find_map(|name| input.get(*name)) else {
        // Aider's `/git …`.
        let arguments = input.get("arguments")?.as_str()?;
        return Some(format!("git {arguments}"));
    };
    match command {
        Value::String(command) => Some(command.clone()),
        Value::Array(words) if input.get("commands").is_some() => Some(lines(words)?.join("\n")),
        Value::Array(words) => Some(joined(&lines(words)?)),
        _ => None,
    }
}

/// The folder that the input says to run in.
pub(crate) fn folder_of(input: &Value) -> Option<String> {
    let names = [
        "workdir",
        "cwd",
        "working_directory",
        "working_dir",
        "workingDirectory",
        "directory",
    ];
    let folder = names.iter().find_map(|name| input[name].as_str())?;
    (!folder.is_empty()).then(|| folder.to_owned())
}

fn lines(words: &[Value]) -> Option<Vec<&str>> {
    words
        .iter()
        .map(|word| match word {
            Value::String(word) => Some(word.as_str()),
            // Cline: `{"command": …}` in `commands`.
            word => word["command"].as_str(),
        })
        .collect()
}

/// Arguments as one text that a shell would split into them again.
fn joined(words: &[&str]) -> String {
    match words {
        [shell, flag, script]
            if flag.starts_with('-') && flag.ends_with('c') && is_shell(shell) =>
        {
            (*script).to_owned()
        }
        words => {
            let quoted = words.iter().map(|word| quoted(word));
            quoted.collect::<Vec<_>>().join(" ")
        }
    }
}

fn is_shell(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    ["sh", "bash", "zsh", "dash", "ksh"].contains(&name)
}

fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=:,@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Whether this is in Windows' other shell: its quotes and pipes mean other things.
pub(super) fn is_powershell(command: &str) -> bool {
    const VERBS: [&str; 12] = [
        "Get-", "Set-", "Add-", "Out-", "New-", "Remove-", "Copy-", "Move-", "Rename-", "Select-",
        "ForEach-", "Invoke-",
    ];
    let first_line = command.lines().next().unwrap_or_default();
    let is_cmdlet = |word: &str| {
        let noun = VERBS.iter().find_map(|verb| word.strip_prefix(verb));
        noun.is_some_and(|noun| noun.starts_with(|c: char| c.is_ascii_uppercase()))
    };
    let mut words = first_line.split([' ', '\t', '|', ';', '(', '{']);
    let starts = |word: &str| command.trim_start().starts_with(word);
    words.any(is_cmdlet) || starts("$env:") || starts("powershell") || starts("pwsh")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{command_of, folder_of, is_powershell};

    #[test]
    fn commands_are_found_in_every_agents_input() {
        for (input, expected) in [
            (
                json!({"command": "ls -l", "description": "Lists"}),
                Some("ls -l"),
            ),
            (json!({"command": ["bash", "-lc", "cat a"]}), Some("cat a")),
            (
                json!({"command": ["/bin/zsh", "-c", "cat a"]}),
                Some("cat a"),
            ),
            (
                json!({"command": ["cat", "my file"]}),
                Some("cat 'my file'"),
            ),
            (
                json!({"type": "exec", "command": ["rm", "it's"]}),
                Some(r"rm 'it'\''s'"),
            ),
            (json!({"cmd": "cat a", "workdir": "/w"}), Some("cat a")),
            (json!({"commands": ["cd a", "rm b"]}), Some("cd a\nrm b")),
            (json!({"commands": [{"command": "rm b"}]}), Some("rm b")),
            (json!({"arguments": "rm a.py"}), Some("git rm a.py")),
            (json!("rm a"), Some("rm a")),
            (json!({"command": "y", "is_input": true}), None),
            (
                json!({"command": "ls", "is_input": false, "cwd": null}),
                Some("ls"),
            ),
            (json!({"session_id": 3, "chars": "q"}), None),
            (json!({"command": [1]}), None),
            (json!(null), None),
        ] {
            assert_eq!(command_of(&input).as_deref(), expected, "{input}");
        }
    }

    #[test]
    fn folders_are_found_in_every_agents_input() {
        for (input, expected) in [
            (json!({"workdir": "/w"}), Some("/w")),
            (
                json!({"working_directory": "/w", "type": "exec"}),
                Some("/w"),
            ),
            (json!({"working_dir": "/w"}), Some("/w")),
            (json!({"cwd": null}), None),
            (json!({"cwd": ""}), None),
        ] {
            assert_eq!(folder_of(&input).as_deref(), expected, "{input}");
        }
    }

    #[test]
    fn powershell_is_told_from_a_shell() {
        for command in [
            "Get-Content a.txt",
            "'x' | Out-File a.txt",
            "$env:X = 1; ls",
        ] {
            assert!(is_powershell(command), "{command}");
        }
        for command in [
            "cat a",
            "git log --author=Get-",
            "sed -i s/New-/x/ f",
            "echo Set-up > f",
        ] {
            assert!(!is_powershell(command), "{command}");
        }
    }
}
