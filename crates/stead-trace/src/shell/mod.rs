//! What shell commands do to files, as far as the command and what it printed show
//! it. Nothing is run, and no file is looked at.
//!
//! A command is read by a lexer and a parser of our own ([`lex`], [`parse`]), gone
//! through as a shell would ([`run`]), and each program that is known says what it
//! does ([`programs`]). What is not understood is opaque: it may have changed the
//! files in its folder, or the one that it names.

mod expand;
mod input;
mod lex;
mod parse;
mod printed;
mod programs;
mod quote;
mod run;
#[cfg(test)]
mod tests;
mod word;

pub(crate) use input::{command_of, folder_of};

use crate::step::Action;
use printed::Out;
use run::Shell;
use word::Arg;

/// Longer commands are data rather than commands.
const LONGEST: usize = 256 << 10;

/// What a command does.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Effects {
    /// What it does, in order: path (absolute) and action. A path with
    /// [`Action::Opaque`], `Restore`, `Format`, `Delete`, `Move` or `Copy` may be a
    /// folder.
    pub(crate) actions: Vec<(String, Action)>,
    /// After all that, files in its folder may have changed in ways that it does
    /// not show. If it does something that it shows after that, the folder is among
    /// the actions instead, in its place.
    pub(crate) opaque: bool,
}

/// What the command does, run in a folder. `output` is what it printed.
pub(crate) fn effects(command: &str, cwd: &str, output: Option<&str>) -> Effects {
    if command.len() > LONGEST || input::is_powershell(command) {
        return Effects {
            actions: Vec::new(),
            opaque: true,
        };
    }
    let mut shell = Shell::new(cwd);
    let out = if command.trim_start().starts_with("*** Begin Patch") {
        // Models send patches as if they were commands, and agents take them.
        let patch = [Arg::whole(command)];
        shell.program(&Arg::whole("apply_patch"), &patch, &Out::default())
    } else {
        shell.text(command, &Out::default())
    };
    let mut actions = shell.actions;
    let shown = output.map(|output| out.shown(output)).unwrap_or_default();
    for (after, path, action) in shown.into_iter().rev() {
        actions.insert(after.min(actions.len()), (path, action));
    }
    let whole = crate::path::absolute(".", cwd);
    let is_last = |last: &(String, Action)| {
        last.1 == Action::Opaque && crate::path::absolute(&last.0, "") == whole
    };
    let opaque = actions.last().is_some_and(is_last);
    if opaque {
        actions.pop();
    }
    Effects { actions, opaque }
}
