//! What a tool call in `EXPECTED.json` does to files, by its arguments. Written for
//! the corpora alone: stead reads the agents' own records.

use serde_json::Value;

/// A change of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Edit {
    /// It holds this now.
    Whole(String),
    /// The first of these gave way to the second.
    Replace(String, String),
}

/// The files that a call changes, by their paths; none for calls that change nothing.
pub(super) fn edits(arguments: &Value) -> Vec<(String, Edit)> {
    if let Some(patch) = patch_in(arguments) {
        return patched(&patch);
    }
    let one_of = |names: &[&str]| {
        let mut found = names.iter().filter_map(|name| arguments[*name].as_str());
        found.next().map(str::to_owned)
    };
    let Some(path) = one_of(&["file_path", "filePath", "path"]) else {
        return Vec::new();
    };
    let before = one_of(&["old_string", "oldString", "old_str", "before"]);
    let after = one_of(&["new_string", "newString", "new_str", "after"]);
    let whole = one_of(&["content", "file_text"]);
    let edit = match (before, after, whole) {
        (Some(before), Some(after), _) => Edit::Replace(before, after),
        (_, _, Some(whole)) => Edit::Whole(whole),
        _ => return Vec::new(),
    };
    vec![(path, edit)]
}

const BEGIN: &str = "*** Begin Patch";

/// A patch in arguments: as it is, as a word of a command, or as a literal in a
/// script.
fn patch_in(arguments: &Value) -> Option<String> {
    match arguments {
        Value::String(text) if text.starts_with(BEGIN) => Some(text.clone()),
        Value::String(text) => {
            let literal = &text[text.find(&format!("\"{BEGIN}"))?..];
            let mut values = serde_json::Deserializer::from_str(literal).into_iter();
            values.next()?.ok()
        }
        Value::Array(words) => words.iter().find_map(patch_in),
        Value::Object(fields) => fields.values().find_map(patch_in),
        _ => None,
    }
}

fn patched(patch: &str) -> Vec<(String, Edit)> {
    let mut edits: Vec<(String, Edit)> = Vec::new();
    for line in patch.lines() {
        if let Some(path) = line.strip_prefix("*** Add File: ") {
            edits.push((path.to_owned(), Edit::Whole(String::new())));
        } else if let Some(path) = line.strip_prefix("*** Update File: ") {
            let nothing = Edit::Replace(String::new(), String::new());
            edits.push((path.to_owned(), nothing));
        } else if let Some((_, edit)) = edits.last_mut() {
            add(edit, line);
        }
    }
    edits
}

fn add(edit: &mut Edit, line: &str) {
    let Some(sign) = line.chars().next().filter(|sign| "+- ".contains(*sign)) else {
        return;
    };
    let text = format!("{}\n", &line[1..]);
    match edit {
        Edit::Whole(whole) => *whole += &text,
        Edit::Replace(before, after) => {
            if sign != '+' {
                *before += &text;
            }
            if sign != '-' {
                *after += &text;
            }
        }
    }
}
