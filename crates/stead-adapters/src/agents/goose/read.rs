//! Which container a unit is.

use std::ffi::OsStr;
use std::path::Path;

use super::locate::DATABASE;
use super::rows::Rows;
use super::{VERSION, database, lines};
use crate::container::begun;
use crate::{Checkpoint, Output, Position, ReadError, Unit};

/// Reads a unit. Databases go on from `since`; a file was rewritten with every
/// message that came, so it is read anew.
pub(super) fn read(
    unit: &Unit,
    since: Option<&Checkpoint>,
    output: &mut Output<'_>,
) -> Result<Checkpoint, ReadError> {
    if unit.path.extension() != Some(OsStr::new("jsonl")) {
        let since = since.filter(|since| since.version == VERSION);
        return database::read(&unit.path, since, output);
    }
    let folder = unit.path.parent().unwrap_or(Path::new(""));
    if folder.extension() == Some(OsStr::new("rows")) {
        begun::read(&unit.path, output, Rows::new)?.finish(output);
    } else {
        lines::read(&unit.path, &folder.join(DATABASE), output)?;
    }
    Ok(Checkpoint {
        version: VERSION,
        position: Position::Whole,
        state: None,
        sessions: output.headers(),
    })
}
