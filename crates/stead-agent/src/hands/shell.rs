//! Runs commands in the sandbox, and says in words how they ended.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use stead_sandbox::{Cancel, Command, Ended, Outcome, Policy, RunError, Sandbox};

use crate::tools::{Ran, Shell};

/// A shell whose commands see and change only what a policy gives them.
#[derive(Debug)]
pub struct Confined {
    /// The sandbox; or why there is none, and what to do.
    pub sandbox: Result<Sandbox, String>,
    /// What commands get.
    pub policy: Policy,
    /// Their variables (`stead_sandbox::scrub`).
    pub variables: BTreeMap<OsString, OsString>,
    /// The shell's name or path: `bash`, or `sh`.
    pub program: OsString,
    /// Ends the command that runs, and all that come after.
    pub cancel: Cancel,
}

impl Confined {
    /// Hides these files from all commands, and no others.
    pub fn hide(&mut self, files: Vec<PathBuf>) {
        self.policy.hidden = files;
    }

    fn perform(
        &self,
        sandbox: &Sandbox,
        command: &str,
        limit: Option<Duration>,
        output: &mut dyn FnMut(&str),
    ) -> (String, Result<Outcome, RunError>) {
        let mut policy = self.policy.clone();
        policy.limits.time = limit.or(policy.limits.time);
        let command = Command::new(&self.program)
            .argument("-c")
            .argument(command)
            .variables(self.variables.clone());
        let mut all = Vec::new();
        let outcome = sandbox.run(&policy, &command, &self.cancel, &mut |chunk| {
            all.extend_from_slice(chunk.bytes);
            output(&String::from_utf8_lossy(chunk.bytes));
        });
        (String::from_utf8_lossy(&all).into_owned(), outcome)
    }
}

impl Shell for Confined {
    fn run(&self, command: &str, limit: Option<Duration>, output: &mut dyn FnMut(&str)) -> Ran {
        let sandbox = match &self.sandbox {
            Ok(sandbox) => sandbox,
            Err(why) => {
                return Ran {
                    ended: Some(format!("not run: {why}")),
                    ..Ran::default()
                };
            }
        };
        let begun = Instant::now();
        let (output, outcome) = self.perform(sandbox, command, limit, output);
        let took = begun.elapsed();
        let limit = limit.or(self.policy.limits.time).unwrap_or_default();
        let (exit, ended, timed_out) = match outcome {
            Ok(outcome) => self.told(outcome.ended, limit),
            Err(error) => (None, Some(format!("not run: {error}")), false),
        };
        Ran {
            exit,
            output,
            ended,
            timed_out,
            took,
        }
    }
}

impl Confined {
    /// The exit code, why it did not end by itself, and whether that was the limit of time.
    fn told(&self, ended: Ended, limit: Duration) -> (Option<i32>, Option<String>, bool) {
        let limits = &self.policy.limits;
        let why = match ended {
            Ended::Exited(code) => return (Some(code), None, false),
            Ended::Killed(signal) => format!("ended by signal {signal}"),
            Ended::TimedOut => {
                let seconds = limit.as_secs_f64();
                let why = format!("stopped: it took longer than {seconds} s");
                return (None, Some(why), true);
            }
            Ended::Cancelled => "stopped by the user".to_owned(),
            Ended::TooMuchMemory => {
                let mib = limits.memory >> 20;
                format!("stopped: it used more than {mib} MiB of memory")
            }
            Ended::TooManyProcesses => {
                format!("stopped: it had more than {} processes", limits.processes)
            }
        };
        (None, Some(why), false)
    }
}
