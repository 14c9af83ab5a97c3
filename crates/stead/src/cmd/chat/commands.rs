//! What is typed with a slash: it is for stead, not for the model.

use std::process::{Command, Stdio};

use stead_agent::run::Front;

use super::Chat;
use crate::cmd::run::front::{Live, Watch};
use crate::environment::this_program;

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
            ("/diff", []) => self.stead(&["diff"], &[], front),
            ("/apply", []) => self.stead(&["apply"], &[], front),
            ("/apply", ["--force"]) => self.stead(&["apply"], &["--force"], front),
            ("/discard", []) => self.stead(&["discard"], &["--force"], front),
            ("/verify", []) => self.stead(&["verify"], &[], front),
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
            Ok((route, _)) => front.route(&route),
            Err(error) => {
                self.models = before;
                front.notice(&error.in_words());
            }
        }
    }

    /// Lets a command of stead say what it has to say of this session.
    fn stead(&self, command: &[&str], options: &[&str], front: &mut Live) {
        let colour = if self.context.colour {
            "always"
        } else {
            "never"
        };
        let Ok(program) = this_program() else {
            return front.notice("this program is gone");
        };
        let output = Command::new(program)
            .args(command)
            .arg(&self.id)
            .args(options)
            .arg(format!("--color={colour}"))
            .stdin(Stdio::null())
            .current_dir(&self.tree)
            .output();
        match output {
            Ok(output) => {
                let mut lines = output.stdout;
                lines.extend(output.stderr);
                front.lines(lines);
            }
            Err(error) => front.notice(&format!("stead cannot be started: {error}")),
        }
    }
}
