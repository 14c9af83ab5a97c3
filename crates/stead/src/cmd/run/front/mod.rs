//! Who watches a session: a person at a terminal, a pipe, a program.

mod control;
mod json;
mod keyboard;
mod live;
mod own;
mod plain;
mod seen;
mod tally;

use stead_agent::run::Front;

pub(super) use control::{Begin, Control};
pub(super) use json::Json;
pub(crate) use live::{Keys, Live, Then, View, Wanted, screen};
pub(crate) use plain::Plain;
pub(super) use seen::Seen;
pub(crate) use tally::{Prices, used};

/// A front that is told more than what is on record.
pub(crate) trait Watch: Front {
    /// Models, sandbox and place, before the work begins.
    fn route(&mut self, words: &str);

    /// How it ended; all that is said after the last event.
    fn end(&mut self, ending: &super::ending::Ending);
}
