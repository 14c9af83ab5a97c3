//! Test helpers shared by the crates: truths about real sessions, what is
//! left on a disk, and a server that answers as it is told. It knows no adapter and no index.

pub mod disk;
pub mod play;
pub mod server;
pub mod truth;
