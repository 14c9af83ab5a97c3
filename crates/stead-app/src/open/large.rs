//! Sessions in units that are too large for memory: read twice, first for what
//! later records say of earlier events, then event by event.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use rustc_hash::FxHashMap;
use stead_adapters::{Adapter, Amendment, Output, Sink, Slot, Unit};
use stead_usf::{Event, Inactive, Session};

use super::{Pass, stable};
use crate::AppError;
use crate::export::SessionWriter;

/// Hands the pass's session to a writer; `false` if the unit does not hold it.
pub(super) fn hand_out(
    adapter: &dyn Adapter,
    unit: &Unit,
    pass: &mut Pass,
    writer: &mut dyn SessionWriter,
) -> Result<bool, AppError> {
    if is_database(&unit.path) {
        // It may turn out at the very end that the agent wrote over what was read,
        // so nothing is handed out before.
        let kept = stable(|| {
            let mut spool = Spool::new()?;
            let held = read_twice(adapter, unit, pass, &mut spool)?;
            Ok(held.then_some(spool))
        })?;
        return match kept {
            Some(spool) => spool.replay(writer).map(|()| true),
            None => Ok(false),
        };
    }
    read_twice(adapter, unit, pass, writer)
}

/// Whether the file may be written over in the middle while it is read. All
/// others are only appended to, or replaced as a whole.
fn is_database(path: &Path) -> bool {
    let mut magic = [0; 16];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && magic == *b"SQLite format 3\0"
}

fn read_twice(
    adapter: &dyn Adapter,
    unit: &Unit,
    pass: &mut Pass,
    writer: &mut dyn SessionWriter,
) -> Result<bool, AppError> {
    let amendments = Amendments::gather(adapter, unit, &pass.native)?;
    let Some(header) = amendments.header.clone() else {
        return Ok(false);
    };
    writer.begin(&pass.header(header))?;
    let mut stream = Stream {
        pass,
        amendments: &amendments,
        slot: None,
        writer,
        error: None,
    };
    let mut output = Output::new(&mut stream);
    let read = adapter.read(unit, None, &mut output);
    output.end_all();
    if let Some(error) = stream.error {
        return Err(error.into());
    }
    read?;
    writer.end()?;
    Ok(true)
}

/// Keeps a session in a private file until it is known to be whole.
struct Spool {
    file: BufWriter<File>,
}

impl Spool {
    fn new() -> io::Result<Self> {
        Ok(Self {
            file: BufWriter::new(tempfile::tempfile()?),
        })
    }

    fn replay(self, writer: &mut dyn SessionWriter) -> Result<(), AppError> {
        let mut file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        let damaged = |error| AppError::Write(io::Error::other(error));
        let (header, events) = stead_usf::read_lines(BufReader::new(file)).map_err(damaged)?;
        writer.begin(&header)?;
        for event in events {
            writer.event(&event.map_err(damaged)?)?;
        }
        Ok(writer.end()?)
    }
}

impl SessionWriter for Spool {
    fn begin(&mut self, header: &Session) -> io::Result<()> {
        stead_usf::write_line(&mut self.file, header)
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        stead_usf::write_line(&mut self.file, event)
    }

    fn end(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// First pass over a large unit: the header, and what later records say of
/// earlier events.
#[derive(Default)]
struct Amendments {
    native: String,
    slot: Option<Slot>,
    header: Option<Session>,
    /// By the hash of the event's id: there is one for nearly every call.
    results: FxHashMap<u64, Box<str>>,
    inactive: FxHashMap<u64, Option<Inactive>>,
    others: FxHashMap<u64, Vec<Amendment>>,
}

impl Amendments {
    fn gather(adapter: &dyn Adapter, unit: &Unit, native: &str) -> Result<Self, AppError> {
        let mut amendments = Self {
            native: native.to_owned(),
            ..Self::default()
        };
        let mut output = Output::new(&mut amendments);
        adapter.read(unit, None, &mut output)?;
        output.end_all();
        Ok(amendments)
    }
}

impl Amendments {
    fn apply(&self, event: &mut Event) {
        let id = hash(&event.id);
        if let Some(result) = self.results.get(&id) {
            event.result = Some(result.to_string());
        }
        if let Some(inactive) = self.inactive.get(&id) {
            event.inactive = *inactive;
        }
        for amendment in self.others.get(&id).into_iter().flatten() {
            amendment.apply(event);
        }
    }
}

/// 64 bits name an event of one session well enough.
fn hash(id: &str) -> u64 {
    use std::hash::Hasher;
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(id.as_bytes());
    hasher.finish()
}

impl Sink for Amendments {
    fn begin(&mut self, slot: Slot, header: &Session, _append: bool) {
        if header.native_id == self.native {
            self.slot = Some(slot);
        }
    }

    fn event(&mut self, _slot: Slot, _event: Event) {}

    fn amend(&mut self, slot: Slot, event: &str, amendment: &Amendment) {
        if self.slot != Some(slot) {
            return;
        }
        let event = hash(event);
        match amendment {
            Amendment::Result(result) => {
                self.results.insert(event, result.as_str().into());
            }
            Amendment::Inactive(inactive) => {
                self.inactive.insert(event, *inactive);
            }
            other => self.others.entry(event).or_default().push(other.clone()),
        }
    }

    fn end(&mut self, slot: Slot, header: Session) {
        if self.slot == Some(slot) {
            self.header = Some(header);
        }
    }
}

/// Second pass: hands the events on as they should be.
struct Stream<'a> {
    pass: &'a mut Pass,
    amendments: &'a Amendments,
    slot: Option<Slot>,
    writer: &'a mut dyn SessionWriter,
    error: Option<std::io::Error>,
}

impl Sink for Stream<'_> {
    fn begin(&mut self, slot: Slot, header: &Session, _append: bool) {
        if header.native_id == self.pass.native {
            self.slot = Some(slot);
        }
    }

    fn event(&mut self, slot: Slot, mut event: Event) {
        if self.slot != Some(slot) || self.error.is_some() {
            return;
        }
        self.amendments.apply(&mut event);
        if let Err(error) = self.writer.event(&self.pass.event(event)) {
            self.error = Some(error);
        }
    }

    fn end(&mut self, _slot: Slot, _header: Session) {}

    fn stopped(&self) -> bool {
        self.error.is_some()
    }
}

#[cfg(test)]
mod tests;
