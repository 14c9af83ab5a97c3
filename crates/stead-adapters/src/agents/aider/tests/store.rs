//! A fixture, read, beside what truly happened.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use stead_testkit::truth::{TrueSession, Truth, prompts};
use stead_usf::{Event, EventType, Session, Status};

use super::super::Aider;
use crate::conformance;

/// The home folder that the fixtures stand for.
const HOME: &str = "/home/dev";

pub(super) fn case(name: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.join("src/agents/aider/testdata").join(name)
}

/// What `EXPECTED.json` says beyond what every agent's does.
#[derive(Deserialize)]
struct Commits {
    sessions: Vec<CommitsOf>,
}

#[derive(Deserialize)]
struct CommitsOf {
    #[serde(default)]
    commits: Vec<String>,
}

pub(super) struct Store {
    pub(super) truth: Truth,
    commits: Vec<Vec<String>>,
    /// In the order of the truth.
    pub(super) sessions: Vec<Session>,
}

impl Store {
    pub(super) fn of(name: &str) -> Self {
        let home = conformance::unpack(&case(name).join("home"));
        let expected = case(name).join("EXPECTED.json");
        let truth = Truth::load(&expected);
        let text = fs_err::read(&expected).unwrap();
        let commits: Commits = serde_json::from_slice(&text).unwrap();
        let mut by_folder: BTreeMap<String, Vec<Session>> = BTreeMap::new();
        for mut session in conformance::sessions(&Aider, home.path()).into_values() {
            let cwd = session.cwd.take().unwrap();
            let cwd = cwd.replace(&*home.path().to_string_lossy(), HOME);
            session.cwd = Some(cwd.clone());
            by_folder.entry(cwd).or_default().push(session);
        }
        let mut next = |session: &TrueSession| by_folder.get_mut(&session.cwd).unwrap().remove(0);
        let sessions = truth.sessions.iter().map(&mut next).collect();
        assert!(
            by_folder.values().all(Vec::is_empty),
            "{name}: too many sessions"
        );
        Self {
            truth,
            commits: commits
                .sessions
                .into_iter()
                .map(|session| session.commits)
                .collect(),
            sessions,
        }
    }

    pub(super) fn session(&self, name: &str) -> &Session {
        let place = self
            .truth
            .sessions
            .iter()
            .position(|session| session.name == name);
        &self.sessions[place.unwrap_or_else(|| panic!("no session `{name}`"))]
    }

    pub(super) fn check(&self) {
        for ((truth, session), commits) in self
            .truth
            .sessions
            .iter()
            .zip(&self.sessions)
            .zip(&self.commits)
        {
            truth.check(session);
            self.check_prompts(truth, session);
            let status = if truth.state == "aborted" {
                Status::Aborted
            } else {
                Status::Ended
            };
            assert_eq!(session.status, Some(status), "{}", truth.name);
            assert_eq!(
                session.agent_version.as_ref(),
                Some(&self.truth.version),
                "{}",
                truth.name
            );
            let hashes = hashes(session, "commit");
            let known = hashes.iter().map(String::as_str);
            let real = commits.iter().map(|commit| &commit[..7]);
            if !commits.is_empty() {
                assert_eq!(
                    known.collect::<Vec<_>>(),
                    real.collect::<Vec<_>>(),
                    "{}",
                    truth.name
                );
            }
            let carried_out = carried_out(session);
            let written: Vec<&str> = truth.files_written.iter().map(String::as_str).collect();
            assert_eq!(carried_out, written, "{}: files", truth.name);
            assert_eq!(session.issues, [], "{}", truth.name);
        }
    }

    fn check_prompts(&self, truth: &TrueSession, session: &Session) {
        let typed: Vec<&str> = truth.turns.iter().map(|turn| turn.user.as_str()).collect();
        assert_eq!(prompts(session), typed, "{}: prompts", truth.name);
        for event in session.events.iter().filter(|event| event.is_prompt()) {
            let extra = event
                .extra
                .as_ref()
                .unwrap_or_else(|| panic!("{}: {event:?}", self.truth.version));
            assert!(extra.json().contains("typed_at"), "{}", extra.json());
        }
        let said: Vec<&str> = of_kind(session, EventType::Assistant)
            .filter_map(|event| event.text.as_deref())
            .collect();
        let steps = truth.turns.iter().flat_map(|turn| &turn.steps);
        let steps: Vec<&str> = steps
            .filter(|step| !step.cut)
            .filter_map(|step| step.say.as_deref())
            .map(str::trim)
            .collect();
        if truth.turns.iter().all(|turn| !turn.interrupted) {
            assert_eq!(said, steps, "{}: words", truth.name);
        }
    }
}

pub(super) fn of_kind(session: &Session, kind: EventType) -> impl Iterator<Item = &Event> {
    session
        .events
        .iter()
        .filter(move |event| event.kind == kind)
}

/// The hashes under this name, in order.
pub(super) fn hashes(session: &Session, name: &str) -> Vec<String> {
    let values = session
        .events
        .iter()
        .filter_map(|event| event.extra.as_ref()?.to::<serde_json::Value>().ok());
    values
        .filter_map(|extra| Some(extra.get(name)?.get("hash")?.as_str()?.to_owned()))
        .collect()
}

/// Files of the changes that were made for certain, each once.
fn carried_out(session: &Session) -> Vec<&str> {
    let results: BTreeMap<&str, &Event> = of_kind(session, EventType::ToolResult)
        .map(|event| (event.id.as_str(), event))
        .collect();
    let made = |call: &&Event| {
        call.result
            .as_deref()
            .is_some_and(|result| results[result].ok == Some(true))
    };
    let calls = of_kind(session, EventType::ToolCall).filter(made);
    let calls = calls.chain(of_kind(session, EventType::Edit));
    let mut paths: Vec<&str> = calls
        .flat_map(|call| &call.edits)
        .map(|edit| edit.path.as_str())
        .collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}
