//! What running a session again came to, for people and for programs.

use std::io::Write;
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::{Value, json};
use stead_agent::prompt::generator;
use stead_agent::replay::{Came, End, Parted, Ran, Step, Watch};
use stead_agent::seals::Machine;
use stead_llm::Difference;
use stead_redact::terminal::escape;

use super::found::Found;
use crate::cli::GlobalArgs;
use crate::cmd::styled;
use crate::cmd::tracing::write_json;
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;
use crate::text::{counted, fit};

/// So many requests are named that were not the same.
const NAMED: usize = 3;

/// What is known so far, written as it comes.
pub(super) struct Report {
    session: String,
    json: bool,
    colour: bool,
    width: usize,
    out: Output,
    /// Steps so far that are as recorded, and one more if it parted.
    pub(super) steps: usize,
    tasks: usize,
    given: usize,
    /// The record ended before the last task did.
    cut: bool,
    parted: Option<Parted>,
    requests: Vec<Difference>,
    files: Vec<End>,
    notes: Vec<String>,
    /// Where the tree is kept.
    pub(super) kept: Option<PathBuf>,
}

impl Report {
    pub(super) fn new(found: &Found, global: &GlobalArgs, context: &Context) -> Self {
        Self {
            session: found.id.clone(),
            json: global.json,
            colour: context.colour,
            width: context.width,
            out: Output::plain(),
            steps: 0,
            tasks: 0,
            given: 0,
            cut: false,
            parted: None,
            requests: Vec::new(),
            files: Vec::new(),
            notes: Vec::new(),
            kept: None,
        }
    }

    /// Something that is worth knowing and is no difference.
    pub(super) fn note(&mut self, words: String) {
        if !self.notes.contains(&words) {
            self.notes.push(words);
        }
    }

    /// What was set for a task, held against what is here.
    pub(super) fn setting(&mut self, setting: &Value) {
        let (stead, now) = (setting["stead"].as_str(), env!("CARGO_PKG_VERSION"));
        if let Some(then) = stead.filter(|then| *then != now) {
            self.note(format!("it was recorded by stead {then}; this is {now}"));
        }
        let prompt = generator();
        let then = &setting["prompt"];
        if !then.is_null() && *then != json!({"name": prompt.name, "version": prompt.version}) {
            self.note("the system prompt is not the one of then".to_owned());
        }
        if setting["network"] == true {
            self.note("commands had the network then; they have none now".to_owned());
        }
    }

    /// A task was run again.
    pub(super) fn ran(&mut self, number: usize, ran: &Ran) {
        (self.steps, self.tasks) = (ran.steps, number + 1);
        self.given += ran.given;
        self.requests.extend(ran.differences.iter().cloned());
        match &ran.came {
            Came::Same => {}
            Came::Ends => self.cut = true,
            Came::Parted(parted) => self.parted = Some(parted.clone()),
        }
    }

    /// Takes in the files that a task changed, as it left them; gives the first that is not as
    /// recorded.
    pub(super) fn ends(&mut self, ends: Vec<End>, steps: usize) -> Option<Parted> {
        for end in ends {
            let differs = end.now != end.recorded;
            let held = |sum: &Option<String>| match sum {
                Some(sum) => format!("{} holds sha256 {sum}", end.path),
                None => format!("{} is not there", end.path),
            };
            let (expected, came) = (held(&end.recorded), held(&end.now));
            if differs && end.checked {
                self.note(format!("a check changed {}", end.path));
            } else if differs && self.parted.is_none() {
                self.parted = Some(Parted {
                    step: steps,
                    event: None,
                    what: "the files at the end".to_owned(),
                    expected,
                    came,
                });
            }
            self.files.retain(|known| known.path != end.path);
            self.files.push(end);
        }
        self.parted.clone()
    }

    /// Tells how it ended.
    pub(super) fn end(mut self) -> Result<Exit, CommandError> {
        self.summed_up();
        if self.json {
            write_json(&self.as_json())?;
        } else {
            self.as_text()?;
        }
        Ok(match self.parted {
            None => Exit::Ok,
            Some(_) => Exit::Failure,
        })
    }

