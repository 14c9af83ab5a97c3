//! Physical encodings, shared by all adapters: how bytes become records.

pub mod folder;
pub mod json;
pub mod jsonl;
pub mod sqlite;
