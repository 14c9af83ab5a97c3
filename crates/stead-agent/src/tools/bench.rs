//! What tools work with: handed in by whoever runs a session.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Answer;
use crate::workspace::Workspace;

/// What tools work with.
pub struct Bench<'a> {
    /// The folder that nothing leads out of.
    pub workspace: &'a Workspace,
    /// Runs commands.
    pub shell: &'a dyn Shell,
    /// The session's plan.
    pub todo: &'a mut Vec<Todo>,
    /// The files that the model has seen in this session.
    pub known: &'a mut Known,
    /// Whether the content of a file may be seen, for tools that look into many.
    pub may_read: &'a dyn Fn(&str) -> bool,
    /// Gets the output of a command while it runs.
    pub output: &'a mut dyn FnMut(&str),
    /// What only some sessions have.
    pub hooks: Hooks<'a>,
}

/// What only some sessions have: each tool that needs one of these is offered only where
/// it is there ([`super::offered`]).
#[derive(Default)]
pub struct Hooks<'a> {
    /// Asks the user, and waits; `None` if nobody is there. What is asked is the model's
    /// text: it is to be escaped before a terminal shows it.
    pub ask: Option<&'a mut AskUser<'a>>,
    /// The web.
    pub web: Option<&'a dyn Web>,
    /// Whether a host may be spoken to although it is on this machine or in a private
    /// network; without it, none may.
    pub near: Option<&'a dyn Fn(&str) -> bool>,
    /// Works at a goal in a fresh conversation, and answers with a report.
    pub task: Option<&'a mut dyn FnMut(&str) -> Answer>,
}

/// Asks the user, and waits for what they say.
pub type AskUser<'a> = dyn FnMut(&Question) -> Option<String> + 'a;

/// A question to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What is asked.
    pub text: String,
    /// Answers to choose from, each on one line; others may be given too.
    pub options: Vec<String>,
}

/// Gets pages of the web.
pub trait Web {
    /// Gets a page by GET, at most so many bytes of it, without cookies and without
    /// following it elsewhere; or says why not. Unless it may be `near`, a name that
    /// resolves to an address that is not [`super::is_public`] is refused.
    fn get(&self, url: &str, most: usize, near: bool) -> Result<Page, String>;
}

/// A page as a server gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// HTTP's status.
    pub status: u16,
    /// The header `content-type`; empty if there is none.
    pub content_type: String,
    /// The header `location`: where else the page is.
    pub location: Option<String>,
    /// What it holds.
    pub body: Vec<u8>,
    /// It holds more, which was not taken.
    pub is_cut: bool,
}

/// Runs commands.
pub trait Shell {
    /// Runs a command of `sh` in the workspace until it ends, or for so long; without a
    /// limit, the runner's own holds. Output is handed on as it comes.
    fn run(&self, command: &str, limit: Option<Duration>, output: &mut dyn FnMut(&str)) -> Ran;
}

/// How a command went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ran {
    /// Its exit code, if it ended by itself.
    pub exit: Option<i32>,
    /// What it wrote, both streams as they came; cut in the middle with a note.
    pub output: String,
    /// If it did not end by itself, or did not begin: why, in words.
    pub ended: Option<String>,
    /// Whether that was the limit of time.
    pub timed_out: bool,
    /// How long it ran.
    pub took: Duration,
}

/// The files that the model has seen, and what they held then.
#[derive(Debug, Clone, Default)]
pub struct Known(BTreeMap<String, u64>);

impl Known {
    /// The model has seen a file, or wrote it.
    pub fn note(&mut self, path: &str, bytes: &[u8]) {
        self.0.insert(path.to_owned(), hash(bytes));
    }

    /// Whether it has seen the file at all.
    pub fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// Whether it has seen the file as it is.
    pub fn is_current(&self, path: &str, bytes: &[u8]) -> bool {
        self.0.get(path) == Some(&hash(bytes))
    }
}

/// Tells changed content from unchanged; nobody gains by making two the same.
fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// An item of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Todo {
    /// What is to be done.
    pub text: String,
    /// How far it is.
    pub status: Status,
}

/// How far an item of a plan is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Not begun.
    #[default]
    Pending,
    /// Being worked at.
    Active,
    /// Done.
    Done,
}
