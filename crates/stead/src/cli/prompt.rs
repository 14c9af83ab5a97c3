//! What can be typed for `stead prompt`.

use clap::{Args, Subcommand, ValueEnum};

/// See what the models are told before your words
#[derive(Debug, Args)]
pub(crate) struct PromptArgs {
    #[command(subcommand)]
    pub(crate) command: PromptCommand,
}

/// What to do with prompts.
#[derive(Debug, Subcommand)]
pub(crate) enum PromptCommand {
    Show(PromptShowArgs),
}

/// Show the system prompts, line by line
///
/// Each line has an id that the model names and that `stead why` leads to; an id keeps
/// its meaning within a version. With --json an array of {name, version, lines: [{id,
/// text}]}.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead prompt show
  stead prompt show parser
  stead prompt show --json | jq -r '.[0].lines[].text'")]
pub(crate) struct PromptShowArgs {
    /// Of this part only
    pub(crate) part: Option<PromptPart>,
}

/// The parts of the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PromptPart {
    /// Writes code
    Generator,
    /// Takes tasks apart
    Parser,
}
