//! The only place that reads the environment, the clock and the home folder.
#![expect(
    clippy::disallowed_methods,
    reason = "everything below gets these as values"
)]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::hash::{BuildHasher, Hasher};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use stead_adapters::{Env, Os};
use stead_app::Settings;
use stead_llm::{Ambient, Client, Http, Proxies};

use crate::cli::{ColorChoice, GlobalArgs};
use crate::command_error::CommandError;
use crate::config::{Config, RunConfig};
use crate::models::ModelsConfig;

/// Variables that stead reads for itself, for the reference.
pub(crate) const VARIABLES: &[(&str, &str)] = &[
    ("STEAD_DATA_DIR", "folder for the index and the archive"),
    ("STEAD_CONFIG", "path of the configuration file"),
    (
        "STEAD_ARCHIVE",
        "`off` keeps no raw records, whatever the configuration says",
    ),
    (
        "STEAD_PAGER, PAGER",
        "program that long output is shown with; `cat` or empty for none",
    ),
    (
        "STEAD_<AGENT>_URL, STEAD_<AGENT>_KEY",
        "a server of the agent to ask, as under `[[server]]`, and its key",
    ),
    (
        "https_proxy, http_proxy, all_proxy, no_proxy",
        "proxies on the way to models, as curl reads them",
    ),
    (
        "STEAD_MCP_TOKEN",
        "token that clients of `stead mcp --http` must send",
    ),
    ("NO_COLOR", "set to anything: no colour"),
    (
        "CLICOLOR_FORCE",
        "set to anything but 0: colour in pipes too",
    ),
];

/// What a command knows of the machine.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) settings: Settings,
    pub(crate) config_path: Option<PathBuf>,
    /// Standard output is a terminal.
    pub(crate) terminal: bool,
    pub(crate) colour: bool,
    /// Columns to write for.
    pub(crate) width: usize,
    /// The pager's command line; `None` for no pager.
    pub(crate) pager: Option<String>,
    pub(crate) home: Option<PathBuf>,
    /// What the user wishes of `stead run`.
    pub(crate) run: RunConfig,
    /// MCP servers that stead's own agent uses.
    pub(crate) mcp: BTreeMap<String, stead_agent::mcp::Written>,
    /// What the configuration says of models.
    pub(crate) models: ModelsConfig,
}

impl Context {
    /// Reads everything once.
    pub(crate) fn new(args: &GlobalArgs) -> Result<Self, CommandError> {
        let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
        let os = match std::env::consts::OS {
            "macos" => Os::MacOs,
            "windows" => Os::Windows,
            _ => Os::Linux,
        };
        let config_path = path("STEAD_CONFIG")
            .or_else(|| Some(config_dir(os, home.as_ref())?.join("config.toml")));
        let config = config_path
            .as_deref()
            .map_or_else(|| Ok(Config::default()), Config::load)?;
        let mut env = Env::empty(os).with_variables(std::env::vars_os());
        env.home.clone_from(&home);
        env.roots = args
            .root
            .iter()
            .chain(&config.roots)
            .map(absolute)
            .collect();
        env.servers = crate::servers::servers(&config.servers, text)?;
        let data_dir = path("STEAD_DATA_DIR")
            .or_else(|| data_dir(os, home.as_ref()))
            .ok_or_else(|| {
                CommandError::failure("there is no home folder to keep the index in")
                    .hint("set STEAD_DATA_DIR to a folder")
            })?;
        let archive_off = text("STEAD_ARCHIVE").is_some_and(|value| value == "off" || value == "0");
        let terminal = std::io::stdout().is_terminal();
        let size = terminal_size::terminal_size();
        Ok(Self {
            settings: Settings {
                env,
                current: std::env::current_dir().ok(),
                data_dir,
                archive: config.archive.enabled && !archive_off,
                now: Timestamp::now(),
                time_zone: TimeZone::system(),
                threads: std::thread::available_parallelism().map_or(1, |n| n.get().min(8)),
                build: build(),
            },
            config_path,
            terminal,
            colour: wants_colour(args.color, terminal),
            width: size.map_or(100, |(width, _)| usize::from(width.0).clamp(40, 400)),
            pager: pager(args, terminal),
            home,
            run: config.run.clone(),
            mcp: config.mcp.clone(),
            models: config.of_models(),
        })
    }

    /// Whether a person sits at a terminal that can be painted on.
    pub(crate) fn is_interactive(&self) -> bool {
        let dumb = text("TERM").is_none_or(|term| term == "dumb");
        self.terminal && std::io::stdin().is_terminal() && !dumb
    }

    /// Asks models over the network, by way of the proxies that variables name.
    pub(crate) fn client(&self) -> Client {
        let ambient = Ambient {
            now: Arc::new(Timestamp::now),
            chance: Arc::new(chance),
        };
        Client::new(self.http(), ambient)
    }

    /// The network, by way of the user's proxies.
    pub(crate) fn http(&self) -> Arc<Http> {
        Arc::new(Http::new(self.proxies()))
    }

