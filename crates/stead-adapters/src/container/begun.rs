//! The mapping of one session's rows: begun by the session's own row, or by any
//! other if that is missing. What the rows mean is the adapters' business.

use std::path::Path;

use stead_usf::{Issue, Raw, Severity, Source};

use super::json::Object;
use super::jsonl::{self, Records};
use crate::{Fate, Output, ReadError, Slot};

/// Maps the rows of one session of one agent.
pub(crate) trait RowMapper {
    /// Begins a session of which nothing is known but what it is called.
    fn lost(output: &mut Output<'_>, id: &str) -> Self;

    /// The session's slot.
    fn slot(&self) -> Slot;

    /// Reports, once, that there is something that is not known.
    fn unknown(&mut self, output: &mut Output<'_>, what: String, source: &Source);

    /// Keeps a row that could not be mapped as it is, by the name of its place.
    fn keep(&mut self, output: &mut Output<'_>, place: String, row: Option<Raw>, source: Source);
}

/// A session's mapper, once there is one.
#[derive(Debug)]
pub(crate) struct Begun<M> {
    /// What the session is called if its own row is missing.
    id: String,
    mapper: Option<M>,
}

impl<M: RowMapper> Begun<M> {
    /// Not begun yet.
    pub(crate) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            mapper: None,
        }
    }

    /// Begins with the session's own row.
    pub(crate) fn begin(&mut self, mapper: M) {
        self.mapper = Some(mapper);
    }

    /// The mapper, if any row began it.
    pub(crate) const fn mapper(&self) -> Option<&M> {
        self.mapper.as_ref()
    }

    /// The mapper for the last time.
    pub(crate) const fn take(&mut self) -> Option<M> {
        self.mapper.take()
    }

    /// The mapper, which begins here if the session's own row is missing.
    pub(crate) fn get(&mut self, output: &mut Output<'_>) -> &mut M {
        self.mapper.get_or_insert_with(|| {
            let mapper = M::lost(output, &self.id);
            let message = "the session's own record is not there";
            let issue = Issue::new(Severity::Warning, "lost-session", message);
            output.issue(mapper.slot(), issue);
            mapper
        })
    }

    /// A row that is not known is reported and kept.
    pub(crate) fn unknown(
        &mut self,
        output: &mut Output<'_>,
        what: &str,
        place: String,
        row: Object<'_>,
        source: Source,
    ) -> Fate {
        let mapper = self.get(output);
        mapper.unknown(output, format!("unknown record `{what}`"), &source);
        mapper.keep(output, place, row.rest(), source);
        Fate::Reported
    }

    /// A row that could not be read is reported and kept as it is.
    pub(crate) fn damaged_row(
        &mut self,
        output: &mut Output<'_>,
        message: String,
        place: String,
        row: Object<'_>,
        source: Source,
    ) -> Fate {
        let issue = Issue::new(Severity::Error, "bad-json", message).at(source.clone());
        let mapper = self.get(output);
        output.issue(mapper.slot(), issue);
        mapper.keep(output, place, row.rest(), source);
        Fate::Reported
    }

    /// Takes in the issue of a row that could not be parsed.
    pub(crate) fn damaged(&mut self, output: &mut Output<'_>, issue: Issue) {
        let slot = self.get(output).slot();
        output.issue(slot, issue);
    }
}

/// Reads one session's file of rows into what `new` makes of the session's name,
/// which is that of the file.
pub(crate) fn read<R: Records>(
    path: &Path,
    output: &mut Output<'_>,
    new: impl FnOnce(&str) -> R,
) -> Result<R, ReadError> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut rows = new(&stem);
    let end = jsonl::read(path, None, output, &mut rows)?;
    if let Some(issue) = end.partial {
        rows.damaged(output, issue);
    }
    Ok(rows)
}
