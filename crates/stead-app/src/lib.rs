//! Application services: sync, search, open, stats, export; plain view data for every front end.
