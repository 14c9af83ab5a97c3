mod failures;
mod keys;
mod known;
mod listing;
mod recording;
mod scripted;
mod server;
