//! What the model is given to read, all of it in the open: the first message, and what
//! stands in for messages that no longer fit.

mod compact;
mod first;

pub use compact::{Compacted, compact, tokens};
pub use first::{Given, first_message};
