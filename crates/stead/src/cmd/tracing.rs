//! What the commands share that trace lines: the repository, the file, JSON.

use std::io::Write;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;
use serde::Serialize;
use stead_app::App;
use stead_app::trace::{FilePlace, repository};
use stead_trace::Tracer;
use stead_trace::repo::Git;
use stead_usf::{SessionId, Time};

use super::{Bar, open};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::output::Output;

/// A repository that is traced, and the sessions to ask about.
pub(super) struct Traced {
    pub(super) app: App,
    pub(super) tracer: Tracer,
}

impl Traced {
    /// The repository that a folder lies in.
    pub(super) fn at(folder: &Path, context: &Context) -> Result<Self, CommandError> {
        // Whoever is in no repository need not wait for the index.
        repository(folder)?;
        let (app, _) = open(context)?;
        let bar = Bar::new();
        let tracer = app.tracer(folder, &|progress| bar.show(progress));
        bar.done();
        Ok(Self {
            tracer: tracer?,
            app,
        })
    }

    /// The repository of a file, and the file's path in it.
    pub(super) fn file(file: &Path, context: &Context) -> Result<(Self, String), CommandError> {
        let (git, path) = place(file, context)?;
        Ok((Self::at(git.root(), context)?, path))
    }
}

/// The repository of a file, and the file's path in it.
pub(super) fn place(file: &Path, context: &Context) -> Result<(Git, String), CommandError> {
    let place = FilePlace::of(file, &current(context)?)?;
    let git = repository(&place.folder)?;
    let shown = file.display();
    let path = place.inside(git.root()).ok_or_else(|| {
        let root = git.root().display();
        CommandError::usage(format!("`{shown}` lies outside of the repository {root}"))
    })?;
    if git.root().join(&path).is_dir() {
        return Err(
            CommandError::usage(format!("`{shown}` is a folder")).hint(format!(
                "`stead log {shown}` shows its commits, `stead report` the whole repository"
            )),
        );
    }
    Ok((git, path))
}

/// The folder that stead was started in.
pub(super) fn current(context: &Context) -> Result<PathBuf, CommandError> {
    let current = context.settings.current.clone();
    current.ok_or_else(|| CommandError::failure("the current folder is gone"))
}

/// Session ids as short as they can be, each looked up once.
#[derive(Default)]
pub(super) struct ShortIds {
    known: FxHashMap<String, String>,
}

impl ShortIds {
    /// A beginning of the id that `stead show` takes; the whole native id if the
    /// session is only named in the repository.
    pub(super) fn of(&mut self, id: &str, app: &App) -> String {
        if let Some(known) = self.known.get(id) {
            return known.clone();
        }
        let short = SessionId::parse(id)
            .ok()
            .and_then(|id| app.short_id(&id).ok());
        let native = || id.split_once(':').map_or(id, |(_, native)| native);
        let short = short.unwrap_or_else(|| native().to_owned());
        self.known.insert(id.to_owned(), short.clone());
        short
    }
}

/// A time in milliseconds since 1970 as a day, where the reader is.
pub(super) fn day(at_ms: i64, context: &Context) -> String {
    let clock = stead_app::export::view::Clock {
        timezone: context.settings.time_zone.clone(),
        now: None,
    };
    Time::from_millis(at_ms).map_or_else(|_| "-".into(), |time| clock.day(time))
}

/// The beginning of a commit's id.
pub(super) fn short_commit(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// Writes data for scripts.
pub(super) fn write_json(data: &impl Serialize) -> Result<(), CommandError> {
    let mut out = Output::plain();
    serde_json::to_writer_pretty(&mut out, data).map_err(std::io::Error::from)?;
    writeln!(out)?;
    Ok(out.finish()?)
}
