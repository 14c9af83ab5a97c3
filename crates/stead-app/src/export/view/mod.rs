//! What every picture of a session shares, whatever it is painted on: which
//! events are shown and how they belong together ([`Flow`]), the words of the
//! header ([`Facts`]), what a call was about ([`Caller`]), and the lines of a
//! change ([`FileDiff`]). Plain data: session text in it is as it was recorded,
//! so whoever paints it escapes it.

mod call;
mod diff;
mod document;
mod facts;
mod flow;
#[cfg(test)]
pub(crate) mod samples;
mod words;

pub use call::{Caller, glyph, outcome};
pub use diff::{DiffLine, DiffRow, FileDiff, LineKind};
pub use document::DocumentOptions;
pub use facts::{Clock, Fact, Facts};
pub use flow::{Flow, FlowOptions, Item, Paint, Skipped, Why, context};
pub use words::{bytes, count, duration, first_line, grouped, short, tokens};
