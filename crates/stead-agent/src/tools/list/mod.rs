//! `list`: shows what is in a folder, and below it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use stead_llm::ToolSpec;
use stead_usf::ToolKind;

use super::answer::MOST;
use super::arguments::{Arguments, TOP};
use super::lines::count;
use super::paths::{Found, found, reads, unreadable};
use super::{Answer, Bench, Tool, Touches, spec};
use crate::workspace::{Kind, Workspace};

#[cfg(test)]
mod tests;

/// Room for what is said below the names.
const ROOM: usize = MOST - 500;

/// Shows a folder.
pub(super) struct List;

struct Asked {
    path: String,
    depth: usize,
    notes: Vec<String>,
}

fn asked(given: &Map<String, Value>, workspace: &Workspace) -> Result<Asked, String> {
    let mut arguments = Arguments::of(given, workspace);
    let path = arguments.path_or_top()?;
    let depth = arguments.number("depth", &["maxdepth", "levels"])?;
    Ok(Asked {
        path: path.unwrap_or_else(|| TOP.to_owned()),
        depth: depth.map_or(1, |depth| depth as usize).max(1),
        notes: arguments.notes(),
    })
}

impl Tool for List {
    fn spec(&self) -> ToolSpec {
        let properties = json!({
            "path": {"type": "string"},
            "depth": {"type": "integer"},
        });
        spec("list", include_str!("tool.md"), &properties, &[])
    }

    fn kind(&self) -> ToolKind {
        ToolKind::List
    }

    fn touches(
        &self,
        arguments: &Map<String, Value>,
        workspace: &Workspace,
    ) -> Result<Touches, String> {
        reads(&asked(arguments, workspace)?.path, workspace)
    }

    fn call(&self, arguments: &Map<String, Value>, bench: &mut Bench<'_>) -> Answer {
        let asked = match asked(arguments, bench.workspace) {
            Ok(asked) => asked,
            Err(why) => return Answer::refused(why),
        };
        let answer = match found(&asked.path, bench.workspace) {
            Err(why) => Answer::refused(why),
            Ok(Found::File(length)) => Answer::done(format!("{} ({length} bytes)", asked.path)),
            Ok(Found::Folder) => folder(&asked.path, asked.depth, bench.workspace),
        };
        answer.with_notes(&asked.notes)
    }
}

/// The names in a folder and, as far as version control keeps them, below it: one below
/// the other, each level further in.
pub(super) fn folder(path: &str, depth: usize, workspace: &Workspace) -> Answer {
    let entries = match workspace.entries(path) {
        Ok(entries) => entries,
        Err(error) => return Answer::refused(unreadable(path, &error)),
    };
    if entries.is_empty() {
        return Answer::done("(the folder is empty)");
    }
    let mut kept = Folder::default();
    for file in workspace.files(path) {
        let inner = match path {
            TOP => Some(file.as_str()),
            path => file
                .strip_prefix(path)
                .and_then(|rest| rest.strip_prefix('/')),
        };
        kept.put(inner.unwrap_or(&file));
    }
    let mut rows = Vec::new();
    for (name, kind) in entries {
        match (kind, kept.folders.get(&name)) {
            (Kind::Folder, Some(folder)) => folder.rows(&name, 0, depth, &mut rows),
            (Kind::Folder, None) => rows.push(format!("{name}/ (ignored or empty)")),
            (Kind::File(_), _) if kept.files.contains(&name) => rows.push(name),
            (Kind::File(_), _) => rows.push(format!("{name} (ignored)")),
            (Kind::Other, _) => rows.push(format!("{name} (no file; perhaps a link)")),
        }
    }
    Answer::done(fitting(&rows))
}

/// As many rows as an answer has room for, and how many there are more.
fn fitting(rows: &[String]) -> String {
    let mut text = String::new();
    let mut room = ROOM;
    for (number, row) in rows.iter().enumerate() {
        let length = row.chars().count() + 1;
        if length > room {
            let left = count(rows.len() - number, "more name");
            let _ = writeln!(text, "({left}; list a folder in it, or use `glob`)");
            break;
        }
        room -= length;
        text.push_str(row);
        text.push('\n');
    }
    text.trim_end().to_owned()
}

/// What version control keeps in a folder.
#[derive(Default)]
struct Folder {
    folders: BTreeMap<String, Self>,
    files: Vec<String>,
}

impl Folder {
    fn put(&mut self, path: &str) {
        match path.split_once('/') {
            None => self.files.push(path.to_owned()),
            Some((folder, rest)) => self.folders.entry(folder.to_owned()).or_default().put(rest),
        }
    }

    fn size(&self) -> usize {
        self.files.len() + self.folders.values().map(Self::size).sum::<usize>()
    }

    fn rows(&self, name: &str, level: usize, depth: usize, rows: &mut Vec<String>) {
        let indent = "  ".repeat(level);
        if level + 1 >= depth {
            rows.push(format!("{indent}{name}/ ({})", count(self.size(), "file")));
            return;
        }
        rows.push(format!("{indent}{name}/"));
        for (name, folder) in &self.folders {
            folder.rows(name, level + 1, depth, rows);
        }
        let files = self.files.iter().map(|file| format!("{indent}  {file}"));
        rows.extend(files);
    }
}
