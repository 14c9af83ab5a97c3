//! Reads a unit of either generation.

use super::unit::Kind;
use super::v1::Stop;
use super::{VERSION, v0, v1};
use crate::{Checkpoint, Disk, Output, Position, ReadError, Unit};

/// Reads a unit. Conversations of the second generation go on from `since`.
pub(super) fn read(
    unit: &Unit,
    since: Option<&Checkpoint>,
    output: &mut Output<'_>,
) -> Result<Checkpoint, ReadError> {
    let rewritten = || ReadError::Rewritten {
        path: unit.path.clone(),
    };
    if since.is_some_and(|since| since.version != VERSION) {
        return Err(rewritten());
    }
    let state = match Kind::of(&Disk::default(), &unit.path) {
        Some(Kind::Conversation) => {
            let mut log = v1::Folder::new(&unit.path);
            v1::read(&mut log, since, output).map_err(|stop| match stop {
                Stop::Rewritten => rewritten(),
                Stop::Failed(error) => error,
            })?
        }
        Some(Kind::Session) => {
            v0::read_folder(&unit.path, output)?;
            None
        }
        Some(Kind::Trajectory) => {
            v0::read_trajectory(&unit.path, output)?;
            None
        }
        None => {
            return Err(ReadError::Io {
                path: unit.path.clone(),
                source: std::io::ErrorKind::NotFound.into(),
            });
        }
    };
    Ok(Checkpoint {
        version: VERSION,
        position: Position::Whole,
        state,
        sessions: output.headers(),
    })
}
