//! Tasks as data: a repository, what a user wants of it, and what a model does. Each is a
//! folder of `tasks/` with `task.json` and `repo/`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::Answer;

/// A task with what comes of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptedTask {
    /// What the user types.
    pub task: String,
    /// What the program ends with.
    pub exit: i32,
    /// How the task ends, in one word.
    pub outcome: String,
    /// Files that the task changes in the end, sorted.
    pub files: Vec<String>,
    /// What the model answers, in order.
    pub answers: Vec<Answer>,
    /// Where it lies.
    #[serde(skip)]
    folder: PathBuf,
}

impl ScriptedTask {
    /// The task of a name. In its texts, `{NAME}` is replaced by what is given for it.
    pub fn load(name: &str, with: &[(&str, &str)]) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tasks")
            .join(name);
        let text = fs_err::read_to_string(folder.join("task.json")).expect("a task");
        let text = replaced(text, with);
        let task: Self = serde_json::from_str(&text).expect("a task as `ScriptedTask` has it");
        Self { folder, ..task }
    }

    /// Makes the task's repository in an empty folder, with one commit.
    pub fn lay_out(&self, at: &Path, with: &[(&str, &str)]) {
        let from = self.folder.join("repo");
        for file in crate::disk::files(&from) {
            let to = at.join(file.strip_prefix(&from).expect("a file below its folder"));
            let parent = to.parent().expect("a folder");
            fs_err::create_dir_all(parent).expect("a folder can be made");
            let text = fs_err::read_to_string(&file).expect("a text");
            fs_err::write(&to, replaced(text, with)).expect("a file can be written");
        }
        git(at, &["init", "-q", "-b", "main"]);
        git(at, &["add", "-A"]);
        git(at, &["commit", "-q", "-m", "Start"]);
    }
}

fn replaced(mut text: String, with: &[(&str, &str)]) -> String {
    for (name, value) in with {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

/// Runs git in a folder, knowing no settings of this machine; what it says.
pub fn git(at: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(at);
    for name in ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"] {
        command.env(name, "/dev/null");
    }
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Dev");
        command.env(format!("GIT_{who}_EMAIL"), "dev@example.com");
    }
    let output = command.output().expect("git is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
