//! Contents of files in commits, through one running `git cat-file`.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::{Git, GitError};

/// A running reader of objects; it ends with this value.
#[derive(Debug)]
pub struct Objects {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// What git was asked for and has not been read yet.
    asked: Option<String>,
    /// What was read before it was wanted.
    read: Option<(String, Option<Vec<u8>>)>,
}

impl Objects {
    /// Starts git.
    pub fn open(git: &Git) -> Result<Self, GitError> {
        let mut command = git.command(["cat-file", "--batch"]);
        let child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = child.map_err(GitError::Missing)?;
        let broken = || GitError::Form {
            command: "cat-file",
        };
        let asks = child.stdin.take().ok_or_else(broken)?;
        let answers = BufReader::new(child.stdout.take().ok_or_else(broken)?);
        Ok(Self {
            child,
            asks,
            answers,
            asked: None,
            read: None,
        })
    }

    /// An object by any name that git knows (`id`, `commit:path`); `None` if it is
    /// not there.
    pub fn get(&mut self, name: &str) -> Result<Option<Vec<u8>>, GitError> {
        self.get_before(name, None)
    }

    /// The same, where it is known which will be asked for next: git reads that one
    /// while this one is looked at.
    pub fn get_before(
        &mut self,
        name: &str,
        next: Option<&str>,
    ) -> Result<Option<Vec<u8>>, GitError> {
        // A name with a line break in it cannot be asked for.
        let can = |name: &str| !name.contains('\n');
        if !can(name) {
            return Ok(None);
        }
        let next = next.filter(|name| can(name));
        self.ask(name, next).map_err(|_| GitError::Form {
            command: "cat-file",
        })
    }

    fn ask(&mut self, name: &str, next: Option<&str>) -> io::Result<Option<Vec<u8>>> {
        if self.asked.as_deref() == Some(name) {
            self.asked = None;
        } else {
            // What was asked for ahead comes first, and may be wanted still.
            if let Some(ahead) = self.asked.take() {
                let content = self.answer()?;
                self.read = Some((ahead, content));
            }
            if self.read.as_ref().is_some_and(|(known, _)| known == name) {
                return Ok(self.read.take().and_then(|(_, content)| content));
            }
            writeln!(self.asks, "{name}")?;
            self.asks.flush()?;
        }
        // Names are short: git takes this one in while it writes the answer.
        if let Some(next) = next {
            writeln!(self.asks, "{next}")?;
            self.asks.flush()?;
            self.asked = Some(next.to_owned());
        }
        self.answer()
    }

    fn answer(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut head = String::new();
        self.answers.read_line(&mut head)?;
        let head = head.trim_end();
        let missing = [" missing", " ambiguous", " submodule"];
        if missing.iter().any(|word| head.ends_with(word)) {
            return Ok(None);
        }
        let size = head.rsplit(' ').next().and_then(|size| size.parse().ok());
        let size: usize = size.ok_or(io::ErrorKind::InvalidData)?;
        let mut content = vec![0; size + 1];
        self.answers.read_exact(&mut content)?;
        content.pop();
        Ok(Some(content))
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // It only reads; there is nothing to lose.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
