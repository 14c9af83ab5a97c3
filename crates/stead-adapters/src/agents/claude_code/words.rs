//! Who speaks where the user speaks: the person, or the agent in their place.
//! Pure text, no records.

use std::borrow::Cow;

/// What a text in the user's place is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Words<'a> {
    /// Typed by a person.
    Typed,
    /// Put in by the agent.
    Injected,
    /// The agent's summary of what went before.
    Summary,
    /// A command of the agent, or what it printed; the text to show.
    Command(Cow<'a, str>),
    /// The user stopped the agent.
    Interrupted,
}

/// Beginnings of texts that the agent or an editor puts in.
const INJECTED: &[&str] = &[
    "<local-command-caveat>",
    "Caveat: The messages below",
    "<system-reminder>",
    "<task-notification",
    "<teammate-message",
    "<channel-message",
    "<channel source",
    "<tick>",
    "<ide_",
    "<new-diagnostics>",
    "<user-prompt-submit-hook>",
    "<session-start-hook>",
    "<post-tool-use-hook>",
    "<stop-hook>",
    "<mcp-resource",
    "<mcp-polling-update",
    "<remote-",
    "<scheduled-task",
    "[SYSTEM NOTIFICATION - NOT USER INPUT]",
];

/// Tags that the agent or an editor puts beside words in the same text.
const BESIDE: &[&str] = &[
    "system-reminder",
    "ide_opened_file",
    "ide_selection",
    "new-diagnostics",
];

/// Parts a text from what was put before and after the words: closed tags at
/// its begin, and reminders at its end.
pub(super) fn parts(text: &str) -> Vec<&str> {
    let mut before = Vec::new();
    let mut words = text;
    while let Some(end) = tag_at_start(words) {
        let (tag, rest) = words.split_at(end);
        before.push(tag.trim());
        words = rest;
    }
    let mut after = Vec::new();
    while let Some(begin) = reminder_at_end(words) {
        let (rest, tag) = words.split_at(begin);
        after.push(tag.trim());
        words = rest;
    }
    if words.trim().is_empty() || (before.is_empty() && after.is_empty()) {
        return vec![text];
    }
    before.push(words.trim());
    before.extend(after.into_iter().rev());
    before
}

/// Where the closed tag ends with which the text begins.
fn tag_at_start(text: &str) -> Option<usize> {
    let start = text.trim_start().strip_prefix('<')?;
    let tag = BESIDE.iter().find(|tag| {
        let rest = start.strip_prefix(**tag);
        rest.is_some_and(|rest| rest.starts_with('>'))
    })?;
    let close = format!("</{tag}>");
    Some(text.find(&close)? + close.len())
}

/// Where the reminder begins with which the text ends.
fn reminder_at_end(text: &str) -> Option<usize> {
    let inside = text.trim_end().strip_suffix("</system-reminder>")?;
    inside.rfind("<system-reminder>")
}

/// Beginnings of what the agent notes of commands it does not have.
const REFUSED: &[&str] = &["Unknown slash command: ", "Unknown skill: "];

/// The beginning of every summary since 0.2.
const SUMMARY: &str = "This session is being continued from a previous conversation";

/// What a text in the user's place is; `meta` if its record says that nobody
/// typed it, `human` if it says that somebody did.
pub(super) fn classify(text: &str, meta: bool, human: bool) -> Words<'_> {
    let start = text.trim_start();
    if meta && start.starts_with(SUMMARY) {
        return Words::Summary;
    }
    if start.starts_with('<')
        && let Some(shown) = command(start)
    {
        return Words::Command(shown);
    }
    if start.starts_with("[Request interrupted by user") {
        return Words::Interrupted;
    }
    if REFUSED.iter().any(|note| start.starts_with(note)) && !human {
        return Words::Command(Cow::Borrowed(text));
    }
    let injected = meta || INJECTED.iter().any(|tag| start.starts_with(tag));
    if injected && !human {
        Words::Injected
    } else {
        Words::Typed
    }
}

/// What to show of a command's record: what was typed, or what it printed.
fn command(text: &str) -> Option<Cow<'_, str>> {
    if text.starts_with("<command-name>") || text.starts_with("<command-message>") {
        let name = tagged(text, "command-name")?.trim();
        let slash = if name.starts_with('/') { "" } else { "/" };
        let arguments = tagged(text, "command-args").unwrap_or("").trim();
        let shown = format!("{slash}{name} {arguments}");
        return Some(Cow::Owned(shown.trim_end().to_owned()));
    }
    if let Some(line) = tagged_start(text, "bash-input") {
        return Some(Cow::Owned(format!("!{line}")));
    }
    if let Some(note) = tagged_start(text, "user-memory-input") {
        return Some(Cow::Owned(format!("#{note}")));
    }
    let pairs = [
        ("local-command-stdout", "local-command-stderr"),
        ("bash-stdout", "bash-stderr"),
    ];
    for (out, error) in pairs {
        if tagged_start(text, out).is_some() || tagged_start(text, error).is_some() {
            let parts = [tagged(text, out), tagged(text, error)];
            let parts: Vec<_> = parts.into_iter().flatten().collect();
            let filled = parts.iter().filter(|part| !part.is_empty()).copied();
            return Some(Cow::Owned(filled.collect::<Vec<_>>().join("\n")));
        }
    }
    None
}

/// The content of the tag that the text begins with.
fn tagged_start<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
    let rest = text.strip_prefix('<')?.strip_prefix(tag)?;
    rest.starts_with('>').then(|| tagged(text, tag))?
}

/// The content of the first such tag; up to the end if it is not closed.
fn tagged<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
    let open = format!("<{tag}>");
    let begin = text.find(&open)? + open.len();
    let end = text[begin..].rfind(&format!("</{tag}>"));
    Some(&text[begin..end.map_or(text.len(), |end| begin + end)])
}
