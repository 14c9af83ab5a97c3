//! The report as the program asks for it: remembered while nothing changed.

use std::fmt::Write;

use stead_trace::repo::{Git, Tracked};

use super::{Report, ReportOptions, Since, report};
use crate::trace::Concerned;
use crate::trace::remembered::Memory;
use crate::{App, AppError, Progress};

impl App {
    /// Whose the lines of a repository are. The index must be up to date. `reading`
    /// is told how far the sessions are read, `tracing` how many files are done, of
    /// how many.
    pub fn report(
        &self,
        git: Git,
        options: &ReportOptions,
        reading: &(dyn Fn(Progress) + Sync),
        tracing: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Report, AppError> {
        let concerned = self.concerned(&git)?;
        let memory = self.memory_of_report(&git, &concerned, options);
        if let Some(known) = memory.as_ref().and_then(Memory::recall) {
            return Ok(known);
        }
        let tracer = self.tracer_of(git, concerned, reading)?;
        let report = report(&tracer, options, tracing)?;
        // A disk that is full is no reason to give no answer.
        let _ = memory.map(|memory| memory.keep(&report));
        Ok(report)
    }

    fn memory_of_report(
        &self,
        git: &Git,
        concerned: &Concerned,
        options: &ReportOptions,
    ) -> Option<Memory> {
        // What all files of the working tree hold would have to be read.
        if options.working_tree {
            return None;
        }
        let commit = git.commit(options.revision.as_deref().unwrap_or("HEAD"))?;
        let since = match &options.since {
            Some(Since::Revision(name)) => Some(git.commit(name)?),
            _ => None,
        };
        let mut asked = format!("{commit} {since:?} {:?}", options.since);
        for file in Tracked::of(git, Some(&commit)).ok()? {
            if let Some(foreign) = file.foreign {
                write!(asked, " {foreign:?} {}", file.path).ok()?;
            }
        }
        self.memory("reports", git, concerned, &[asked.as_bytes()])
    }
}
