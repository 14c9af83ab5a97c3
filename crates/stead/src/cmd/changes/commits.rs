//! What git says of all that is not committed, for what a session begins with. As everywhere,
//! no program is run that the repository names: files hold what they hold, unfiltered.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use stead_agent::beginning::{Commits, Held};
use stead_trace::repo::Git;

use super::Repository;
use super::repository::{MOST_BYTES, status, to_path, words};

/// A question that git works at while other things are done.
#[derive(Debug)]
pub(crate) struct Asking(Option<Result<Child, String>>);

impl Repository {
    /// Asks what is not committed.
    pub(crate) fn ask_not_committed(&self) -> Asking {
        Asking(self.git().map(|git| {
            let mut command = git.command(question(git)?);
            command.stdout(Stdio::piped()).stderr(Stdio::null());
            command.spawn().map_err(|error| error.to_string())
        }))
    }
}

impl Asking {
    /// Waits for the answer. There are no paths where there is no git.
    pub(crate) fn answer(self) -> Result<Vec<PathBuf>, String> {
        let Some(child) = self.0 else {
            return Ok(Vec::new());
        };
        let done = child?.wait_with_output();
        let done = done.map_err(|error| error.to_string())?;
        if !done.status.success() {
            return Err("git status failed".to_owned());
        }
        Ok(super::repository::paths_of_status(&done.stdout))
    }
}

/// What is not committed, with what only the user's own settings ignore: the agent sees it too.
fn question(git: &Git) -> Result<Vec<String>, String> {
    let own = ["-c", "core.excludesFile=/dev/null"].map(str::to_owned);
    Ok(own.into_iter().chain(status(git)?).collect())
}

impl Commits for Repository {
    fn since(&self, commit: &str) -> Result<Vec<PathBuf>, String> {
        let Some(git) = self.git() else {
            return Err("there is no repository here".to_owned());
        };
        if git.commit(commit).is_none() {
            return Err(format!("the commit {commit} is not in this repository"));
        }
        let Some(now) = git.commit("HEAD") else {
            return Err("no commit is checked out".to_owned());
        };
        let question = ["diff-tree", "-r", "-z", "--name-only", "--no-renames"];
        let question = question.into_iter().chain([commit, now.as_str()]);
        let told = git.bytes(question).map_err(|error| words(&error))?;
        let paths = told
            .split(|byte| *byte == 0)
            .filter(|path| !path.is_empty());
        Ok(paths.map(to_path).collect())
    }

    fn not_committed(&self) -> Result<Vec<PathBuf>, String> {
        self.ask_not_committed().answer()
    }

    fn held(&self, commit: &str, paths: &[PathBuf]) -> Result<Vec<Option<Held>>, String> {
        let Some(git) = self.git() else {
            return Err("there is no repository here".to_owned());
        };
        let mut modes = HashMap::new();
        let mut rest = paths;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = |path: &&PathBuf| {
                bytes += path.as_os_str().len() + 1;
                bytes <= MOST_BYTES
            };
            let count = rest.iter().take_while(fits).count().max(1);
            let (now, later) = rest.split_at(count);
            modes.extend(modes_of(git, commit, now)?);
            rest = later;
        }
        let held = |path: &PathBuf| match modes.get(path).map(String::as_str) {
            // A repository inside is none of this one's files.
            None | Some("160000" | "040000") => Ok(None),
            Some(mode) => read(git, commit, path, mode).map(Some),
        };
        paths.iter().map(held).collect()
    }
}

/// What kind of file a commit has at each of the paths that it has.
fn modes_of(git: &Git, commit: &str, paths: &[PathBuf]) -> Result<Vec<(PathBuf, String)>, String> {
    let question = ["--literal-pathspecs", "ls-tree", "-z", "--full-tree"];
    let mut question: Vec<&OsStr> = question.into_iter().map(OsStr::new).collect();
    question.extend([OsStr::new(commit), OsStr::new("--")]);
    question.extend(paths.iter().map(|path| path.as_os_str()));
    let told = git.bytes(question).map_err(|error| words(&error))?;
    let rows = told.split(|byte| *byte == 0);
    // Mode, type and id, and after a tab the path.
    let row = |row: &[u8]| {
        let tab = row.iter().position(|byte| *byte == b'\t')?;
        let mode = std::str::from_utf8(row.get(..6)?).ok()?;
        Some((to_path(&row[tab + 1..]), mode.to_owned()))
    };
    Ok(rows.filter_map(row).collect())
}

fn read(git: &Git, commit: &str, path: &Path, mode: &str) -> Result<Held, String> {
    let link = mode == "120000";
    let mut name = std::ffi::OsString::from(format!("{commit}:"));
    name.push(path);
    let mut question = git.unfiltered().map_err(|error| words(&error))?;
    // Ends of lines are as they would be checked out.
    let how = if link { "blob" } else { "--filters" };
    question.extend(["cat-file", how].map(str::to_owned));
    let question = question.iter().map(OsStr::new).chain([name.as_os_str()]);
    Ok(Held {
        bytes: git.bytes(question).map_err(|error| words(&error))?,
        link,
        runs: mode == "100755",
    })
}
