//! Application services: sync, search, open, stats, export; plain view data for
//! every front end. It knows no terminal, no arguments and no HTTP.

pub mod export;
