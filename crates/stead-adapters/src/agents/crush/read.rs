//! Which container a unit is.

use std::ffi::OsStr;

use super::rows::Rows;
use super::{VERSION, database};
use crate::container::begun;
use crate::{Checkpoint, Output, Position, ReadError, Unit};

/// Reads a unit. Databases go on from `since`.
pub(super) fn read(
    unit: &Unit,
    since: Option<&Checkpoint>,
    output: &mut Output<'_>,
) -> Result<Checkpoint, ReadError> {
    if unit.path.extension() != Some(OsStr::new("jsonl")) {
        let since = since.filter(|since| since.version == VERSION);
        let project = unit.parts.first().map(|folder| folder.to_string_lossy());
        return database::read(&unit.path, project.as_deref(), since, output);
    }
    begun::read(&unit.path, output, Rows::new)?.finish(output);
    Ok(Checkpoint {
        version: VERSION,
        position: Position::Whole,
        state: None,
        sessions: output.headers(),
    })
}
