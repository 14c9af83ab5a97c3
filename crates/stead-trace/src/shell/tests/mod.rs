//! Tests of what commands do. `oracle` holds them against a real shell.

mod cases;
mod effects;
mod hostile;
mod oracle;
mod shown;
