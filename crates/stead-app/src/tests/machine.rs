//! A machine with agents' files on it, and what stead tells of it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use fs_err as fs;
use jiff::tz::TimeZone;
use stead_adapters::{Env, conformance, samples};
use stead_usf::Session;
use tempfile::TempDir;

use crate::{
    App, GroupBy, ListOptions, OpenOptions, SearchOptions, Settings, StatsOptions, SyncReport,
};

/// The bundled Claude Code session that tests write to.
pub(super) const CLAUDE: &str = "e519b8e8-72c5-4853-b8fd-b2a790cb2b86";
/// The bundled Codex session that tests write to.
pub(super) const CODEX: &str = "01a1fbc5-763d-7443-8be7-e5cbf19667b9";
/// A session in the bundled database of OpenCode.
pub(super) const OPENCODE: &str = "ses_e0416f655ffeRuo1tWVcFcgqBY";

/// A home folder and a data folder.
pub(super) struct Machine {
    home: TempDir,
    roots: Vec<TempDir>,
    data: TempDir,
    archive: bool,
}

impl Machine {
    /// Nothing on it.
    pub(super) fn empty() -> Self {
        let temporary = || tempfile::tempdir().unwrap();
        Self {
            home: temporary(),
            roots: Vec::new(),
            data: temporary(),
            archive: true,
        }
    }

    /// With the bundled sessions of all agents.
    pub(super) fn with_samples() -> Self {
        let machine = Self::empty();
        samples::lay_out(machine.home()).unwrap();
        machine
    }

    /// With a fixture as its home.
    pub(super) fn of(case: &Path) -> Self {
        Self {
            home: conformance::unpack(&case.join("home")),
            ..Self::empty()
        }
    }

    /// With all fixtures as extra places.
    pub(super) fn with_everything() -> Self {
        let roots = cases()
            .into_iter()
            .map(|case| conformance::unpack(&case.join("home")));
        Self {
            roots: roots.collect(),
            ..Self::empty()
        }
    }

    /// Looks into a further place.
    pub(super) fn add_root(&mut self, root: TempDir) {
        self.roots.push(root);
    }

    pub(super) fn without_archive(mut self) -> Self {
        self.archive = false;
        self
    }

    pub(super) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(super) fn data(&self) -> &Path {
        self.data.path()
    }

    /// Noon of a day after all bundled sessions.
    pub(super) fn settings(&self) -> Settings {
        let mut env = Env::at_home(self.home());
        env.roots = self
            .roots
            .iter()
            .map(|root| root.path().to_owned())
            .collect();
        Settings {
            env,
            current: None,
            data_dir: self.data().to_owned(),
            archive: self.archive,
            now: "2026-11-22T12:00:00Z".parse().unwrap(),
            time_zone: TimeZone::UTC,
            threads: 2,
            build: Some("test".into()),
        }
    }

    pub(super) fn open(&self) -> App {
        App::open(self.settings()).unwrap()
    }

    /// stead after a sync, as every command has it.
    pub(super) fn synced(&self) -> App {
        self.sync().0
    }

    pub(super) fn sync(&self) -> (App, SyncReport) {
        let mut app = self.open();
        let report = app.sync(&|_| {}).unwrap();
        assert!(!report.busy && report.failed.is_empty(), "{report:?}");
        (app, report)
    }

    /// What an index tells that is built anew from the same files.
    pub(super) fn fresh_state(&self) -> State {
        let data = tempfile::tempdir().unwrap();
        let mut settings = self.settings();
        settings.data_dir = data.path().to_owned();
        let mut app = App::open(settings).unwrap();
        app.sync(&|_| {}).unwrap();
        state(&mut app)
    }

    /// The file of a session that has one of its own.
    pub(super) fn file_of(&self, native: &str) -> PathBuf {
        let mut files = stead_testkit::disk::files(self.home());
        files.retain(|file| {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            name.ends_with(&format!("{native}.jsonl"))
        });
        assert_eq!(files.len(), 1, "{native}: {files:?}");
        files.remove(0)
    }

    /// What the user says next to Claude Code.
    pub(super) fn say(&self, native: &str, number: u32, words: &str) {
        self.append(native, &prompt(native, number, words));
    }

    pub(super) fn append(&self, native: &str, text: &str) {
        let file = self.file_of(native);
        let mut file = fs::OpenOptions::new().append(true).open(file).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }
}

/// A prompt as Claude Code writes it.
pub(super) fn prompt(session: &str, number: u32, words: &str) -> String {
    let line = serde_json::json!({
        "parentUuid": null,
        "isSidechain": false,
        "type": "user",
        "message": {"role": "user", "content": words},
        "uuid": format!("00000000-0000-4000-8000-{number:012}"),
        "timestamp": format!("2026-11-21T09:00:{number:02}.000Z"),
        "cwd": "/home/dev/work/demo",
        "sessionId": session,
        "version": "2.1.329",
    });
    format!("{line}\n")
}

