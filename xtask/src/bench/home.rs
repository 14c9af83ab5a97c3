//! The home that is measured on: made, copied, and written to as an agent does.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args as _, FromArgMatches};
use serde_json::{Value, json};

use super::truth::Session;

/// A copy of a home.
#[derive(Debug)]
pub(super) struct Home {
    pub(super) path: PathBuf,
}

/// The home of this size below a folder. It is made if it is not there.
pub(super) fn made(below: &Path, size: &str) -> Result<PathBuf> {
    let out = below.join(size.to_ascii_lowercase());
    let home = out.join("home");
    if !out.join("TRUTH.json").exists() {
        if home.exists() {
            // Somebody stopped it half way.
            fs_err::remove_dir_all(&home)?;
        }
        let command = crate::corpus::Args::augment_args(clap::Command::new("corpus"));
        let path = out.to_str().context("a path that is not Unicode")?;
        let matches = command.try_get_matches_from(["corpus", "--size", size, "--out", path])?;
        crate::corpus::corpus(&crate::corpus::Args::from_arg_matches(&matches)?)?;
    }
    Ok(home)
}

impl Home {
    /// Copies a home, with the times of its files. Reading and writing it all
    /// brings it into the page cache.
    pub(super) fn copy(from: &Path, to: &Path) -> Result<Self> {
        copy(from, to)?;
        Ok(Self {
            path: to.to_owned(),
        })
    }

    /// Adds a prompt to a session, as the agent would: its first prompt again
    /// with another text and id, as the child of its last record.
    pub(super) fn append(&self, session: &Session, number: usize, text: &str) -> Result<()> {
        let path = self.path.join(&session.file);
        let mut prompt = None;
        let mut last = None;
        for line in BufReader::new(fs_err::File::open(&path)?).lines() {
            let Ok(record) = serde_json::from_str::<Value>(&line?) else {
                continue;
            };
            if prompt.is_none()
                && record["type"] == "user"
                && record["message"]["content"].is_string()
            {
                prompt = Some(record.clone());
            }
            if record["uuid"].is_string() {
                last = Some(record);
            }
        }
        let mut record = prompt.with_context(|| format!("no prompt in {}", path.display()))?;
        let last = last.context("no record")?;
        record["parentUuid"] = last["uuid"].clone();
        record["timestamp"] = last["timestamp"].clone();
        record["uuid"] = json!(format!("0be9c400-0000-4000-8000-{number:012}"));
        record["message"]["content"] = json!(text);
        let mut file = fs_err::OpenOptions::new().append(true).open(&path)?;
        writeln!(file, "{record}")?;
        Ok(())
    }

    /// Removes a folder of the home, or nothing.
    pub(super) fn remove(&self, folder: &str) -> Result<()> {
        remove(&self.path.join(folder))
    }
}

/// Removes a folder if it is there.
pub(super) fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs_err::remove_dir_all(folder)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs_err::create_dir_all(to)?;
    for entry in fs_err::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs_err::copy(entry.path(), &target)?;
            let written = entry.metadata()?.modified()?;
            let file = fs_err::OpenOptions::new().write(true).open(&target)?;
            file.file().set_modified(written)?;
        }
    }
    Ok(())
}

/// Where a program is, by the PATH.
pub(super) fn installed(name: &str) -> Option<PathBuf> {
    let environment: HashMap<_, _> = std::env::vars_os().collect();
    let path = environment.get(std::ffi::OsStr::new("PATH"))?;
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(path)
        .map(|folder| folder.join(&name))
        .find(|program| program.is_file())
}
