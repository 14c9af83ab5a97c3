//! `glob`: finds files by their names.

use std::fmt::Write as _;

use globset::{GlobBuilder, GlobMatcher};
use serde_json::{Map, Value, json};
use stead_llm::ToolSpec;
use stead_usf::ToolKind;

use super::answer::MOST;
use super::arguments::{Arguments, TOP};
use super::lines::count;
use super::paths::{found, reads};
use super::{Answer, Bench, Tool, Touches, spec};
use crate::workspace::Workspace;

#[cfg(test)]
mod tests;

/// So many files are named.
const FILES: usize = 500;
/// Room for their names.
const ROOM: usize = MOST - 500;

/// Finds files.
pub(super) struct Glob;

struct Asked {
    pattern: String,
    path: String,
    notes: Vec<String>,
}

fn asked(given: &Map<String, Value>, workspace: &Workspace) -> Result<Asked, String> {
    let mut arguments = Arguments::of(given, workspace);
    let pattern = arguments.needed("pattern", &["glob", "query", "globpattern"])?;
    let path = arguments.path_or_top()?;
    Ok(Asked {
        pattern,
        path: path.unwrap_or_else(|| TOP.to_owned()),
        notes: arguments.notes(),
    })
}

impl Tool for Glob {
    fn spec(&self) -> ToolSpec {
        let properties = json!({
            "pattern": {"type": "string"},
            "path": {"type": "string"},
        });
        spec("glob", include_str!("tool.md"), &properties, &["pattern"])
    }

    fn kind(&self) -> ToolKind {
        ToolKind::Glob
    }

    fn touches(
        &self,
        arguments: &Map<String, Value>,
        workspace: &Workspace,
    ) -> Result<Touches, String> {
        reads(&asked(arguments, workspace)?.path, workspace)
    }

    fn call(&self, arguments: &Map<String, Value>, bench: &mut Bench<'_>) -> Answer {
        match asked(arguments, bench.workspace) {
            Err(why) => Answer::refused(why),
            Ok(asked) => files(&asked, bench.workspace).with_notes(&asked.notes),
        }
    }
}

fn files(asked: &Asked, workspace: &Workspace) -> Answer {
    if let Err(why) = found(&asked.path, workspace) {
        return Answer::refused(why);
    }
    let pattern = match Pattern::new(&asked.pattern, workspace) {
        Ok(pattern) => pattern,
        Err(why) => return Answer::refused(why),
    };
    let mut files = workspace.files(&asked.path);
    files.retain(|file| pattern.fits(file, &asked.path));
    if files.is_empty() {
        return Answer::done("no file has such a name; what git ignores is not looked at");
    }
    let mut text = String::new();
    let mut room = ROOM;
    for (number, file) in files.iter().enumerate() {
        let length = file.chars().count() + 1;
        if number == FILES || length > room {
            let left = count(files.len() - number, "more file");
            let _ = writeln!(text, "({left}; narrow the pattern or give a `path`)");
            break;
        }
        room -= length;
        text.push_str(file);
        text.push('\n');
    }
    Answer::done(text.trim_end())
}

/// A pattern of names.
pub(super) struct Pattern(GlobMatcher);

impl Pattern {
    /// Reads a pattern. One without `/` fits files in any folder.
    pub(super) fn new(written: &str, workspace: &Workspace) -> Result<Self, String> {
        let pattern = written.trim();
        let root = workspace.root().to_string_lossy();
        let pattern = pattern.strip_prefix(root.as_ref()).unwrap_or(pattern);
        let pattern = pattern.trim_start_matches("./").trim_start_matches('/');
        let whole = match pattern.strip_suffix('/') {
            Some(folder) => format!("{folder}/**"),
            None if pattern.contains('/') => pattern.to_owned(),
            None => format!("**/{pattern}"),
        };
        let glob = GlobBuilder::new(&whole).literal_separator(true).build();
        glob.map(|glob| Self(glob.compile_matcher()))
            .map_err(|error| format!("`{written}` is no pattern: {}", error.kind()))
    }

    /// Whether it fits a file, from the top or from the folder that is looked in.
    pub(super) fn fits(&self, file: &str, folder: &str) -> bool {
        let below = file
            .strip_prefix(folder)
            .and_then(|rest| rest.strip_prefix('/'));
        self.0.is_match(file) || below.is_some_and(|below| self.0.is_match(below))
    }
}
