//! Runs git the same way on every machine: no configuration but the
//! repository's own, no hooks, and names and dates that the story gives.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::clock::Moment;

/// A person or program that git names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// Name.
    pub name: &'static str,
    /// Address.
    pub email: &'static str,
    /// Offset from UTC, as git writes it.
    pub zone: &'static str,
}

/// Whose machine this is.
pub const OWNER: Person = Person {
    name: "Dana Dev",
    email: "dana@example.org",
    zone: "+0100",
};

/// Somebody else.
pub const COLLEAGUE: Person = Person {
    name: "Kim Colleague",
    email: "kim@example.com",
    zone: "-0500",
};

/// A program that merges on a server.
pub const FORGE: Person = Person {
    name: "Forge",
    email: "noreply@forge.example",
    zone: "+0000",
};

/// Git in a folder, at a moment.
#[derive(Debug, Clone)]
pub(super) struct Git {
    folder: PathBuf,
    author: Person,
    committer: Person,
    at: Moment,
}

impl Git {
    /// Git in a folder, as the owner, at a moment.
    pub(super) fn new(folder: &Path, at: Moment) -> Self {
        Self {
            folder: folder.to_owned(),
            author: OWNER,
            committer: OWNER,
            at,
        }
    }

    /// The same as somebody else.
    #[must_use]
    pub(super) const fn by(mut self, author: Person, committer: Person) -> Self {
        (self.author, self.committer) = (author, committer);
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        let date = |person: Person| format!("{} {}", self.at.seconds(), person.zone);
        command
            .current_dir(&self.folder)
            .args(["-c", "core.hooksPath=", "-c", "gc.auto=0"])
            .args(["-c", "core.fsync=none", "-c", "maintenance.auto=false"])
            .args(["-c", "protocol.file.allow=always"])
            .args(["-c", "advice.detachedHead=false"])
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", &self.folder)
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_EDITOR", "true")
            .env("GIT_AUTHOR_NAME", self.author.name)
            .env("GIT_AUTHOR_EMAIL", self.author.email)
            .env("GIT_AUTHOR_DATE", date(self.author))
            .env("GIT_COMMITTER_NAME", self.committer.name)
            .env("GIT_COMMITTER_EMAIL", self.committer.email)
            .env("GIT_COMMITTER_DATE", date(self.committer));
        command
    }

    /// Runs it and says whether it succeeded, with what it wrote.
    pub(super) fn attempt(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::null()).output().expect("git runs")
    }

    /// Runs it; what it wrote, without blanks around it.
    pub(super) fn run(&self, arguments: &[&str]) -> String {
        let output = self.attempt(arguments);
        checked(arguments, &output);
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Runs it with bytes on its standard input; the bytes that it wrote.
    pub(super) fn feed(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().expect("git runs");
        let mut pipe = child.stdin.take().expect("it is piped");
        let input = input.to_vec();
        // A thread of its own, as git may answer before it has read all.
        let writer = std::thread::spawn(move || pipe.write_all(&input));
        let output = child.wait_with_output().expect("git ends");
        // A git that wants no more input has said so by its exit code.
        let _ = writer.join();
        checked(arguments, &output);
        output.stdout
    }
}

fn checked(arguments: &[&str], output: &Output) {
    let words = String::from_utf8_lossy(&output.stderr);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "git {arguments:?}: {words}{said}");
}
