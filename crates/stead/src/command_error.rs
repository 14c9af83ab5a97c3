//! How a failed command ends: what went wrong, whose fault it is, what to do.

use std::io;
use std::path::Path;

use stead_adapters::ReadError;
use stead_app::AppError;
use stead_trace::TraceError;
use stead_trace::repo::GitError;

use crate::exit_code::Exit;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) struct CommandError {
    exit: Exit,
    message: String,
    hints: Vec<String>,
    /// Files of stead's own could not be used.
    own_files: bool,
}

impl CommandError {
    /// Something failed.
    pub(crate) fn failure(message: impl Into<String>) -> Self {
        Self::new(Exit::Failure, message)
    }

    /// The user asked for something that makes no sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// What was named is not there.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(Exit::NotFound, message)
    }

    /// What was named may be several things.
    pub(crate) fn ambiguous(message: impl Into<String>) -> Self {
        Self::new(Exit::Ambiguous, message)
    }

    /// It ends with this code.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            hints: Vec::new(),
            own_files: false,
        }
    }

    /// Says where stead's own files are, if they are what failed.
    pub(crate) fn in_data_dir(self, folder: &Path) -> Self {
        if !self.own_files {
            return self;
        }
        self.hint(format!(
            "stead must be able to write to {}: is there room, and is it yours? \
             `STEAD_DATA_DIR` names another folder",
            folder.display()
        ))
    }

    /// Adds what to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The message and its hints as a text.
    pub(crate) fn in_words(&self) -> String {
        let hints = self.hints.iter().map(|hint| format!("\nhint: {hint}"));
        let hints: String = hints.collect();
        format!("{}{hints}", self.message)
    }

    pub(crate) const fn exit_code(&self) -> Exit {
        self.exit
    }

    /// Writes the message to standard error. A pipe that was closed early is no
    /// error of ours and says nothing.
    pub(crate) fn report(&self) {
        use std::io::Write;
        if self.exit == Exit::Ok {
            return;
        }
        let red = anstyle::AnsiColor::Red.on_default().bold();
        let cyan = anstyle::AnsiColor::Cyan.on_default().bold();
        let mut stderr = anstream::stderr().lock();
        // There is nobody to tell if standard error is closed.
        let message = stead_redact::terminal::escape(&self.message);
        let _ = writeln!(stderr, "{red}error:{red:#} {message}");
        for hint in &self.hints {
            let hint = stead_redact::terminal::escape(hint);
            let _ = writeln!(stderr, "{cyan}hint:{cyan:#} {hint}");
        }
    }
}

impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::new(Exit::Ok, "");
        }
        Self::failure(error.to_string())
    }
}

impl From<AppError> for CommandError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Write(error) => error.into(),
            AppError::NotFound { ref nearest, .. } => {
                let listed = match nearest.as_slice() {
                    [] => {
                        "there are no sessions; `stead doctor` says where stead looked".to_owned()
                    }
                    ids => format!("the nearest are {}", ids.join(", ")),
                };
                Self::new(Exit::NotFound, error.to_string()).hint(listed)
            }
            AppError::Ambiguous { ref candidates, .. } => {
                Self::new(Exit::Ambiguous, error.to_string())
                    .hint(format!("give more of the id: {}", candidates.join(", ")))
            }
            AppError::Query(_) => Self::usage(error.to_string()),
            AppError::Busy => Self::failure(error.to_string()).hint("try again in a moment"),
            AppError::Index(ref index) if index.is_damage() => Self::failure(error.to_string())
                .hint("`stead sync --rebuild` builds the index anew; nothing is lost"),
            AppError::Index(_) => Self {
                own_files: true,
                ..Self::failure(error.to_string())
            },
            AppError::Read(ReadError::Unstable { .. }) => Self::failure(error.to_string())
                .hint("the agent is writing to it: try again in a moment"),
            AppError::Trace(error) => of_trace(&error),
            AppError::Read(_) => Self::failure(error.to_string()),
        }
    }
}

/// A repository, a revision or a file that is not there was named wrongly; all
/// else is a failure.
fn of_trace(error: &TraceError) -> CommandError {
    let message = error.to_string();
    match error {
        TraceError::NoFile {
            path,
            revision: Some(_),
        } => CommandError::usage(message).hint(format!(
            "`git log --oneline --all -- {path}` lists the commits that touched it"
        )),
        TraceError::NoFile { .. } => CommandError::usage(message)
            .hint("files of earlier commits are traced with --at REVISION"),
        TraceError::NoRevision { .. } => CommandError::usage(message)
            .hint("name a branch, a tag, a commit, or what git makes of them: `main~3`"),
        TraceError::Binary { .. } => CommandError::usage(message).hint(
            "`stead log PATH` lists its commits, `stead search file:PATH` the sessions that touched it",
        ),
        TraceError::Git(GitError::NoRepository { .. }) => CommandError::usage(message)
            .hint("go to a folder of a git repository, or name a file in one"),
        TraceError::Git(GitError::Bare { .. }) => CommandError::usage(message)
            .hint("go to a clone of it, or to a work tree: `git worktree add FOLDER`"),
        TraceError::Absent { path, revision } => CommandError::failure(message).hint(format!(
            "nothing is fetched unasked: `git cat-file -p {revision}:{path}` does it"
        )),
        TraceError::Git(GitError::Missing(_)) => CommandError::failure(message)
            .hint("stead asks git for the history: install it, or put it on the PATH"),
        TraceError::Git(GitError::Refused { .. }) => CommandError::failure(message)
            .hint("these are git's own words: lines can be traced where `git blame` works"),
        _ => CommandError::failure(message),
    }
}
