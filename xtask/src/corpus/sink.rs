//! Where a session goes: a file of JSON lines, and what was counted on the way.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, Result};

use super::rng::Rng;
use super::step::{Step, Usage};

/// One session of an agent as it is written.
pub(super) trait Sink {
    fn prompt(&mut self, rng: &mut Rng, text: &str, at: i64);

    /// Writes one step and returns the id of its call.
    fn step(&mut self, rng: &mut Rng, step: &Step, at: i64) -> String;

    fn end_turn(&mut self, rng: &mut Rng, at: i64, ms: i64);

    /// The user goes back before the last prompt.
    fn rewind(&mut self, rng: &mut Rng, at: i64);

    fn bytes(&self) -> u64;

    fn close(self: Box<Self>, at: i64) -> Result<Written>;
}

/// What a finished session came to.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    /// Lines, or rows and files.
    pub(super) records: u64,
    /// Total as the agent itself counts.
    pub(super) usage: Usage,
}

/// A file of JSON lines.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) path: PathBuf,
    file: File,
    /// The lines that are not written yet.
    pub(super) buf: String,
    flushed: u64,
    records: u64,
    failed: Option<std::io::Error>,
}

impl Lines {
    pub(super) fn create(path: PathBuf) -> Result<Self> {
        if let Some(dir) = path.parent() {
            fs_err::create_dir_all(dir)?;
        }
        let file = File::create(&path).with_context(|| path.display().to_string())?;
        let buf = String::with_capacity(1 << 16);
        Ok(Self {
            path,
            file,
            buf,
            flushed: 0,
            records: 0,
            failed: None,
        })
    }

    /// Ends a line.
    pub(super) fn end(&mut self) {
        self.buf.push('\n');
        self.records += 1;
        if self.buf.len() > 1 << 20 {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if let Err(error) = self.file.write_all(self.buf.as_bytes()) {
            self.failed.get_or_insert(error);
        }
        self.flushed += self.buf.len() as u64;
        self.buf.clear();
    }

    pub(super) fn bytes(&self) -> u64 {
        self.flushed + self.buf.len() as u64
    }

    /// Copies lines with one id put for another.
    pub(super) fn copy(&mut self, lines: &[&str], ids: Option<(&str, &str)>) {
        for line in lines {
            match ids {
                Some((old, new)) => self.buf.push_str(&line.replace(old, new)),
                None => self.buf.push_str(line),
            }
            self.end();
        }
    }

    pub(super) fn close(mut self, at: i64, usage: Usage) -> Result<Written> {
        self.flush();
        if let Some(error) = self.failed.take() {
            return Err(error).with_context(|| self.path.display().to_string());
        }
        touch(&self.file, at)?;
        Ok(Written {
            path: self.path,
            bytes: self.flushed,
            records: self.records,
            usage,
        })
    }
}

/// Sets the time of the last change, which is what the agents sort by.
pub(super) fn touch(file: &File, at: i64) -> Result<()> {
    Ok(file.set_modified(UNIX_EPOCH + Duration::from_millis(at.unsigned_abs()))?)
}

/// Writes a small file whole.
pub(super) fn write_small(path: &Path, text: &str, at: i64) -> Result<()> {
    if let Some(dir) = path.parent() {
        fs_err::create_dir_all(dir)?;
    }
    let mut file = File::create(path).with_context(|| path.display().to_string())?;
    file.write_all(text.as_bytes())?;
    touch(&file, at)
}
