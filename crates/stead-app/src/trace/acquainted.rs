//! What is known of the repositories that sessions worked in, in a file of its
//! own: git need not be asked about each of them for every line. A cache: deleting
//! it loses nothing.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use stead_trace::repo::{Acquaintances, Git, Kin};

use super::remembered::{keep, recall};
use crate::Settings;

/// What the file holds.
#[derive(Serialize, Deserialize)]
struct Remembered {
    build: String,
    known: Acquaintances,
}

/// The file, for one build of the program.
pub(super) struct Known {
    path: PathBuf,
    build: Option<String>,
}

impl Known {
    pub(super) fn of(settings: &Settings) -> Self {
        Self {
            path: settings.data_dir.join("trace").join("repositories"),
            build: settings.build.clone(),
        }
    }

    /// The kin of a repository, as far as it is known.
    pub(super) fn kin<'a>(&self, git: &'a Git) -> Kin<'a> {
        let known = recall::<Remembered>(&self.path);
        let known = known.filter(|known| Some(&known.build) == self.build.as_ref());
        Kin::of(git, known.map(|known| known.known).unwrap_or_default())
    }

    /// Remembers what was learnt.
    pub(super) fn learn(self, kin: Kin<'_>) {
        if let (Some(build), Some(known)) = (self.build, kin.learnt()) {
            // A disk that is full is no reason to give no answer.
            let _ = keep(&self.path, &Remembered { build, known });
        }
    }
}
