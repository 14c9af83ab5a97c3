//! Physical encodings, shared by all adapters: how bytes become records.

pub(crate) mod array;
pub(crate) mod begun;
pub mod http;
pub mod json;
pub mod jsonl;
pub mod lines;
pub(crate) mod rows;
pub mod sqlite;
