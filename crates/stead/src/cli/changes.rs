//! `stead apply`, `stead diff`, `stead discard`: what can be typed.

use clap::Args;

/// Apply what a session of stead's own agent changed
///
/// The agent works apart from your files: they change here, and only here. All of it is
/// applied, or nothing. What you changed in the same files since the session began is
/// merged where both changed other lines, else nothing is applied. Files with changes
/// that are not committed are asked about; without a terminal they are refused, unless
/// --force is given.
///
/// Without SESSION the newest session of this folder's repository is meant that has
/// changes which were not applied. With --json one object: session, tree, check, at,
/// files (path, status as in git, moved_from, before_sha256, after_sha256, merged),
/// notes; and where nothing was applied, error and, if files are the reason, paths.
///
/// Ends with 0 if all was applied or there was nothing to apply, 1 if it was refused or
/// failed, 3 if there is no such session, 4 if SESSION fits several.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead apply                    the newest changes of this folder
  stead apply --check            only say what would be done
  stead apply 019a --force       of that session, over changes that are not committed")]
pub(crate) struct ApplyArgs {
    /// The session's id, or its beginning
    pub(crate) session: Option<String>,
    /// Say what would be applied, and change nothing
    #[arg(long)]
    pub(crate) check: bool,
    /// Over changes that are not committed, too
    #[arg(long)]
    pub(crate) force: bool,
}

/// Show what a session of stead's own agent changed and was not yet applied
///
/// In a pipe the diff is one that `git apply` takes, binary files too. What git ignores
/// is not shown, and not applied. Without SESSION the newest session of this folder's
/// repository is meant that has changes which were not applied. With --json one object:
/// session, tree, how (overlay, copy), why, created, files (path, status as in git,
/// moved_from, added, removed, binary, changed_since), notes.
///
/// Ends with 0, or with 3 if there is no such session, 4 if SESSION fits several.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead diff                     the newest changes of this folder
  stead diff --stat              how many lines in which files
  stead diff 019a | git apply    as a patch")]
pub(crate) struct DiffArgs {
    /// The session's id, or its beginning
    pub(crate) session: Option<String>,
    /// Only the files, with the number of lines that came and went
    #[arg(long)]
    pub(crate) stat: bool,
}

/// Throw away what a session of stead's own agent changed and was not yet applied
///
/// Your own files stay as they are; so does the record of the session, with all that the
/// agent wrote. You are asked first, unless --force is given or SESSION names it and
/// there is no terminal.
///
/// Ends with 0, 1 if it was not wanted or failed, 3 if there is no such session, 4 if
/// SESSION fits several.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead discard                  the newest changes of this folder
  stead discard 019a --force     of that session, without asking")]
pub(crate) struct DiscardArgs {
    /// The session's id, or its beginning
    pub(crate) session: Option<String>,
    /// Do not ask
    #[arg(long)]
    pub(crate) force: bool,
}
