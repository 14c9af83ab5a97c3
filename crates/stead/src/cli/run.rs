//! What can be typed for `stead run`.

use std::path::PathBuf;

use clap::Args;

use super::ModelArgs;

/// Let a model do a task in this repository, on record
///
/// The task is taken apart first (a plan: targets, constraints, the commands that decide
/// whether it is done), then a model works at it with tools. Commands run in a sandbox;
/// your own files change only when you apply the result. Everything that was asked,
/// answered, called and changed is on record: `stead show`, `stead why` and
/// `stead verify` answer for it afterwards.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches of the command line, each its own"
)]
#[command(after_help = "Exit codes:
  0 done, checks ended well    1 failed    2 wrong arguments    6 blocked: somebody has to decide
  7 not done: checks still fail, or nothing changed             130 interrupted

Examples:
  stead run 'add unit tests to src/utils.py'
  stead run 'fix the failing test' --model anthropic/claude-sonnet-5 --apply
  stead run 'why is the build slow?' --model ollama/qwen3-coder
  stead run 'rename Foo to Bar' --check 'cargo test' --yes --json
  echo 'a long task' | stead run -
  stead run --json --control -                a program starts it, answers, and steers
  stead run --continue 'now the docs too'")]
pub(crate) struct RunArgs {
    /// What is to be done; `-` reads it from standard input
    pub(crate) task: Vec<String>,
    /// Allow without asking what no rule denies; the record says that nobody was asked
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
    /// Apply the changes to your own files if the task is done
    #[arg(long)]
    pub(crate) apply: bool,
    /// Work in your own files from the start
    #[arg(long, conflicts_with = "apply")]
    pub(crate) in_place: bool,
    /// A command that decides whether it is done, instead of those that the plan finds;
    /// may be given more than once
    #[arg(long, value_name = "COMMAND")]
    pub(crate) check: Vec<String>,
    /// Run no checks
    #[arg(long, conflicts_with = "check")]
    pub(crate) no_checks: bool,
    /// Show the plan, and do nothing more
    #[arg(long)]
    pub(crate) plan: bool,
    /// Edit the plan before the work begins
    #[arg(long)]
    pub(crate) edit_plan: bool,
    /// Go on with the newest session of this repository
    #[arg(long = "continue", conflicts_with = "resume")]
    pub(crate) go_on: bool,
    /// Go on with this session
    #[arg(long, value_name = "SESSION")]
    pub(crate) resume: Option<String>,
    /// Let the model fetch pages of the web; each host is asked for, unless a rule allows it
    #[arg(long)]
    pub(crate) web: bool,
    /// Let commands use the network
    #[arg(long)]
    pub(crate) network: bool,
    /// Run commands without a sandbox, where there is none
    #[arg(long)]
    pub(crate) unconfined: bool,
    /// At most so many answers of the model
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) rounds: u32,
    /// Print lines of text on a terminal too, instead of a live view
    #[arg(long)]
    pub(crate) plain: bool,
    /// With --json: answer, steer and stop by JSON lines on standard input
    /// (docs/reference/run-events.md); with the task `-`, the first line has it
    #[arg(long, conflicts_with = "edit_plan")]
    pub(crate) control: bool,
    /// The id of a new session
    #[arg(long, hide = true, conflicts_with_all = ["resume", "go_on"])]
    pub(crate) id: Option<String>,
    /// Work in this folder's repository
    #[arg(short = 'C', long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) models: ModelArgs,
}
