//! Finds secrets and terminal control sequences in text and masks them.
