//! Test helpers shared by the crates: truths about real sessions, what is
//! left on a disk, a server that answers as it is told and a language model that does,
//! histories that are hard to blame. It knows no adapter and no index.

pub mod disk;
pub mod model;
pub mod play;
pub mod server;
pub mod tangle;
pub mod truth;
