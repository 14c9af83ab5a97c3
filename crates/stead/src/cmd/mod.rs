//! The commands: one file each.

mod acp;
mod apart;
mod apply_patch;
mod blame;
mod changes;
mod chat;
mod completions;
mod demo;
mod doctor;
mod export;
mod forget;
mod log;
mod ls;
mod mcp;
mod models;
mod notes;
mod notice;
mod overview;
mod prompt;
mod reference;
mod replay;
mod report;
mod run;
mod search;
mod show;
mod stats;
mod sync;
mod tracing;
mod verify;
mod why;

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use stead_app::{App, AppError, ListOptions, Progress, SyncReport, project_of};
use stead_index::{ProjectFilter, query};

use crate::cli::{Cli, Command, GlobalArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;

/// Runs the command that was asked for.
pub(crate) fn run(cli: Cli, context: &Context) -> Result<Exit, CommandError> {
    let outcome = dispatch(cli, context);
    outcome.map_err(|error| error.in_data_dir(&context.settings.data_dir))
}

fn dispatch(cli: Cli, context: &Context) -> Result<Exit, CommandError> {
    let global = &cli.global;
    if let Some(missing) = global.root.iter().find(|root| !root.exists()) {
        let missing = missing.display();
        return Err(CommandError::usage(format!("`{missing}` is not there"))
            .hint("--root takes a copied home folder, or a store"));
    }
    match cli.command {
        None => overview::run(global, context),
        Some(Command::Ls(args)) => ls::run(&args, global, context),
        Some(Command::Show(args)) => show::run(&args, global, context),
        Some(Command::Search(args)) => search::run(&args, global, context),
        Some(Command::Export(args)) => export::run(&args, context),
        Some(Command::Stats(args)) => stats::run(&args, global, context),
        Some(Command::Blame(args)) => blame::run(&args, global, context),
        Some(Command::Why(args)) => why::run(&args, global, context),
        Some(Command::Log(args)) => log::run(&args, global, context),
        Some(Command::Report(args)) => report::run(&args, global, context),
        Some(Command::Notes(args)) => notes::run(&args, global, context),
        Some(Command::Apply(args)) => changes::apply::run(&args, global, context),
        Some(Command::Diff(args)) => changes::diff::run(&args, global, context),
        Some(Command::Discard(args)) => changes::discard::run(&args, global, context),
        Some(Command::ApplyPatch(args)) => apply_patch::run(&args, global, context),
        Some(Command::Run(args)) => run::run(&args, global, context),
        Some(Command::Acp(args)) => acp::run(&args, global, context),
        Some(Command::Chat(args)) => chat::run(&args, global, context),
        Some(Command::Mcp(args)) => mcp::run(&args, global, context),
        Some(Command::Models(args)) => models::run(&args, global, context),
        Some(Command::Use(args)) => models::switch(&args, global, context),
        Some(Command::Prompt(args)) => prompt::run(&args, global),
        Some(Command::Replay(args)) => replay::run(&args, global, context),
        Some(Command::Verify(args)) => verify::run(&args, global, context),
        Some(Command::Doctor) => doctor::run(global, context),
        Some(Command::Sync(args)) => sync::run(&args, global, context),
        Some(Command::Forget(args)) => forget::run(&args, context),
        Some(Command::Demo(args)) => demo::run(&args, context),
        Some(Command::Completions(args)) => completions::run(&args),
        Some(Command::Reference(args)) => reference::run(&args),
    }
}

/// What bringing the index up to date came to.
struct Update {
    report: SyncReport,
    /// Why the index could not be changed. What it held before can be shown.
    stale: Option<AppError>,
}

/// Opens the index and looks at every store, whatever was seen the last time.
fn open_thoroughly(context: &Context) -> Result<(App, Update), CommandError> {
    let mut app = App::open(context.settings.clone())?;
    let update = try_update_with(&mut app, context, true)?;
    if let Some(error) = &update.stale {
        notice::stale(error);
    }
    Ok((app, update))
}

/// Opens the index and brings it up to date; a bar shows when it takes long.
fn open(context: &Context) -> Result<(App, Update), CommandError> {
    let mut app = App::open(context.settings.clone())?;
    let update = update(&mut app, context)?;
    Ok((app, update))
}

/// Asks the index while the stores are looked at, which is all that has to be
/// done when nothing is new; else brings it up to date first.
fn ask<T>(
    context: &Context,
    question: impl Fn(&App) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    let mut app = App::open(context.settings.clone())?;
    if let Some(answer) = app.ask_if_fresh(&question)? {
        return Ok(answer);
    }
    update(&mut app, context)?;
    question(&app)
}

/// Brings the index up to date and says what is worth saying. A full disk or a
/// folder that cannot be written is no reason to show nothing.
fn update(app: &mut App, context: &Context) -> Result<Update, CommandError> {
    let update = try_update(app, context)?;
    if let Some(error) = &update.stale {
        notice::stale(error);
    }
    Ok(update)
}

/// Like [`update`], for those who say themselves what failed.
fn try_update(app: &mut App, context: &Context) -> Result<Update, CommandError> {
    try_update_with(app, context, false)
}

fn try_update_with(
    app: &mut App,
    context: &Context,
    thorough: bool,
) -> Result<Update, CommandError> {
    let bar = Bar::new();
    let archive = notice::ArchiveBegins::new(context);
    let say = |progress| {
        archive.say();
        bar.show(progress);
    };
    let synced = if thorough {
        app.sync(&say)
    } else {
        app.refresh(&say)
    };
    bar.done();
    archive.say();
    let (report, stale) = match synced {
        Ok(report) => (report, None),
        Err(AppError::Index(error)) if !error.is_damage() && ls::everything(app)? > 0 => {
            (SyncReport::default(), Some(AppError::Index(error)))
        }
        // An index with nothing in it would say that there are no sessions.
        Err(error) => return Err(error.into()),
    };
    notice::of(&report);
    Ok(Update { report, stale })
}

/// A progress bar on standard error that appears only when there is something
/// to wait for.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(0);
        let form = "{spinner} reading {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {msg} {eta}";
        if let Ok(style) = ProgressStyle::with_template(form) {
            bar.set_style(style);
        }
        Self(bar)
    }

    fn show(&self, progress: Progress) {
        // A refresh of a few files is over before anybody could read it.
        if progress.total_bytes < 8 << 20 {
            return;
        }
        self.0.set_length(progress.total_bytes);
        self.0.set_position(progress.bytes);
        self.0
            .set_message(format!("{}/{} files", progress.units, progress.total_units));
    }

    fn done(&self) {
        self.0.finish_and_clear();
    }
}

