//! A conversation in a pipe: each line of standard input is a message, and its turn is told as
//! plain text.

use std::io::{BufRead, stdin};
use std::process::{Command, Stdio};

use super::Chat;
use crate::command_error::CommandError;
use crate::environment::this_program;
use crate::exit_code::Exit;

/// Does a turn for each message; how the last one ended.
pub(super) fn run(chat: &Chat<'_>) -> Result<Exit, CommandError> {
    let first = chat.args.message.join(" ");
    let mut last = Exit::Ok;
    let lines = stdin().lock().lines();
    for message in std::iter::once(Ok(first)).chain(lines) {
        let message = message?;
        match message.trim() {
            "" => continue,
            "/quit" | "/exit" => break,
            words if words.starts_with('/') => {
                return Err(CommandError::usage(format!("`{words}` is for a terminal"))
                    .hint("`stead diff`, `stead apply` and others do it in a shell"));
            }
            words => last = turn(chat, words)?,
        }
        if last == Exit::Interrupted {
            break;
        }
    }
    Ok(last)
}

fn turn(chat: &Chat<'_>, words: &str) -> Result<Exit, CommandError> {
    let status = Command::new(this_program()?)
        .args(chat.arguments())
        .args(["--plain", "--", words])
        .stdin(Stdio::null())
        .status()?;
    let number = status.code().and_then(|code| u8::try_from(code).ok());
    let exit = Exit::ALL
        .into_iter()
        .find(|exit| Some(exit.number()) == number);
    Ok(exit.unwrap_or(Exit::Failure))
}
