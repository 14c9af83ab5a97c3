//! Test helpers shared by the crates: truths about real sessions, and what is
//! left on a disk. It knows no adapter and no index.

pub mod disk;
pub mod truth;
