//! The `stead` program: parses arguments, wires the crates, decides exit codes.
fn main() {}
