//! Changes files as `stead-edit` plans it, and says what became of them.

use stead_edit::{Change, EditError, FilePlan, Plan, Tree, plan};

use super::paths::missing;
use super::{Answer, Bench, Known, Touches, lines, paths};
use crate::workspace::Workspace;

/// So many lines of an excerpt are shown from its beginning, and from its end.
const EXCERPT: (usize, usize) = (16, 6);
/// So many lines are shown around those that changed.
const AROUND: usize = 2;

/// What changes would touch.
pub(super) fn touches(changes: &[Change], workspace: &Workspace) -> Result<Touches, String> {
    let mut writes = Vec::new();
    for change in changes {
        let to = match change {
            Change::Update { move_to, .. } => move_to.as_deref(),
            _ => None,
        };
        for path in [Some(change.path()), to].into_iter().flatten() {
            let inside = workspace.inside(path);
            let inside = inside.ok_or_else(|| {
                format!("`{path}` is outside of the workspace, and nothing leads out of it")
            })?;
            writes.extend(paths::with_real(&inside, workspace)?);
        }
    }
    Ok(Touches {
        writes,
        ..Touches::default()
    })
}

/// Carries changes out, all or none. What comes back has only files that are different
/// now; what cannot be done is told in words for the model.
pub(super) fn carry_out(changes: &[Change], bench: &mut Bench<'_>) -> Result<Plan, String> {
    let mut planned =
        plan(changes, bench.workspace).map_err(|error| explained(&error, bench.workspace))?;
    planned.files.retain(|file| file.before != file.after);
    for change in changes {
        if let Change::Write { path, .. } = change {
            let file = planned
                .files
                .iter()
                .find(|file| bench.workspace.inside(path).as_ref() == Some(&file.path));
            file.map_or(Ok(()), |file| seen(file, bench.known))?;
        }
    }
    let done = bench.workspace.carry_out(&planned);
    done.map_err(|error| error.to_string())?;
    for file in &planned.files {
        let was_known = match &file.before {
            Some(before) => bench.known.is_current(&file.path, before),
            None => true,
        };
        if let Some(after) = file.after.as_ref().filter(|_| was_known) {
            bench.known.note(&file.path, after);
        }
    }
    Ok(planned)
}

/// A whole file is put in the place of another only if the model has seen that one as
/// it is: else it would remove what it knows nothing of. Claude Code and OpenCode have
/// the same rule. A change of lines needs none, since the lines have to be there.
fn seen(file: &FilePlan, known: &Known) -> Result<(), String> {
    let path = &file.path;
    match &file.before {
        Some(before) if before.is_empty() || known.is_current(path, before) => Ok(()),
        None => Ok(()),
        Some(_) if known.has(path) => Err(format!(
            "`{path}` is no longer what you have seen of it; `read` it again, then write it"
        )),
        Some(_) => Err(format!(
            "`{path}` is there already and you have not seen it; `read` it first, or change lines of it with `edit`"
        )),
    }
}

fn explained(error: &EditError, workspace: &Workspace) -> String {
    match error {
        EditError::Missing { path } => {
            format!(
                "{}; new files are made with `write`",
                missing(path, workspace)
            )
        }
        EditError::NotFound { .. } => {
            format!(
                "{error}\nNothing was changed. `read` the file and write the lines as they stand there."
            )
        }
        error => format!("{error}\nNothing was changed."),
    }
}

/// The answer to a change that was carried out.
pub(super) fn answer(text: String, plan: Plan) -> Answer {
    let notes = plan.corrections.into_iter();
    let notes: Vec<String> = notes
        .map(|told| format!("{}: {}", told.path, told.message))
        .collect();
    Answer {
        changes: plan.files,
        ..Answer::done(text).with_notes(&notes)
    }
}

/// The lines that are new in a file, and some around them.
pub(super) fn excerpt(file: &FilePlan) -> String {
    let (before, after) = (shown(file.before.as_deref()), shown(file.after.as_deref()));
    let (before, after): (Vec<&str>, Vec<&str>) =
        (before.lines().collect(), after.lines().collect());
    let same = |(a, b): &(&&str, &&str)| a == b;
    let head = before.iter().zip(&after).take_while(same).count();
    let tails = before[head..].iter().rev().zip(after[head..].iter().rev());
    let tail = tails.take_while(same).count();
    let first = head.saturating_sub(AROUND);
    let end = (after.len() - tail + AROUND).min(after.len());
    if first >= end {
        return "(the file is empty now)".to_owned();
    }
    let rows = |from: usize, to: usize| lines::numbered(&after[..to], from + 1, to - from).text;
    let text = if end - first <= EXCERPT.0 + EXCERPT.1 + 1 {
        rows(first, end)
    } else {
        let left = end - first - EXCERPT.0 - EXCERPT.1;
        format!(
            "{}… {left} lines …\n{}",
            rows(first, first + EXCERPT.0),
            rows(end - EXCERPT.1, end)
        )
    };
    text.trim_end().to_owned()
}

fn shown(bytes: Option<&[u8]>) -> String {
    bytes
        .and_then(|bytes| lines::text(bytes).ok())
        .map(|(text, _)| text)
        .unwrap_or_default()
}
