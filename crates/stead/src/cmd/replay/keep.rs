//! Keeps the tree that a session ended with, outside of all that it worked on.

use std::path::{Path, PathBuf};

use stead_agent::beginning::paths;

use crate::cmd::tracing::current;
use crate::command_error::CommandError;
use crate::environment::Context;

/// Makes the folder, before anything lies over the tree.
pub(super) fn prepare(
    folder: &Path,
    tree: &Path,
    context: &Context,
) -> Result<PathBuf, CommandError> {
    let folder = current(context)?.join(folder);
    make(&folder)?;
    let folder = fs_err::canonicalize(&folder)?;
    let shown = folder.display();
    if folder.starts_with(tree) {
        return Err(
            CommandError::usage(format!("{shown} lies in the tree itself"))
                .hint("name a folder outside of it"),
        );
    }
    if fs_err::read_dir(&folder)?.next().is_some() {
        return Err(CommandError::usage(format!("{shown} is not empty"))
            .hint("name a new folder; nothing is written over"));
    }
    Ok(folder)
}

/// Makes a folder for its owner alone: private files come into it.
fn make(folder: &Path) -> Result<(), CommandError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    let made = builder.create(folder);
    made.map_err(|error| CommandError::failure(format!("{}: {error}", folder.display())))
}

/// Copies all that version control would keep.
pub(super) fn keep(root: &Path, to: &Path) -> Result<(), CommandError> {
    for path in paths(root) {
        let (from, to) = (root.join(&path), to.join(&path));
        if let Some(folder) = to.parent() {
            fs_err::create_dir_all(folder)?;
        }
        if from.is_symlink() {
            link(&from, &to)?;
        } else {
            fs_err::copy(&from, &to)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> Result<(), CommandError> {
    let target = fs_err::read_link(from)?;
    Ok(fs_err::os::unix::fs::symlink(target, to)?)
}

#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> Result<(), CommandError> {
    fs_err::copy(from, to)?;
    Ok(())
}
