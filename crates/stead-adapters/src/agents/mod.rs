//! One folder per agent.

pub mod aider;
pub mod claude_code;
pub mod cline;
pub mod codex;
pub mod crush;
pub mod goose;
pub mod kilo_code;
pub mod opencode;
pub mod openhands;
pub mod roo_code;
pub mod stead;
