//! What can be typed for `stead acp`.

use clap::Args;

use super::ModelArgs;

/// Work as an agent in an editor: Zed, JetBrains, Neovim, and others that speak ACP
///
/// The editor starts this and speaks the Agent Client Protocol with it over standard input
/// and output. Each prompt is worked at as by `stead run`: in a sandbox, on record, beside
/// your files until you say that the changes are to be applied. Calls that need your word
/// are asked for in the editor. `stead show`, `stead why` and `stead verify` answer for
/// these sessions as for all others, and `stead run --resume` goes on with them.
///
/// In the editor, `/apply` puts what waits into your files, `/diff` shows it and
/// `/discard` throws it away. Sessions on record can be opened again.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Configuration (docs/guide/editors.md has more):
  Zed           in settings.json:
                \"agent_servers\": { \"stead\": { \"type\": \"custom\", \"command\": \"stead\", \"args\": [\"acp\"] } }
  JetBrains     in ~/.jetbrains/acp.json:
                { \"agent_servers\": { \"stead\": { \"command\": \"stead\", \"args\": [\"acp\"] } } }

Exit codes:
  0 the editor has gone, or this was told to end; turns that ran are on record

Examples:
  stead acp                                    on standard input and output, as editors start it
  stead acp --model ollama/qwen3-coder         with this model
  stead acp --check 'cargo test'               the command that decides whether a task is done")]
pub(crate) struct AcpArgs {
    /// A command that decides whether a task is done, instead of those that the plan finds;
    /// may be given more than once
    #[arg(long, value_name = "COMMAND")]
    pub(crate) check: Vec<String>,
    /// Run no checks
    #[arg(long, conflicts_with = "check")]
    pub(crate) no_checks: bool,
    /// Let commands use the network
    #[arg(long)]
    pub(crate) network: bool,
    /// Run commands without a sandbox, where there is none
    #[arg(long)]
    pub(crate) unconfined: bool,
    #[command(flatten)]
    pub(crate) models: ModelArgs,
}
