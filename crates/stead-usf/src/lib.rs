//! The Universal Session Format: sessions, events, edits, usage, issues, and their JSON form.
