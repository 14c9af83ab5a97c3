//! Finds and reads every agent's session store and yields USF. It never
//! writes to a store and knows neither the index nor any front end.
//!
//! To add an agent: make a folder under `agents/` with `mod.rs` (facts and
//! wiring), `locate.rs`, `wire.rs`, `map.rs`, `tests.rs`, `FORMAT.md` and
//! `testdata/`, and add one line to `registry.rs`. `docs/specs/adapter.md` has
//! the rules and `conformance` runs them.

mod adapter;
pub mod agents;
mod apply_patch;
mod changed;
mod diff;
mod disk;
mod document;
mod early;
mod env;
mod error;
mod extra;
mod ids;
mod output;
mod parts;
pub mod projects;
mod registry;
#[cfg(feature = "samples")]
pub mod samples;
mod server;
mod sightings;
mod tasks;
mod unit;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod container;

pub use adapter::{Adapter, AdapterInfo, Capabilities, Container, Support, UsageRecord};
pub use disk::{Disk, Entry, FileState};
pub use document::{Document, load};
pub use env::{Env, Os};
pub use error::{DiscoverError, ReadError};
pub use output::{Amendment, Fate, Output, Sink, Slot, Tally};
pub use registry::{adapter, adapters};
pub use server::{Key, Server};
pub use sightings::Sightings;
pub use unit::{Checkpoint, Position, Stamp, Store, Unit};
