//! Instructions that a project has for agents: `AGENTS.md` and `CLAUDE.md` of the top and
//! of each folder on the way to the targets, the nearest last, with the files that lines
//! `@path` of a CLAUDE.md name. Nothing is followed out of the workspace.

use std::collections::BTreeSet;
use std::io::Read as _;

use super::Given;
use super::given::Budget;
use crate::permission::withheld;
use crate::workspace::{Kind, Workspace, is_of_git};

#[cfg(test)]
mod tests;

/// What such files are called, in this order.
const NAMES: [&str; 2] = ["AGENTS.md", "CLAUDE.md"];

/// In so many folders they are looked for.
const MOST_FOLDERS: usize = 32;

/// So deep may files name files (as in Claude Code's documentation).
const DEEPEST: usize = 5;

/// So many files of instructions are given.
const MOST_FILES: usize = 16;

/// The project's instructions for work on targets.
pub(super) fn instructions(
    workspace: &Workspace,
    targets: &[String],
    may_read: &dyn Fn(&str) -> bool,
    budget: &Budget,
) -> Vec<Given> {
    let mut search = Search {
        workspace,
        may_read,
        budget,
        left: budget.all_instructions,
        seen: BTreeSet::new(),
        texts: BTreeSet::new(),
        found: Vec::new(),
    };
    for folder in folders(workspace, targets) {
        for name in NAMES {
            let (path, why) = match folder.as_str() {
                "" => (name.to_owned(), "the project's instructions".to_owned()),
                folder => (
                    format!("{folder}/{name}"),
                    format!("the project's instructions for {folder}"),
                ),
            };
            search.file(&path, &why, 0);
        }
    }
    search.found
}

/// The top and the folders on the way to targets, those above before those below.
fn folders(workspace: &Workspace, targets: &[String]) -> Vec<String> {
    let mut folders = BTreeSet::from([(0, String::new())]);
    for target in targets {
        let Some(target) = stead_edit::relative(target) else {
            continue;
        };
        let is_folder = matches!(workspace.kind(&target), Ok(Some(Kind::Folder)));
        let ends = target.match_indices('/').map(|(at, _)| at);
        let ends: Vec<usize> = ends.chain(is_folder.then_some(target.len())).collect();
        let above = ends.iter().enumerate();
        folders.extend(above.map(|(depth, end)| (depth + 1, target[..*end].to_owned())));
    }
    let folders = folders.into_iter().map(|(_, folder)| folder);
    folders.take(MOST_FOLDERS).collect()
}

struct Search<'a> {
    workspace: &'a Workspace,
    may_read: &'a dyn Fn(&str) -> bool,
    budget: &'a Budget,
    /// Bytes that may still be given.
    left: usize,
    /// Real paths of files that were given.
    seen: BTreeSet<String>,
    /// What they say.
    texts: BTreeSet<String>,
    found: Vec<Given>,
}

impl Search<'_> {
    /// Gives a file, after those that it names. Whether it is there.
    fn file(&mut self, path: &str, why: &str, depth: usize) -> bool {
        let Ok(real) = self.workspace.real(path) else {
            return false;
        };
        if self.seen.contains(&real) {
            return true;
        }
        let is_file = matches!(self.workspace.kind(&real), Ok(Some(Kind::File(_))));
        if !is_file || is_of_git(&real) {
            return false;
        }
        if self.found.len() == MOST_FILES {
            return true;
        }
        self.seen.insert(real.clone());
        if !((self.may_read)(path) && (self.may_read)(&real)) {
            self.found.push(Given::new(path, withheld(path), why));
            return true;
        }
        let Some(text) = self.read(&real) else {
            return true;
        };
        if !self.texts.insert(text.trim().to_owned()) {
            return true;
        }
        let text = if depth > 0 || path.ends_with("CLAUDE.md") {
            self.named(path, &text, depth)
        } else {
            text
        };
        let most = self.budget.instructions.min(self.left);
        let text = cut(text.trim_end(), most, path);
        self.left = self.left.saturating_sub(text.len());
        if !text.trim().is_empty() {
            self.found.push(Given::new(path, text, why));
        }
        true
    }

    fn read(&self, real: &str) -> Option<String> {
        let mut bytes = Vec::new();
        let file = self.workspace.file(real).ok()?;
        // More than is given, so that the note can say how much there is.
        file.take(1 << 20).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Gives the files that lines of a text name, and gives the text without these lines.
    fn named(&mut self, path: &str, text: &str, depth: usize) -> String {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut kept = String::new();
        let mut in_code = false;
        for line in text.lines() {
            in_code ^= line.trim_start().starts_with("```");
            let named = name(line).filter(|_| !in_code && depth < DEEPEST);
            let given = named.is_some_and(|named| {
                let inner = within(folder, named);
                let why = format!("{path} names it");
                inner.is_some_and(|inner| self.file(&inner, &why, depth + 1))
            });
            if given {
                continue;
            }
            kept.push_str(line);
            if named.is_some_and(|named| named.starts_with(['~', '/', '.'])) {
                kept.push_str(" [not read: it is not a file of this workspace]");
            }
            kept.push('\n');
        }
        kept
    }
}

/// The path that a line is there to name: `@path`, perhaps as an item of a list.
fn name(line: &str) -> Option<&str> {
    let line = line.trim();
    let line = line
        .strip_prefix("- ")
        .or(line.strip_prefix("* "))
        .unwrap_or(line);
    let path = line.strip_prefix('@')?;
    (!path.is_empty() && !path.contains(char::is_whitespace)).then_some(path)
}

/// A path as a file in a folder means it; none if it leads out by its words.
fn within(folder: &str, path: &str) -> Option<String> {
    let inner = !path.starts_with(['~', '/']);
    stead_edit::relative(&format!("./{folder}/{path}")).filter(|_| inner)
}

/// The beginning of a text, whole lines of it, with a note if that is not all.
pub(super) fn cut(text: &str, most: usize, name: &str) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let mut end = most;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let end = text[..end].rfind('\n').unwrap_or(end);
    let left = text.len() - end;
    format!(
        "{}\n[{left} more bytes of {name} are left out]",
        &text[..end]
    )
}
