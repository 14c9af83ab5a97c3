//! What other tools left in a repository about who wrote which lines, and the same
//! written by stead. Three kinds are read: authorship logs of git-ai, records of
//! Agent Trace, checkpoints of Entire; the first two are written as well.
//!
//! How much each is worth ([`NoteEvidence::weight`]), and why:
//!
//! - A *git-ai log* on the commit itself comes from hooks that saw the edit, but it
//!   counts what a person typed beside an agent as the agent's, and may hang the
//!   session of another repository on a line. Live, about 85 of 100 such lines were
//!   right: 0.75. Lines of a known person are typed in an editor that reports it:
//!   0.7. A log whose `base_commit_sha` is another commit was copied along when
//!   history was rewritten, and its line numbers may be off: 0.4. So is one that
//!   names two sessions for a line, or a session that it does not describe.
//! - An *Agent Trace record* of this revision is the same kind of word from tools
//!   that differ: 0.65. The reference implementation records the revision *before*
//!   the edit is committed, with line numbers of that moment: a record of the
//!   commit's parent says no more than that this file was worked on: 0.3.
//! - A checkpoint of *Entire* names a session and the files that it touched, and no
//!   lines: 0.3.
//!
//! What weighs less than [`SURE`] is a hint beside other evidence and no answer by
//! itself. `mixed` and `unknown` are never turned into more than they say. A note
//! that cannot be read is left out and named in [`Notes::problems`].

pub mod agent_trace;
pub mod authorship;
mod claims;
mod credit;
mod entire;
mod evidence;
mod found;
mod hash;
mod json;
mod keep;
mod ranges;

pub use agent_trace::Record;
pub use authorship::{Log, NoteError};
pub use claims::Claim;
pub use credit::{Author, Credit, Credits};
pub use evidence::{Contributor, NoteEvidence, NoteSource, SURE};
pub use found::Notes;
pub use keep::{AI_NOTES, Kept, TRACES, keep_logs, keep_records, logs, records};
pub use ranges::LineNumbers;

#[cfg(test)]
mod tests;
