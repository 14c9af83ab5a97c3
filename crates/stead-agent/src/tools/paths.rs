//! What a path that a model named is, and what to say where it is nothing.

use super::Touches;
use crate::workspace::{Kind, Workspace};

/// So many other paths are proposed.
const PROPOSED: usize = 5;

/// What is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A file of so many bytes.
    File(u64),
    /// A folder.
    Folder,
}

/// Looks at a path; what is not there, or is nothing to be read, is an error in words
/// that help on.
pub(super) fn found(path: &str, workspace: &Workspace) -> Result<Found, String> {
    match workspace.kind(path) {
        Ok(Some(Kind::File(length))) => Ok(Found::File(length)),
        Ok(Some(Kind::Folder)) => Ok(Found::Folder),
        Ok(Some(Kind::Other)) => Err(format!("`{path}` is neither a file nor a folder")),
        Ok(None) => Err(missing(path, workspace)),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// Says that nothing is there, and what may have been meant.
pub(super) fn missing(path: &str, workspace: &Workspace) -> String {
    let like = like(path, workspace);
    let hint = if like.is_empty() {
        "look for it with `glob`".to_owned()
    } else {
        format!("perhaps {}", like.join(", "))
    };
    format!("`{path}`: there is no such file or folder; {hint}")
}

/// Files of the same name elsewhere.
fn like(path: &str, workspace: &Workspace) -> Vec<String> {
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let wanted = name(path);
    let files = workspace.files(".").into_iter();
    let like = files.filter(|file| name(file) == wanted).take(PROPOSED);
    like.map(|file| format!("`{file}`")).collect()
}

pub(super) fn unreadable(path: &str, error: &std::io::Error) -> String {
    format!("`{path}` cannot be opened: {error}")
}

/// A path, and where it really is if that is elsewhere.
pub(super) fn with_real(path: &str, workspace: &Workspace) -> Result<Vec<String>, String> {
    let real = workspace
        .real(path)
        .map_err(|error| unreadable(path, &error))?;
    let mut paths = vec![path.to_owned()];
    if real != path {
        paths.push(real);
    }
    Ok(paths)
}

/// What looking at a path touches.
pub(super) fn reads(path: &str, workspace: &Workspace) -> Result<Touches, String> {
    Ok(Touches {
        reads: with_real(path, workspace)?,
        ..Touches::default()
    })
}
