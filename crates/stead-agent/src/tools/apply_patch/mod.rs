//! `apply_patch`: changes several files, all or none, by a patch as OpenAI's models are
//! taught it; unified diffs and SEARCH/REPLACE blocks are taken too.

use std::fmt::Write as _;

use serde_json::{Map, Value};
use stead_edit::{Change, FilePlan, parse_any};
use stead_llm::{FREEFORM_FIELD, ToolInput, ToolSpec};
use stead_usf::ToolKind;

use super::arguments::Arguments;
use super::{Answer, Bench, Tool, Touches, change};
use crate::workspace::Workspace;

#[cfg(test)]
mod tests;

/// Applies a patch.
pub(super) struct ApplyPatch;

/// Excerpts of so many files are shown.
const EXCERPTS: usize = 4;

fn asked(
    given: &Map<String, Value>,
    workspace: &Workspace,
) -> Result<(Vec<Change>, Vec<String>), String> {
    let mut arguments = Arguments::of(given, workspace);
    let patch = arguments.needed(FREEFORM_FIELD, &["patch", "patchtext", "diff", "command"])?;
    let changes = parse_any(&patch).map_err(|error| {
        format!(
            "the patch cannot be read: {error}\nNothing was changed. A patch is `*** Begin Patch`, \
             then for each file `*** Update File: path` with hunks (`@@`, lines that begin with a \
             blank, `-` or `+`), `*** Add File: path` with `+` lines, or `*** Delete File: path`, \
             then `*** End Patch`."
        )
    })?;
    if changes.is_empty() {
        return Err("the patch has no changes".to_owned());
    }
    Ok((changes, arguments.notes()))
}

impl Tool for ApplyPatch {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: "apply_patch".to_owned(),
            description: include_str!("tool.md").trim().to_owned(),
            input: ToolInput::Freeform {
                syntax: "lark".to_owned(),
                definition: include_str!("grammar.lark").trim().to_owned(),
            },
        }
    }

    fn kind(&self) -> ToolKind {
        ToolKind::Edit
    }

    fn touches(
        &self,
        arguments: &Map<String, Value>,
        workspace: &Workspace,
    ) -> Result<Touches, String> {
        change::touches(&asked(arguments, workspace)?.0, workspace)
    }

    fn call(&self, arguments: &Map<String, Value>, bench: &mut Bench<'_>) -> Answer {
        match asked(arguments, bench.workspace) {
            Err(why) => Answer::refused(why),
            Ok((changes, notes)) => applied(&changes, bench).with_notes(&notes),
        }
    }
}

fn applied(changes: &[Change], bench: &mut Bench<'_>) -> Answer {
    let plan = match change::carry_out(changes, bench) {
        Err(why) => return Answer::refused(why),
        Ok(plan) => plan,
    };
    if plan.files.is_empty() {
        return Answer::refused("the patch leaves all files as they are");
    }
    let mut text = String::new();
    let mut excerpts = 0;
    for file in &plan.files {
        let _ = writeln!(text, "{}", became(file));
        let is_changed =
            file.after.is_some() && (file.before.is_some() || file.moved_from.is_some());
        if is_changed && excerpts < EXCERPTS {
            excerpts += 1;
            // A moved file's lines are compared with those that it had.
            let from = file.moved_from.as_ref();
            let old = from.and_then(|from| plan.files.iter().find(|file| file.path == *from));
            let before = file.before.clone().or_else(|| old?.before.clone());
            let excerpt = change::excerpt(&FilePlan {
                before,
                ..file.clone()
            });
            let _ = writeln!(text, "{excerpt}");
        }
    }
    change::answer(text.trim_end().to_owned(), plan)
}

fn became(file: &FilePlan) -> String {
    let path = &file.path;
    match (&file.before, &file.after, &file.moved_from) {
        (_, None, _) => format!("`{path}` is gone"),
        (_, _, Some(from)) => format!("`{path}` is what `{from}` was:"),
        (None, _, _) => format!("`{path}` is made"),
        _ => format!("`{path}` is changed:"),
    }
}
