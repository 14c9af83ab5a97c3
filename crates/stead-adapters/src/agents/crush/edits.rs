//! File changes that calls ask for.

use stead_usf::{Edit, EditOperation, Scope};

use crate::container::json::Object;

/// The changes that a call of this tool asks for; `input` is its JSON.
pub(super) fn edits(tool: &str, input: &str) -> Vec<Edit> {
    let Ok(mut input) = Object::parse(input) else {
        return Vec::new();
    };
    let Some(path) = input.string("file_path").filter(|path| !path.is_empty()) else {
        return Vec::new();
    };
    match tool {
        "edit" => replacement(path, &mut input).into_iter().collect(),
        "multiedit" => {
            let edits = input.values("edits").unwrap_or_default();
            let one = |value| replacement(path.clone(), &mut Object::of(value)?);
            edits.into_iter().filter_map(one).collect()
        }
        "write" => input
            .string("content")
            .map(|content| Edit::write(path, content))
            .into_iter()
            .collect(),
        // What is fetched is not recorded, nor what a symbol was before.
        "download" => vec![Edit::new(path, EditOperation::Write)],
        "lsp_replace_symbol" => vec![Edit::new(path, EditOperation::Modify)],
        _ => Vec::new(),
    }
}

/// The files that a rename says it changed, one on a line. What was in them stands in
/// the history only.
pub(super) fn renamed(said: &str) -> Vec<Edit> {
    let mut lines = said.lines();
    if !lines
        .next()
        .is_some_and(|line| line.starts_with("Renamed "))
    {
        return Vec::new();
    }
    lines
        .skip_while(|line| line.is_empty())
        .map_while(|line| line.strip_prefix("  "))
        .map(|path| Edit::new(path, EditOperation::Modify))
        .collect()
}

/// One replacement. An empty `old_string` makes a file that must not exist; an empty
/// `new_string` deletes, and may be left out.
fn replacement(path: String, input: &mut Object<'_>) -> Option<Edit> {
    let (before, after) = (input.string("old_string"), input.string("new_string"));
    if before.is_none() && after.is_none() {
        return None;
    }
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    if before.is_empty() {
        return Some(whole(path, None, after));
    }
    Some(Edit {
        replace_all: input.bool("replace_all").unwrap_or(false),
        ..Edit::replace(path, before, after)
    })
}

/// A whole file that becomes `after`; without `before` it is new.
pub(super) fn whole(path: String, before: Option<String>, after: String) -> Edit {
    let operation = match before {
        Some(_) => EditOperation::Modify,
        None => EditOperation::Create,
    };
    Edit {
        scope: Some(Scope::File),
        before,
        after: Some(after),
        ..Edit::new(path, operation)
    }
}
