//! What the services need to know of the machine and the user's wishes.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use stead_adapters::Env;

/// Everything that comes from outside, resolved once by the front end.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Home, variables and extra places to look.
    pub env: Env,
    /// The folder that the user is in.
    pub current: Option<PathBuf>,
    /// Where stead keeps its own files.
    pub data_dir: PathBuf,
    /// Whether raw records are kept in the archive.
    pub archive: bool,
    /// The time that counts as now.
    pub now: Timestamp,
    /// The user's time zone.
    pub time_zone: TimeZone,
    /// Worker threads for reading.
    pub threads: usize,
    /// Text that differs for each build of the program: what was traced is
    /// remembered for the build that traced it. Without, nothing of it is.
    pub build: Option<String>,
}

impl Settings {
    /// The index folder. Looking into extra places gives another view of the
    /// world, so it has an index of its own.
    pub(crate) fn index_dir(&self) -> PathBuf {
        if self.env.roots.is_empty() {
            return self.data_dir.join("index");
        }
        let roots: Vec<_> = self
            .env
            .roots
            .iter()
            .map(|root| root.to_string_lossy())
            .collect();
        let mut roots: Vec<_> = roots.iter().map(AsRef::as_ref).collect();
        roots.sort_unstable();
        let name = stead_index::view_name(&roots);
        self.data_dir.join(format!("index-{name}"))
    }

    /// The archive folder.
    pub(crate) fn archive_dir(&self) -> PathBuf {
        self.data_dir.join("archive")
    }
}
