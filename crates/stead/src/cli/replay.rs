//! `stead replay`: what can be typed.

use std::path::PathBuf;

use clap::Args;

/// Run a recorded session of stead's own agent again, and say whether it ends the same
///
/// The models' answers are those of the record, which is verified first; no model is asked
/// and no network is there. The tools work anew, in the sandbox, in a place apart that holds
/// what the session began with: each call has to be decided alike, end with the same exit
/// code, and leave files in the same states. If something differs, it says at which step the
/// session parted from its record, and stops there.
///
/// Tools of MCP servers, the web and you are not asked again: what they answered is on record.
/// Your files and the session stay as they are.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes:
  0 all steps and files are as recorded    1 parted, or it cannot run    3 no such session
  10 the record is not as it was signed    130 interrupted

Examples:
  stead replay                        the newest session of this machine
  stead replay 0199f3                 the one whose id begins with 0199f3
  stead replay 0199f3 --keep out      and keep the tree that it ends with
  stead replay 0199f3 -C ../clone     in another clone of the repository
  stead replay 0199f3 --json | jq .parted")]
pub(crate) struct ReplayArgs {
    /// The session's id, or any beginning of it that fits only one; without it the newest
    #[arg(value_name = "SESSION")]
    pub(crate) session: Option<String>,
    /// Keep the tree that it ends with in this folder, which must be new or empty
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
    /// Begin from this clone of the repository instead of the folder where the session was
    #[arg(short = 'C', long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
}