    /// Turns what was counted into notes.
    fn summed_up(&mut self) {
        if self.given > 0 {
            let calls = counted(self.given as u64, "call");
            self.note(format!(
                "{calls} not made again, with the results of the record: they reach beyond the tree, or were interrupted"
            ));
        }
        if self.cut {
            self.note(
                "the session was killed: the record of a task ends before the task does".to_owned(),
            );
        }
        if !self.requests.is_empty() {
            let mut named: Vec<String> = self
                .requests
                .iter()
                .take(NAMED)
                .map(|one| format!("{} at {}", one.exchange, one.at))
                .collect();
            if self.requests.len() > NAMED {
                named.push("…".to_owned());
            }
            let requests = counted(self.requests.len() as u64, "request");
            let named = named.join(", ");
            self.note(format!(
                "{requests} not the same as then, for what commands printed or files held: {named}"
            ));
        }
    }

    fn as_json(&self) -> Value {
        #[derive(Serialize)]
        struct Request<'a> {
            exchange: &'a str,
            at: &'a str,
        }
        let requests = self.requests.iter().map(|one| Request {
            exchange: &one.exchange,
            at: &one.at,
        });
        json!({
            "session": format!("stead:{}", self.session),
            "same": self.parted.is_none(),
            "whole": self.parted.is_none() && !self.cut,
            "tasks": self.tasks,
            "steps": self.steps,
            "parted": self.parted,
            "files": self.files,
            "requests": requests.collect::<Vec<_>>(),
            "given": self.given,
            "notes": self.notes,
            "kept": self.kept,
        })
    }

    fn as_text(&mut self) -> Result<(), CommandError> {
        let paint = |style: Style| styled(style, self.colour);
        let (red, green) = (
            paint(AnsiColor::Red.on_default().bold()),
            paint(AnsiColor::Green.on_default().bold()),
        );
        let out = &mut self.out;
        writeln!(out)?;
        for note in &self.notes {
            writeln!(out, "note: {}", escape(note))?;
        }
        if let Some(parted) = &self.parted {
            let what = escape(&parted.what);
            let event = parted.event.as_deref();
            let event = event.map_or_else(String::new, |event| format!(" ({event})"));
            writeln!(
                out,
                "{red}parted at step {}{red:#}{event}: {what}",
                parted.step
            )?;
            writeln!(out, "  recorded  {}", escape(&parted.expected))?;
            writeln!(out, "  now       {}", escape(&parted.came))?;
            if let Some(event) = &parted.event {
                let session = &self.session;
                writeln!(
                    out,
                    "  stead show {session} --at {event}   what is on record there"
                )?;
            }
        } else {
            let steps = counted(self.steps as u64, "step");
            let files = counted(self.files.len() as u64, "file");
            writeln!(out, "{green}same{green:#}: {steps}, {files} as recorded")?;
            for file in &self.files {
                let sum = file.now.as_deref().unwrap_or("is gone");
                writeln!(out, "  {}  {sum}", escape(&file.path))?;
            }
        }
        if let Some(kept) = &self.kept {
            let kept = kept.display().to_string();
            writeln!(out, "the tree is kept in {}", escape(&kept))?;
        }
        Ok(self.out.flush()?)
    }
}

impl Watch for Report {
    fn step(&mut self, number: usize, event: &str, step: &Step) {
        if self.json {
            return;
        }
        let text = escape(&step.words()).into_owned();
        let line = fit(&format!("{number:4}  {event:6} {text}"), self.width);
        // Whoever reads may have gone; it is said again at the end.
        let _ = writeln!(self.out, "{line}").and_then(|()| self.out.flush());
    }
}

/// A session that is not as it was signed is not run again.
pub(super) fn altered(found: &Machine, global: &GlobalArgs) -> Result<Exit, CommandError> {
    if global.json {
        write_json(found)?;
        return Ok(Exit::Altered);
    }
    let told = crate::cmd::verify::told(found, false, global)?;
    let mut stderr = std::io::stderr();
    writeln!(stderr, "it is not run again: its record cannot be believed")?;
    Ok(told)
}
