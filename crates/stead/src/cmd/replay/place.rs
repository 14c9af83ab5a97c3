//! A place apart, which holds what a task began with.

use std::path::{Path, PathBuf};

use serde_json::Value;
use stead_agent::beginning::{BeginningError, Manifest, Store, restore};
use stead_agent::hands::Contents;
use stead_agent::place::{Ask, Kept, Place, Wish};
use stead_agent::replay::{RecordedTask, first};
use stead_agent::workspace::Workspace;
use tempfile::TempDir;

use super::found::Found;
use super::report::Report;
use crate::cmd::changes::Repository;
use crate::cmd::run::{confined, setup};
use crate::command_error::CommandError;
use crate::environment::{Context, now};
use crate::exit_code::Exit;

/// Where they lie while they are needed, below the data folder.
const REPLAYS: &str = "replays";

/// A place for a session that runs again.
pub(super) struct Apart {
    place: Place,
    scratch: Scratch,
}

impl Apart {
    /// Prepares it over the tree. What the user's tree holds now and the session did not begin
    /// with is put right task by task.
    pub(super) fn prepare(found: &Found, context: &Context) -> Result<Self, CommandError> {
        let scratch = Scratch::new(&context.settings.data_dir)?;
        let child = confined::child()?;
        let ask = Ask {
            tree: &found.tree,
            changes: &scratch.changes(),
            wish: Wish::Apart,
            head: None,
            now: now().into(),
            child: Some(&child),
            confined: true,
        };
        Ok(Self {
            place: Place::prepare(&ask)?,
            scratch,
        })
    }

    pub(super) fn root(&self) -> &Path {
        self.place.root()
    }

    /// A folder for what is needed meanwhile.
    pub(super) fn scratch(&self) -> &Path {
        self.scratch.0.path()
    }

    /// What a copy in the place of an overlay means, and what could not be copied.
    pub(super) fn notes(&self) -> impl Iterator<Item = &str> {
        let notes = self.place.notes().iter().map(String::as_str);
        self.place.why().into_iter().chain(notes)
    }

    /// Makes the place hold what a task began with.
    pub(super) fn begin(
        &self,
        found: &Found,
        (number, task): (usize, &RecordedTask),
        report: &mut Report,
    ) -> Result<(), CommandError> {
        // Later tasks of one conversation go on where the one before ended.
        let Some(setting) = &task.setting else {
            return Ok(());
        };
        let store = Store::of(&found.folder);
        let repository = Repository::at(self.root());
        let manifest = match setting["begin"]["manifest"].as_str() {
            Some(name) => store.manifest(name)?,
            None => supposed(found, setting, report)?,
        };
        for left in &manifest.left_out {
            let (path, why) = (&left.path, &left.why);
            report.note(match path.as_str() {
                "" => format!("{why}: they are used as they are now"),
                path => format!("{path} was not kept, as {why}: it is used as it is now"),
            });
        }
        let restored = restore(self.root(), &manifest, &store, &repository)?;
        if number > 0 && !restored.changed.is_empty() {
            let files = crate::text::counted(restored.changed.len() as u64, "file");
            let number = number + 1;
            report.note(format!(
                "task {number} began with {files} not as the task before left them"
            ));
        }
        let head = repository.git().and_then(|git| git.commit("HEAD"));
        if manifest.commit.is_some() && manifest.commit != head && number == 0 {
            report.note(
                "another commit is checked out now: what git tells of the history may differ"
                    .to_owned(),
            );
        }
        if setting["begin"].is_null() {
            self.assert_supposed(task)?;
        }
        Ok(())
    }

    /// What the session saw first has to be what the commit has.
    fn assert_supposed(&self, task: &RecordedTask) -> Result<(), CommandError> {
        match first(task, &setup::open(self.root())?) {
            None => Ok(()),
            Some(path) => Err(CommandError::failure(format!(
                "the session began with changes that were not committed, and nothing was kept of them: {path}"
            ))),
        }
    }

    /// What files hold, for what commands change.
    pub(super) fn contents(&mut self, workspace: &Workspace) -> Result<Contents, CommandError> {
        let repository = Repository::at(self.place.root());
        let kept: &mut Kept = self.place.kept();
        let mut contents = Contents::beside(kept.tree()?);
        let changes = kept.changes(&repository)?;
        let paths = changes
            .list
            .iter()
            .filter_map(|change| change.path.to_str());
        paths.for_each(|path| contents.left(path, workspace));
        Ok(contents)
    }
}

/// What a session began with that kept nothing of it: the commit, if it has one.
fn supposed(found: &Found, setting: &Value, report: &mut Report) -> Result<Manifest, CommandError> {
    if let Some(why) = setting["begin"]["error"].as_str() {
        return Err(CommandError::failure(format!(
            "what the session began with could not be kept: {why}"
        )));
    }
    let git = found.recorded.header.git.as_ref();
    let commit = git.and_then(|git| git.commit.clone()).ok_or_else(|| {
        CommandError::failure(
            "nothing was kept of what the session began with, and it names no commit",
        )
        .hint("sessions that begin from now on can be run again")
    })?;
    report.note(format!(
        "nothing was kept of what the session began with; it is taken to be commit {commit}"
    ));
    Ok(Manifest::new(Some(commit)))
}

/// A folder that goes with all that is in it.
struct Scratch(TempDir);

impl Scratch {
    /// Makes one, and takes those away that a killed process left.
    fn new(data_dir: &Path) -> Result<Self, CommandError> {
        let all = data_dir.join(REPLAYS);
        for entry in std::fs::read_dir(&all).into_iter().flatten().flatten() {
            clear(&entry.path());
        }
        fs_err::create_dir_all(&all)?;
        let made = tempfile::Builder::new().prefix("").tempdir_in(&all)?;
        Ok(Self(made))
    }

    fn changes(&self) -> PathBuf {
        changes(self.0.path())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What an overlay left cannot be removed by everybody's means.
        open_up(&self.0.path().join("changes/work"));
    }
}

fn changes(scratch: &Path) -> PathBuf {
    scratch.join("changes")
}

/// Removes what nobody holds any more.
fn clear(scratch: &Path) {
    if let Ok(mut kept) = Kept::open(&changes(scratch))
        && kept.discard().is_ok()
    {
        // What is left is in nobody's way.
        let _ = std::fs::remove_dir_all(scratch);
    }
}

#[cfg(unix)]
fn open_up(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let rights = std::fs::Permissions::from_mode(0o700);
        let _ = std::fs::set_permissions(entry.path(), rights);
    }
}

#[cfg(not(unix))]
fn open_up(_: &Path) {}

impl From<BeginningError> for CommandError {
    fn from(error: BeginningError) -> Self {
        if error.is_altered() {
            return Self::new(Exit::Altered, error.to_string());
        }
        Self::failure(error.to_string())
    }
}
