//! A machine with bundled sessions on it, and the program to run there.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use stead_adapters::samples;
use tempfile::TempDir;

/// The bundled Claude Code session that tests look at.
pub(crate) const CLAUDE: &str = "e519b8e8-72c5-4853-b8fd-b2a790cb2b86";

pub(crate) struct Machine {
    home: TempDir,
    data: TempDir,
}

/// What a command did.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Machine {
    pub(crate) fn empty() -> Self {
        let temporary = || tempfile::tempdir().unwrap();
        Self {
            home: temporary(),
            data: temporary(),
        }
    }

    pub(crate) fn with_samples() -> Self {
        let machine = Self::empty();
        samples::lay_out(machine.home()).unwrap();
        machine
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    /// The program, knowing this machine alone.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stead"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", option_env!("PATH").unwrap_or_default())
            .env("HOME", self.home())
            .env("STEAD_DATA_DIR", self.data())
            .env("NO_COLOR", "1")
            .env("TZ", "UTC")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    /// Runs a command that must succeed; what it wrote.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.out, run.err);
        run.out
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.ok(arguments)).unwrap()
    }

    /// The file of the bundled Claude Code session.
    pub(crate) fn transcript(&self) -> PathBuf {
        let folder = self.home().join(".claude/projects/-home-dev-work-demo");
        folder.join(format!("{CLAUDE}.jsonl"))
    }

    /// What the user says next to Claude Code.
    pub(crate) fn say(&self, number: u32, words: &str) {
        let line = serde_json::json!({
            "parentUuid": null, "isSidechain": false, "type": "user",
            "message": {"role": "user", "content": words},
            "uuid": format!("00000000-0000-4000-8000-{number:012}"),
            "timestamp": format!("2026-11-21T09:{number:02}:00.000Z"), "cwd": "/home/dev/work/demo",
            "sessionId": CLAUDE, "version": "2.1.329",
        });
        let text = fs_err::read_to_string(self.transcript()).unwrap();
        fs_err::write(self.transcript(), format!("{text}{line}\n")).unwrap();
    }
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
