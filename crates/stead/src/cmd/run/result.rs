//! What a session changed: looked at, and applied if that is wanted.

use stead_agent::hands::{Contents, Worker};
use stead_agent::machine::Outcome;
use stead_agent::place::{ApplyError, DiffOptions, How, Place};
use stead_agent::workspace::Workspace;

use super::asked::Asked;
use super::diff;
use super::ending::{Ending, short};
use crate::command_error::CommandError;
use crate::environment::now;

/// What files hold, for what commands change: the user's own tree where that is another,
/// and what an earlier task of the session made of it.
pub(super) fn contents(
    asked: &Asked<'_>,
    place: &mut Place,
    workspace: &Workspace,
) -> Result<Contents, CommandError> {
    if place.how() == How::InPlace {
        return Ok(Contents::in_place());
    }
    let failed = |error: &dyn std::fmt::Display| CommandError::failure(error.to_string());
    let kept = place.kept();
    let mut contents = Contents::beside(kept.tree().map_err(|error| failed(&error))?);
    let changes = kept
        .changes(&asked.repository)
        .map_err(|error| failed(&error))?;
    for path in changes
        .list
        .iter()
        .filter_map(|change| change.path.to_str())
    {
        contents.left(path, workspace);
    }
    Ok(contents)
}

/// Looks at what changed, and applies it if the user said so and it is done.
pub(super) fn look(
    asked: &Asked<'_>,
    place: &mut Place,
    worker: &Worker,
    ending: &mut Ending,
) -> Result<(), CommandError> {
    if place.how() == How::InPlace {
        let changes = worker.contents.changes();
        ending.diff = diff::of(&changes);
        ending.files = changes.into_iter().map(|file| file.path).collect();
        ending.applied = true;
        return Ok(());
    }
    let failed = |error: &dyn std::fmt::Display| CommandError::failure(error.to_string());
    let kept = place.kept();
    let changes = kept
        .changes(&asked.repository)
        .map_err(|error| failed(&error))?;
    let mut diff = Vec::new();
    kept.diff(&changes, DiffOptions::default(), &mut diff)?;
    ending.diff = String::from_utf8_lossy(&diff).into_owned();
    let paths = changes
        .told()
        .map(|change| change.path.display().to_string());
    ending.files = paths.collect();
    let wanted = asked.args.apply && matches!(ending.outcome, Outcome::Done { .. });
    if wanted && !changes.is_empty() {
        let applied = kept.apply(&changes, &asked.repository, false, now().into());
        match applied {
            Ok(_) => ending.applied = true,
            Err(error @ ApplyError::Uncommitted(_)) => {
                let id = short(&asked.id);
                ending.not_applied = Some(format!(
                    "{error}; commit or stash them, or `stead apply {id} --force`"
                ));
            }
            Err(error) => ending.not_applied = Some(error.to_string()),
        }
    }
    Ok(())
}
