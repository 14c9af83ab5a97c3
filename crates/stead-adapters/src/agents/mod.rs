//! One folder per agent.

pub mod claude_code;
pub mod codex;
pub mod goose;
pub mod opencode;
