//! Reports remembered by everything that they rest on, so that asking again while
//! nothing changed is answered at once.

use std::io::Write;
use std::path::{Path, PathBuf};

use stead_trace::TraceError;
use stead_trace::notes::TRACES;
use stead_trace::repo::{Git, Tracked};

use super::{Report, ReportOptions, Since, report};
use crate::trace::Concerned;
use crate::{App, AppError, Progress};

/// So many are kept.
const MOST: usize = 32;

/// Small files; more effort is not worth it.
const LEVEL: i32 = 3;

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
        let path = self.remembered(&git, &concerned, options);
        if let Some(known) = path.as_deref().and_then(recall) {
            return Ok(known);
        }
        let tracer = self.tracer_of(git, concerned, reading)?;
        let report = report(&tracer, options, tracing)?;
        if let Some(path) = path {
            // A disk that is full is no reason to give no answer.
            let _ = keep(&path, &report);
        }
        Ok(report)
    }

    /// Where the report is kept that rests on just this; none if it cannot be told
    /// what it rests on.
    fn remembered(
        &self,
        git: &Git,
        concerned: &Concerned,
        options: &ReportOptions,
    ) -> Option<PathBuf> {
        // What the working tree holds is not in git.
        let build = options.build.as_ref().filter(|_| !options.working_tree)?;
        let commit = git.commit(options.revision.as_deref().unwrap_or("HEAD"))?;
        let since = match &options.since {
            Some(Since::Revision(name)) => Some(git.commit(name)?),
            _ => None,
        };
        let mut hash = blake3::Hasher::new();
        let mut add = |part: &[u8]| {
            hash.update(&part.len().to_le_bytes());
            hash.update(part);
        };
        let asked = format!("{build} {commit} {since:?} {:?}", options.since);
        add(asked.as_bytes());
        add(git.root().to_string_lossy().as_bytes());
        add(git.state().ok()?.as_bytes());
        add(&std::fs::read(git.root().join(TRACES)).unwrap_or_default());
        for file in Tracked::of(git, Some(&commit))
            .map_err(TraceError::Git)
            .ok()?
        {
            if let Some(foreign) = file.foreign {
                add(format!("{} {foreign:?}", file.path).as_bytes());
            }
        }
        let mut units: Vec<String> = concerned
            .units
            .iter()
            .map(|unit| format!("{} {}", unit.stamp.0, unit.key()))
            .collect();
        units.sort_unstable();
        for name in units.iter().chain(&concerned.archived) {
            add(name.as_bytes());
        }
        let name = hash.finalize().to_hex();
        let folder = self.settings.data_dir.join("trace/reports");
        Some(folder.join(format!("{}.zst", &name[..32])))
    }
}

fn recall(path: &Path) -> Option<Report> {
    let packed = std::fs::read(path).ok()?;
    let json = zstd::decode_all(packed.as_slice()).ok()?;
    serde_json::from_slice(&json).ok()
}

fn keep(path: &Path, report: &Report) -> std::io::Result<()> {
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    stead_index::make_private(folder)?;
    let packed = zstd::encode_all(serde_json::to_vec(report)?.as_slice(), LEVEL)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&packed)?;
    file.persist(path)?;
    let mut kept = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        kept.push((entry.metadata()?.modified()?, entry.path()));
    }
    kept.sort();
    for (_, old) in kept.iter().rev().skip(MOST) {
        std::fs::remove_file(old)?;
    }
    Ok(())
}
