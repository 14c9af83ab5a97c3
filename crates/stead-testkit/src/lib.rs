//! Test helpers shared by the crates: truths about real sessions.

pub mod truth;
