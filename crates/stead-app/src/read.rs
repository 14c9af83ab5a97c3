//! Reads one unit into the index and the archive.

use std::path::Path;
use std::time::Duration;

use stead_adapters::{Adapter, Checkpoint, Output, ReadError, Tally, Unit, adapter};
use stead_index::{ArchiveWriter, Batch, IndexError, Shared};
use stead_redact::Redactor;
use stead_usf::{Issue, Session, Severity, Source};

use crate::mask::mask_header;

use crate::project::Projects;
use crate::sink::IndexSink;

/// The index failed, not the store: the whole sync stops.
pub(crate) struct ReadFailure(pub(crate) IndexError);

impl From<IndexError> for ReadFailure {
    fn from(error: IndexError) -> Self {
        Self(error)
    }
}

/// The kind of issue of a unit that could not be read at all.
pub(crate) const UNREADABLE: &str = "unreadable";

/// An agent that keeps writing is given so many chances to pause.
const ATTEMPTS: u32 = 4;

/// Reads what is new of a unit. A store that cannot be read becomes an issue of
/// the unit and costs nothing else.
pub(crate) fn read_unit(
    unit: &Unit,
    shared: &Shared<'_>,
    batch: &mut Batch<'_, '_>,
    archive: Option<&ArchiveWriter>,
    projects: &Projects,
) -> Result<(), ReadFailure> {
    let Some(adapter) = adapter(unit.agent.as_str()) else {
        return Ok(());
    };
    let stored = shared.catalog().checkpoint(&unit.key())?;
    let mut checkpoint: Option<Checkpoint> =
        stored.and_then(|json| serde_json::from_slice(&json).ok());
    // What was read while the archive was off is not in it.
    if let Some(archive) = archive
        && !archive.holds(&unit.key())?
    {
        checkpoint = None;
    }
    for attempt in 1..=ATTEMPTS {
        let since = checkpoint.as_ref();
        match try_read(adapter, unit, since, batch, archive, projects)? {
            Ok(()) => return Ok(()),
            Err(ReadError::Rewritten { .. }) if checkpoint.is_some() => checkpoint = None,
            Err(ReadError::Unstable { .. }) if attempt < ATTEMPTS => {
                std::thread::sleep(Duration::from_millis(15 << attempt));
            }
            Err(error) => return report(unit, &error, batch),
        }
    }
    Ok(())
}

fn try_read(
    adapter: &dyn Adapter,
    unit: &Unit,
    since: Option<&Checkpoint>,
    batch: &mut Batch<'_, '_>,
    archive: Option<&ArchiveWriter>,
    projects: &Projects,
) -> Result<Result<(), ReadError>, ReadFailure> {
    let key = unit.key();
    batch.begin_unit(&key, unit.agent.as_str(), unit.stamp.0, since.is_none())?;
    let recorder = archive.map(|archive| archive.unit(since.is_some()));
    let mut sink = IndexSink::new(batch, recorder, projects);
    let mut output = Output::new(&mut sink);
    let read = adapter.read(unit, since, &mut output);
    output.end_all();
    let (tally, unplaced) = (std::mem::take(&mut output.tally), output.take_unplaced());
    let (recorder, error) = (sink.recorder.take(), sink.error.take());
    drop(sink);
    if let Some(error) = error {
        batch.abandon_unit();
        return Err(error.into());
    }
    match read {
        Ok(_) if batch.is_stale() => {
            batch.abandon_unit();
            let path = unit.path.clone();
            Ok(Err(ReadError::Rewritten { path }))
        }
        Ok(mut checkpoint) => {
            // What is stored holds no secrets, and nothing of forgotten sessions.
            for header in &mut checkpoint.sessions {
                if batch.is_forgotten(header.id.as_str()) {
                    *header = Session::new(header.agent.clone(), header.native_id.clone());
                }
                mask_header(&Redactor::default_rules(), header);
            }
            if let Some(recorder) = recorder {
                recorder.finish(&key, unit.agent.as_str())?;
            }
            let json = serde_json::to_vec(&checkpoint).unwrap_or_default();
            batch.end_unit(&json, tally_json(&tally), &unplaced)?;
            Ok(Ok(()))
        }
        Err(error) => {
            batch.abandon_unit();
            Ok(Err(error))
        }
    }
}

/// Reads a unit that was laid out from the archive, under its original key.
pub(crate) fn read_restored(
    unit: &Unit,
    key: &str,
    root: &Path,
    batch: &mut Batch<'_, '_>,
    projects: &Projects,
) -> Result<(), ReadFailure> {
    let Some(adapter) = adapter(unit.agent.as_str()) else {
        return Ok(());
    };
    batch.begin_unit(key, unit.agent.as_str(), 0, false)?;
    let mut sink = IndexSink::new(batch, None, projects);
    sink.root = Some(root);
    let mut output = Output::new(&mut sink);
    let read = adapter.read(unit, None, &mut output);
    output.end_all();
    let tally = std::mem::take(&mut output.tally);
    let error = sink.error.take();
    drop(sink);
    match (read, error) {
        (_, Some(error)) => Err(error.into()),
        (Ok(_), None) => Ok(batch.end_unit(b"", tally_json(&tally), &[])?),
        (Err(_), None) => {
            batch.abandon_unit();
            Ok(())
        }
    }
}

/// Notes that the unit could not be read. What was read of it before stays.
fn report(unit: &Unit, error: &ReadError, batch: &mut Batch<'_, '_>) -> Result<(), ReadFailure> {
    let key = unit.key();
    let issue = Issue::new(Severity::Error, UNREADABLE, error.to_string());
    let stamp = if may_pass(error) { 0 } else { unit.stamp.0 };
    batch.begin_unit(&key, unit.agent.as_str(), stamp, false)?;
    batch.end_unit(b"", String::new(), &[issue.at(Source::file(key))])?;
    Ok(())
}

/// Whether the next sync should try again although no file has changed: rights
/// and locks leave no trace in a file's size and times. Damage does.
fn may_pass(error: &ReadError) -> bool {
    match error {
        ReadError::Io { source, .. } => source.kind() != std::io::ErrorKind::InvalidData,
        ReadError::Database { path, .. } => std::fs::File::open(path).is_err(),
        ReadError::Rewritten { .. }
        | ReadError::Unstable { .. }
        | ReadError::Server { .. }
        | ReadError::Stopped => true,
    }
}

fn tally_json(tally: &Tally) -> String {
    serde_json::json!({
        "records": tally.records,
        "mapped": tally.mapped,
        "ignored": tally.ignored,
        "reported": tally.reported,
    })
    .to_string()
}
