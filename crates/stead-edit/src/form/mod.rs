//! The forms in which models write changes.

mod blocks;
mod patch;
mod unified;

pub use blocks::parse_blocks;
pub use patch::parse_patch;
pub use unified::parse_unified;

use crate::change::Change;
use crate::error::ParseError;

/// Reads whichever form a text has.
pub fn parse_any(text: &str) -> Result<Vec<Change>, ParseError> {
    let starts = |mark: &str| text.lines().any(|line| line.trim_start().starts_with(mark));
    if starts(patch::BEGIN) {
        parse_patch(text)
    } else if starts("<<<<<<< ") || starts("<<<<<<<") {
        parse_blocks(text)
    } else {
        parse_unified(text)
    }
}
