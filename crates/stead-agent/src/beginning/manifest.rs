//! A beginning in words: which files held what.

use serde::{Deserialize, Serialize};

use super::BeginningError;
use crate::record::digest;

/// This form of it.
const VERSION: u32 = 1;

/// A beginning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form.
    version: u32,
    /// The commit that was checked out. Without one, all files are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// What was not as in the commit, by path.
    pub files: Vec<Entry>,
    /// What is not kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// A path that was not as in the commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// From the tree's top, with `/`.
    pub path: String,
    /// What was there.
    #[serde(flatten)]
    pub what: What,
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    /// A file.
    File {
        /// Its length in bytes.
        length: u64,
        /// SHA-256 of what it holds, in hexadecimal digits.
        sha256: String,
        /// Whether it may be run.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        runs: bool,
    },
    /// A symbolic link.
    Link {
        /// Where it leads.
        target: String,
    },
    /// Nothing, although the commit has something.
    Gone,
}

/// Something that is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// From the tree's top; bytes that are no text are replaced. Empty for all that are not
    /// named.
    pub path: String,
    /// Why.
    pub why: String,
}

impl LeftOut {
    /// All that are beyond the number of files that are kept.
    pub(super) fn more(count: usize) -> Self {
        Self {
            path: String::new(),
            why: format!("there are {count} more files, too many to keep"),
        }
    }
}

impl Manifest {
    /// Whether every file that is not in it is named as left out.
    pub(super) fn names_all(&self) -> bool {
        self.left_out.iter().all(|left| !left.path.is_empty())
    }

    /// A beginning with nothing but a commit.
    #[must_use]
    pub const fn new(commit: Option<String>) -> Self {
        Self {
            version: VERSION,
            commit,
            files: Vec::new(),
            left_out: Vec::new(),
        }
    }

    /// Reads one.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, BeginningError> {
        let altered = |_| BeginningError::Altered("the list".to_owned());
        let manifest: Self = serde_json::from_slice(bytes).map_err(altered)?;
        match manifest.version {
            VERSION => Ok(manifest),
            newer => Err(BeginningError::Newer(newer)),
        }
    }

    /// As it is written, with its digest.
    pub(super) fn bytes(&self) -> (Vec<u8>, String) {
        // Structures of texts and numbers are always JSON.
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        let name = digest(&bytes);
        (bytes, name)
    }

    /// The digests of all objects that belong to it.
    pub fn objects(&self) -> impl Iterator<Item = &str> {
        self.files.iter().filter_map(|entry| match &entry.what {
            What::File { sha256, .. } => Some(sha256.as_str()),
            _ => None,
        })
    }

    /// Bytes of all files in it.
    #[must_use]
    pub fn length(&self) -> u64 {
        let lengths = self.files.iter().map(|entry| match &entry.what {
            What::File { length, .. } => *length,
            _ => 0,
        });
        lengths.sum()
    }
}
