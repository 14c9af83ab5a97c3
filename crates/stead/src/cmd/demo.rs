//! `stead demo`: an agent at work, and the main commands on bundled sessions.

mod model;
mod work;

use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anstyle::{AnsiColor, Style};
use clap::Parser;
use stead_adapters::{Env, samples};

use super::styled;
use crate::cli::{Cli, DemoArgs};
use crate::command_error::CommandError;
use crate::environment::{Context, now};
use crate::exit_code::Exit;
use crate::output::Output;

/// The repository that the bundled sessions worked on.
const REPOSITORY: &[u8] = include_bytes!("../../demo/demo.bundle");

/// What is shown: words about it, and the command. `{id}` is a session.
const STEPS: &[(&str, &str)] = &[
    (
        "Every session of every agent on this machine, the newest first. Any beginning of an id\n\
         that fits only one will do to name a session.",
        "stead ls",
    ),
    (
        "Everything that was ever said or done is searched: prompts, replies, reasoning, commands\n\
         and their output, diffs. Words match anywhere; fields narrow it down.",
        "stead search slugify tool:edit",
    ),
    (
        "Commands that failed, whichever agent ran them.",
        "stead search tool:shell is:error",
    ),
    (
        "A session as it went: prompts, replies, tools, diffs.",
        "stead show {id}",
    ),
    (
        "Who wrote each line of a file in the repository that they worked on: commit, agent,\n\
         session, model. Found out from the sessions and the history alone.",
        "stead blame src/utils.py",
    ),
    (
        "Why one of these lines is as it is: request, reasoning, edit, commit.",
        "stead why src/utils.py:6",
    ),
    (
        "Tokens by agent and model, each request counted once, however often it was copied.",
        "stead stats --by agent,model",
    ),
    (
        "What was found where, and what could not be read.",
        "stead doctor",
    ),
];

pub(crate) fn run(args: &DemoArgs, context: &Context) -> Result<Exit, CommandError> {
    let (folder, temporary) = if let Some(folder) = &args.keep {
        (std::path::absolute(folder)?, None)
    } else {
        let folder = tempfile::Builder::new().prefix("stead-demo-").tempdir()?;
        (folder.path().to_owned(), Some(folder))
    };
    let home = folder.join("home");
    if home.exists() {
        return Err(CommandError::usage(format!(
            "`{}` is already there",
            home.display()
        )));
    }
    samples::lay_out(&home)?;
    lay_out_repository(&home)?;
    let ask = std::io::stdin().is_terminal() && context.terminal;
    let has_git = work::has_git(context);
    let mut context = demo_context(context, &folder, &home);
    if has_git {
        work::show(&context, &folder, ask)?;
        if ask {
            pause()?;
        }
        context.settings.now = now();
    }
    say(
        &context,
        "Real sessions of several agents are laid out in",
        &home.display().to_string(),
    )?;
    walk(&context, ask)?;
    finish(&context, &folder, temporary.is_some())?;
    Ok(Exit::Ok)
}

/// The repository as it was after the sessions. Without git there is none.
fn lay_out_repository(home: &Path) -> Result<(), CommandError> {
    let work = home.join("work");
    fs_err::create_dir_all(&work)?;
    let bundle = work.join("demo.bundle");
    fs_err::write(&bundle, REPOSITORY)?;
    let clone = Command::new("git")
        .args(["clone", "--quiet", "--branch", "main"])
        .args([&bundle, &repository(home)])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if clone.is_ok_and(|status| status.success()) {
        fs_err::remove_file(bundle)?;
    }
    Ok(())
}

/// Where the repository lies, if there is git to lay it out.
fn repository(home: &Path) -> std::path::PathBuf {
    home.join("work/demo")
}

/// A machine that has nothing but the bundled sessions.
fn demo_context(context: &Context, folder: &Path, home: &Path) -> Context {
    let mut settings = context.settings.clone();
    // The agent that works in the demo keeps its sessions with the rest.
    let data_dir = folder.join("stead");
    settings.env = Env::at_home(home).with_variable("STEAD_DATA_DIR", &data_dir);
    // The commands that trace lines are typed in the repository.
    settings.current = Some(repository(home)).filter(|folder| folder.is_dir());
    settings.data_dir = data_dir;
    // Nothing in the demo is worth keeping when it ends.
    settings.archive = false;
    Context {
        settings,
        config_path: None,
        pager: None,
        home: Some(home.to_owned()),
        ..context.clone()
    }
}

fn walk(context: &Context, ask: bool) -> Result<(), CommandError> {
    let (mut app, _) = super::open(context)?;
    app.sync(&|_| {})?;
    let sessions = app.list(&stead_app::ListOptions::default())?;
    let longest = sessions.iter().max_by_key(|session| session.usage.total());
    let id = match longest {
        Some(session) => app.short_id(&session.id)?,
        None => {
            return Err(CommandError::failure(
                "the bundled sessions could not be read",
            ));
        }
    };
    drop(app);
    let traced = context.settings.current.is_some();
    let steps = STEPS
        .iter()
        .filter(|(_, command)| traced || !traces(command));
    for (number, (words, command)) in steps.enumerate() {
        if ask && number > 0 {
            pause()?;
        }
        let command = command.replace("{id}", &id);
        say(context, words, "")?;
        typed(context, &command)?;
        let cli = Cli::try_parse_from(command.split_whitespace())
            .map_err(|error| CommandError::failure(error.to_string()))?;
        super::run(cli, context)?;
        let mut out = Output::plain();
        writeln!(out)?;
        out.finish()?;
    }
    Ok(())
}

/// A command, as if it was typed.
fn typed(context: &Context, command: &str) -> Result<(), CommandError> {
    let prompt = styled(AnsiColor::Green.on_default().bold(), context.colour);
    let mut out = Output::plain();
    writeln!(out, "{prompt}$ {command}{prompt:#}\n")?;
    Ok(out.finish()?)
}

/// Whether a command needs the repository.
fn traces(command: &str) -> bool {
    command.starts_with("stead blame") || command.starts_with("stead why")
}

/// Words of the guide, set off from what the commands print.
fn say(context: &Context, words: &str, place: &str) -> Result<(), CommandError> {
    let style = styled(Style::new().italic(), context.colour);
    let mut out = Output::plain();
    for line in words.lines() {
        writeln!(out, "{style}# {line}{style:#}")?;
    }
    if !place.is_empty() {
        writeln!(out, "{style}#   {place}{style:#}\n")?;
    }
    Ok(out.finish()?)
}

fn pause() -> Result<(), CommandError> {
    write!(anstream::stderr(), "-- Enter goes on --")?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(())
}

fn finish(context: &Context, folder: &Path, temporary: bool) -> Result<(), CommandError> {
    if temporary {
        return say(
            context,
            "That was it; the files are gone again. `stead` without a command shows your own\n\
             sessions, `stead demo --keep DIR` leaves these in a folder to play with.",
            "",
        );
    }
    let (home, data) = (folder.join("home"), folder.join("stead"));
    say(
        context,
        "The files stay. To go on with them:",
        &format!(
            "STEAD_DATA_DIR={} HOME={} stead",
            data.display(),
            home.display()
        ),
    )
}
