//! What the agent may do: judged by rules, never by asking the model.
//!
//! A *policy* is made of *rules* from *sources*: those that are built in, the user's and
//! the project's own. A *call* is what a tool is about to do; its *parts* (paths, simple
//! commands, a host) are judged one by one, and the strictest *decision* is the *verdict*.
//! What is to come of a verdict depends on the *mode*: whether there is somebody to ask.
//! *Private* files are those whose content may go to some models only.
//!
//! Nothing here opens a file: texts and paths are handed in. Links have to be followed
//! before. `docs/specs/permission.md` has the rules.

mod answers;
mod call;
pub mod command;
mod judge;
mod pattern;
mod policy;
mod privacy;
mod read;
mod verdict;

#[cfg(test)]
mod tests;

pub use answers::Answers;
pub use call::{Call, Places};
pub use policy::{Decision, Kind, Policy, Source};
pub use privacy::{Passage, Privacy, Route, withheld};
pub use read::PolicyError;
pub use verdict::{Finding, Mode, Named, Outcome, Part, Verdict};
