//! The first generation: streams of numbered actions and observations, as the
//! program kept them up to version 0.62 and exported them as trajectories.

mod action;
mod call;
mod elements;
mod map;
mod observation;
mod read;
mod reply;

pub(super) use read::{FACTS, is_trajectory, number, read_folder, read_trajectory};
