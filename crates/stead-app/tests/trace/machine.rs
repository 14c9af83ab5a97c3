//! A machine with a home folder, and what stead tells there of a file's lines.

use std::path::Path;
use std::process::{Command, Output};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use stead_adapters::{Env, Os};
use stead_app::trace::{BlameOptions, BlamedLine, FilePlace, repository};
use stead_app::{App, Settings};
use tempfile::TempDir;

/// A home folder, and a data folder that nothing has been written to.
pub(crate) struct Machine {
    home: TempDir,
    data: TempDir,
}

impl Machine {
    /// One with this home.
    pub(crate) fn of(home: TempDir) -> Self {
        let data = tempfile::tempdir().unwrap();
        Self { home, data }
    }

    /// One on which no agent ever ran.
    pub(crate) fn without_sessions() -> Self {
        Self::of(tempfile::tempdir().unwrap())
    }

    /// The home folder.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// stead as it is started in a folder, with all sessions taken in.
    pub(crate) fn app(&self, current: &Path) -> App {
        let mut env = Env::empty(Os::Linux);
        env.home = Some(self.home().to_owned());
        let settings = Settings {
            env,
            current: Some(current.to_owned()),
            data_dir: self.data.path().to_owned(),
            archive: false,
            now: Timestamp::UNIX_EPOCH,
            time_zone: TimeZone::UTC,
            threads: 1,
            build: None,
        };
        let mut app = App::open(settings).unwrap();
        app.sync(&|_| {}).unwrap();
        app
    }
}

/// What stead tells of a file, named from a folder.
pub(crate) fn blame(
    app: &App,
    folder: &Path,
    file: &str,
    revision: Option<&str>,
) -> Vec<BlamedLine> {
    let place = FilePlace::of(Path::new(file), folder).unwrap();
    let git = repository(&place.folder).unwrap();
    let path = place.inside(git.root()).unwrap();
    let options = BlameOptions {
        path: &path,
        revision,
    };
    let lines = app.blame(git, &options, &|_| {});
    lines
        .unwrap_or_else(|error| panic!("{file}: {error}"))
        .lines
}

/// Runs git in a folder as a person does who has no configuration.
pub(crate) fn attempt(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("git");
    command
        .current_dir(folder)
        .args(arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("LC_ALL", "C");
    command.output().unwrap()
}

/// What git wrote; it must succeed.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = attempt(folder, arguments);
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {words}");
    output.stdout
}

/// The same as text.
pub(crate) fn ask(folder: &Path, arguments: &[&str]) -> String {
    String::from_utf8(git(folder, arguments)).unwrap()
}