/// The folders of all fixtures.
pub(super) fn cases() -> Vec<PathBuf> {
    let agents = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stead-adapters/src/agents");
    let mut cases = Vec::new();
    for agent in ["claude_code", "codex", "opencode"] {
        for case in fs::read_dir(agents.join(agent).join("testdata")).unwrap() {
            cases.push(case.unwrap().path());
        }
    }
    cases.retain(|case| case.join("home").is_dir());
    cases.sort();
    assert!(cases.len() >= 12, "{cases:?}");
    cases
}

pub(super) fn all() -> ListOptions {
    ListOptions {
        all: true,
        ..ListOptions::default()
    }
}

/// Everything that front ends show, as text by what it is about, in a form that
/// does not depend on the order in which it was read.
pub(super) type State = BTreeMap<String, String>;

const QUERIES: &[&str] = &[
    "slugify",
    "slug*",
    "\"drops punctuation\"",
    "functions OR nowhere",
    "count -report",
    "tool:shell is:error",
    "file:NOTES.md",
    "is:user",
    "is:reasoning",
    "title:count",
    "since:2026-11-21 wri*",
];

pub(super) fn state(app: &mut App) -> State {
    let mut state = State::new();
    for header in app.list(&all()).unwrap() {
        let json = serde_json::to_string_pretty(&header).unwrap();
        let twice = state.insert(header.id.to_string(), json);
        assert_eq!(twice, None, "{} is listed twice", header.id);
    }
    let top_level = app.list(&ListOptions::default()).unwrap();
    let top_level = sorted(top_level.iter().map(|header| header.id.to_string()));
    state.insert("top level".into(), top_level.join("\n"));
    for query in QUERIES {
        state.insert(format!("search {query}"), hits(app, query).join("\n"));
    }
    for by in GROUPS {
        state.insert(format!("stats {by:?}"), stats(app, by));
    }
    let report = app.doctor(&SyncReport::default()).unwrap();
    for mut agent in report.agents {
        // A line that was half there when it was read has been counted twice.
        (agent.records, agent.ignored) = (0, BTreeMap::new());
        let json = serde_json::to_string_pretty(&agent).unwrap();
        state.insert(format!("doctor {}", agent.agent), json);
    }
    state
}

/// Ways to split the numbers.
pub(super) const GROUPS: &[&[GroupBy]] = &[
    &[],
    &[GroupBy::Agent],
    &[GroupBy::Agent, GroupBy::Model],
    &[GroupBy::Project],
    &[GroupBy::Day],
];

pub(super) fn stats(app: &mut App, by: &[GroupBy]) -> String {
    let options = StatsOptions {
        by: by.to_vec(),
        ..StatsOptions::default()
    };
    let mut stats = app.stats(&options).unwrap();
    // Sums of floating point numbers depend on the order.
    for row in stats.rows.iter_mut().chain([&mut stats.total]) {
        row.cost_usd = row.cost_usd.map(|cost| (cost * 1e9).round() / 1e9);
    }
    let mut rows: Vec<_> = stats.rows.iter().map(|row| format!("{row:?}")).collect();
    rows.sort();
    format!("{by:?}\n{}\n{:?}", rows.join("\n"), stats.total)
}

/// Session, kind, event, snippet and number of matches of every hit.
pub(super) fn hits(app: &App, query: &str) -> Vec<String> {
    let report = app.search(query, &SearchOptions::default()).unwrap();
    assert!(report.complete, "{query}");
    sorted(report.hits.iter().map(|hit| {
        let event = hit.event.as_deref().unwrap_or("-");
        let (id, kind, text) = (&hit.session.id, hit.kind, &hit.snippet.text);
        format!("{id} {kind} {event} {text} ×{}", hit.matches)
    }))
}

/// Native ids of the sessions that a query finds.
pub(super) fn found(app: &App, query: &str) -> Vec<String> {
    let report = app.search(query, &SearchOptions::default()).unwrap();
    sorted(report.hits.into_iter().map(|hit| hit.session.native_id))
}

fn sorted(items: impl Iterator<Item = String>) -> Vec<String> {
    let mut items: Vec<_> = items.collect();
    items.sort();
    items
}

/// A session as `show` has it.
pub(super) fn load(app: &App, id: &str) -> Session {
    let found = app.find(id).unwrap();
    app.load(&found, OpenOptions::default()).unwrap()
}

/// Every session as `show` has it, as JSON, but for where it was read.
pub(super) fn documents(app: &App) -> State {
    let each = |header: Session| {
        let mut session = load(app, header.id.as_str());
        session.archived = false;
        session
            .events
            .iter_mut()
            .for_each(|event| event.source = None);
        session
            .issues
            .iter_mut()
            .for_each(|issue| issue.source = None);
        (
            header.id.to_string(),
            serde_json::to_string_pretty(&session).unwrap(),
        )
    };
    app.list(&all()).unwrap().into_iter().map(each).collect()
}

/// Compares text by text, so that a difference can be read.
#[track_caller]
pub(super) fn assert_same(now: &State, before: &State) {
    let names = |state: &State| -> Vec<String> { state.keys().cloned().collect() };
    assert_eq!(names(now), names(before));
    for (name, text) in before {
        let pairs = now[name].lines().zip(text.lines()).enumerate();
        for (line, (now, before)) in pairs {
            assert_eq!(now, before, "{name}, line {line}");
        }
        assert_eq!(now[name].len(), text.len(), "{name}");
    }
}