/// The sessions that the options of every command mean. `default_limit` holds
/// where the user gave none.
fn list_options(
    global: &GlobalArgs,
    context: &Context,
    default_limit: Option<usize>,
) -> Result<ListOptions, CommandError> {
    let mut agents = Vec::new();
    for name in &global.agent {
        let adapter = stead_adapters::adapter(name).ok_or_else(|| {
            let known: Vec<_> = stead_adapters::adapters()
                .iter()
                .map(|a| a.info().id.to_string())
                .collect();
            CommandError::usage(format!("`{name}` is no agent that stead knows"))
                .hint(format!("the agents are {}", known.join(", ")))
        })?;
        agents.push(adapter.info().id.to_string());
    }
    let project = global.project.as_deref();
    let project = project
        .map(|text| project_filter(text, context))
        .transpose()?;
    Ok(ListOptions {
        agents,
        project,
        since_ms: when(global.since.as_deref(), "--since", context)?,
        before_ms: when(global.before.as_deref(), "--before", context)?,
        limit: match global.limit {
            Some(0) => None,
            Some(limit) => Some(limit),
            None => default_limit,
        },
        all: false,
    })
}

/// A folder as people write it means all sessions of its project, other text a
/// part of the path.
fn project_filter(text: &str, context: &Context) -> Result<ProjectFilter, CommandError> {
    let path = std::path::Path::new(text);
    let home = context.home.as_deref();
    let folder = match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ if path.is_absolute() || text == "." || text == ".." || path.starts_with("./") => {
            std::env::current_dir()?.join(path)
        }
        _ if path.starts_with("../") => std::env::current_dir()?.join(path),
        _ => return Ok(ProjectFilter::part(text)),
    };
    Ok(ProjectFilter::Folder(project_of(&folder, home)))
}

/// A moment as people write it, in milliseconds since 1970.
fn when(text: Option<&str>, option: &str, context: &Context) -> Result<Option<i64>, CommandError> {
    let Some(text) = text else { return Ok(None) };
    let settings = &context.settings;
    let moment = query::parse_time(text, settings.now, &settings.time_zone);
    moment
        .map(Timestamp::as_millisecond)
        .map(Some)
        .map_err(|error| {
            CommandError::usage(format!("`{text}` is no time for {option}: {error}"))
                .hint("write 3d, 12h, 2w, 2026-11-21, today or yesterday")
        })
}

/// Style, or none where there is no colour.
const fn styled(style: anstyle::Style, colour: bool) -> anstyle::Style {
    if colour { style } else { anstyle::Style::new() }
}
