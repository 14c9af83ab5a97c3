//! A server that is a program: started with few variables, in a process group of its own,
//! ended with all that it started.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

/// So long a server may take to end once its input has ended.
const PATIENCE: Duration = Duration::from_millis(500);
/// Bytes of what a server wrote last to its standard error, for when it fails.
const LAST_WORDS: usize = 1000;

/// A running server.
#[derive(Debug)]
pub(super) struct Program {
    child: Child,
    last: Arc<Mutex<VecDeque<u8>>>,
}

/// The server's output and input.
pub(super) type Pipes = (ChildStdout, ChildStdin);

impl Program {
    /// Starts it. To be called on the runtime.
    pub(super) fn start(
        program: &Path,
        args: &[String],
        variables: &BTreeMap<OsString, OsString>,
        folder: &Path,
    ) -> Result<(Self, Pipes), String> {
        let mut command = Command::new(program);
        command
            .args(args)
            .env_clear()
            .envs(variables)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let shown = program.display();
        let mut child = command
            .spawn()
            .map_err(|error| format!("`{shown}` cannot be started: {error}"))?;
        let pipes = (child.stdout.take(), child.stdin.take());
        let (Some(output), Some(input)) = pipes else {
            return Err(format!("`{shown}` has no input or output"));
        };
        let last = Arc::default();
        if let Some(errors) = child.stderr.take() {
            tokio::spawn(listen(errors, Arc::clone(&last)));
        }
        Ok((Self { child, last }, (output, input)))
    }

    /// What it wrote last to its standard error.
    pub(super) fn last_words(&self) -> Option<String> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = last.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes).trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    /// Waits a moment for it to end, now that its input has; dropping it ends what is left.
    pub(super) async fn end(mut self) {
        // It ended, or it did not: in both cases dropping does the rest.
        let _ = tokio::time::timeout(PATIENCE, self.child.wait()).await;
    }
}

impl Drop for Program {
    /// Kills it with all that it started and that stayed in its group, unless it has ended.
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(id) = self.child.id()
            && let Some(group) = rustix::process::Pid::from_raw(id.cast_signed())
        {
            // A group that is gone already is what is wanted.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// Keeps the end of what a server says about itself.
async fn listen(mut errors: ChildStderr, last: Arc<Mutex<VecDeque<u8>>>) {
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = errors.read(&mut buffer).await {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        last.extend(&buffer[..count]);
        let surplus = last.len().saturating_sub(LAST_WORDS);
        last.drain(..surplus);
    }
}
