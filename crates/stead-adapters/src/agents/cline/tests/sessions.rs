//! Sessions that are made up: what the real fixtures do not show.

use fs_err as fs;
use stead_testkit::truth::prompts;
use stead_usf::{LinkKind, Session, Status, Usage, validate};

use super::Cline;
use crate::conformance;

/// The sessions of a folder with these files.
fn read(files: &[(&str, &str)]) -> Vec<Session> {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".cline/data/sessions/1_a");
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
    let sessions: Vec<_> = conformance::sessions(&Cline, home.path())
        .into_values()
        .collect();
    for session in &sessions {
        assert_eq!(validate(session), []);
    }
    sessions
}

fn messages(list: &str) -> String {
    format!(r#"{{"version":1,"sessionId":"1_a","messages":[{list}],"system_prompt":"x"}}"#)
}

const ASKED: &str = r#"{"id":"u","role":"user","content":[{"type":"text","text":"<user_input mode=\"act\">Do it</user_input>"}],"ts":1700000000001}"#;
const SAID: &str = r#"{"id":"m","role":"assistant","content":[{"type":"text","text":"Done."}],"ts":1700000000002,"modelInfo":{"id":"a","provider":"b"},"metrics":{"inputTokens":100,"outputTokens":5,"cacheReadTokens":60,"cacheWriteTokens":10,"cost":0.5}}"#;

#[test]
fn messages_alone_are_enough() {
    let session = &read(&[("1_a.messages.json", &messages(&format!("{ASKED},{SAID}")))])[0];
    assert_eq!(prompts(session), ["Do it"]);
    let usage = Usage {
        input: Some(30),
        output: Some(5),
        cache_read: Some(60),
        cache_write: Some(10),
        reasoning: None,
    };
    assert_eq!((session.usage, session.cost_usd), (usage, Some(0.5)));
    assert_eq!(session.status, Some(Status::Ended));
}

#[test]
fn nothing_unknown_is_dropped() {
    let said = SAID
        .replace("\"role\"", "\"zzMessage\":1,\"role\"")
        .replace("\"text\":\"Done", "\"zzBlock\":1,\"text\":\"Done");
    let odd = r#"{"id":"m","role":"zzRole"},{"id":"m","role":"user","content":[{"type":"zzKind"}]},{"role":"user","content":"plain"}"#;
    let talk = messages(&format!("{ASKED},{said},{odd}"))
        .replace("\"version\"", "\"zzAround\":1,\"version\"");
    let manifest = r#"{"cwd":"/w","zzManifest":1,"metadata":{"zzMetadata":1}}"#;
    let files = [
        ("1_a.messages.json", talk),
        ("1_a.json", manifest.to_owned()),
    ];
    let session = &read(&files.each_ref().map(|(name, text)| (*name, text.as_str())))[0];
    let json = serde_json::to_string(session).unwrap();
    for kept in [
        "zzMessage",
        "zzBlock",
        "zzRole",
        "zzKind",
        "zzAround",
        "zzManifest",
        "zzMetadata",
    ] {
        assert!(json.contains(kept), "{kept}");
    }
    assert_eq!(session.issues.len(), 1);
    assert_eq!(prompts(session), ["Do it", "plain"]);
}

#[test]
fn forks_inherit() {
    let fork =
        r#"{"metadata":{"fork":{"forkedFromSessionId":"0_z","forkedAt":"2024-01-01T00:00:00Z"}}}"#;
    let later = SAID
        .replace("\"m\"", "\"n\"")
        .replace("1700000000002", "1800000000000");
    let files = [
        (
            "1_a.messages.json",
            messages(&format!("{ASKED},{SAID},{later}")),
        ),
        ("1_a.json", fork.to_owned()),
    ];
    let session = &read(&files.each_ref().map(|(name, text)| (*name, text.as_str())))[0];
    let link = session.parent.as_ref().unwrap();
    assert_eq!((link.id.as_str(), link.kind), ("cline:0_z", LinkKind::Fork));
    let inherited: Vec<_> = session.events.iter().map(|event| event.inherited).collect();
    assert_eq!(inherited, [true, true, false]);
    assert_eq!(session.usage.total(), 105);
}

#[test]
fn damage_costs_what_is_damaged() {
    for text in [
        "",
        "{",
        "{}",
        "[]",
        "null",
        r#"{"messages":{}}"#,
        r#"{"messages":[7,"a",{}]}"#,
    ] {
        for session in read(&[
            ("1_a.messages.json", text),
            ("1_a.json", "{"),
            ("1_a.compaction.json", "["),
        ]) {
            assert_eq!(prompts(&session), [""; 0], "{text}");
        }
    }
    // As the program indents it.
    let cut = messages(&format!("{ASKED},{SAID}")).replace("{\"id\":\"m", "{\n      \"id\":\"m");
    let cut = cut.replace("{\"id\":\"u", "{\n      \"id\":\"u");
    let session = &read(&[("1_a.messages.json", &cut[..cut.len() - 60])])[0];
    assert_eq!(prompts(session), ["Do it"]);
    assert_eq!(session.issues.len(), 1);
}
