//! Reads a unit of either generation.

use super::server::Remote;
use super::unit::Kind as Local;
use super::v1::Stop;
use super::{VERSION, v0, v1};
use crate::{Checkpoint, Disk, Output, Position, ReadError, Server, Unit};

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
    let stopped = |stop| match stop {
        Stop::Rewritten => rewritten(),
        Stop::Failed(error) => error,
    };
    let state = match kind(unit)? {
        Kind::Remote(server) => {
            let mut log = Remote::new(server, &unit.path);
            v1::read(&mut log, since, output).map_err(stopped)?
        }
        Kind::Local(Local::Conversation) => {
            let mut log = v1::Folder::new(&unit.path);
            v1::read(&mut log, since, output).map_err(stopped)?
        }
        Kind::Local(Local::Session) => {
            v0::read_folder(&unit.path, output)?;
            None
        }
        Kind::Local(Local::Trajectory) => {
            v0::read_trajectory(&unit.path, output)?;
            None
        }
    };
    Ok(Checkpoint {
        version: VERSION,
        position: Position::Whole,
        state,
        sessions: output.headers(),
    })
}

enum Kind<'u> {
    Remote(&'u Server),
    Local(Local),
}

fn kind(unit: &Unit) -> Result<Kind<'_>, ReadError> {
    if let Some(server) = &unit.server {
        return Ok(Kind::Remote(server));
    }
    let local = Local::of(&Disk::default(), &unit.path);
    local.map(Kind::Local).ok_or_else(|| ReadError::Io {
        path: unit.path.clone(),
        source: std::io::ErrorKind::NotFound.into(),
    })
}
