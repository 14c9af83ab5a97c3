//! Changes of files as models write them: read, placed, and applied, or refused where
//! it is not clear what is meant.
//!
//! A model says what it wants changed in one of several *forms*: a patch (`*** Begin
//! Patch`), a unified diff, SEARCH/REPLACE blocks, or an old and a new string. Each is
//! read into *changes*. A change of a file's lines has *hunks*, and a hunk has *rows*:
//! lines that are there, lines that go, lines that come. [`plan()`] finds for each hunk
//! its *place*, by ever more lenient *likeness* of the lines: the same, the same but
//! for white space at the ends, indented otherwise, written with other quotes and
//! dashes. What was taken leniently is told as a [`Correction`], so that whoever
//! wrote the change learns of it. Where more than one place is as good, and the form
//! does not say which one it means, the change is refused and the places are named.
//!
//! Nothing here reads or writes files: a [`Tree`] lets look at them, a [`Plan`] says
//! what they are to hold. So a plan is carried out as a whole or not at all.
//!
//! Lines of the file that a hunk leaves keep every byte, their ends included.

mod change;
mod error;
mod form;
mod indent;
mod place;
mod plan;
mod replace;
mod seek;
mod text;

pub use change::{Change, Hunk, Row};
pub use error::{EditError, ParseError};
pub use form::{parse_any, parse_blocks, parse_patch, parse_unified};
pub use plan::{Correction, FilePlan, Plan, Tree, plan, plan_each, relative};
pub use seek::Likeness;