    fn proxies(&self) -> Proxies {
        let variable = |name: &str| {
            let env = &self.settings.env;
            let value = env
                .variable(name)
                .or_else(|| env.variable(&name.to_uppercase()));
            value.and_then(|value| value.to_str()).map(str::to_owned)
        };
        Proxies {
            // In capitals it would come from a request's header, where stead is run by a
            // web server: curl reads the small name alone, too.
            http: self
                .settings
                .env
                .variable("http_proxy")
                .and_then(|value| value.to_str())
                .map(str::to_owned),
            https: variable("https_proxy"),
            all: variable("all_proxy"),
            none: variable("no_proxy"),
        }
    }
}

/// A number from 0 to 1, another each time.
fn chance() -> f64 {
    // The library seeds each hasher from the system's randomness.
    let number = std::hash::RandomState::new().build_hasher().finish();
    number as f64 / u64::MAX as f64
}

impl Context {
    /// The same machine at this moment, seen by a program: no terminal, no colour, no pager.
    /// For whoever answers questions for longer than a moment.
    pub(crate) fn for_a_program(&self) -> Self {
        let mut context = self.clone();
        context.settings.now = Timestamp::now();
        context.terminal = false;
        context.colour = false;
        context.width = 100;
        context.pager = None;
        context
    }
}

/// The token that clients of `stead mcp --http` must send, if the user chose one.
pub(crate) fn mcp_token() -> Option<String> {
    text("STEAD_MCP_TOKEN")
}

/// Text that differs for each build of this program.
fn build() -> Option<String> {
    let program = std::env::current_exe().ok()?;
    let facts = std::fs::metadata(program).ok()?;
    let changed = facts.modified().ok()?;
    let age = changed.duration_since(std::time::UNIX_EPOCH).ok()?;
    let version = env!("CARGO_PKG_VERSION");
    Some(format!("{version} {} {}", facts.len(), age.as_nanos()))
}

/// A variable that is set to something.
pub(crate) fn text(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn path(name: &str) -> Option<PathBuf> {
    text(name).map(PathBuf::from)
}

/// Relative paths mean the folder where stead was started.
fn absolute(path: &PathBuf) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.clone())
}

fn data_dir(os: Os, home: Option<&PathBuf>) -> Option<PathBuf> {
    let home = home?;
    Some(match os {
        Os::Linux => path("XDG_DATA_HOME")
            .unwrap_or_else(|| home.join(".local/share"))
            .join("stead"),
        Os::MacOs => home.join("Library/Application Support/stead"),
        Os::Windows => path("LOCALAPPDATA")
            .unwrap_or_else(|| home.join("AppData/Local"))
            .join("stead"),
    })
}

fn config_dir(os: Os, home: Option<&PathBuf>) -> Option<PathBuf> {
    let home = home?;
    Some(match os {
        Os::Linux => path("XDG_CONFIG_HOME")
            .unwrap_or_else(|| home.join(".config"))
            .join("stead"),
        Os::MacOs => home.join("Library/Application Support/stead"),
        Os::Windows => path("APPDATA")
            .unwrap_or_else(|| home.join("AppData/Roaming"))
            .join("stead"),
    })
}

fn wants_colour(choice: ColorChoice, terminal: bool) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            let forced = text("CLICOLOR_FORCE").is_some_and(|value| value != "0");
            let dumb = text("TERM").is_some_and(|term| term == "dumb");
            text("NO_COLOR").is_none() && (forced || terminal && !dumb)
        }
    }
}

fn pager(args: &GlobalArgs, terminal: bool) -> Option<String> {
    if !terminal || args.no_pager {
        return None;
    }
    let chosen = std::env::var("STEAD_PAGER").or_else(|_| std::env::var("PAGER"));
    match chosen {
        Ok(pager) if pager.is_empty() || pager == "cat" => None,
        Ok(pager) => Some(pager),
        Err(_) => Some("less -FRX".to_owned()),
    }
}

/// The time.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Bytes that nobody can guess.
pub(crate) fn randomness<const N: usize>() -> Result<[u8; N], CommandError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        CommandError::failure(format!("the system gives no randomness: {error}"))
    })?;
    Ok(bytes)
}

/// Where this program is, to be started again.
pub(crate) fn this_program() -> Result<PathBuf, CommandError> {
    let program = std::env::current_exe();
    program.map_err(|error| CommandError::failure(format!("this program is gone: {error}")))
}

/// All variables, for what is started.
pub(crate) fn variables() -> Vec<(OsString, OsString)> {
    std::env::vars_os().collect()
}

/// Lets the user edit a text in a file of this name.
pub(crate) fn edit(before: &str, name: &str) -> Result<String, CommandError> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(name);
    fs_err::write(&path, before)?;
    let editor = ["VISUAL", "EDITOR"].into_iter().find_map(text);
    let editor = editor.unwrap_or_else(|| "vi".to_owned());
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let mut command = std::process::Command::new(program);
    match command.args(words).arg(&path).status() {
        Ok(status) if status.success() => Ok(fs_err::read_to_string(&path)?),
        Ok(_) => Err(CommandError::failure(format!("{editor} did not end well"))),
        Err(error) => {
            Err(CommandError::failure(format!("{editor}: {error}")).hint("EDITOR names the editor"))
        }
    }
}

impl Context {
    /// A program in `PATH`.
    pub(crate) fn find_program(&self, name: &str) -> Option<PathBuf> {
        let path = self.settings.env.variable("PATH")?;
        let mut folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
        folders.find_map(|folder| {
            let program = folder.join(name);
            program.is_file().then_some(program)
        })
    }
}
