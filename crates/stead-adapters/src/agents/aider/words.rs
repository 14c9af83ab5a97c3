//! What stands in the user's place: words for the model, commands for the program,
//! or what the program put there by itself. Pure text.

use stead_usf::ToolKind;

/// A message in the user's place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Words<'a> {
    /// For the model.
    Prompt,
    /// For the model, by a command that chooses how it answers; with the words,
    /// which the program repeats as a message of their own.
    Chat(&'a str, &'a str),
    /// For the program, which does the work of a tool: the tool's kind, the name of
    /// its argument, and the argument.
    Tool(ToolKind, &'static str, &'a str),
    /// For the program.
    Command,
    /// Put there by the program: an empty message, or a choice made for a group of
    /// questions.
    Program,
}

/// Commands whose words the model gets, and the mode that they ask for.
const CHATS: &[(&str, &str)] = &[
    ("ask", "ask"),
    ("code", ""),
    ("ok", ""),
    ("architect", "architect"),
    ("context", "context"),
    ("help", "help"),
];

const TOOLS: &[(&str, ToolKind, &str)] = &[
    ("run", ToolKind::Shell, "command"),
    ("test", ToolKind::Shell, "command"),
    ("git", ToolKind::Shell, "arguments"),
    ("lint", ToolKind::Shell, "files"),
    ("web", ToolKind::WebFetch, "url"),
    ("add", ToolKind::Read, "files"),
    ("read-only", ToolKind::Read, "files"),
];

const COMMANDS: &[&str] = &[
    "chat-mode",
    "clear",
    "commit",
    "copy",
    "copy-context",
    "diff",
    "drop",
    "edit",
    "editor",
    "editor-model",
    "exit",
    "load",
    "ls",
    "map",
    "map-refresh",
    "model",
    "models",
    "multiline-mode",
    "paste",
    "quit",
    "reasoning-effort",
    "report",
    "reset",
    "save",
    "settings",
    "think-tokens",
    "tokens",
    "undo",
    "voice",
    "weak-model",
];

/// What a message is, by itself.
pub(super) fn classify(text: &str) -> Words<'_> {
    if text == "<blank>" || is_group_answer(text) {
        return Words::Program;
    }
    if let Some(command) = text.strip_prefix('!') {
        return Words::Tool(ToolKind::Shell, "command", command.trim());
    }
    let Some((name, rest)) = command(text) else {
        return Words::Prompt;
    };
    if let Some((_, mode)) = CHATS.iter().find(|(chat, _)| *chat == name) {
        return match (rest, name) {
            ("", "ok") => Words::Chat(mode, rest),
            ("", _) => Words::Command,
            _ => Words::Chat(mode, rest),
        };
    }
    if let Some((_, kind, argument)) = TOOLS.iter().find(|(tool, ..)| *tool == name) {
        return match rest {
            "" if *kind != ToolKind::Shell => Words::Command,
            _ => Words::Tool(*kind, argument, rest),
        };
    }
    if COMMANDS.contains(&name) {
        Words::Command
    } else {
        Words::Prompt
    }
}

/// The name of the command and what follows it.
pub(super) fn command(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('/')?;
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    Some((name, rest.trim()))
}

/// A choice for all of several questions is written down like a message.
fn is_group_answer(text: &str) -> bool {
    let Some((question, answer)) = text.rsplit_once("]: ") else {
        return false;
    };
    matches!(answer, "all" | "skip") && question.contains("? (Y)es/(N)o/")
}

/// Whether the message is the program's repetition of the words of a command.
pub(super) fn repeats(text: &str, words: &str) -> bool {
    squeezed(text).contains(&squeezed(words))
}

/// The words of a text, without the spaces between them: what a message keeps of
/// the text that it repeats.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// A digest of the words of a text, whatever the spaces between them.
pub(super) fn digest(text: &str) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for word in text.split_whitespace() {
        hasher.update(word.as_bytes());
        hasher.update(b" ");
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(first)
}

#[cfg(test)]
mod tests {
    use stead_usf::ToolKind;

    use super::{Words, classify, repeats};

    #[test]
    fn who_is_spoken_to() {
        for (text, expected) in [
            ("Fix it", Words::Prompt),
            ("/home/dev/x is broken", Words::Prompt),
            ("/ask What is it?", Words::Chat("ask", "What is it?")),
            ("/ask", Words::Command),
            ("/ok", Words::Chat("", "")),
            ("/undo", Words::Command),
            (
                "/run ls -l",
                Words::Tool(ToolKind::Shell, "command", "ls -l"),
            ),
            ("!ls -l", Words::Tool(ToolKind::Shell, "command", "ls -l")),
            ("/test", Words::Tool(ToolKind::Shell, "command", "")),
            (
                "/web https://x.example",
                Words::Tool(ToolKind::WebFetch, "url", "https://x.example"),
            ),
            (
                "/add a.rs b.rs",
                Words::Tool(ToolKind::Read, "files", "a.rs b.rs"),
            ),
            ("<blank>", Words::Program),
            (
                "Create new file? (Y)es/(N)o/(A)ll/(S)kip all [Yes]: all",
                Words::Program,
            ),
        ] {
            assert_eq!(classify(text), expected, "{text}");
        }
        assert!(repeats("Some help\n\n# Question: how  to", "how to"));
        assert!(!repeats("Another question", "how to"));
    }
}
