//! `stead run` from end to end: a repository, a scripted model on loopback, the program,
//! and what is on the disk afterwards. The network ends at loopback.

mod acp;
mod applying;
mod chatting;
mod controlled;
mod cut_off;
mod disk_full;
mod escaping;
mod faults;
mod helping;
mod live;
mod planning;
mod questions;
mod record;
mod replaying;
mod servers;
mod started;
mod stopped;
mod tasks;
mod terminal;
mod web;
mod world;
