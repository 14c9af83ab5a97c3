//! Where Aider keeps its histories: in the folders that it works in. Pure over
//! [`Env`] and [`Disk`].

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::config::Config;
use crate::{Disk, Env, Store, Unit, projects};

/// The names that the program gives its files. The log of requests has none by
/// default; this is the one that its documentation uses.
pub(super) const CHAT: &str = ".aider.chat.history.md";
pub(super) const INPUT: &str = ".aider.input.history";
pub(super) const LLM: &str = ".aider.llm.history";
/// The log of `HEAD` in a repository, and where the archive keeps it.
pub(super) const HEAD: &str = "logs/HEAD";
pub(super) const REFLOG: &str = ".git/logs/HEAD";
const CONFIG: &str = ".aider.conf.yml";

pub(super) const VARIABLES: &[&str] = &[
    "AIDER_CHAT_HISTORY_FILE",
    "AIDER_INPUT_HISTORY_FILE",
    "AIDER_LLM_HISTORY_FILE",
];

/// A place for a history, whether or not it is there.
struct Place {
    chat: PathBuf,
    /// Further files, those that come first being more likely its own.
    input: [PathBuf; 2],
    llm: [PathBuf; 2],
    /// Where git would keep the folder's repository.
    git: PathBuf,
    /// The user has named it.
    named: bool,
}

/// Every place that may hold sessions: the named ones, and of the others those
/// where something is.
pub(super) fn stores(env: &Env, disk: &Disk) -> Vec<Store> {
    let mut stores = Vec::new();
    for place in places(env, disk) {
        let exists = disk.is_file(&place.chat);
        if exists || place.named {
            stores.push(Store {
                path: place.chat,
                exists,
            });
        }
    }
    stores
}

/// Finds every history once.
pub(super) fn discover(env: &Env, disk: &Disk, found: &mut dyn FnMut(Unit)) {
    let mut seen = BTreeSet::new();
    for place in places(env, disk) {
        let Some(state) = disk.state(&place.chat) else {
            continue;
        };
        // A history that was opened and never written to is none.
        if !state.is_file || state.bytes == 0 || !seen.insert(disk.real(&place.chat)) {
            continue;
        }
        let mut unit = Unit::of_file(super::ID, place.chat, &state);
        for candidates in [place.input, place.llm] {
            let states = candidates.into_iter();
            let mut there = states.filter_map(|path| Some((disk.state(&path)?, path)));
            if let Some((state, path)) = there.find(|(state, _)| state.is_file) {
                unit.include(&state);
                unit.parts.push(path);
            }
        }
        if let Some(log) = reflog(disk, &place.git)
            && let Some(state) = disk.state(&log)
            && state.is_file
        {
            unit.include(&state);
            unit.parts.push(log);
        }
        found(unit);
    }
}

/// The log of `HEAD`. In a worktree that was added to a repository, `.git` is a file
/// that names the folder.
fn reflog(disk: &Disk, git: &Path) -> Option<PathBuf> {
    let state = disk.state(git)?;
    if state.is_folder {
        return Some(git.join(HEAD));
    }
    let link = disk.read(git).ok().filter(|_| state.bytes < 4096)?;
    let folder = std::str::from_utf8(&link).ok()?.strip_prefix("gitdir:")?;
    Some(git.parent()?.join(folder.trim()).join(HEAD))
}

fn places(env: &Env, disk: &Disk) -> Vec<Place> {
    let variables = Config {
        chat: variable(env, VARIABLES[0]),
        input: variable(env, VARIABLES[1]),
        llm: variable(env, VARIABLES[2]),
    };
    let home = env.home.as_deref();
    let general = home.map_or_else(Config::default, |home| config(disk, home));
    let mut places = Vec::new();
    let folders = home.map(Path::to_owned).into_iter();
    for folder in folders.chain(projects::folders(env, disk)) {
        let own = if home == Some(&folder) {
            Config::default()
        } else {
            config(disk, &folder)
        };
        let names = variables.clone().or(&own).or(&general);
        let at = |name: &str| resolved(home, &folder, name);
        let chosen = names.chat.as_deref().map(at);
        for (chat, named) in chosen
            .map(|path| (path, true))
            .into_iter()
            .chain([(folder.join(CHAT), false)])
        {
            let beside = |name: &str| chat.with_file_name(name);
            let first = |name: &Option<String>, other: &str| {
                name.as_deref().map_or_else(|| beside(other), at)
            };
            places.push(Place {
                input: [first(&names.input, INPUT), beside(INPUT)],
                llm: [first(&names.llm, LLM), beside(LLM)],
                git: folder.join(".git"),
                chat,
                named,
            });
        }
    }
    places
}

fn variable(env: &Env, name: &str) -> Option<String> {
    env.variable(name)
        .map(|value| value.to_string_lossy().into_owned())
}

fn config(disk: &Disk, folder: &Path) -> Config {
    let bytes = disk.read(&folder.join(CONFIG)).unwrap_or_default();
    Config::parse(&String::from_utf8_lossy(&bytes))
}

/// The place that a name means for a program that works in `folder`.
fn resolved(home: Option<&Path>, folder: &Path, name: &str) -> PathBuf {
    match (name.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => folder.join(name),
    }
}

/// Where the archive keeps the files of a history: beside it, so that they are found
/// there without the configuration that named them.
pub(super) fn archived(chat: &Path, name: &str) -> PathBuf {
    if is_default(chat) {
        return chat.with_file_name(name);
    }
    let mut rows = chat.to_owned().into_os_string();
    rows.push(".rows");
    PathBuf::from(rows).join(name)
}

/// The folder that the program worked in, if the history lies where the program
/// itself puts it.
pub(super) fn worked_in(chat: &Path) -> Option<String> {
    let folder = chat.parent()?;
    let renamed = folder
        .extension()
        .is_some_and(|extension| extension == "rows");
    (is_default(chat) && !renamed).then(|| folder.to_string_lossy().into_owned())
}

fn is_default(chat: &Path) -> bool {
    chat.file_name().is_some_and(|name| name == CHAT)
}
