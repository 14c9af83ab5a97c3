//! Passes what an adapter reads on to the index and the archive.

use std::path::Path;

use stead_adapters::{Amendment, Sink, Slot};
use stead_index::{Batch, IndexError, UnitRecorder};
use stead_redact::Redactor;
use stead_usf::{Event, Session};

use crate::mask::mask_header;
use crate::project::Projects;
use crate::restored::original;

/// The sink of a sync. The first error stops the reading and is kept.
pub(crate) struct IndexSink<'r, 'a, 's, 'w> {
    pub(crate) batch: &'r mut Batch<'s, 'w>,
    pub(crate) recorder: Option<UnitRecorder<'a>>,
    projects: &'r Projects,
    /// What stands for the root of the file system, if the files were laid out from
    /// the archive.
    pub(crate) root: Option<&'r Path>,
    pub(crate) headers: Vec<Session>,
    pub(crate) error: Option<IndexError>,
}

impl<'r, 'a, 's, 'w> IndexSink<'r, 'a, 's, 'w> {
    pub(crate) const fn new(
        batch: &'r mut Batch<'s, 'w>,
        recorder: Option<UnitRecorder<'a>>,
        projects: &'r Projects,
    ) -> Self {
        Self {
            batch,
            recorder,
            projects,
            root: None,
            headers: Vec::new(),
            error: None,
        }
    }

    /// Names the working folder as it was, not where a copy of it lies.
    fn place(&self, header: &mut Session) {
        if let (Some(root), Some(cwd)) = (self.root, &mut header.cwd)
            && let Some(original) = original(root, cwd)
        {
            *cwd = original;
        }
    }

    fn keep(&mut self, result: Result<(), IndexError>) {
        if let Err(error) = result {
            self.error.get_or_insert(error);
        }
    }
}

impl Sink for IndexSink<'_, '_, '_, '_> {
    fn begin(&mut self, slot: Slot, header: &Session, append: bool) {
        debug_assert_eq!(slot.0, self.headers.len(), "slots are numbered in order");
        let mut header = header.clone();
        self.place(&mut header);
        let result = self.batch.begin_session(&header, append);
        self.headers.push(header);
        self.keep(result);
    }

    fn event(&mut self, slot: Slot, event: Event) {
        let result = self.batch.event(slot.0, &self.headers[slot.0], &event);
        self.keep(result);
    }

    fn amend(&mut self, slot: Slot, event: &str, amendment: &Amendment) {
        match amendment {
            Amendment::Usage { before, after, .. } => {
                let header = &self.headers[slot.0];
                self.batch
                    .amend_usage(slot.0, header, event, (*before, *after));
            }
            Amendment::Injected => self.batch.amend_injected(slot.0, event),
            // No query tells these apart.
            Amendment::Inactive(_) | Amendment::Result(_) | Amendment::Edits(_) => {}
        }
    }

    fn raw(&mut self, name: &str, offset: u64, bytes: &[u8]) {
        if let Some(recorder) = &mut self.recorder {
            let result = recorder.raw(name, offset, bytes);
            self.keep(result);
        }
    }

    fn gone(&mut self, native_id: &str) {
        self.batch.gone(native_id);
    }

    fn end(&mut self, slot: Slot, mut header: Session) {
        self.place(&mut header);
        mask_header(&Redactor::default_rules(), &mut header);
        let project = header.cwd.as_deref().map(|cwd| self.projects.of(cwd));
        let result = self.batch.end_session(slot.0, header, project);
        self.keep(result);
    }

    fn stopped(&self) -> bool {
        self.error.is_some()
    }
}
