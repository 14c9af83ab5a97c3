//! Test helpers: temporary homes, fixtures, scripted builders.
