//! What the model is given to read, all of it in the open: the first message, and what
//! stands in for messages that no longer fit.

mod compact;
mod first;
mod given;
mod instructions;
pub mod map;

pub use compact::{Compacted, compact, text_tokens, tokens};
pub use first::{Given, first_message};
pub use given::{Budget, given};
