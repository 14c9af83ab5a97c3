//! What a model is told of a repository to take a task apart: few bytes, the likely ones
//! first. Names and texts come from the caller alone.

use super::{Facts, known};

/// So many bytes of names.
const NAMES: usize = 2200;
/// So many bytes of each telling text, and of all.
const TEXT: usize = 600;
const TEXTS: usize = 1200;
/// So many bytes of commands.
const COMMANDS: usize = 400;

/// Telling texts that hold words rather than settings; of the others their commands are
/// told.
const WORDS: [&str; 1] = ["AGENTS.md"];

/// The message to the parser: facts, then the task to the letter.
pub(super) fn message(task: &str, facts: &Facts) -> String {
    let mut message = String::new();
    let mut piece = |name: &str, text: &str| {
        if !text.trim().is_empty() {
            message.extend(["<", name, ">\n", text.trim_end(), "\n</", name, ">\n\n"]);
        }
    };
    piece("files", &names(task, facts));
    let mut left = TEXTS;
    for name in WORDS {
        let text = cut(facts.text(name), TEXT.min(left));
        left -= text.len();
        piece(name, text);
    }
    let mut commands = String::new();
    for command in known::commands(facts) {
        if commands.len() + command.len() < COMMANDS {
            commands.extend([command.as_str(), "\n"]);
        }
    }
    piece("commands", &commands);
    message.push_str("Task:\n");
    message.push_str(task);
    message
}

/// Names of files, those that the task seems to mean first, then those at the top.
fn names(task: &str, facts: &Facts) -> String {
    let task = task.to_lowercase();
    let words: Vec<&str> = task
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() > 2)
        .collect();
    let shown = facts
        .files
        .iter()
        .filter(|file| !file.contains(char::is_control));
    let mut ranked: Vec<(usize, usize, &String)> = shown
        .map(|file| {
            let small = file.to_lowercase();
            let parts: Vec<&str> = small.split(|c: char| !c.is_alphanumeric()).collect();
            let meant = words.iter().filter(|word| parts.contains(word)).count();
            (usize::MAX - meant, file.matches('/').count(), file)
        })
        .collect();
    ranked.sort();
    let mut names = String::new();
    let mut left_out = 0_usize;
    for (_, _, file) in ranked {
        if names.len() + file.len() < NAMES {
            names.extend([file, "\n"]);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        names.extend(["… and ", &left_out.to_string(), " more\n"]);
    }
    names
}

/// The beginning of a text, cut between characters.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}
