//! What is to be done and where: the words, the repository, the plan, an earlier session.

use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use stead_agent::session::{Resumed, resume};
use stead_agent::task::{TaskSpec, by_rules};
use stead_agent::workspace::Workspace;
use stead_redact::terminal::escape;

use super::setup::sessions;
use crate::cli::{GlobalArgs, RunArgs};
use crate::cmd::tracing::{current, write_json};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;

/// The user's words.
pub(super) fn words(args: &RunArgs, goes_on: bool) -> Result<String, CommandError> {
    let given = args.task.join(" ");
    let piped = given == "-";
    let words = if piped {
        let mut text = String::new();
        let mut stdin = std::io::stdin();
        if stdin.is_terminal() {
            say_how_it_ends();
        }
        stdin.read_to_string(&mut text)?;
        text.trim_end().to_owned()
    } else {
        given
    };
    match words.trim().is_empty() {
        false => Ok(words),
        true if goes_on && !piped => Ok("Go on.".to_owned()),
        true => Err(CommandError::usage("there is no task")
            .hint("`stead run 'add unit tests to src/utils.py'`")
            .hint("`stead help run` shows more")),
    }
}

fn say_how_it_ends() {
    let _ = writeln!(
        std::io::stderr(),
        "type the task, and end it with Ctrl-D on a line of its own"
    );
}

/// The repository that is worked in: the folder with `.git` around the current folder, else
/// that folder itself.
pub(super) fn tree(args: &RunArgs, context: &Context) -> Result<PathBuf, CommandError> {
    let folder = current(context)?.join(args.folder.as_deref().unwrap_or(".".as_ref()));
    let folder = folder
        .canonicalize()
        .map_err(|error| CommandError::usage(format!("{}: {error}", folder.display())))?;
    let mut above = folder.ancestors();
    let top = above.find(|folder| folder.join(".git").exists());
    let top = top.unwrap_or(&folder).to_owned();
    if context.home.as_deref() == Some(&top) || top.parent().is_none() {
        let top = top.display();
        return Err(CommandError::usage(format!("{top} is no project"))
            .hint("go to a project's folder first, or name one with `-C DIR`"));
    }
    Ok(top)
}

/// The task, taken apart, with what the command line says of checks.
pub(super) fn plan(
    args: &RunArgs,
    words: &str,
    workspace: &Workspace,
) -> Result<TaskSpec, CommandError> {
    let mut spec = by_rules(words, &workspace.facts());
    if !args.check.is_empty() {
        spec.checks.clone_from(&args.check);
    }
    if args.no_checks {
        spec.checks.clear();
    }
    if args.edit_plan {
        return edited(&spec);
    }
    Ok(spec)
}

/// Lets the user edit a plan, as TOML, in the editor of their choice.
fn edited(spec: &TaskSpec) -> Result<TaskSpec, CommandError> {
    let text = toml::to_string(spec).map_err(|error| CommandError::failure(error.to_string()))?;
    let text = crate::environment::edit(&text, "plan.toml")?;
    toml::from_str(&text)
        .map_err(|error| CommandError::usage(format!("the plan cannot be read: {error}")))
}

/// Shows the plan.
pub(super) fn show_plan(spec: &TaskSpec, global: &GlobalArgs) -> Result<Exit, CommandError> {
    if global.json {
        write_json(spec)?;
        return Ok(Exit::Ok);
    }
    let text = toml::to_string(spec).map_err(|error| CommandError::failure(error.to_string()))?;
    write!(std::io::stdout(), "{}", escape(&text))?;
    Ok(Exit::Ok)
}

/// A session that is gone on with.
pub(super) struct Earlier {
    /// Its id.
    pub(super) id: String,
    /// Its conversation.
    pub(super) resumed: Resumed,
}

/// The session that the command line names, if it names one.
pub(super) fn earlier(
    args: &RunArgs,
    tree: &Path,
    context: &Context,
) -> Result<Option<Earlier>, CommandError> {
    let all = sessions(context);
    let id = match &args.resume {
        Some(wanted) => named(&all, wanted)?,
        None if args.go_on => newest(&all, tree)?,
        None => return Ok(None),
    };
    let path = all.join(&id).join(stead_agent::record::EVENTS);
    let unreadable = |error: &dyn std::fmt::Display| {
        CommandError::failure(format!("{}: {error}", path.display()))
    };
    let file = std::fs::File::open(&path).map_err(|error| unreadable(&error))?;
    let read = stead_usf::read_lines(std::io::BufReader::new(file));
    let (_, events) = read.map_err(|error| unreadable(&error))?;
    // A last line that a crash cut off is mended when the record is opened.
    let events: Vec<_> = events.map_while(Result::ok).collect();
    Ok(Some(Earlier {
        id,
        resumed: resume(&events),
    }))
}

fn ids(all: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(all).into_iter().flatten().flatten();
    let mut ids: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    ids.sort();
    ids
}

fn named(all: &Path, wanted: &str) -> Result<String, CommandError> {
    let wanted = wanted.strip_prefix("stead:").unwrap_or(wanted);
    let mut found: Vec<String> = ids(all);
    found.retain(|id| id.starts_with(wanted));
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(CommandError::not_found(format!(
            "no session of stead's own has the id `{wanted}`"
        ))
        .hint("`stead ls --agent stead` lists them")),
        many => Err(
            CommandError::ambiguous(format!("`{wanted}` fits {many} sessions"))
                .hint("give more of the id"),
        ),
    }
}

/// The newest session that began in this tree; ids begin with the time.
fn newest(all: &Path, tree: &Path) -> Result<String, CommandError> {
    let of_tree = |id: &String| {
        let path = all.join(id).join(stead_agent::record::EVENTS);
        let file = std::fs::File::open(path).ok()?;
        let (header, _) = stead_usf::read_lines(std::io::BufReader::new(file)).ok()?;
        (header.cwd.as_deref() == Some(&tree.display().to_string())).then_some(())
    };
    let found = ids(all).into_iter().rev().find(|id| of_tree(id).is_some());
    found.ok_or_else(|| {
        CommandError::not_found("no session of stead's own began here")
            .hint("`stead run 'TASK'` begins one")
    })
}
