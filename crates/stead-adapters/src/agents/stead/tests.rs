//! The laws on a record that the agent's own recorder wrote, and what people see of it.

use std::path::{Path, PathBuf};

use fs_err as fs;
use stead_usf::{Event, EventType, Session, Status, validate};

use super::Stead;
use crate::{Adapter, Disk, Env, conformance, load};

const SESSION: &str = "0199f3a4-5b00-7c3d-8e4f-0123456789ab";
const STORE: &str = ".local/share/stead/sessions";

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/agents/stead/testdata/v0.1.0/home")
}

fn only(home: &Path) -> Session {
    let mut sessions = conformance::sessions(&Stead, home);
    assert_eq!(sessions.len(), 1);
    sessions.remove(SESSION).unwrap()
}

fn event<'s>(session: &'s Session, id: &str) -> &'s Event {
    let mut events = session.events.iter();
    events.find(|event| event.id == id).unwrap()
}

/// The session as it reads when its file holds this.
fn with(change: impl Fn(&str) -> String) -> Session {
    let home = conformance::unpack(&home());
    let file = home
        .path()
        .join(STORE)
        .join(SESSION)
        .join("session.usf.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, change(&text)).unwrap();
    let session = only(home.path());
    assert_eq!(validate(&session), []);
    session
}

#[test]
fn a_record_keeps_the_laws() {
    conformance::check(&Stead, &home());
}

#[test]
fn nothing_is_found_where_nothing_is() {
    conformance::check_empty(&Stead);
}

#[test]
fn the_header_is_summed_up_from_the_events() {
    let session = only(&home());
    assert_eq!(session.id.to_string(), format!("stead:{SESSION}"));
    assert_eq!(session.cwd.as_deref(), Some("/home/dev/work/demo"));
    assert_eq!(session.agent_version.as_deref(), Some("0.1.0"));
    let first = "write a greeting and use it in main.py";
    assert_eq!(session.first_prompt.as_deref(), Some(first));
    let model = &session.models[..];
    assert_eq!(model.len(), 1);
    assert_eq!(model[0].id, "kimi-k2.5");
    // Four requests: 1000 + 1100 + 1200 + 1300 tokens in, 40 out each.
    assert_eq!(session.usage.input, Some(4600));
    assert_eq!(session.usage.output, Some(160));
    let created = session.created_at.unwrap().to_string();
    assert_eq!(created, "2025-11-21T12:00:00Z");
    assert_eq!(
        session.updated_at.unwrap().to_string(),
        "2025-11-21T12:00:21.25Z"
    );
    assert_eq!(session.status, Some(Status::Ended));
    assert_eq!(session.issues, []);
}

#[test]
fn calls_have_their_results_and_edits_their_models() {
    let session = only(&home());
    assert_eq!(event(&session, "e4").result.as_deref(), Some("e4r"));
    assert_eq!(
        event(&session, "e4r").output.as_deref(),
        Some("wrote greet.py")
    );
    let edit = event(&session, "e10");
    assert_eq!(edit.kind, EventType::Edit);
    assert_eq!(edit.edits[0].before.as_deref(), Some("print('hi')\n"));
    assert_eq!(edit.model.as_ref().unwrap().id, "kimi-k2.5");
    assert_eq!(event(&session, "e16r").exit_code, Some(127));
    assert!(event(&session, "e2").injected);
    let extra = event(&session, "e7").extra.as_ref().unwrap().json();
    assert!(extra.contains("\"follows\":[\"S4\",\"S6\"]"), "{extra}");
}

#[test]
fn a_line_that_a_crash_tore_is_an_issue_and_nothing_else_is_lost() {
    let session = with(|text| text[..text.len() - 20].to_owned());
    assert_eq!(session.events.len(), 17);
    assert_eq!(session.issues.len(), 1);
    assert_eq!(session.issues[0].code, "cut-line");
    assert_eq!(session.status, Some(Status::Aborted));
}

#[test]
fn a_call_whose_result_is_not_there_yet_has_none() {
    let until = |text: &str| {
        text.lines()
            .take(5)
            .map(|line| line.to_owned() + "\n")
            .collect()
    };
    let session = with(until);
    assert_eq!(event(&session, "e4").result, None);
    assert_eq!(session.status, Some(Status::Aborted));
}

#[test]
fn a_lost_line_takes_its_links_along() {
    let without = |text: &str| text.replacen("{\"id\":\"e3\"", "{\"id\":3", 1);
    let session = with(without);
    assert_eq!(event(&session, "line-4").kind, EventType::Unknown);
    assert_eq!(event(&session, "e4").parent, None);
    assert_eq!(session.issues[0].code, "unknown-record");
}

#[test]
fn a_record_in_anothers_folder_says_so() {
    let session = with(|text| text.replacen(SESSION, "other", 2));
    assert_eq!(session.issues[0].code, "other-session");
    assert_eq!(session.native_id, SESSION);
}

#[test]
fn it_is_found_wherever_the_data_folder_is() {
    let home = conformance::unpack(&home());
    let (shared, data) = (
        home.path().join(".local/share"),
        home.path().join(".local/share/stead"),
    );
    let one = data.join("sessions").join(SESSION);
    let nowhere = Env::at_home("/nowhere");
    for env in [
        nowhere.clone().with_variable("STEAD_DATA_DIR", &data),
        nowhere.clone().with_variable("XDG_DATA_HOME", &shared),
        nowhere.clone().with_variable("LOCALAPPDATA", &shared),
        nowhere.clone().with_root(home.path()),
        nowhere.clone().with_root(&data),
        nowhere.clone().with_root(data.join("sessions")),
        nowhere.clone().with_root(one),
        Env::at_home(home.path()).with_variable("STEAD_DATA_DIR", &data),
    ] {
        let mut units = Vec::new();
        let disk = Disk::default();
        Stead
            .discover(&env, &disk, &mut |unit| units.push(unit))
            .unwrap();
        assert_eq!(units.len(), 1, "{env:?}");
        assert_eq!(load(&Stead, &units[0]).unwrap().0[0].events.len(), 18);
    }
}
