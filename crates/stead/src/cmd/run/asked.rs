//! What is asked for, and where: the words, the repository, the models, an earlier session.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use stead_agent::mcp::Written;
use stead_agent::record::Exchanges;
use stead_agent::seals;
use stead_agent::session::{Resumed, resume};
use stead_usf::Session;

use super::front::Begin;
use super::policies::Policies;
use super::setup::{self, sessions};
use crate::cli::RunArgs;
use crate::cmd::changes::Repository;
use crate::cmd::tracing::current;
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::models::Models;

/// All that the command line and the machine say, read before anything is begun.
pub(super) struct Asked<'a> {
    pub(super) args: &'a RunArgs,
    pub(super) context: &'a Context,
    /// Events are written as JSON: nobody is asked anything.
    pub(super) json: bool,
    /// The user's words.
    pub(super) words: String,
    /// MCP servers of this session alone, which are the user's word.
    pub(super) servers: BTreeMap<String, Written>,
    /// The user's tree.
    pub(super) tree: PathBuf,
    /// The session's id, new or that of an earlier one.
    pub(super) id: String,
    /// Its folder.
    pub(super) folder: PathBuf,
    /// The header of its record.
    pub(super) header: Session,
    /// What an earlier session left to go on with.
    pub(super) resumed: Option<Resumed>,
    pub(super) models: Models,
    pub(super) policies: Policies,
    /// What git knows of the tree.
    pub(super) repository: Repository,
}

impl<'a> Asked<'a> {
    /// Reads everything. The project's rules are those of the user's tree, whatever the
    /// agent makes of it.
    pub(super) fn read(
        args: &'a RunArgs,
        json: bool,
        context: &'a Context,
    ) -> Result<Self, CommandError> {
        if args.control && !json {
            return Err(CommandError::usage("--control speaks JSON").hint("add --json"));
        }
        let tree = tree(args.folder.as_deref(), context)?;
        let earlier = earlier(args, &tree, context)?;
        let Begin { text: words, mcp } = words(args, earlier.is_some())?;
        let models = Models::load(context, &args.models)?;
        let policies = Policies::read(&tree, context)?;
        let (id, resumed) = match earlier {
            Some((id, resumed)) => (id, Some(resumed)),
            None => (new_id(args, context)?, None),
        };
        let header = setup::header(&id, &words, &tree);
        Ok(Self {
            repository: Repository::at(&tree),
            folder: seals::folder(&context.settings.data_dir, &id),
            args,
            json,
            context,
            words,
            servers: mcp,
            tree,
            id,
            header,
            resumed,
            models,
            policies,
        })
    }
}

impl Asked<'_> {
    /// Whether the model may fetch pages.
    pub(super) const fn web(&self) -> bool {
        self.args.web || self.context.run.web
    }
}

/// A new session's id, or the one that was chosen for it.
fn new_id(args: &RunArgs, context: &Context) -> Result<String, CommandError> {
    let Some(id) = &args.id else {
        return setup::new_id();
    };
    let is_id = uuid::Uuid::try_parse(id).is_ok_and(|read| read.to_string() == *id);
    if !is_id {
        return Err(CommandError::usage(format!(
            "`{id}` is no id: write a UUID in small letters"
        )));
    }
    let record = stead_agent::record::EVENTS;
    if sessions(context).join(id).join(record).exists() {
        return Err(CommandError::usage(format!("there is a session {id}"))
            .hint("--resume goes on with it"));
    }
    Ok(id.clone())
}

/// The user's words, and what a program says with them.
fn words(args: &RunArgs, goes_on: bool) -> Result<Begin, CommandError> {
    let given = args.task.join(" ");
    let piped = given == "-";
    if piped && args.control {
        return Begin::read();
    }
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
    let begin = |text| Begin {
        text,
        ..Begin::default()
    };
    match words.trim().is_empty() {
        false => Ok(begin(words)),
        true if goes_on && !piped => Ok(begin("Go on.".to_owned())),
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
pub(in crate::cmd) fn tree(
    folder: Option<&Path>,
    context: &Context,
) -> Result<PathBuf, CommandError> {
    let folder = current(context)?.join(folder.unwrap_or(".".as_ref()));
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

/// Which session is gone on with, if one is.
pub(in crate::cmd) struct Earlier<'a> {
    /// This one, by its id or its beginning.
    pub(in crate::cmd) resume: Option<&'a str>,
    /// The newest of the tree.
    pub(in crate::cmd) go_on: bool,
}

impl Earlier<'_> {
    /// Its id.
    pub(in crate::cmd) fn id(
        &self,
        tree: &Path,
        context: &Context,
    ) -> Result<Option<String>, CommandError> {
        let all = sessions(context);
        match self.resume {
            Some(wanted) => named(&all, wanted).map(Some),
            None if self.go_on => newest(&all, tree).map(Some),
            None => Ok(None),
        }
    }
}

/// What a session that is gone on with left, and its id.
fn earlier(
    args: &RunArgs,
    tree: &Path,
    context: &Context,
) -> Result<Option<(String, Resumed)>, CommandError> {
    let which = Earlier {
        resume: args.resume.as_deref(),
        go_on: args.go_on,
    };
    let Some(id) = which.id(tree, context)? else {
        return Ok(None);
    };
    let all = sessions(context);
    let path = all.join(&id).join(stead_agent::record::EVENTS);
    let unreadable = |error: &dyn std::fmt::Display| {
        CommandError::failure(format!("{}: {error}", path.display()))
    };
    let file = std::fs::File::open(&path).map_err(|error| unreadable(&error))?;
    let read = stead_usf::read_lines(std::io::BufReader::new(file));
    let (_, events) = read.map_err(|error| unreadable(&error))?;
    // A last line that a crash cut off is mended when the record is opened.
    let events: Vec<_> = events.map_while(Result::ok).collect();
    let exchanges = Exchanges::of(&all.join(&id)).map_err(|error| unreadable(&error))?;
    let mut resumed = resume(&events);
    resumed.after(exchanges.all.iter().map(|(name, _)| name.as_str()));
    Ok(Some((id, resumed)))
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
