//! The agent's parts that need processes of their own, as those who use them see them.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod place;
