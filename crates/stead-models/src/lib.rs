//! Facts about models by the names that agents record: who made them, whether the
//! weights are given out, and under which licence. A small catalogue, compiled in,
//! in which each fact has its source; it is not a list of what can be had where.
//!
//! - *name*: what an agent recorded (`us.anthropic.claude-…-v1:0`, `qwen3:8b`).
//! - *entry*: names that share their facts, as one table of `catalogue/*.toml`.
//! - *word*: a part of a name, as `name.rs` cuts it.
//!
//! A wrong licence is worse than none: where version, size or origin of a model
//! decide and the name does not tell them, there is no answer.

mod catalogue;
mod facts;
mod name;

pub use catalogue::{facts, licence_of};
pub use facts::{Facts, Licence, Source};

#[cfg(test)]
mod tests;
