//! What is typed with a slash: it is for stead, not for the model.

use std::process::{Command, Output, Stdio};

use stead_agent::run::Front;

use super::Chat;
use crate::cmd::run::front::{Live, Watch};
use crate::environment::this_program;
use crate::render::patch;
use crate::render::style::{PLAIN, Screen, span};

/// What comes after a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The next message.
    Go,
    /// The end.
    Leave,
}

const HELP: &str = "  /diff             what was changed and is not in your files yet
  /apply [--force]  put it into your files
  /discard          throw it away
  /model P/N        go on with another model
  /verify           prove that the record is as it was written
  /quit             leave; `stead chat --continue` goes on
  Esc ends the command that runs, Ctrl-C the turn, Ctrl-D the conversation.
";

impl Chat<'_> {
    /// Does what was typed.
    pub(super) fn command(&mut self, typed: &str, front: &mut Live) -> Next {
        let mut words = typed.split_whitespace();
        let (name, rest) = (words.next().unwrap_or_default(), words.collect::<Vec<_>>());
        match (name, rest.as_slice()) {
            ("/quit" | "/exit", _) => return Next::Leave,
            ("/help", _) => front.lines(HELP.as_bytes().to_vec()),
            ("/diff", []) => self.diff(front),
            ("/apply", []) => self.tell(&["apply"], &[], front),
            ("/apply", ["--force"]) => self.tell(&["apply"], &["--force"], front),
            ("/discard", []) => self.tell(&["discard"], &["--force"], front),
            ("/verify", []) => self.tell(&["verify"], &[], front),
            ("/model", [name]) => self.switch(name, front),
            ("/model", []) => match self.route() {
                Ok((route, _)) => front.notice(&route),
                Err(error) => front.notice(&error.in_words()),
            },
            _ => front.notice(&format!("there is no {typed}; /help says what there is")),
        }
        Next::Go
    }

    /// Goes on with another model, if it can be used.
    fn switch(&mut self, name: &str, front: &mut Live) {
        let before = self.models.clone();
        let provider = |model: &str| model.split('/').next().unwrap_or_default().to_owned();
        let same = before.model.as_deref().map(provider) == Some(provider(name));
        self.models.model = Some(name.to_owned());
        self.models.base_url = before.base_url.clone().filter(|_| same);
        match self.route() {
            Ok((route, prices)) => {
                front.prices(prices);
                front.route(&route);
            }
            Err(error) => {
                self.models = before;
                front.notice(&error.in_words());
            }
        }
    }

    /// What waits to be applied. Names and lines are made by models.
    fn diff(&self, front: &mut Live) {
        let Some(output) = self.stead(&["diff"], &[], front) else {
            return;
        };
        let mut lines = Vec::new();
        let diff = String::from_utf8_lossy(&output.stdout);
        // It is written to memory.
        let _ = patch(&mut lines, &diff, self.context.colour);
        front.lines(lines);
        self.show(&output.stderr, front);
    }

    /// Shows what a command of stead says.
    fn tell(&self, command: &[&str], options: &[&str], front: &mut Live) {
        if let Some(output) = self.stead(command, options, front) {
            self.show(&output.stdout, front);
            self.show(&output.stderr, front);
        }
    }

    /// Shows lines, without what a terminal would obey.
    fn show(&self, text: &[u8], front: &mut Live) {
        let mut screen = Screen::new(Vec::new(), self.context.colour);
        for line in String::from_utf8_lossy(text).lines() {
            let _ = screen.row(&[span(PLAIN, line)]);
        }
        front.lines(std::mem::take(screen.out()));
    }

    /// What a command of stead has to say of this session.
    fn stead(&self, command: &[&str], options: &[&str], front: &mut Live) -> Option<Output> {
        let output = this_program().ok().map(|program| {
            Command::new(program)
                .args(command)
                .arg(&self.id)
                .args(options)
                .arg("--color=never")
                .stdin(Stdio::null())
                .current_dir(&self.tree)
                .output()
        });
        match output {
            Some(Ok(output)) => return Some(output),
            Some(Err(error)) => front.notice(&format!("stead cannot be started: {error}")),
            None => front.notice("this program is gone"),
        }
        None
    }
}
