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
        })
    }

    /// An object by any name that git knows (`id`, `commit:path`); `None` if it is
    /// not there.
    pub fn get(&mut self, name: &str) -> Result<Option<Vec<u8>>, GitError> {
        // A name with a line break in it cannot be asked for.
        if name.contains('\n') {
            return Ok(None);
        }
        self.ask(name).map_err(|_| GitError::Form {
            command: "cat-file",
        })
    }

    fn ask(&mut self, name: &str) -> io::Result<Option<Vec<u8>>> {
        writeln!(self.asks, "{name}")?;
        self.asks.flush()?;
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
