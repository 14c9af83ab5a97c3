//! Remembers what has been read, and answers queries over it.
//!
//! # Terminology
//!
//! - *catalogue*: facts about units and sessions, in SQLite.
//! - *segment*: an immutable file of event texts with a filter for searching.
//! - *archive*: the raw records of every session seen, the one durable thing.
//! - *query*, *hit*, *snippet*: as in search engines.
//!
//! Catalogue and segments are caches: deleting them loses nothing. The archive
//! is none. This crate knows neither adapters nor agents by name.

mod archive;
mod batch;
mod catalog;
mod error;
mod pending;
pub mod query;
mod requests;
mod rewrite;
mod searchable;
pub mod text;
mod writer;

/// Makes a folder that only the user can look into: what agents record holds
/// private things.
pub fn make_private(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

pub use archive::{Archive, ArchiveWriter, Piece, UnitRecorder};
pub use batch::{Batch, Shared};
pub use catalog::{Away, Catalog, Filter, KnownUnit, Place, ProjectFilter, UnitReport, Workplace};
pub use error::IndexError;
pub use requests::{ModelRequest, key_of_event, key_of_message, view_name};
pub use writer::Writer;
