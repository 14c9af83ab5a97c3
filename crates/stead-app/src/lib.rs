//! Application services: sync, search, open, stats, export; plain view data for
//! every front end. It knows no terminal, no arguments and no HTTP.

mod away;
mod discover;
mod doctor;
mod error;
pub mod export;
mod forget;
mod list;
mod mask;
mod open;
mod plan;
mod project;
mod read;
mod restored;
mod search;
mod settings;
mod sink;
mod stats;
mod sync;
mod take_in;
pub mod trace;

pub use doctor::{AgentReport, DoctorReport, IssueGroup, StoreReport};
pub use error::AppError;
pub use list::ListOptions;
pub use mask::mask_session;
pub use open::{Found, OpenOptions};
pub use project::project_of;
pub use search::{SearchHit, SearchOptions, SearchReport};
pub use settings::Settings;
pub use stats::{GroupBy, Stats, StatsOptions, StatsRow};
pub use sync::{Progress, SyncReport};

use stead_adapters::Unit;
use stead_index::Catalog;

/// stead on one machine: the agents' stores as they are now, and what the index
/// knows of them.
pub struct App {
    settings: Settings,
    /// What discovery found, newest first.
    units: Vec<Unit>,
    catalog: Catalog,
    /// What a look at the stores found that is not yet done.
    looked: Option<(SyncReport, plan::Plan)>,
    /// Folders that sessions worked in, as the last look had them.
    folders: Vec<String>,
    /// What the last look saw, if it can be relied on.
    sightings: Option<Vec<u8>>,
    /// When it was opened, which is `settings.now`.
    opened: std::time::Instant,
}

#[cfg(test)]
mod tests;
