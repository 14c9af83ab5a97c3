//! `--json --control`: a program watches, and speaks back on standard input, one JSON object
//! a line. `docs/reference/run-events.md` describes both directions.
//!
//! A program that has gone can say nothing more: at the end of its input nobody is there to
//! be asked, and once it no longer reads, the session is stopped.

use std::collections::VecDeque;
use std::io::{BufRead, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use stead_agent::mcp::Written;
use stead_agent::run::{Front, Wish, Word};
use stead_agent::tools::Question;
use stead_llm::Delta;
use stead_usf::Event;

use super::{Json, Watch};
use crate::cmd::run::ending::Ending;
use crate::cmd::run::stop::Stop;
use crate::command_error::CommandError;

/// A line has at most so many bytes: files that are put into a task stand in it.
const LONGEST: u64 = 64 << 20;

/// A signal that ends the session is noticed after so long while an answer is waited for.
const PATIENCE: Duration = Duration::from_millis(100);

/// What the program says while the session works.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line {
    /// Words to the model.
    Say { text: String },
    /// To an `approve` or an `ask` of this id.
    Answer {
        id: u64,
        #[serde(default)]
        word: Option<String>,
        #[serde(default)]
        text: Option<String>,
    },
    /// The command that runs is to end, and nothing else.
    Skip,
    /// The session is to end.
    Stop,
}

/// The first line of a session whose task is `-`.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum First {
    /// What is to be done.
    Task(Begin),
}

/// A task, with what a program says beside it.
#[derive(Debug, Default, Deserialize)]
pub(in crate::cmd::run) struct Begin {
    /// The user's words.
    pub(in crate::cmd::run) text: String,
    /// MCP servers of this session, by name, as they are written under `[mcp.NAME]`.
    #[serde(default)]
    pub(in crate::cmd::run) mcp: std::collections::BTreeMap<String, Written>,
}

impl Begin {
    /// Reads it from standard input.
    pub(in crate::cmd::run) fn read() -> Result<Self, CommandError> {
        let line = line(&mut std::io::stdin().lock())?.unwrap_or_default();
        match serde_json::from_str(&line) {
            Ok(First::Task(begin)) if begin.text.trim().is_empty() => {
                Err(CommandError::usage("there is no task"))
            }
            Ok(First::Task(begin)) => Ok(begin),
            Err(error) => Err(
                CommandError::usage(format!("the first line is no task: {error}"))
                    .hint("it is written as {\"type\":\"task\",\"text\":\"…\"}"),
            ),
        }
    }
}

/// The next line; nothing at the end.
fn line(from: &mut dyn BufRead) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    if from.take(LONGEST).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Writes events as they come, and listens.
pub(in crate::cmd::run) struct Control {
    json: Json,
    lines: Receiver<Result<Line, String>>,
    stop: Stop,
    /// Words that the session has not taken yet.
    said: VecDeque<String>,
    /// Questions so far; they are numbered.
    asked: u64,
}

impl Control {
    /// Listens on standard input, on a thread of its own.
    pub(in crate::cmd::run) fn new(stop: Stop) -> Self {
        let (sender, lines) = channel();
        let heard = stop.clone();
        std::thread::spawn(move || {
            while let Ok(Some(line)) = line(&mut std::io::stdin().lock()) {
                let line = serde_json::from_str(&line).map_err(|error| error.to_string());
                match line {
                    Ok(Line::Stop) => heard.now(),
                    Ok(Line::Skip) => heard.commands.skip(),
                    _ => {}
                }
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self {
            json: Json::new(),
            lines,
            stop,
            said: VecDeque::new(),
            asked: 0,
        }
    }

    /// Once nobody reads, nobody steers either.
    fn line(&mut self, value: &Value) {
        if !self.json.line(value) {
            self.stop.now();
        }
    }

    /// Takes in what was said while nothing was asked.
    fn listen(&mut self) {
        while let Ok(line) = self.lines.try_recv() {
            self.heard(line);
        }
    }

    fn heard(&mut self, line: Result<Line, String>) {
        match line {
            Ok(Line::Say { text }) => self.said.push_back(text),
            Ok(Line::Answer { id, .. }) => {
                self.notice(&format!("nothing is asked that has the id {id}"));
            }
            // The thread that listens has done it already.
            Ok(Line::Skip) => {}
            Ok(Line::Stop) => self.stop.now(),
            Err(why) => self.notice(&format!("a line of the input is not understood: {why}")),
        }
    }

    /// Asks, and waits for the answer; nothing if nobody is there any more.
    fn answer(&mut self, mut question: Value) -> Option<(Option<String>, Option<String>)> {
        self.listen();
        self.asked += 1;
        question["id"] = json!(self.asked);
        self.line(&question);
        while !self.stop.is_wanted() {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(Ok(Line::Answer { id, word, text })) if id == self.asked => {
                    return Some((word, text));
                }
                Ok(other) => self.heard(other),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        None
    }
}

impl Front for Control {
    fn recorded(&mut self, event: &Event) {
        self.line(&json!({"type": "event", "event": event}));
    }

    fn delta(&mut self, delta: &Delta) {
        if let Some(value) = Json::of_delta(delta) {
            self.line(&value);
        }
    }

    fn notice(&mut self, words: &str) {
        self.line(&json!({"type": "notice", "text": words}));
    }

    fn output(&mut self, text: &str) {
        self.line(&json!({"type": "output", "text": text}));
    }

    fn typed(&mut self) -> Option<String> {
        self.listen();
        let said: Vec<String> = self.said.drain(..).collect();
        (!said.is_empty()).then(|| said.join("\n\n"))
    }

    fn ask(&mut self, question: &Question) -> Option<String> {
        let asked = json!({"type": "ask", "text": question.text, "options": question.options});
        self.answer(asked)?.1
    }

    fn approve(&mut self, wish: &Wish) -> Word {
        let asked = json!({
            "type": "approve",
            "tool": wish.tool,
            "arguments": wish.arguments,
            "why": wish.why,
        });
        match self.answer(asked) {
            None => Word::Nobody,
            Some((word, text)) => match word.as_deref() {
                Some("once") => Word::Once,
                Some("always") => Word::Always,
                _ => Word::No(text.filter(|text| !text.trim().is_empty())),
            },
        }
    }
}

impl Watch for Control {
    fn route(&mut self, words: &str) {
        self.line(&json!({"type": "route", "text": words}));
    }

    fn end(&mut self, ending: &Ending) {
        self.listen();
        let mut end = ending.as_json();
        end["unheard"] = self.said.drain(..).collect();
        self.line(&end);
    }
}
