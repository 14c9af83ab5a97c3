//! Which container a unit is, and the checkpoints of those read as a whole.

use std::path::Path;

use super::{Family, database, rows, tree};
use crate::{Checkpoint, Output, Position, ReadError, Unit};

/// The three containers of the same records.
pub(super) enum Kind {
    Database,
    Rows,
    Tree,
}

impl Kind {
    pub(super) fn of(path: &Path) -> Self {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("jsonl") => Self::Rows,
            Some("json") => Self::Tree,
            _ => Self::Database,
        }
    }
}

/// Reads a unit. Databases go on from `since`; the others are small (one
/// session) and their files are rewritten in place, so they are read anew.
pub(crate) fn read(
    family: &'static Family,
    unit: &Unit,
    since: Option<&Checkpoint>,
    output: &mut Output<'_>,
) -> Result<Checkpoint, ReadError> {
    match Kind::of(&unit.path) {
        Kind::Database => {
            let since = since.filter(|since| since.version == family.info.reading);
            return database::read(family, &unit.path, since, output);
        }
        Kind::Rows => rows::read(family, &unit.path, output)?,
        Kind::Tree => tree::read(family, unit, output)?,
    }
    Ok(Checkpoint {
        version: family.info.reading,
        position: Position::Whole,
        state: None,
        sessions: output.headers(),
    })
}
