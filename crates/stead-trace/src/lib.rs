//! Says, for each line of a git repository, which session event wrote it, from the
//! sessions on disk and the repository's history. `docs/specs/provenance.md` has the
//! rules; the names used here are:
//!
//! - *step*: one thing that a session did to a file, or showed of it ([`Step`]).
//! - *evidence*: all steps that may concern a repository ([`Evidence`]).
//! - *tree*: a checkout that steps happened in: the repository itself, a worktree,
//!   a clone.
//! - *state*: what a file held after a step, as far as it can be told, each line
//!   with its *writer* ([`replay`]).
//! - *version*: what a file held in a commit, or holds in the working tree.
//! - *origin*: the answer for a line of a version ([`Origin`]).
//!
//! What other tools left in the repository about its lines is read, and written, by
//! [`notes`].
//!
//! Replaying steps and matching states with versions is pure; `repo` alone talks to
//! git, and whoever reads sessions hands them in as [`Step`]s.

mod align;
mod attribute;
mod digest;
mod keyed;
mod marks;
pub mod notes;
mod origin;
mod path;
pub mod replay;
pub mod repo;
mod shell;
mod shown;
mod step;
mod text;
mod tracer;

pub use attribute::Mark;
pub use digest::Digest;
pub use marks::Signs;
pub use origin::{Finding, Origin};
pub use step::{Action, Address, Evidence, Patch, SessionFacts, Step, StreamCommand, StreamEdit};
pub use text::{Key, Texts, decode, is_binary, lines};
pub use tracer::{Ahead, Earlier, Story, TraceError, TracedLine, Tracer};
