//! Where Claude Code keeps its sessions. Pure over [`Env`] and [`Disk`]; no file
//! is opened.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use stead_usf::AgentId;

use crate::{DiscoverError, Disk, Entry, Env, Store, Unit};

/// Moves the store; several folders are parted by commas.
pub(super) const CONFIG_DIR: &str = "CLAUDE_CONFIG_DIR";

/// Folders below `subagents/` are not followed deeper than this.
const DEPTH: usize = 6;

/// Every `projects` folder that may hold sessions, each once.
pub(super) fn stores(env: &Env, disk: &Disk) -> Vec<Store> {
    let mut seen = BTreeSet::new();
    let mut stores = Vec::new();
    for path in candidates(env, disk) {
        let exists = disk.is_folder(&path);
        if seen.insert(disk.real(&path)) {
            stores.push(Store { path, exists });
        }
    }
    stores
}

fn candidates(env: &Env, disk: &Disk) -> Vec<PathBuf> {
    let mut folders = configured(env, disk);
    for home in env.homes() {
        folders.push(home.join(".claude"));
        folders.push(home.join(".config").join("claude"));
    }
    // An extra root may be the agent's folder itself. `projects` is a common
    // name, so a home folder's own one does not count.
    let own = |root: &&PathBuf| {
        !disk.exists(&root.join(".claude")) && disk.is_folder(&root.join("projects"))
    };
    folders.extend(env.roots.iter().filter(own).cloned());
    let mut found: Vec<_> = folders
        .into_iter()
        .map(|folder| folder.join("projects"))
        .collect();
    let projects = |root: &&PathBuf| root.file_name().is_some_and(|name| name == "projects");
    found.extend(env.roots.iter().filter(projects).cloned());
    found
}

/// The folders that the variable names: one, or several parted by commas.
fn configured(env: &Env, disk: &Disk) -> Vec<PathBuf> {
    let Some(whole) = env.path_variable(CONFIG_DIR) else {
        return Vec::new();
    };
    let text = whole.to_string_lossy();
    if disk.is_folder(&whole) || !text.contains(',') {
        return vec![whole];
    }
    let raw = env
        .variable(CONFIG_DIR)
        .map(|value| value.to_string_lossy());
    let parts = raw.as_deref().unwrap_or_default().split(',').map(str::trim);
    parts
        .filter(|part| !part.is_empty())
        .map(
            |part| match (Path::new(part).strip_prefix("~"), &env.home) {
                (Ok(rest), Some(home)) => home.join(rest),
                _ => PathBuf::from(part),
            },
        )
        .collect()
}

/// The id that a transcript's name gives its session: the agent itself takes
/// only UUIDs for sessions.
pub(super) fn session_stem(name: &str) -> Option<&str> {
    let stem = name.strip_suffix(".jsonl")?;
    is_uuid(stem).then_some(stem)
}

/// The id of a subagent's transcript.
pub(super) fn agent_stem(name: &str) -> Option<&str> {
    let stem = name.strip_suffix(".jsonl")?;
    (stem.starts_with("agent-") && stem.len() > 6).then_some(stem)
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Finds all transcripts. A folder that cannot be listed is reported after
/// everything else was found.
pub(super) fn discover(
    agent: &AgentId,
    env: &Env,
    disk: &Disk,
    found: &mut dyn FnMut(Unit),
) -> Result<(), DiscoverError> {
    let mut walk = Walk {
        agent,
        disk,
        found,
        failed: None,
    };
    for store in stores(env, disk).into_iter().filter(|store| store.exists) {
        for project in walk.list(&store.path) {
            if disk.leads_to_folder(&project) {
                walk.project(&project.path());
            }
        }
    }
    walk.failed.map_or(Ok(()), Err)
}

struct Walk<'a> {
    agent: &'a AgentId,
    disk: &'a Disk,
    found: &'a mut dyn FnMut(Unit),
    failed: Option<DiscoverError>,
}

impl Walk<'_> {
    /// The entries of a folder by name; none if it cannot be listed.
    fn list(&mut self, path: &Path) -> Vec<Entry> {
        self.disk.list(path).unwrap_or_else(|source| {
            self.failed.get_or_insert(DiscoverError::List {
                path: path.to_owned(),
                source,
            });
            Vec::new()
        })
    }

    fn project(&mut self, folder: &Path) {
        let entries = self.list(folder);
        let has = |name: &str| {
            entries
                .binary_search_by(|e| e.name.as_str().cmp(name))
                .is_ok()
        };
        for entry in &entries {
            if let Some(id) = session_stem(&entry.name) {
                // What lies in the session's folder is asked for only if there is one.
                let title = has(id).then(|| folder.join(id).join("custom-title.json"));
                self.unit(entry, title);
            } else if agent_stem(&entry.name).is_some() {
                self.agent(entry, &has);
            } else if is_uuid(&entry.name) {
                self.subagents(&folder.join(&entry.name).join("subagents"), 0);
            }
        }
    }

    fn agent(&mut self, entry: &Entry, has: &dyn Fn(&str) -> bool) {
        let meta = entry.name.replace(".jsonl", ".meta.json");
        let meta = has(&meta).then(|| entry.path().with_file_name(meta));
        self.unit(entry, meta);
    }

    fn subagents(&mut self, folder: &Path, depth: usize) {
        if depth > DEPTH || !self.disk.is_folder(folder) {
            return;
        }
        let entries = self.list(folder);
        let has = |name: &str| {
            entries
                .binary_search_by(|e| e.name.as_str().cmp(name))
                .is_ok()
        };
        for entry in &entries {
            if agent_stem(&entry.name).is_some() {
                self.agent(entry, &has);
            } else if entry.is_folder {
                self.subagents(&entry.path(), depth + 1);
            }
        }
    }

    /// A transcript with the file beside it. Files that were opened but never
    /// written to are no sessions.
    fn unit(&mut self, entry: &Entry, beside: Option<PathBuf>) {
        let Some(state) = self.disk.state_of(entry) else {
            return;
        };
        if !state.is_file || state.bytes == 0 {
            return;
        }
        let mut unit = Unit::of_file(self.agent.clone(), entry.path(), &state);
        if let Some(beside) = beside
            && let Some(state) = self.disk.state(&beside)
            && state.is_file
        {
            unit.include(&state);
            unit.parts.push(beside);
        }
        (self.found)(unit);
    }
}

/// What a transcript's path says.
#[derive(Debug)]
pub(super) struct Place {
    /// The id of its session.
    pub(super) id: String,
    /// It is a subagent's.
    pub(super) agent: bool,
    /// The session that the subagent belongs to, if the path names it.
    pub(super) session: Option<String>,
    /// The folder of the session's further files.
    pub(super) folder: PathBuf,
}

impl Place {
    pub(super) fn of(path: &Path) -> Self {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy());
        let id = stem.as_deref().unwrap_or_default().to_owned();
        let agent = id.starts_with("agent-");
        let project = path.parent().unwrap_or(path);
        let mut above = path.ancestors().skip(1);
        let holder = above
            .find(|folder| folder.file_name().is_some_and(|name| name == "subagents"))
            .and_then(Path::parent)
            .filter(|_| agent);
        let session = holder
            .and_then(Path::file_name)
            .map(|name| name.to_string_lossy().into_owned());
        let folder = match holder {
            Some(holder) => holder.to_owned(),
            None => project.join(&id),
        };
        Self {
            id,
            agent,
            session,
            folder,
        }
    }
}
