//! Traces the lines of a file: asks git which commit brought each, and matches
//! what each commit held with the states that sessions left.

mod ahead;
mod alike;
mod around;
mod error;
mod file;
mod findings;
mod ground;
mod local;
mod related;
mod story;

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::attribute::{Activity, Index};
use crate::digest::Digest;
use crate::keyed::Keyed;
use crate::marks::Signs;
use crate::notes::Notes;
use crate::origin::Finding;
use crate::replay::{Replayed, replay};
use crate::repo::{Git, GitError, History, Objects, Places};
use crate::step::Evidence;
use crate::text::Texts;

pub use ahead::Ahead;
pub use error::TraceError;
pub use file::TracedLine;
pub use story::{Earlier, Story};

/// A repository with everything that sessions know of it.
///
/// What is known does not change and is shared by all that [`Tracer::another`]
/// gives; each has a reader of git and a memory of its own, for one thread.
#[derive(Debug)]
pub struct Tracer {
    known: Arc<Known>,
    objects: RefCell<Objects>,
    notes: RefCell<Notes>,
    texts: Texts,
    /// The version that was read last: often the next is like it.
    last: Keyed,
    /// git's work on a file that will be asked for.
    ahead: Option<Ahead>,
    found: Found,
}

/// What does not change while lines are traced.
#[derive(Debug)]
struct Known {
    git: Git,
    history: History,
    evidence: Evidence,
    replayed: Replayed,
    index: Index,
    activity: Activity,
    texts: Arc<Texts>,
    local: local::Local,
    signs: Signs,
}

/// Findings of commits that were asked for, by commit and path, then by line
/// counted from 0.
type Found = FxHashMap<(Arc<str>, Arc<str>), FxHashMap<usize, Finding>>;

impl Tracer {
    /// Takes in what sessions did; those that worked elsewhere are left out.
    pub fn new(git: Git, digests: Vec<Digest>, signs: Signs) -> Result<Self, GitError> {
        let mut places = Places::of(&git)?;
        let history = History::of(&git)?;
        let objects = RefCell::new(Objects::open(&git)?);
        let notes = Notes::of(&git)?;
        let mut texts = Texts::default();
        let mut related = related::Related::new(&git, &history, &objects, &mut texts);
        let evidence = related.evidence(digests, &mut places);
        let doubtful = related.doubtful();
        let ground = ground::Checkouts {
            places: &places,
            history: &history,
            objects: &objects,
        };
        let replayed = replay(&evidence, &ground, &mut texts);
        let index = Index::of(&replayed, &texts);
        let spans = evidence.sessions.iter();
        let spans = spans.filter_map(|session| Some((session.from_ms?, session.to_ms?)));
        let local = local::Local::of(&git, &history, &evidence, &replayed);
        let texts = Arc::new(texts);
        let known = Known {
            activity: Activity {
                spans: spans.chain(doubtful).collect(),
                since_ms: evidence
                    .sessions
                    .iter()
                    .filter_map(|session| session.from_ms)
                    .min(),
            },
            git,
            history,
            evidence,
            replayed,
            index,
            texts: texts.clone(),
            local,
            signs,
        };
        Ok(Self {
            known: Arc::new(known),
            objects,
            notes: RefCell::new(notes),
            texts: Texts::over(texts),
            last: Keyed::default(),
            ahead: None,
            found: Found::default(),
        })
    }

    /// Another one of the same repository, for another thread.
    pub fn another(&self) -> Result<Self, GitError> {
        Ok(Self {
            known: self.known.clone(),
            objects: RefCell::new(Objects::open(&self.known.git)?),
            notes: RefCell::new(self.notes.borrow().clone()),
            texts: Texts::over(self.known.texts.clone()),
            last: Keyed::default(),
            ahead: None,
            found: Found::default(),
        })
    }

    /// Leaves aside what other tools noted, from now on: whoever writes notes must
    /// not write down what notes say.
    pub fn ignore_notes(&mut self) {
        self.notes = RefCell::default();
        self.found.clear();
    }

    /// The top of the work tree.
    pub fn root(&self) -> &Path {
        self.known.git.root()
    }

    /// The repository itself.
    pub fn git(&self) -> &Git {
        &self.known.git
    }

    /// What sessions did in this repository.
    pub fn evidence(&self) -> &Evidence {
        &self.known.evidence
    }

    /// All commits.
    pub fn history(&self) -> &History {
        &self.known.history
    }
}
