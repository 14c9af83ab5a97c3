//! `edit`: puts one text in the place of another.

use serde_json::{Map, Value, json};
use stead_edit::Change;
use stead_llm::ToolSpec;
use stead_usf::ToolKind;

use super::arguments::Arguments;
use super::{Answer, Bench, Tool, Touches, change, spec};
use crate::workspace::{Kind, Workspace};

#[cfg(test)]
mod tests;

/// Changes a piece of a file.
pub(super) struct Edit;

struct Asked {
    path: String,
    old: String,
    new: String,
    all: bool,
    notes: Vec<String>,
}

impl Asked {
    fn change(&self) -> Change {
        Change::Replace {
            path: self.path.clone(),
            old: self.old.clone(),
            new: self.new.clone(),
            all: self.all,
        }
    }
}

fn asked(given: &Map<String, Value>, workspace: &Workspace) -> Result<Asked, String> {
    let mut arguments = Arguments::of(given, workspace);
    Ok(Asked {
        path: arguments.path()?,
        old: arguments.needed(
            "old",
            &["oldstring", "oldstr", "oldtext", "search", "before"],
        )?,
        new: arguments.needed(
            "new",
            &["newstring", "newstr", "newtext", "replace", "after"],
        )?,
        all: arguments.flag("all", &["replaceall"])?,
        notes: arguments.notes(),
    })
}

impl Tool for Edit {
    fn spec(&self) -> ToolSpec {
        let properties = json!({
            "path": {"type": "string"},
            "old": {"type": "string"},
            "new": {"type": "string"},
            "all": {"type": "boolean"},
        });
        let required = ["path", "old", "new"];
        spec("edit", include_str!("tool.md"), &properties, &required)
    }

    fn kind(&self) -> ToolKind {
        ToolKind::Edit
    }

    fn touches(
        &self,
        arguments: &Map<String, Value>,
        workspace: &Workspace,
    ) -> Result<Touches, String> {
        change::touches(&[asked(arguments, workspace)?.change()], workspace)
    }

    fn call(&self, arguments: &Map<String, Value>, bench: &mut Bench<'_>) -> Answer {
        match asked(arguments, bench.workspace) {
            Err(why) => Answer::refused(why),
            Ok(asked) => edited(&asked, bench).with_notes(&asked.notes),
        }
    }
}

fn edited(asked: &Asked, bench: &mut Bench<'_>) -> Answer {
    let path = &asked.path;
    let length = bench.workspace.kind(path);
    if asked.old.is_empty() && matches!(length, Ok(Some(Kind::File(1..)))) {
        return Answer::refused(format!(
            "`old` is empty and `{path}` is not; give the lines that `new` is to stand in place of"
        ));
    }
    match change::carry_out(&[asked.change()], bench) {
        Err(why) => Answer::refused(why),
        Ok(plan) => match plan.files.first() {
            None => Answer::refused(format!(
                "`{path}` is as it was: `old` and `new` are the same"
            )),
            Some(file) => {
                let text = format!("`{path}` is changed:\n{}", change::excerpt(file));
                change::answer(text, plan)
            }
        },
    }
}
