//! The file changes that a reply asks for, in each form that the program knows.

use stead_usf::{Edit, EditOperation, Scope};

use super::udiff;
use crate::apply_patch;

/// Forms in which nothing is changed.
const TALK: [&str; 4] = ["ask", "architect", "help", "context"];

/// Whether replies in this form change files.
pub(super) fn changes_files(format: &str) -> bool {
    !TALK.contains(&format)
}

/// The name of the form in which a text holds edits, and the edits. `format` is the
/// form that the program asked for, if that is known.
pub(super) fn edits(format: Option<&str>, text: &str) -> Option<(String, Vec<Edit>)> {
    let name = format.unwrap_or_else(|| guess(text));
    let edits = match name.trim_start_matches("editor-") {
        "whole" => whole(text),
        "udiff" | "udiff-simple" => udiff::edits(text),
        "patch" => apply_patch::edits(text),
        "diff" | "diff-fenced" => search_replace(text),
        _ => Vec::new(),
    };
    (!edits.is_empty()).then(|| (name.to_owned(), edits))
}

/// The form of a text whose form is not recorded. A whole file has no sign of its
/// own and is never guessed.
fn guess(text: &str) -> &'static str {
    if text.lines().any(is_search) {
        "diff"
    } else if text.lines().any(|line| line.trim() == "*** Begin Patch") {
        "patch"
    } else if text.lines().any(|line| line.starts_with("```diff")) {
        "udiff"
    } else {
        "ask"
    }
}

/// `<<<<<<< SEARCH`, `ORIGINAL` in the oldest versions.
fn is_search(line: &str) -> bool {
    marker(line, '<').is_some_and(|word| matches!(word, "SEARCH" | "SEARCH>" | "ORIGINAL"))
}

fn is_divider(line: &str) -> bool {
    marker(line, '=') == Some("")
}

fn is_replace(line: &str) -> bool {
    marker(line, '>').is_some_and(|word| matches!(word, "REPLACE" | "UPDATED"))
}

/// What follows five to nine of these signs.
fn marker(line: &str, sign: char) -> Option<&str> {
    let line = line.trim();
    let rest = line.trim_start_matches(sign);
    (5..=9)
        .contains(&(line.len() - rest.len()))
        .then(|| rest.trim_start())
}

/// Blocks of `SEARCH` and `REPLACE`. A block without a path is of the file of the
/// block before it.
fn search_replace(text: &str) -> Vec<Edit> {
    let lines: Vec<&str> = text.lines().collect();
    let mut edits: Vec<Edit> = Vec::new();
    let mut place = 0;
    while let Some(begin) = find(&lines, place, is_search) {
        let Some(middle) = find(&lines, begin, is_divider) else {
            break;
        };
        let ends = |line: &str| is_replace(line) || is_divider(line);
        let Some(end) = find(&lines, middle + 1, ends) else {
            break;
        };
        let path = path_before(&lines[begin.saturating_sub(3)..begin]);
        let path = path.or_else(|| edits.last().map(|edit| edit.path.as_str()));
        if let Some(path) = path {
            let before = joined(&lines[begin + 1..middle]);
            let after = joined(&lines[middle + 1..end]);
            edits.push(Edit::replace(path, before, after));
        }
        place = end + 1;
    }
    edits
}

fn find(lines: &[&str], from: usize, is: impl Fn(&str) -> bool) -> Option<usize> {
    let found = lines.get(from..)?.iter().position(|line| is(line))?;
    Some(from + found)
}

fn joined(lines: &[&str]) -> String {
    lines
        .iter()
        .fold(String::new(), |text, line| text + line + "\n")
}

/// The path in the lines before a block: above the fence, or below it, or on it.
/// Of several that would do, one with a dot is more likely a file.
fn path_before<'a>(lines: &[&'a str]) -> Option<&'a str> {
    let mut found = Vec::new();
    for line in lines.iter().rev() {
        found.extend(path(line));
        let fence = ["```", "<source", "<code", "<pre"];
        if !fence.iter().any(|fence| line.starts_with(fence)) {
            break;
        }
    }
    let dotted = found.iter().copied().find(|path| path.contains('.'));
    dotted.or_else(|| found.first().copied())
}

/// A line as a path, without the marks that models put around it.
fn path(line: &str) -> Option<&str> {
    let line = line.trim();
    if let Some(language) = line.strip_prefix("```") {
        let language = language.trim_start_matches('`');
        return language.contains(['.', '/']).then_some(language);
    }
    if line == "..." || (line.starts_with('<') && line.ends_with('>')) {
        return None;
    }
    let path = line.trim_end_matches(':').trim_start_matches('#').trim();
    let path = path
        .trim_matches('`')
        .trim_matches('*')
        .trim_matches('`')
        .trim();
    (!path.is_empty()).then_some(path)
}

