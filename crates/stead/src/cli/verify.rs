//! `stead verify`: what can be typed.

use clap::Args;

/// Prove that nothing in a session's record was changed, removed or reordered
///
/// Sessions of stead's own agent are logs of which each state is signed. This holds a
/// session, or all of them, against everything that was signed: the events, the requests
/// and answers beside them, and the seals of this machine, which tell whether a whole
/// session was removed or put back to an older state. Nothing is written. It shows that
/// the records are those that this machine's key signed, not that what they say is true.
///
/// Ends with 0 only if all is as it was signed, with 10 if anything is not.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead verify                        every session, and that none is missing
  stead verify 0199f3                 the one whose id begins with 0199f3
  stead verify 0199f3 --json          for a script
  stead verify 0199f3 --proof e7      show to others that event e7 is in it (C2SP tlog-proof)
  stead verify 0199f3 --checkpoint    the signed state (C2SP signed note), to keep elsewhere
  stead verify 0199f3 --key           the public key that other programs check them with")]
pub(crate) struct VerifyArgs {
    /// The session's id, or any beginning of it that fits only one
    #[arg(value_name = "SESSION")]
    pub(crate) session: Option<String>,
    /// Write the proof that this event is in the session, after checking its log
    #[arg(long, value_name = "EVENT", requires = "session")]
    pub(crate) proof: Option<String>,
    /// Write the session's newest signed checkpoint, after checking its log
    #[arg(long, requires = "session", conflicts_with = "proof")]
    pub(crate) checkpoint: bool,
    /// Write the public key: as it signs the session's log, or the one for --with
    #[arg(long, conflicts_with_all = ["proof", "checkpoint"])]
    pub(crate) key: bool,
    /// Check with this public key instead of the one in stead's data folder
    #[arg(long, value_name = "KEY")]
    pub(crate) with: Option<String>,
}
