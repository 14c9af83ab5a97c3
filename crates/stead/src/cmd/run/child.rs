//! A turn's process, `stead run --json --control`: JSON lines in, JSON lines out. A process
//! for each turn, as an overlay is of one process alone.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{self, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

/// So much of what it writes to standard error is kept.
const ERRORS: u64 = 64 << 10;

/// A process that works at a turn. It is ended when it is dropped.
pub(in crate::cmd) struct Child {
    process: process::Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    errors: JoinHandle<String>,
}

impl Child {
    /// Starts this program with arguments.
    pub(in crate::cmd) fn start(program: &Path, arguments: &[String]) -> std::io::Result<Self> {
        let mut process = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let gone = || std::io::Error::other("it has no pipe");
        let input = process.stdin.take().ok_or_else(gone)?;
        let output = process.stdout.take().ok_or_else(gone)?;
        let mut errors = process.stderr.take().ok_or_else(gone)?;
        let errors = tokio::spawn(async move {
            let mut kept = Vec::new();
            let _ = (&mut errors).take(ERRORS).read_to_end(&mut kept).await;
            // The rest is taken, too, or the program would wait for it.
            let _ = tokio::io::copy(&mut errors, &mut tokio::io::sink()).await;
            String::from_utf8_lossy(&kept).into_owned()
        });
        Ok(Self {
            process,
            input,
            lines: BufReader::new(output).lines(),
            errors,
        })
    }

    /// The next line; nothing when all is said. May be given up and called again.
    pub(in crate::cmd) async fn next(&mut self) -> Option<Value> {
        loop {
            let line = self.lines.next_line().await.ok()??;
            if let Ok(value) = serde_json::from_str(&line) {
                return Some(value);
            }
        }
    }

    /// Says something. That it has ended is seen by its lines.
    pub(in crate::cmd) async fn say(&mut self, line: &Value) {
        let line = format!("{line}\n");
        let _ = self.input.write_all(line.as_bytes()).await;
        let _ = self.input.flush().await;
    }

    /// Ends it at once.
    pub(in crate::cmd) fn kill(&mut self) {
        // It may have ended already.
        let _ = self.process.start_kill();
    }

    /// Waits for its end; what it wrote to standard error.
    pub(in crate::cmd) async fn end(mut self) -> String {
        drop((self.input, self.lines));
        let _ = self.process.wait().await;
        self.errors.await.unwrap_or_default()
    }
}
