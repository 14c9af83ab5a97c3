//! How a session looks in a terminal.
//!
//! [`SessionRenderer`] takes a session piece by piece and writes rows. Session
//! text is made safe where it comes in (`stead_redact::terminal::escape`) and
//! once more where rows go out (`style::Screen`), so that whatever happens in
//! between, no control code of a session reaches the terminal.

mod call;
mod code;
mod diff;
mod excerpt;
mod happening;
mod head;
mod page;
mod patch;
pub(crate) mod prose;
mod said;
mod session;
pub(crate) mod style;
mod table;
#[cfg(test)]
mod tests;
pub(crate) mod wrap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::environment::Context;

pub(crate) use excerpt::Excerpt;
pub(crate) use happening::Happening;
pub(crate) use patch::paint as patch;
pub(crate) use session::SessionRenderer;

/// How to show a session.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches of the command line, each its own"
)]
pub(crate) struct RenderOptions {
    /// Columns of the terminal.
    pub(crate) width: usize,
    /// Whether to write colours; without, no escape code is written at all.
    pub(crate) colour: bool,
    /// Nothing is folded.
    pub(crate) full: bool,
    /// Reasoning is not folded.
    pub(crate) reasoning: bool,
    /// Where the reader is.
    pub(crate) timezone: TimeZone,
    /// When it is.
    pub(crate) now: Timestamp,
    /// What was rewound or compacted is shown, struck out.
    pub(crate) all_branches: bool,
}

impl RenderOptions {
    /// As the caller's terminal is; long things are folded.
    pub(crate) fn of(context: &Context) -> Self {
        Self {
            width: context.width,
            colour: context.colour,
            full: false,
            reasoning: false,
            timezone: context.settings.time_zone.clone(),
            now: context.settings.now,
            all_branches: false,
        }
    }
}