/// Files that are given as a whole, each below its path.
fn whole(text: &str) -> Vec<Edit> {
    let lines: Vec<&str> = text.lines().collect();
    let mut edits = Vec::new();
    let mut place = 0;
    while let Some(begin) = find(&lines, place, |line| closing_of(line).is_some()) {
        let closing = closing_of(lines[begin]).unwrap_or_default();
        let end = find(&lines, begin + 1, |line| line.starts_with(closing));
        let end = end.unwrap_or(lines.len());
        let above = begin.checked_sub(1).and_then(|above| path(lines[above]));
        // Longer ones the program does not take for paths either.
        if let Some(path) = above.filter(|path| path.len() <= 250) {
            edits.push(Edit::write(path, joined(&lines[begin + 1..end])));
        }
        place = end + 1;
    }
    edits
}

/// What ends the fenced part that a line begins. Which of these fences the program
/// asked for is not recorded.
fn closing_of(line: &str) -> Option<&'static str> {
    const FENCES: [(&str, &str); 7] = [
        ("````", "````"),
        ("```", "```"),
        ("<source>", "</source>"),
        ("<code>", "</code>"),
        ("<pre>", "</pre>"),
        ("<codeblock>", "</codeblock>"),
        ("<sourcecode>", "</sourcecode>"),
    ];
    let fence = FENCES.iter().find(|(open, _)| line.starts_with(open));
    fence.map(|(_, close)| *close)
}

/// The edits with what the user's answers tell: these files did not exist.
pub(super) fn with_created(edits: &[Edit], created: &[String]) -> Option<Vec<Edit>> {
    let mut changed = false;
    let mut edits = edits.to_vec();
    let mut seen: Vec<String> = Vec::new();
    for edit in &mut edits {
        let first = !seen.contains(&edit.path);
        seen.push(edit.path.clone());
        let before = edit.before.as_deref().unwrap_or("");
        let fits =
            edit.operation != EditOperation::Delete && before.is_empty() && edit.hunks.is_empty();
        if first && fits && created.contains(&edit.path) {
            edit.operation = EditOperation::Create;
            edit.scope = Some(Scope::File);
            edit.before = None;
            changed = true;
        }
    }
    changed.then_some(edits)
}

#[cfg(test)]
mod tests {
    use stead_usf::{Edit, EditOperation};

    use super::{edits, with_created};

    fn paths(format: &str, text: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let found = edits(Some(format), text).map_or_else(Vec::new, |(_, edits)| edits);
        found
            .into_iter()
            .map(|edit| (edit.path, edit.before, edit.after))
            .collect()
    }

    fn change(path: &str, before: &str, after: &str) -> (String, Option<String>, Option<String>) {
        (path.into(), Some(before.into()), Some(after.into()))
    }

    #[test]
    fn blocks_of_every_dress() {
        let block = "<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n";
        for head in [
            "src/x.rs\n```rust\n",
            "**src/x.rs**\n```\n",
            "`src/x.rs`:\n```rust\n",
            "### `src/x.rs`\n````\n",
            "Words.\n\n```rust\nsrc/x.rs\n",
            "```src/x.rs\n",
            "src/x.rs\n<source>\n",
            "```rust\nsrc/x.rs\n```\n```rust\n",
        ] {
            let text = format!("{head}{block}```");
            assert_eq!(
                paths("diff", &text),
                [change("src/x.rs", "a\n", "b\n")],
                "{head:?}"
            );
        }
        let twice = format!("a.py\n```\n{block}```\nand\n\n```\n{block}```");
        assert_eq!(
            paths("diff", &twice).len(),
            2,
            "the path of the block before"
        );
        let old = "a.py\n```\n<<<<<<< ORIGINAL\na\n=======\nb\n>>>>>>> UPDATED\n```";
        assert_eq!(paths("diff", old), [change("a.py", "a\n", "b\n")]);
        assert_eq!(
            paths("diff", "a.py\n```\n<<<<<<< SEARCH\na\n=======\n"),
            [],
            "cut"
        );
        assert_eq!(paths("ask", &twice), [], "only talked about");
    }

    #[test]
    fn whole_files() {
        let text = "Two files:\n\na.py\n```python\nx = 1\n```\n\n**b.md**\n````\n```\nin\n```\n````\n\n```\nno path\n```";
        let file = |path: &str, text: &str| (path.to_owned(), None, Some(text.to_owned()));
        let expected = [file("a.py", "x = 1\n"), file("b.md", "```\nin\n```\n")];
        assert_eq!(paths("whole", text), expected);
    }

    #[test]
    fn a_new_file_is_known_by_the_users_answer() {
        let edits = [
            Edit::replace("a.md", "", "text"),
            Edit::replace("b.md", "", "text"),
        ];
        let known = with_created(&edits, &["a.md".into()]).unwrap();
        assert_eq!(known[0].operation, EditOperation::Create);
        assert_eq!(
            known[1].operation,
            EditOperation::Modify,
            "perhaps at its end"
        );
        assert_eq!(with_created(&edits, &[]), None);
    }
}
