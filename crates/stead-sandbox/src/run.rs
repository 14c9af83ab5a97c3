//! Runs a command to its end, in whichever way it comes, and passes on what it prints. Starting
//! and ending processes is done by `start` and `handle`, confining by the child.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use crate::command::Command;
use crate::handle::{Event, Handle};
use crate::output::{Chunk, Cutter, Stream};
use crate::policy::Policy;
use crate::sandbox::{Sandbox, Strategy};
use crate::spec::Report;
use crate::start;

/// How often a running command is looked at for a wish to cancel.
const TICK: Duration = Duration::from_millis(20);
/// How long a sandbox that was told to end may take before it is killed.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long we wait after that for pipes to close. Only something unconfined that left its process
/// group holds them open.
const GRACE: Duration = Duration::from_millis(1500);

/// Ends a running command from another thread.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    all: Arc<AtomicBool>,
    this: Arc<AtomicBool>,
}

impl Cancel {
    /// Ends the command. One that begins afterwards with this is ended at once.
    pub fn cancel(&self) {
        self.all.store(true, Ordering::Relaxed);
    }

    /// Ends the command that runs now, and none that comes after it.
    pub fn skip(&self) {
        self.this.store(true, Ordering::Relaxed);
    }

    /// A command begins: what was said of the one before it does not count.
    fn begin(&self) {
        self.this.store(false, Ordering::Relaxed);
    }

    fn is_wanted(&self) -> bool {
        self.all.load(Ordering::Relaxed) || self.this.load(Ordering::Relaxed)
    }
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this code.
    Exited(i32),
    /// By this signal.
    Killed(i32),
    /// By us: the time was over.
    TimedOut,
    /// By us: the caller wanted it.
    Cancelled,
    /// By us: its processes had too much memory together.
    TooMuchMemory,
    /// By us: there were too many of them.
    TooManyProcesses,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub ended: Ended,
    /// Bytes that were left out of standard output.
    pub output_left_out: u64,
    /// Bytes that were left out of standard error.
    pub error_left_out: u64,
}

/// Why a command was not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The policy does not go with this machine.
    #[error("the command cannot be confined so: {0}")]
    Policy(String),
    /// The sandbox could not be set up. Nothing was run.
    #[error("the sandbox ({strategy}) cannot be set up, and nothing was run: {why}")]
    NotConfined {
        /// By which means it was tried.
        strategy: Strategy,
        /// What the system said.
        why: String,
    },
    /// The program is not there, or is none.
    #[error("`{program}` cannot be started: {why}")]
    NotStarted {
        /// Its name.
        program: String,
        /// What the system said.
        why: String,
    },
    /// The child ended without saying what became of the command.
    #[error("the sandbox ended without a word; it was killed from outside")]
    Lost,
    /// A pipe or a process could not be made.
    #[error("the command cannot be run: {0}")]
    Io(#[from] io::Error),
}

/// Runs a command to its end.
pub(crate) fn run(
    sandbox: &Sandbox,
    policy: &Policy,
    command: &Command,
    cancel: &Cancel,
    each: &mut dyn FnMut(Chunk<'_>),
) -> Result<Outcome, RunError> {
    cancel.begin();
    let running = start::start(sandbox, policy, command)?;
    let (send, events) = sync_channel(16);
    let mut running = Handle::watch(running, send)?;
    let mut cutters = [
        Cutter::new(policy.limits.output),
        Cutter::new(policy.limits.output),
    ];
    let waited = wait(
        &events,
        &mut running,
        policy,
        cancel,
        &mut |stream, bytes| {
            let bytes = cutters[usize::from(stream == Stream::Error)].take(bytes);
            if !bytes.is_empty() {
                each(Chunk { stream, bytes });
            }
        },
    );
    running.stop();
    let [output, error] = cutters;
    let (output_left_out, error_left_out) = (output.left_out(), error.left_out());
    for (stream, cutter) in [(Stream::Output, output), (Stream::Error, error)] {
        let bytes = cutter.finish();
        if !bytes.is_empty() {
            each(Chunk {
                stream,
                bytes: &bytes,
            });
        }
    }
    let ended = ended(waited, sandbox.strategy, command)?;
    Ok(Outcome {
        ended,
        output_left_out,
        error_left_out,
    })
}

/// What waiting came to: a report, or the reason why we ended it.
enum Waited {
    Report(Option<Report>),
    Ended(Ended),
}

fn wait(
    events: &Receiver<Event>,
    running: &mut Handle,
    policy: &Policy,
    cancel: &Cancel,
    printed: &mut dyn FnMut(Stream, &[u8]),
) -> Waited {
    let began = Instant::now();
    // Two pipes, and the process itself.
    let mut open = 3;
    let mut waited: Option<(Waited, Instant)> = None;
    loop {
        match events.recv_timeout(TICK) {
            Ok(Event::Printed(stream, bytes)) => printed(stream, &bytes),
            Ok(Event::Closed | Event::Gone) => open -= 1,
            Ok(Event::Reported(report)) => {
                // What it left running goes with it, and its pipes with that.
                running.stop();
                waited.get_or_insert((Waited::Report(report), Instant::now()));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => open = 0,
        }
        if waited.is_none() {
            let over = policy
                .limits
                .time
                .is_some_and(|time| began.elapsed() >= time);
            let over = over.then_some(Ended::TimedOut);
            let why = if cancel.is_wanted() {
                Some(Ended::Cancelled)
            } else {
                over
            };
            if let Some(why) = why {
                running.stop();
                waited = Some((Waited::Ended(why), Instant::now()));
            }
        }
        let since = waited
            .as_ref()
            .map(|(_, since)| since.elapsed())
            .unwrap_or_default();
        if since >= PATIENCE {
            running.kill();
        }
        if open == 0 || since >= PATIENCE + GRACE {
            if let Some((waited, _)) = waited.take() {
                return waited;
            }
            return Waited::Report(None);
        }
    }
}

fn ended(waited: Waited, strategy: Strategy, command: &Command) -> Result<Ended, RunError> {
    let report = match waited {
        Waited::Ended(ended) => return Ok(ended),
        Waited::Report(report) => report.ok_or(RunError::Lost)?,
    };
    Ok(match report {
        Report::Exited(code) => Ended::Exited(code),
        Report::Killed(signal) => Ended::Killed(signal),
        Report::TooMuchMemory => Ended::TooMuchMemory,
        Report::TooManyProcesses => Ended::TooManyProcesses,
        Report::NotConfined(why) => return Err(RunError::NotConfined { strategy, why }),
        Report::NotStarted(why) => {
            let program = command.program.to_string_lossy().into_owned();
            return Err(RunError::NotStarted { program, why });
        }
    })
}
