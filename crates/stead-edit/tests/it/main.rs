//! Changes as models write them, and what files hold then.

mod blocks;
mod patch;
mod replace;
mod tree;
mod unified;
