//! What can be typed for `stead chat`.

use std::path::PathBuf;

use clap::Args;

use super::ModelArgs;

/// Talk with a model that works in this repository, on record
///
/// Each message is a task of one session, done as `stead run` does it: in a sandbox, in a
/// tree of its own, every step on record. Between messages, /diff shows what was changed,
/// /apply puts it into your files, /model goes on with another model, /help says more. Words
/// that are typed while the model works reach it at its next step; Esc ends the command that
/// runs, Ctrl-C the turn, Ctrl-D the conversation. In a pipe, each line of standard input is
/// a message.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches of the command line, each its own"
)]
#[command(after_help = "Exit codes:
  0 ended by you    1 failed    2 wrong arguments    in a pipe, that of the last turn (stead help run)

Examples:
  stead chat
  stead chat 'how does the parser work?' --model ollama/qwen3-coder
  stead chat --continue           the newest session of this repository goes on")]
pub(crate) struct ChatArgs {
    /// The first message
    pub(crate) message: Vec<String>,
    /// Allow without asking what no rule denies; the record says that nobody was asked
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
    /// Work in your own files from the start
    #[arg(long)]
    pub(crate) in_place: bool,
    /// A command that decides whether a task is done, instead of those that the plan finds;
    /// may be given more than once
    #[arg(long, value_name = "COMMAND")]
    pub(crate) check: Vec<String>,
    /// Run no checks
    #[arg(long, conflicts_with = "check")]
    pub(crate) no_checks: bool,
    /// Go on with the newest session of this repository
    #[arg(long = "continue", conflicts_with = "resume")]
    pub(crate) go_on: bool,
    /// Go on with this session
    #[arg(long, value_name = "SESSION")]
    pub(crate) resume: Option<String>,
    /// Let commands use the network
    #[arg(long)]
    pub(crate) network: bool,
    /// Run commands without a sandbox, where there is none
    #[arg(long)]
    pub(crate) unconfined: bool,
    /// Print lines of text on a terminal too, instead of a live view
    #[arg(long)]
    pub(crate) plain: bool,
    /// Work in this folder's repository
    #[arg(short = 'C', long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) models: ModelArgs,
}
