//! What kind of line it is, told by its form alone. How lines make blocks is in
//! `blocks`.

/// The local time in the heading of a section, to the letter.
pub(super) fn heading(line: &str) -> Option<&str> {
    let time = line.strip_prefix("# aider chat started at ")?.trim_end();
    let fits = time.len() == 19
        && time.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            10 => byte == b' ',
            13 | 16 => byte == b':',
            _ => byte.is_ascii_digit(),
        });
    fits.then_some(time)
}

/// A line of the user's message. Two blanks end it, which tells it from a heading
/// of the model.
pub(super) fn said(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("####")?.strip_suffix("  ")?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix(' ')
}

/// A line that begins with the mark of the program's own output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quoted<'a> {
    /// Its words.
    pub(super) text: &'a str,
    /// The output ends here. If not, it goes on in lines without the mark.
    pub(super) complete: bool,
}

/// A line of the program's own output.
pub(super) fn quoted(line: &str) -> Option<Quoted<'_>> {
    let rest = line.strip_prefix('>')?;
    let (rest, complete) = match rest.strip_suffix("  ") {
        Some(shorter) => (shorter, true),
        None => (rest, false),
    };
    if rest.is_empty() {
        return complete.then_some(Quoted { text: "", complete });
    }
    let text = rest.strip_prefix(' ')?;
    Some(Quoted { text, complete })
}

/// Whether an output that began with `first` ends with this line, which has no
/// mark. The report on blocks that failed repeats lines of files, and they may
/// end in two blanks as well: it ends with known sentences.
pub(super) fn closes(first: &str, line: &str) -> bool {
    if !line.ends_with("  ") {
        return false;
    }
    let report = first.starts_with("# ") && first.contains("SEARCH/REPLACE block");
    !report
        || line.starts_with("The SEARCH section must exactly match")
        || line.starts_with("Just reply with fixed versions of the ")
}

/// What the program says right after a reply, by its beginning.
const AFTER_REPLY: &[&str] = &[
    "Tokens: ",
    "Applied edit to ",
    "Did not apply edit to ",
    "Skipping edits to ",
    "Committing ",
    "Commit ",
    "No changes made to ",
    "Unable to commit",
    "Malformed response #",
    "The LLM did not conform",
    "Exception while updating files",
    "Only 3 reflections",
    "Allow creation of new file ",
    "Allow edits to ",
    "Create new file?",
    "Edit the files?",
    "Add file to the chat?",
    "Fix lint errors",
    "Attempt to fix ",
    "Run shell command",
    "^C",
    "Retrying in ",
    "litellm.",
    "Empty response received",
    "Use /undo",
    "You can use /undo",
    "Starting to summarize",
    "Patch format warning",
];

/// Whether the program, and not the model, says this after a reply.
pub(super) fn follows_reply(text: &str) -> bool {
    let known = AFTER_REPLY.iter().any(|start| text.starts_with(start));
    known
        || (text.starts_with("Model ") && text.contains(" has hit a token limit"))
        || (text.starts_with("Add ") && text.contains(" to the chat?"))
}

/// Whether it is the line with the counts of a reply.
pub(super) fn is_tokens(text: &str) -> bool {
    text.starts_with("Tokens: ") && text.contains(" sent") && text.contains(" received.")
}

/// A fence of a code block: how many backticks.
pub(super) fn fence(line: &str) -> Option<usize> {
    let ticks = line.bytes().take_while(|byte| *byte == b'`').count();
    (ticks >= 3).then_some(ticks)
}

#[cfg(test)]
mod tests {
    use super::{Quoted, closes, heading, quoted, said};

    #[test]
    fn lines_are_told_by_their_form() {
        let time = "2026-11-21 08:07:37";
        assert_eq!(
            heading(&format!("# aider chat started at {time}")),
            Some(time)
        );
        for other in ["2026-11-21", "2026-11-21T08:07:37", "soon, 8:07 or later"] {
            assert_eq!(heading(&format!("# aider chat started at {other}")), None);
        }
        assert_eq!(said("#### Fix it  "), Some("Fix it"));
        assert_eq!(said("####  "), Some(""));
        assert_eq!(said("####   "), Some(""));
        assert_eq!(said("#### A heading"), None, "of the model");
        assert_eq!(said("##### Deep  "), None);
        let output = |text, complete| Some(Quoted { text, complete });
        assert_eq!(quoted("> Aider v0.86.2  "), output("Aider v0.86.2", true));
        assert_eq!(quoted("> several lines"), output("several lines", false));
        assert_eq!(quoted(">  "), output("", true));
        assert_eq!(quoted(">>> import this  "), None);
        assert_eq!(quoted(">"), None);
    }

    #[test]
    fn a_report_on_failed_blocks_ends_with_its_own_words() {
        let report = "# 1 SEARCH/REPLACE block failed to match!";
        assert!(!closes(report, "a hard break in a file  "));
        assert!(closes(
            report,
            "The SEARCH section must exactly match an …  "
        ));
        assert!(closes("diff --git", "the last line  "));
        assert!(!closes("diff --git", "a line"));
    }
}
