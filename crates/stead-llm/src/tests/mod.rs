mod failures;
mod keys;
mod known;
mod recording;
mod server;
