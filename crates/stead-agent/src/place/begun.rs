//! What a changes folder says of how its session began: `place.json`.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use stead_usf::Time;

use super::how::{How, PlaceError, at};

/// The file's name in a changes folder.
const FILE: &str = "place.json";
/// How long a step of a file system's clock is waited for.
const PATIENCE: Duration = Duration::from_millis(25);
/// This form of it.
const VERSION: u32 = 1;

/// How a session began to change a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    version: u32,
    /// The user's folder, without links.
    #[serde(with = "super::name")]
    pub tree: PathBuf,
    /// In which way the agent works.
    pub how: How,
    /// Why it is not an overlay, in words for the user.
    pub why: Option<String>,
    /// The commit that was checked out.
    pub head: Option<String>,
    /// When it began, or when its changes were last applied.
    pub created: Time,
    /// The moment of that.
    pub(super) since_ns: u64,
}

impl Begun {
    pub(super) fn new(tree: PathBuf, how: How, head: Option<String>, created: Time) -> Self {
        Self {
            version: VERSION,
            tree,
            how,
            why: None,
            head,
            created,
            since_ns: 0,
        }
    }

    /// Reads it; `None` if none is there.
    pub fn read(changes: &Path) -> Result<Option<Self>, PlaceError> {
        let path = changes.join(FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at(&path)(error)),
        };
        let facts = |why: String| PlaceError::Facts {
            path: path.clone(),
            why,
        };
        let begun: Self =
            serde_json::from_slice(&bytes).map_err(|error| facts(error.to_string()))?;
        if begun.version != VERSION {
            let why = format!("its form {} is of a newer stead", begun.version);
            return Err(facts(why));
        }
        Ok(Some(begun))
    }

    /// Writes it, with the moment of now.
    pub(super) fn write(&mut self, changes: &Path) -> Result<(), PlaceError> {
        let (path, beside) = (changes.join(FILE), changes.join("place.json.new"));
        self.since_ns = moment(changes).map_err(at(&path))?;
        serde_json::to_vec_pretty(self)
            .map_err(io::Error::from)
            .and_then(|text| fs::write(&beside, text))
            .and_then(|()| fs::rename(&beside, &path))
            .map_err(at(&path))
    }
}

/// A moment that is later than those of all files that were written before, and not later than those
/// of all that are written from now on. Many file systems count in steps of some milliseconds.
pub(super) fn moment(changes: &Path) -> io::Result<u64> {
    let path = changes.join("moment");
    let mut file = File::create(&path)?;
    file.write_all(b".")?;
    let first = changed_at(&file.metadata()?);
    let begun = Instant::now();
    let mut now = first;
    while now <= first && begun.elapsed() < PATIENCE {
        file.write_all(b".")?;
        now = changed_at(&file.metadata()?);
    }
    drop(file);
    fs::remove_file(&path)?;
    Ok(now)
}

/// The moment of a file's last change, of its rights too.
#[cfg(unix)]
pub(super) fn changed_at(facts: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    nanoseconds(facts.ctime(), facts.ctime_nsec())
}

#[cfg(not(unix))]
pub(super) fn changed_at(facts: &Metadata) -> u64 {
    facts.modified().map_or(0, since_1970)
}

#[cfg(unix)]
pub(super) fn nanoseconds(seconds: i64, rest: i64) -> u64 {
    let seconds = u64::try_from(seconds).unwrap_or_default();
    seconds * 1_000_000_000 + u64::try_from(rest).unwrap_or_default()
}

#[cfg(not(unix))]
pub(super) fn since_1970(time: std::time::SystemTime) -> u64 {
    let age = time.duration_since(std::time::UNIX_EPOCH);
    age.map_or(0, |age| age.as_nanos() as u64)
}
