//! Where an agent works, so that the user's tree changes only when the user says so. Git is not
//! run here: what is asked of it comes in as [`Versions`].
//!
//! # Terms
//!
//! - *Tree*: the user's folder. *Root*: the folder that the agent works in, by its path: the tree's
//!   own path below an overlay, or a copy.
//! - *Changes folder*: what a session changed and was not yet applied lies in it, with `place.json`,
//!   which says what was [`Begun`]. It is outside of the tree.
//! - *Layer*: the part of a changes folder with the files themselves: an overlay's upper folder, or
//!   the copy.
//! - *Touched*: paths that may differ between tree and layer. A *change* is one that does.
//! - *Moment*: the time of a file system in nanoseconds, as it stands at a file that was just
//!   written; what has a later one was changed since.
//! - *Apply*: make the tree hold what the layer holds, all of it or nothing.
//!
//! `docs/specs/place.md` has the rules with their tests.

mod apply;
mod begun;
mod change;
mod copy;
mod diff;
mod enter;
mod how;
mod kept;
mod layer;
mod name;
mod rules;
mod swap;
mod versions;
mod walk;

pub use apply::{Applied, AppliedFile, ApplyError};
pub use begun::Begun;
pub use change::{Change, Changes, State};
pub use diff::{Counts, DiffOptions};
pub use enter::{Ask, Place};
pub use how::{How, PlaceError, Wish};
pub use kept::Kept;
pub use versions::{NoVersions, Versions};
