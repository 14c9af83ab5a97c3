//! A machine with a repository on it, and what a run left there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use stead_testkit::disk;
use stead_testkit::model::{ScriptedModel, ScriptedTask, Wire, git};
use tempfile::TempDir;

use crate::machine::{Machine, Run};

/// Programs of the system alone: those in somebody's home are not shown to commands.
pub(super) const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

pub(super) struct World {
    pub(super) machine: Machine,
    repo: TempDir,
}

/// What `stead run --json` said.
pub(super) struct Ran {
    pub(super) code: i32,
    pub(super) lines: Vec<Value>,
    pub(super) err: String,
}

impl World {
    /// A machine with a task's repository.
    pub(super) fn of(task: &ScriptedTask, with: &[(&str, &str)]) -> Self {
        let world = Self {
            machine: Machine::empty(),
            repo: tempfile::tempdir().unwrap(),
        };
        task.lay_out(world.repo(), with);
        world
    }

    /// A machine with the repository of a failing test, which is what most tests need.
    pub(super) fn broken() -> (Self, ScriptedTask) {
        let task = ScriptedTask::load("fix-failing-test", &[]);
        (Self::of(&task, &[]), task)
    }

    pub(super) fn repo(&self) -> &Path {
        self.repo.path()
    }

    /// `stead run` with a scripted model.
    pub(super) fn command(&self, model: &ScriptedModel, arguments: &[&str]) -> Command {
        let base = model.base(Wire::Openai);
        let fixed = ["--model", "openai/scripted", "--base-url", &base];
        let more = ["--parser-model", "none", "--json"];
        let all = [&["run"], arguments, &fixed, &more].concat();
        let mut command = self.machine.command(&all);
        command.current_dir(self.repo()).env("PATH", PATH);
        command
    }

    /// Runs it to its end.
    pub(super) fn run(&self, model: &ScriptedModel, arguments: &[&str]) -> Ran {
        Ran::of(Run::of(self.command(model, arguments).output().unwrap()))
    }

    /// Runs a task as nobody is asked, and applies what comes of it.
    pub(super) fn do_task(&self, model: &ScriptedModel, task: &str) -> Ran {
        self.run(model, &[task, "--yes", "--apply"])
    }

    /// Every file of the repository outside of `.git`, with what it holds.
    pub(super) fn tree(&self) -> BTreeMap<PathBuf, String> {
        let files = disk::files(self.repo()).into_iter();
        let own = |path: &PathBuf| !path.strip_prefix(self.repo()).unwrap().starts_with(".git");
        let files = files.filter(own);
        files
            .map(|path| {
                let bytes = std::fs::read(&path).unwrap();
                (path, String::from_utf8_lossy(&bytes).into_owned())
            })
            .collect()
    }

    /// What git says has changed since the last commit, sorted.
    pub(super) fn changed(&self) -> Vec<String> {
        let status = git(
            self.repo(),
            &["status", "--porcelain", "-uall", "--no-renames"],
        );
        let mut paths: Vec<String> = status.lines().map(|line| line[3..].to_owned()).collect();
        paths.sort();
        paths
    }

    /// The folders of all sessions, the oldest first.
    pub(super) fn sessions(&self) -> Vec<PathBuf> {
        let all = std::fs::read_dir(self.machine.data().join("sessions"));
        let entries = all.into_iter().flatten().flatten();
        let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        folders.sort();
        folders
    }

    /// The folder of the only session.
    pub(super) fn session(&self) -> PathBuf {
        let mut all = self.sessions();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    /// The events that are on record, each valid.
    pub(super) fn events(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.session().join("session.usf.jsonl")).unwrap();
        let (header, events) = stead_usf::read_lines(text.as_bytes()).unwrap();
        assert_eq!(header.agent.as_str(), "stead");
        assert!(events.into_iter().all(|event| event.is_ok()));
        let lines = text.lines().skip(1);
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The bodies of all requests that are on record, in order.
    pub(super) fn requests(&self) -> Vec<String> {
        let path = self.session().join("traffic.jsonl");
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let lines = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let requests = lines.filter(|line| line["type"] == "request");
        requests
            .map(|line| line["body"].as_str().unwrap().to_owned())
            .collect()
    }

    /// What has to hold after every run, however it ended: the record is whole and signed,
    /// and there was no request that it does not show.
    pub(super) fn assert_on_record(&self, model: &ScriptedModel) {
        let asked: Vec<String> = model
            .asked()
            .iter()
            .map(stead_testkit::model::Asked::text)
            .collect();
        let recorded = self.requests();
        assert_eq!(&recorded[recorded.len() - asked.len()..], asked);
        self.events();
        let id = self
            .session()
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let verified = self.machine.run(&["verify", &id]);
        assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
    }
}

impl Ran {
    pub(super) fn of(run: Run) -> Self {
        let lines = run.out.lines().map(|line| {
            let json = serde_json::from_str(line);
            json.unwrap_or_else(|error| panic!("{error}: {line}"))
        });
        Self {
            code: run.code,
            lines: lines.collect(),
            err: run.err,
        }
    }

    /// The last line, which says how it ended.
    pub(super) fn end(&self) -> &Value {
        let Some(end) = self.lines.last() else {
            panic!("nothing was said: {}", self.err);
        };
        assert_eq!(
            (&end["type"], &end["exit_code"]),
            (&"end".into(), &self.code.into())
        );
        end
    }

    /// Code and outcome, for messages with what was said.
    pub(super) fn assert_ended(&self, code: i32, outcome: &str) {
        assert_eq!(self.code, code, "{}\n{:#?}", self.err, self.lines.last());
        assert_eq!(self.end()["outcome"], outcome, "{:#}", self.end());
    }

    /// The events as they came.
    pub(super) fn events(&self) -> Vec<Value> {
        let events = self.lines.iter().filter(|line| line["type"] == "event");
        events.map(|line| line["event"].clone()).collect()
    }

    /// What the tools answered, in order, with whether they did their work.
    pub(super) fn results(&self) -> Vec<(bool, String)> {
        let events = self.events().into_iter();
        let results = events.filter(|event| event["type"] == "tool_result");
        let result = |event: Value| {
            let text = event["output"].as_str().unwrap_or_default().to_owned();
            (event["ok"] == true, text)
        };
        results.map(result).collect()
    }
}
