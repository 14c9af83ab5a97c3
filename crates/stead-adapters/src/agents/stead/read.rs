//! Reads a session's record, or what was appended since. No lock is taken: the writer appends
//! whole lines, and a line that does not end yet is read the next time.

use stead_usf::{Raw, Session, Status};

use super::map::{Mapper, State};
use super::{ID, VERSION, locate};
use crate::container::jsonl;
use crate::{Checkpoint, Output, ReadError, Unit};

pub(super) fn read(
    unit: &Unit,
    since: Option<&Checkpoint>,
    output: &mut Output<'_>,
) -> Result<Checkpoint, ReadError> {
    let rewritten = || ReadError::Rewritten {
        path: unit.path.clone(),
    };
    let name = locate::name(unit);
    let (header, state) = match since {
        None => (Session::new(ID, &name), State::default()),
        Some(since) => {
            let state = since.state.as_ref().and_then(|state| state.to().ok());
            let state = state.filter(|_| since.version == VERSION);
            let header = since.sessions.first().cloned();
            header.zip(state).ok_or_else(rewritten)?
        }
    };
    let slot = output.begin(header, since.is_some());
    let mut mapper = Mapper { slot, state };
    let position = since.map(|since| &since.position);
    let end = jsonl::read(&unit.path, position, output, &mut mapper)?;
    let state = &mapper.state;
    output.header(slot).status = match (state.last.is_some(), state.is_over) {
        (false, _) => None,
        (true, true) => Some(Status::Ended),
        (true, false) => Some(Status::Aborted),
    };
    let checkpoint = Checkpoint {
        version: VERSION,
        position: end.position,
        state: Raw::of(state).ok(),
        sessions: output.headers(),
    };
    if let Some(issue) = end.partial {
        output.issue(slot, issue);
    }
    Ok(checkpoint)
}
