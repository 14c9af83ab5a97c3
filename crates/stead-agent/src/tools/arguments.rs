//! Reads arguments leniently where it is clear what is meant, and tells what was not
//! taken as it was written.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use stead_edit::Tree;

use crate::workspace::Workspace;

/// Other names under which models give a path.
const PATH: &[&str] = &[
    "filepath",
    "filename",
    "file",
    "absolutepath",
    "relativepath",
    "targetfile",
    "directory",
    "dir",
    "folder",
    "dirpath",
];

/// The top of the workspace.
pub(super) const TOP: &str = ".";

/// A name without case and signs: `filePath`, `file_path` and `FilePath` are the same.
pub(super) fn bare(name: &str) -> String {
    let signs = name.chars().filter(|c| c.is_alphanumeric());
    signs.flat_map(char::to_lowercase).collect()
}

/// Arguments that are being read.
pub(super) struct Arguments<'a> {
    given: &'a Map<String, Value>,
    workspace: &'a Workspace,
    taken: BTreeSet<&'a str>,
    names: Vec<&'static str>,
    notes: Vec<String>,
}

impl<'a> Arguments<'a> {
    pub(super) const fn of(given: &'a Map<String, Value>, workspace: &'a Workspace) -> Self {
        Self {
            given,
            workspace,
            taken: BTreeSet::new(),
            names: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// What was not taken as it was written, and what was not taken at all.
    pub(super) fn notes(mut self) -> Vec<String> {
        let unknown = self.given.iter().filter(|(name, value)| {
            // Models name what they do not use.
            !self.taken.contains(name.as_str()) && !value.is_null()
        });
        let unknown: Vec<String> = unknown.map(|(name, _)| format!("`{name}`")).collect();
        if !unknown.is_empty() {
            self.notes.push(format!(
                "not known and left out: {}; the arguments are {}",
                unknown.join(", "),
                self.names.join(", ")
            ));
        }
        self.notes
    }

    pub(super) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// An argument by its name, or by others that models use for it.
    pub(super) fn value(&mut self, name: &'static str, others: &[&str]) -> Option<&'a Value> {
        self.names.push(name);
        let given = self.given.iter().filter(|(_, value)| !value.is_null());
        let mut given: Vec<(&str, &Value)> =
            given.map(|(name, value)| (name.as_str(), value)).collect();
        given.retain(|(name, _)| !self.taken.contains(name));
        let by = |wanted: &str| given.iter().find(|(given, _)| bare(given) == bare(wanted));
        let exact = given.iter().find(|(given, _)| *given == name);
        let found = exact
            .or_else(|| by(name))
            .or_else(|| others.iter().find_map(|other| by(other)));
        let (found, value) = *found?;
        self.taken.insert(found);
        if found != name {
            self.notes.push(format!("`{found}` was taken for `{name}`"));
        }
        Some(value)
    }

    /// A text.
    pub(super) fn text(
        &mut self,
        name: &'static str,
        others: &[&str],
    ) -> Result<Option<String>, String> {
        match self.value(name, others) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(Some(value.to_string())),
            // Lines of a text.
            Some(Value::Array(lines))
                if !lines.is_empty() && lines.iter().all(Value::is_string) =>
            {
                let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
                self.note(format!("the list `{name}` was taken as lines"));
                Ok(Some(lines.join("\n")))
            }
            Some(_) => Err(format!("`{name}` must be a text; call again with a string")),
        }
    }

    /// A text that must be there.
    pub(super) fn needed(&mut self, name: &'static str, others: &[&str]) -> Result<String, String> {
        let text = self.text(name, others)?;
        text.ok_or_else(|| format!("`{name}` is missing; call again with it"))
    }

    /// A whole number from 0.
    pub(super) fn number(
        &mut self,
        name: &'static str,
        others: &[&str],
    ) -> Result<Option<u64>, String> {
        let wrong = || format!("`{name}` must be a whole number from 0; call again with one");
        match self.value(name, others) {
            None => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) => whole(text).map(Some).ok_or_else(wrong),
            Some(Value::Number(number)) => whole(&number.to_string()).map(Some).ok_or_else(wrong),
            Some(_) => Err(wrong()),
        }
    }

    /// A yes or no; absent is no.
    pub(super) fn flag(&mut self, name: &'static str, others: &[&str]) -> Result<bool, String> {
        match self.value(name, others) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(value) => {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_lowercase);
                match text.trim() {
                    "true" | "yes" | "1" => Ok(true),
                    "false" | "no" | "0" | "" => Ok(false),
                    _ => Err(format!("`{name}` must be true or false")),
                }
            }
        }
    }

    /// The path of a file in the workspace, from its top.
    pub(super) fn path(&mut self) -> Result<String, String> {
        let path = self.path_or_top()?.filter(|path| path != TOP);
        path.ok_or_else(|| "`path` is missing; call again with that of a file".to_owned())
    }

    /// A path in the workspace, or its top; `None` if none is given.
    pub(super) fn path_or_top(&mut self) -> Result<Option<String>, String> {
        let path = self.text("path", PATH)?;
        path.map(|path| self.place(&path)).transpose()
    }

    /// A path that has no name of its own here, but that models give.
    pub(super) fn other_path(&mut self, names: &[&str]) -> Result<Option<String>, String> {
        match self.other(names) {
            None => Ok(None),
            Some(Value::String(path)) => self.place(path).map(Some),
            Some(_) => Err(format!("`{}` must be a path", names[0])),
        }
    }

    /// A whole number that has no name of its own here, but that models give.
    pub(super) fn other_number(&mut self, names: &[&str]) -> Result<Option<u64>, String> {
        let value = self.other(names).map(ToString::to_string);
        let number = value.map(|value| whole(value.trim_matches('"')));
        number
            .map(|number| number.ok_or_else(|| format!("`{}` must be a whole number", names[0])))
            .transpose()
    }

    fn other(&mut self, names: &[&str]) -> Option<&'a Value> {
        let mut given = self.given.iter().filter(|(_, value)| !value.is_null());
        let (name, value) = given.find(|(name, _)| names.contains(&bare(name).as_str()))?;
        self.taken.insert(name);
        Some(value)
    }

    fn place(&mut self, written: &str) -> Result<String, String> {
        let path = written.trim();
        let path = path.strip_prefix("file://").unwrap_or(path);
        let root = self.workspace.root().to_string_lossy();
        if ["", ".", "./"].contains(&path) || path.trim_end_matches('/') == root {
            return Ok(TOP.to_owned());
        }
        if path == "~" || path.starts_with("~/") {
            return Err(format!(
                "`{written}` is outside of the workspace, and nothing leads out of it; write paths from its top"
            ));
        }
        match self.workspace.inside(path) {
            Some(inside) => {
                if path.starts_with('/') {
                    self.note(format!(
                        "`{path}` is `{inside}`; write paths from the top of the workspace"
                    ));
                }
                Ok(inside)
            }
            None => Err(self.outside(written, path)),
        }
    }

    fn outside(&self, written: &str, path: &str) -> String {
        let from_top = stead_edit::relative(path.trim_start_matches('/'));
        let there = from_top.filter(|path| matches!(self.workspace.kind(path), Ok(Some(_))));
        let hint = there.map_or_else(
            || "write paths from its top".to_owned(),
            |there| format!("if you mean `{there}`, write it so"),
        );
        format!("`{written}` is outside of the workspace, and nothing leads out of it; {hint}")
    }
}

/// A whole number, also as `10.0` or `"10"`.
fn whole(text: &str) -> Option<u64> {
    let text = text.trim();
    let text = text.strip_suffix(".0").unwrap_or(text);
    text.parse().ok()
}
