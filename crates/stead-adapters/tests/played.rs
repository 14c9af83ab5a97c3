//! The adapters read what the testkit plays: every session, without an issue,
//! with the changes that the story made. What is traced from them is not asked
//! here.

use std::collections::BTreeMap;

use stead_adapters::{Disk, Env, adapter, load};
use stead_testkit::play::{Agent, Change, Played, What, random, scenarios};
use stead_usf::{Event, EventType, Session};

/// The sessions of an agent, by native id.
fn sessions(played: &Played, agent: Agent) -> BTreeMap<String, Session> {
    let adapter = adapter(agent.name()).expect("it is registered");
    let mut env = Env::at_home(&played.home);
    env.projects.clone_from(&played.folders);
    let mut units = Vec::new();
    let found = adapter.discover(&env, &Disk::default(), &mut |unit| units.push(unit));
    found.expect("discovery works");
    let loaded = units
        .iter()
        .flat_map(|unit| load(adapter, unit).expect("readable").0);
    loaded
        .map(|session| (session.native_id.clone(), session))
        .collect()
}

/// The files that a session changed, one after the other, and whether it was
/// done; the same file several times in a row is one.
fn told(changes: impl IntoIterator<Item = (String, bool)>) -> Vec<(String, bool)> {
    let mut told: Vec<(String, bool)> = changes.into_iter().collect();
    told.dedup();
    told
}

/// As the story made them.
fn made(session: &stead_testkit::play::Session) -> Vec<(String, bool)> {
    let shell = |change: &&Change| change.after.is_some() || session.agent == Agent::Codex;
    let name = |change: &Change| match session.agent {
        Agent::Aider => change.relative.clone(),
        _ => change.path.to_string_lossy().into_owned(),
    };
    told(session.deeds.iter().flat_map(|deed| match &deed.what {
        What::Change(changes) => {
            let changes = changes.iter().filter(shell);
            changes.map(|change| (name(change), true)).collect()
        }
        What::Refused(change, _) => vec![(name(change), false)],
        _ => Vec::new(),
    }))
}

/// As the adapter read them.
fn read(session: &Session) -> Vec<(String, bool)> {
    let result = |call: &Event| {
        let result = call.result.as_ref()?;
        let mut events = session.events.iter();
        events.find(|event| event.id == *result)?.ok
    };
    let calls = session.events.iter();
    let calls = calls.filter(|event| event.kind == EventType::ToolCall);
    told(calls.flat_map(|call| {
        let ok = result(call).unwrap_or(true);
        let edits = call.edits.iter();
        edits.map(move |edit| (edit.path.clone(), ok))
    }))
}

#[test]
fn played_sessions_are_read_as_they_were_played() {
    let mut agents = Vec::new();
    for (number, scenario) in scenarios::all().iter().enumerate() {
        let cast = scenario.cast(number);
        let played = scenario.play(&cast);
        check(&played, &format!("{} {cast:?}", scenario.name));
        agents.extend(cast);
    }
    assert!(Agent::ALL.iter().all(|agent| agents.contains(agent)));
}

#[test]
fn histories_at_random_are_read_too() {
    for seed in 100..103 {
        check(&random::play(seed, 80), &format!("seed {seed}"));
    }
}

fn check(played: &Played, name: &str) {
    for agent in Agent::ALL {
        let mut read_sessions = sessions(played, agent);
        let left = played.sessions.iter();
        for session in left.filter(|s| s.agent == agent && !s.deleted) {
            let id = &session.native_id;
            let found = read_sessions.remove(id);
            let found = found.unwrap_or_else(|| panic!("{name}: {agent:?} {id} is not there"));
            assert!(
                found.issues.is_empty(),
                "{name}: {agent:?} {:?}",
                found.issues
            );
            assert_eq!(read(&found), made(session), "{name}: {agent:?}");
            assert_eq!(
                found.cwd.as_deref(),
                session.cwd.to_str(),
                "{name}: {agent:?}"
            );
            // A session in which nobody answered names no model.
            let worked = !made(session).is_empty();
            assert!(!worked || found.models.len() == 1, "{name}: {agent:?}");
        }
        assert!(
            read_sessions.is_empty(),
            "{name}: {agent:?} {read_sessions:?}"
        );
    }
}
