//! Runs that go on while a test looks at them.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;
use stead_testkit::model::ScriptedModel;

use super::world::{Ran, World};

impl World {
    /// Starts it.
    pub(super) fn start(&self, model: &ScriptedModel, arguments: &[&str]) -> Started {
        Started::of(self.command(model, arguments))
    }

    /// Starts it, to be spoken to.
    pub(super) fn start_controlled(&self, model: &ScriptedModel, arguments: &[&str]) -> Started {
        let mut command = self.command(model, arguments);
        command.stdin(Stdio::piped());
        Started::of(command)
    }
}

/// A run that goes on.
pub(super) struct Started {
    child: Child,
    out: BufReader<ChildStdout>,
    pub(super) lines: Vec<Value>,
}

impl Started {
    fn of(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            out,
            lines: Vec::new(),
        }
    }

    /// Writes a line to its standard input.
    pub(super) fn send(&mut self, line: &Value) {
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, "{line}").unwrap();
    }

    /// Ends its standard input.
    pub(super) fn hang_up(&mut self) {
        self.child.stdin = None;
    }

    /// Reads until a line says this.
    pub(super) fn until(&mut self, says: impl Fn(&Value) -> bool) {
        let mut line = String::new();
        while self.out.read_line(&mut line).unwrap() > 0 {
            let value: Value = serde_json::from_str(&line).unwrap();
            let found = says(&value);
            self.lines.push(value);
            if found {
                return;
            }
            line.clear();
        }
        let mut err = String::new();
        let _ = self.child.stderr.take().unwrap().read_to_string(&mut err);
        panic!("it never came: {err}\n{:#?}", self.lines);
    }

    /// Sends a signal by its name, and waits for the end.
    pub(super) fn stop(self, signal: &str) -> Ran {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(sent.unwrap().success());
        self.end()
    }

    /// Waits for the end.
    pub(super) fn end(mut self) -> Ran {
        let (mut rest, mut err) = (String::new(), String::new());
        // A killed program leaves a line in the middle, perhaps.
        let _ = self.out.read_to_string(&mut rest);
        let _ = self.child.stderr.take().unwrap().read_to_string(&mut err);
        let whole = rest
            .lines()
            .map_while(|line| serde_json::from_str(line).ok());
        self.lines.extend(whole);
        Ran {
            code: self.child.wait().unwrap().code().unwrap_or(-1),
            lines: std::mem::take(&mut self.lines),
            err,
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // A test that failed leaves nothing behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
