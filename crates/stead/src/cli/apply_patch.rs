//! `stead apply-patch`: what can be typed.

use std::path::PathBuf;

use clap::Args;

/// Apply a patch that a model wrote
///
/// Reads the form `*** Begin Patch`, unified diffs and SEARCH/REPLACE blocks, with the
/// slips that models make. A change is made only where it is clear which lines are meant:
/// what fits none, or several places by anything less than the same lines, is refused, and
/// the places are named. Line ends, and lines that stay, keep every byte. Nothing outside
/// of the folder is touched.
///
/// As `*** Begin Patch` has it, the first place after the hunk before is meant where the
/// same lines stand in several, and changes before one that fails stay; --atomic makes all
/// or none.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead apply-patch < fix.patch          in the current folder
  stead apply-patch --check < fix.patch  only say what it would do
  stead apply-patch \"$PATCH\" --atomic    all of it or nothing")]
pub(crate) struct ApplyPatchArgs {
    /// The patch; else it is read from standard input
    pub(crate) patch: Option<String>,
    /// All changes, or none
    #[arg(long)]
    pub(crate) atomic: bool,
    /// Say what would change, and change nothing
    #[arg(long)]
    pub(crate) check: bool,
    /// The folder that the patch's paths begin in
    #[arg(long, short = 'C', value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
}
