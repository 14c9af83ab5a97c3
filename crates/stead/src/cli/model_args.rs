//! Options of the commands that ask models.

use clap::Args;

/// Which models one command asks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Models")]
pub(crate) struct ModelArgs {
    /// The model that writes code: a provider (openai, openai-responses, anthropic,
    /// gemini, or a name of `stead models list`) and its name for the model
    #[arg(long, value_name = "PROVIDER/NAME")]
    pub(crate) model: Option<String>,
    /// Where that provider is, for this command
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// The model that takes the task apart; `none` does it by rules
    #[arg(long, value_name = "PROVIDER/NAME|none")]
    pub(crate) parser_model: Option<String>,
    /// Asked if the model does not answer; may be given more than once. With --model,
    /// those of the configuration are not asked
    #[arg(long, value_name = "PROVIDER/NAME")]
    pub(crate) fallback: Vec<String>,
}
