//! File changes that calls ask for.

use serde_json::value::RawValue;
use stead_usf::{Edit, EditOperation, Hunk, Scope};

use crate::apply_patch;
use crate::container::json::{Object, string};
use crate::diff::hunks;

/// The changes that a call asks for, with the diff that its result recorded.
pub(super) fn edits(tool: &str, input: Option<&RawValue>, metadata: &Object<'_>) -> Vec<Edit> {
    if !matches!(
        tool,
        "edit" | "write" | "multiedit" | "patch" | "apply_patch" | "notebook_edit"
    ) {
        return Vec::new();
    }
    let Some(mut input) = input.and_then(Object::of) else {
        return Vec::new();
    };
    if tool == "notebook_edit" {
        return cell(&mut input).into_iter().collect();
    }
    if let Some(patch) = input.text("patchText") {
        return apply_patch::edits(&patch);
    }
    let Some(path) = input.string("filePath").filter(|path| !path.is_empty()) else {
        return Vec::new();
    };
    match tool {
        "edit" => replacement(path, &mut input, recorded(metadata))
            .into_iter()
            .collect(),
        "write" => whole(path, &mut input, metadata).into_iter().collect(),
        "multiedit" => several(&path, &mut input, metadata),
        _ => Vec::new(),
    }
}

/// The diff beside a result.
fn recorded(metadata: &Object<'_>) -> Vec<Hunk> {
    let diff = metadata.peek("diff").and_then(string);
    diff.map(|diff| hunks(&diff)).unwrap_or_default()
}

/// One replacement. An empty `oldString` stands for the whole file.
fn replacement(path: String, input: &mut Object<'_>, hunks: Vec<Hunk>) -> Option<Edit> {
    let after = input.string("newString")?;
    let before = input.string("oldString").unwrap_or_default();
    let edit = if before.is_empty() {
        Edit::write(path, after)
    } else {
        Edit::replace(path, before, after)
    };
    Some(Edit {
        replace_all: input.bool("replaceAll").unwrap_or(false),
        hunks,
        ..edit
    })
}

/// A cell of a notebook that is put in, replaced or taken out.
fn cell(input: &mut Object<'_>) -> Option<Edit> {
    let path = input.string("path").filter(|path| !path.is_empty())?;
    Some(Edit {
        scope: Some(Scope::Fragment),
        after: input.string("source"),
        ..Edit::new(path, EditOperation::Modify)
    })
}

fn whole(path: String, input: &mut Object<'_>, metadata: &Object<'_>) -> Option<Edit> {
    let mut edit = Edit::write(path, input.string("content")?);
    if metadata.peek("exists").is_some_and(|v| v.get() == "false") {
        edit.operation = EditOperation::Create;
    }
    edit.hunks = recorded(metadata);
    Some(edit)
}

/// Several replacements in one file, each with a diff of its own.
fn several(path: &str, input: &mut Object<'_>, metadata: &Object<'_>) -> Vec<Edit> {
    let results: Vec<&RawValue> = metadata
        .peek("results")
        .and_then(|results| serde_json::from_str(results.get()).ok())
        .unwrap_or_default();
    let results: Vec<_> = results.into_iter().map(Object::of).collect();
    let mut edits = Vec::new();
    for (place, value) in input
        .values("edits")
        .unwrap_or_default()
        .into_iter()
        .enumerate()
    {
        let Some(mut one) = Object::of(value) else {
            continue;
        };
        let path = one.string("filePath").unwrap_or_else(|| path.to_owned());
        let hunks = results
            .get(place)
            .and_then(Option::as_ref)
            .map(recorded)
            .unwrap_or_default();
        edits.extend(replacement(path, &mut one, hunks));
    }
    edits
}
