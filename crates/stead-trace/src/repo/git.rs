//! Runs git.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};

/// Settings under which nothing is run that the repository names, nothing is
/// written, no object is fetched, and answers have the form that is read here.
const SAFE: [&str; 18] = [
    "--no-optional-locks",
    "--no-pager",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.quotePath=false",
    "-c",
    "log.showSignature=false",
    "-c",
    "log.showRoot=true",
    "-c",
    "i18n.logOutputEncoding=UTF-8",
    "-c",
    "core.commitGraph=true",
    "-c",
    "protocol.allow=never",
];

/// Variables by which git is told of a repository, as hooks are: with them, every
/// folder would seem to be a checkout of that one.
const ELSEWHERE: [&str; 12] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_GRAFT_FILE",
    "GIT_SHALLOW_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_LITERAL_PATHSPECS",
];

/// Words by which git says that there is a repository, and that it will not look
/// into it: it is another user's.
const UNWILLING: &str = "dubious ownership";

/// Words by which git says that a repository has no work tree here.
const BARE: &str = "must be run in a work tree";

/// A repository, by a folder in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Git {
    root: PathBuf,
    /// Names of the configuration's filters, once they were asked for.
    filters: Arc<OnceLock<Vec<String>>>,
}

/// What git could not do.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// git is not installed, or cannot be run.
    #[error("git cannot be run: {0}")]
    Missing(#[source] std::io::Error),
    /// The folder is in no work tree of a repository.
    #[error("{} is in no git repository", folder.display())]
    NoRepository {
        /// The folder.
        folder: PathBuf,
    },
    /// The repository has no work tree that files could be named in.
    #[error("no files are checked out at {}: the repository is bare, or this is its own folder", folder.display())]
    Bare {
        /// The folder.
        folder: PathBuf,
    },
    /// git refused.
    #[error("git {command}: {message}")]
    Refused {
        /// The subcommand.
        command: String,
        /// Its words, the first line.
        message: String,
    },
    /// git's answer is not of the expected form.
    #[error("git {command} answered in a form that is not known")]
    Form {
        /// The subcommand.
        command: &'static str,
    },
}

impl GitError {
    /// Whether git refused with one of these words.
    fn says(&self, words: &[&str]) -> bool {
        match self {
            Self::Refused { message, .. } => words.iter().any(|word| message.contains(word)),
            _ => false,
        }
    }
}

impl Git {
    /// The repository that a folder lies in, by the top of its work tree.
    pub fn at(folder: &Path) -> Result<Self, GitError> {
        let git = Self {
            root: folder.to_owned(),
            filters: Arc::default(),
        };
        let found = git.ask(["rev-parse", "--show-toplevel"]);
        let top = match found {
            Ok(top) => top,
            Err(error @ GitError::Missing(_)) => return Err(error),
            Err(error) if error.says(&[BARE]) => {
                return Err(GitError::Bare {
                    folder: folder.to_owned(),
                });
            }
            Err(error) if error.says(&[UNWILLING]) => return Err(error),
            Err(_) => {
                return Err(GitError::NoRepository {
                    folder: folder.to_owned(),
                });
            }
        };
        Ok(Self {
            root: PathBuf::from(top.trim_end_matches(['\n', '\r'])),
            filters: Arc::default(),
        })
    }

    /// The top of the work tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A command that is safe to run in a repository of anybody.
    pub fn command<I, S>(&self, arguments: I) -> Command
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let mut command = Command::new("git");
        for variable in ELSEWHERE {
            command.env_remove(variable);
        }
        command
            .arg("-C")
            .arg(&self.root)
            .args(SAFE)
            .args(arguments)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("LC_ALL", "C")
            .env_remove("GIT_EXTERNAL_DIFF")
            .stdin(Stdio::null());
        command
    }

    /// What git answers, as bytes.
    pub fn bytes<I, S>(&self, arguments: I) -> Result<Vec<u8>, GitError>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let arguments: Vec<_> = arguments
            .into_iter()
            .map(|argument| argument.as_ref().to_owned())
            .collect();
        let output = self
            .command(&arguments)
            .output()
            .map_err(GitError::Missing)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let message = String::from_utf8_lossy(&output.stderr);
        Err(GitError::Refused {
            command: subcommand(&arguments),
            message: Self::reason(&message),
        })
    }

    /// Of what git said, the line that says why it refused.
    pub(crate) fn reason(words: &str) -> String {
        let fatal = words.lines().find(|line| line.starts_with("fatal: "));
        let line = fatal.or_else(|| words.lines().next());
        line.unwrap_or_default().to_owned()
    }

    /// Options under which a command that reads the working tree runs no program of
    /// `filter.NAME.clean` and its kin: they may be the repository's own, and what
    /// they make of a file is not what it holds.
    pub fn unfiltered(&self) -> Result<Vec<String>, GitError> {
        let names = if let Some(known) = self.filters.get() {
            known
        } else {
            let asked = self.ask(["config", "--name-only", "-z", "--get-regexp", r"^filter\."]);
            // It refuses where there is none.
            let asked = asked.unwrap_or_default();
            let names = asked.split('\0').filter(|name| !name.is_empty());
            self.filters
                .get_or_init(|| names.map(str::to_owned).collect())
        };
        let mut options = Vec::new();
        for name in names {
            // Such a name cannot be given on a command line.
            if name.contains('=') {
                return Err(GitError::Refused {
                    command: "config".to_owned(),
                    message: format!("the filter `{name}` cannot be switched off"),
                });
            }
            let value = if name.ends_with(".required") {
                "false"
            } else {
                ""
            };
            options.extend(["-c".to_owned(), format!("{name}={value}")]);
        }
        Ok(options)
    }

    /// What git answers, as text; bytes that are no Unicode are replaced.
    pub fn ask<I, S>(&self, arguments: I) -> Result<String, GitError>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let bytes = self.bytes(arguments)?;
        Ok(String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    /// How many signs the ids of objects have here: SHA-256 is longer than SHA-1.
    pub fn id_length(&self) -> usize {
        let format = self.ask(["rev-parse", "--show-object-format"]);
        match format.unwrap_or_default().trim_end() {
            "sha256" => 64,
            _ => 40,
        }
    }

    /// The id of the commit that a revision names; `None` if there is none.
    pub fn commit(&self, revision: &str) -> Option<String> {
        let name = format!("{revision}^{{commit}}");
        let verify = ["rev-parse", "--verify", "--quiet", "--end-of-options"];
        let id = self.ask(verify.iter().copied().chain([name.as_str()]));
        id.ok().map(|id| id.trim_end().to_owned())
    }

    /// Text that differs whenever commits, refs, work trees or the configuration
    /// differ. It holds what the configuration does: for comparing only.
    pub fn state(&self) -> Result<String, GitError> {
        let mut state = self.ask(["for-each-ref", "--format=%(objectname) %(refname)"])?;
        state += &self.ask(["rev-list", "--all", "--reflog", "HEAD"])?;
        state += &self.ask(["worktree", "list", "--porcelain"])?;
        state += &self.ask(["config", "--list"])?;
        Ok(state)
    }
}

/// The name of the subcommand: what stands first but for settings.
fn subcommand(arguments: &[OsString]) -> String {
    let mut words = arguments.iter();
    let mut name = words.next();
    while name.is_some_and(|name| name == "-c") {
        name = words.nth(1);
    }
    name.map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
