//! Tasks that are made up: what the real fixtures do not show.

use std::path::Path;

use fs_err as fs;
use stead_testkit::truth::prompts;
use stead_usf::{Event, EventType, Inactive, Session, ToolKind, validate};

use super::RooCode;
use crate::{Adapter, Disk, Env, conformance, load};

const STORE: &str = ".config/Code/User/globalStorage/rooveterinaryinc.roo-cline";

fn write(home: &Path, name: &str, text: &str) {
    let path = home.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Reads a task of these records and messages, which come in parts.
fn read(shown: &[&str], sent: &[&str]) -> Session {
    let home = tempfile::tempdir().unwrap();
    for (name, records) in [
        ("ui_messages.json", shown),
        ("api_conversation_history.json", sent),
    ] {
        let list = format!("[{}]", records.join(","));
        write(home.path(), &format!("{STORE}/tasks/a-b/{name}"), &list);
    }
    conformance::check(&RooCode, home.path());
    let mut sessions = conformance::sessions(&RooCode, home.path());
    let session = sessions.remove("a-b").unwrap();
    assert_eq!(validate(&session), []);
    assert_eq!(session.issues, []);
    session
}

fn say(ts: i64, kind: &str, text: &str) -> String {
    let text = serde_json::Value::from(text);
    format!(r#"{{"ts":{ts},"type":"say","say":"{kind}","text":{text}}}"#)
}

fn asked(ts: i64, tokens: &str) -> String {
    say(ts, "api_req_started", &format!("{{{tokens}}}"))
}

fn message(ts: i64, role: &str, text: &str, more: &str) -> String {
    let text = serde_json::Value::from(text);
    let content = format!(r#"[{{"type":"text","text":{text}}}]"#);
    format!(r#"{{"role":"{role}","content":{content},"ts":{ts}{more}}}"#)
}

fn strs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// Type and text of every event, `~` before those that are no longer sent.
fn told(session: &Session) -> Vec<String> {
    let one = |event: &Event| {
        let tool = event.tool.as_ref().map(|tool| tool.name.as_str());
        let text = event.text.as_deref().or(event.output.as_deref()).or(tool);
        let added = if event.injected { "+" } else { "" };
        let gone = if event.inactive == Some(Inactive::Compacted) {
            "~"
        } else {
            ""
        };
        format!(
            "{gone}{added}{} {}",
            event.kind.as_str(),
            text.unwrap_or("-")
        )
    };
    session.events.iter().map(one).collect()
}

/// Calls by tags, as up to 3.36, and a subtask.
#[test]
fn calls_by_tags() {
    let shown = [
        say(1, "text", "Do it"),
        asked(2, ""),
        say(3, "text", "I ask."),
        r#"{"ts":4,"type":"ask","ask":"tool","text":"{\"tool\":\"newTask\",\"mode\":\"Ask\",\"content\":\"count\"}"}"#.to_owned(),
        say(6, "subtask_result", "two"),
    ];
    let sent = [
        message(2, "user", "<task>\nDo it\n</task>", ""),
        message(
            5,
            "assistant",
            "I ask.\n\n<new_task>\n<mode>ask</mode>\n<message>count</message>\n</new_task>",
            "",
        ),
        message(7, "user", "[new_task completed] Result: two", ""),
    ];
    let session = read(&strs(&shown), &strs(&sent));
    let expected = [
        "user Do it",
        "assistant I ask.",
        "tool_call new_task",
        "tool_result two",
    ];
    assert_eq!(told(&session), expected);
    assert_eq!(
        session.events[2].tool.as_ref().unwrap().kind,
        ToolKind::Task
    );
}

const TASK: &str = "<user_message>\nDo it\n</user_message>";

/// Since 3.43 everything before a summary is marked.
#[test]
fn what_was_condensed_is_inactive() {
    let condensed = r#"{"ts":8,"type":"say","say":"condense_context","contextCondense":{"cost":0.5,"prevContextTokens":9,"newContextTokens":1,"summary":"It was done.","condenseId":"c"}}"#;
    let shown = [
        say(1, "text", "Do it"),
        asked(2, r#""cost":0.25"#),
        say(3, "text", "I did."),
        condensed.to_owned(),
        asked(9, ""),
        say(10, "text", "On."),
    ];
    let mark = r#","condenseParent":"c""#;
    let summary = r#"{"role":"user","content":[{"type":"text","text":"It was done."},{"type":"text","text":"<system-reminder>\n<user_message>x</user_message>\n</system-reminder>"}],"ts":8,"isSummary":true,"condenseId":"c"}"#;
    let sent = [
        message(2, "user", TASK, mark),
        message(4, "assistant", "I did.", mark),
        message(5, "user", "Go on.", mark),
        summary.to_owned(),
        message(11, "assistant", "On.", ""),
    ];
    let session = read(&strs(&shown), &strs(&sent));
    let expected = [
        "~user Do it",
        "~assistant I did.",
        "system -",
        "~+user Go on.",
        "summary It was done.",
        "+user <system-reminder>\n<user_message>x</user_message>\n</system-reminder>",
        "assistant On.",
    ];
    assert_eq!(told(&session), expected);
    assert_eq!(session.cost_usd, Some(0.75));
    let taken_back = read(&strs(&shown[..3]), &strs(&sent[..3]));
    assert!(
        told(&taken_back)
            .iter()
            .all(|event| !event.starts_with('~'))
    );
}

/// Before 3.36 the messages that a summary stands for were taken out.
#[test]
fn what_was_taken_out_is_inactive() {
    let shown = [
        say(1, "text", "Do it"),
        asked(2, ""),
        say(3, "text", "First."),
        say(4, "user_feedback", "More"),
        asked(5, ""),
        say(6, "text", "Second."),
        asked(10, ""),
        say(12, "text", "Third."),
    ];
    let sent = [
        message(2, "user", TASK, ""),
        message(11, "assistant", "It was done.", r#","isSummary":true"#),
        message(11, "user", "[read_file for 'a'] Result:\n1 | x", ""),
        message(13, "assistant", "Third.", ""),
    ];
    let session = read(&strs(&shown), &strs(&sent));
    let expected = [
        "user Do it",
        "~assistant First.",
        "~user More",
        "~assistant Second.",
        "summary It was done.",
        "tool_result 1 | x",
        "assistant Third.",
    ];
    assert_eq!(told(&session), expected);
}

#[test]
fn what_was_cut_off_is_inactive() {
    let cut = r#","truncationParent":"t""#;
    let sent = [
        message(2, "user", TASK, ""),
        message(3, "assistant", "First.", cut),
        message(4, "user", "On.", cut),
        message(
            5,
            "user",
            "[Sliding window truncation: 2 messages hidden]",
            r#","isTruncationMarker":true,"truncationId":"t""#,
        ),
        message(6, "assistant", "Second.", ""),
    ];
    let session = read(&[], &strs(&sent));
    let expected = [
        "user Do it",
        "~assistant First.",
        "~+user On.",
        "+user [Sliding window truncation: 2 messages hidden]",
        "assistant Second.",
    ];
    assert_eq!(told(&session), expected);
}

/// What requests used that were taken back counts as the requests did.
#[test]
fn tokens_are_counted_once() {
    const DAY: i64 = 1_770_000_000_000;
    let text = r#""apiProtocol":"anthropic","tokensIn":100,"tokensOut":5,"cacheReads":60,"cacheWrites":10"#;
    let back = r#"{"tokensIn":50,"tokensOut":1,"cacheReads":20,"cacheWrites":0,"cost":0}"#;
    for (day, input) in [(DAY, 60), (1_755_000_000_000, 150)] {
        let shown = [
            say(day, "text", "Do it"),
            asked(day + 1, text),
            say(day + 2, "text", "I did."),
            say(day + 3, "api_req_deleted", back),
        ];
        let usage = read(&strs(&shown), &[]).usage;
        assert_eq!(usage.input, Some(input));
        assert_eq!((usage.cache_read, usage.output), (Some(80), Some(6)));
    }
}

/// Lists in an editor's state and folders that its settings name.
#[test]
fn folders_may_be_set() {
    let home = tempfile::tempdir().unwrap();
    let user = ".config/VSCodium/User";
    let elsewhere = home.path().join("else where");
    let set = serde_json::Value::from(elsewhere.to_str().unwrap());
    let settings = format!("{{\n  // \"a\"\n  \"roo-cline.customStoragePath\" : {set},\n}}");
    write(home.path(), &format!("{user}/settings.json"), &settings);
    let list = format!("[{}]", say(1, "text", "Do it"));
    write(&elsewhere, "tasks/17/ui_messages.json", &list);
    let item = r#"{"id":"17","parentTaskId":"16","workspace":"/work","mode":"ask","zzField":1}"#;
    let index = format!(r#"{{"version":1,"entries":[{{"id":"16"}},{item}]}}"#);
    write(&elsewhere, "tasks/_index.json", &index);
    let mut units = Vec::new();
    let env = Env::at_home(home.path());
    RooCode
        .discover(&env, &Disk::default(), &mut |unit| units.push(unit))
        .unwrap();
    assert_eq!(units.len(), 1);
    let session = load(&RooCode, &units[0]).unwrap().0.remove(0);
    assert_eq!(session.cwd.as_deref(), Some("/work"));
    assert_eq!(session.parent.as_ref().unwrap().id.as_str(), "roo-code:16");
    assert_eq!(prompts(&session), [""; 0], "another task's model wrote it");
    let kept = session
        .events
        .iter()
        .find(|event| event.kind == EventType::System);
    let extra = kept.unwrap().extra.as_ref().unwrap().json();
    assert_eq!(extra, r#"{"mode":"ask","zzField":1}"#);
}

/// Reasoning stands in blocks or beside them, and is shown with other line breaks.
#[test]
fn reasoning_is_told_once() {
    let shown = [
        say(1, "text", "Do it"),
        asked(2, ""),
        say(3, "reasoning", "First.\n\n**Then** more"),
        say(4, "text", "Done."),
    ];
    let reply = |more: &str, block: &str| {
        let text = r#"{"type":"text","text":"Done."}"#;
        format!(r#"{{"role":"assistant"{more},"content":[{block}{text}],"ts":5}}"#)
    };
    let words = "First.**Then** more";
    let signature = r#"{"type":"thoughtSignature","thoughtSignature":"s"},"#;
    for reply in [
        reply(
            "",
            &format!(r#"{{"type":"thinking","thinking":"{words}","signature":"s"}},"#),
        ),
        reply(
            "",
            &format!(r#"{{"type":"reasoning","text":"{words}","summary":[]}},{signature}"#),
        ),
        reply(
            r#","reasoning_details":[{"type":"reasoning.text","text":"First.**Then"},{"type":"reasoning.text","text":"** more"}]"#,
            "",
        ),
    ] {
        let session = read(&strs(&shown), &[&message(2, "user", TASK, ""), &reply]);
        let expected = [
            "user Do it".to_owned(),
            format!("reasoning {words}"),
            "assistant Done.".to_owned(),
        ];
        assert_eq!(told(&session), expected);
        assert!(session.events.iter().all(|event| event.extra.is_none()));
    }
}
