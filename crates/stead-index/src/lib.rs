//! Remembers what has been read, and answers queries over it.

pub mod query;
pub mod text;
