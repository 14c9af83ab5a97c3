//! Tasks that are made up: what the real fixtures do not show.

use std::path::Path;

use fs_err as fs;
use stead_testkit::truth::{edited, prompts};
use stead_usf::{Event, EventType, Inactive, Session, Status, Usage, validate};
use tempfile::TempDir;

use super::Cline;
use crate::{Adapter, Disk, Env, Os, Unit, conformance, load};

const TASK: &str = ".cline/data/tasks/1700000000000";

/// A home with one task, of which only some files are there.
fn home(files: &[(&str, &str)]) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    for (name, text) in files {
        write(home.path(), &format!("{TASK}/{name}"), text);
    }
    home
}

fn write(home: &Path, name: &str, text: &str) {
    let path = home.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn read(files: &[(&str, &str)]) -> Session {
    let home = home(files);
    let mut sessions = conformance::sessions(&Cline, home.path());
    let session = sessions.remove("1700000000000").unwrap();
    assert_eq!(validate(&session), []);
    session
}

fn list(records: &[&str]) -> String {
    format!("[{}]", records.join(","))
}

/// Type and text of every event.
fn told(session: &Session) -> Vec<String> {
    let one = |event: &Event| {
        let tool = event.tool.as_ref().map(|tool| tool.name.as_str());
        let text = event.text.as_deref().or(event.output.as_deref()).or(tool);
        let added = if event.injected { "+" } else { "" };
        format!("{added}{} {}", event.kind.as_str(), text.unwrap_or("-"))
    };
    session.events.iter().map(one).collect()
}

const TYPED: &str = r#"{"ts":1700000000001,"type":"say","say":"task","text":"Do it"}"#;
const ASKED: &str = r#"{"ts":1700000000002,"type":"say","say":"api_req_started","text":"{\"request\":\"x\",\"tokensIn\":10,\"tokensOut\":2}"}"#;
const SAID: &str = r#"{"ts":1700000000003,"type":"say","say":"text","text":"I write."}"#;
const SENT: &str = r#"{"role":"user","content":[{"type":"text","text":"<task>\nDo it\n</task>"}],"ts":1700000000002}"#;
const REPLY: &str = r#"{"role":"assistant","content":[{"type":"text","text":"I write.\n\n<write_to_file>\n<path>a</path>\n<content>\nx\n</content>\n</write_to_file>"}],"ts":1700000000004}"#;
const ANSWER: &str = r#"{"role":"user","content":[{"type":"text","text":"[write_to_file for 'a'] Result:\nDone."}],"ts":1700000000006}"#;

#[test]
fn the_messages_alone_are_enough() {
    let sent = list(&[SENT, REPLY, ANSWER]);
    let session = read(&[("api_conversation_history.json", &sent)]);
    let expected = [
        "user Do it",
        "assistant I write.",
        "tool_call write_to_file",
        "tool_result Done.",
    ];
    assert_eq!(told(&session), expected);
    assert_eq!(edited(&session).collect::<Vec<_>>(), ["a"]);
    let call = &session.events[2];
    assert_eq!(call.result.as_deref(), Some(session.events[3].id.as_str()));
    assert_eq!(call.edits[0].after.as_deref(), Some("x\n"));
}

#[test]
fn what_was_shown_alone_is_enough() {
    let tool = r#"{"ts":1700000000004,"type":"ask","ask":"tool","text":"{\"tool\":\"newFileCreated\",\"path\":\"a\",\"content\":\"x\"}"}"#;
    let run = r#"{"ts":1700000000005,"type":"say","say":"command","text":"ls"}"#;
    let out = r#"{"ts":1700000000006,"type":"say","say":"command_output","text":"a"}"#;
    let done =
        r#"{"ts":1700000000007,"type":"say","say":"completion_result","text":"Done.HAS_CHANGES"}"#;
    let shown = list(&[TYPED, ASKED, SAID, tool, run, out, done]);
    let session = read(&[("ui_messages.json", &shown)]);
    let expected = [
        "user Do it",
        "+user x",
        "assistant I write.",
        "tool_call newFileCreated",
        "tool_call command",
        "tool_result a",
        "assistant Done.",
    ];
    assert_eq!(told(&session), expected);
    assert_eq!(session.events[4].result.as_deref(), Some("u5"));
    assert_eq!(session.status, Some(Status::Ended));
    assert_eq!(session.usage.total(), 12);
}

#[test]
fn damage_costs_the_record_and_no_more() {
    let done = r#"{"ts":1700000000007,"type":"say","say":"completion_result","text":"Done."}"#;
    let shown = list(&[TYPED, ASKED, SAID, done]);
    for (good, bad) in [
        ("text\":\"I write", "text:\"I write"),
        ("I write.\"}", "I write.}"),
        ("\"say\":\"text", "\u{1}say\":\"text"),
    ] {
        let shown = shown.replacen(good, bad, 1);
        let session = read(&[("ui_messages.json", &shown)]);
        assert_eq!(
            told(&session),
            ["user Do it", "+user x", "assistant Done."],
            "{bad}"
        );
        assert_eq!(session.issues.len(), 1, "{bad}");
    }
    let session = read(&[("ui_messages.json", &shown[..shown.len() - 9])]);
    assert_eq!(
        told(&session),
        ["user Do it", "+user x", "assistant I write."]
    );
    assert_eq!(session.issues[0].code, "cut-file");
    for nothing in [
        "",
        "[]",
        "[",
        "null",
        "{}",
        "[1,\"a\",null]",
        "\0\0\0",
        "[[[[",
        "[]x",
    ] {
        let session = read(&[
            ("ui_messages.json", nothing),
            ("api_conversation_history.json", nothing),
        ]);
        assert_eq!(prompts(&session), [""; 0], "{nothing}");
    }
}

#[test]
fn nothing_unknown_is_dropped() {
    let odd = r#"{"ts":1700000000005,"type":"say","say":"zz","text":"a","zzField":1}"#;
    let again = r#"{"ts":1700000000006,"type":"ask","ask":"zz","zzOther":1}"#;
    let said = SAID.replace("\"type\"", "\"zzRecord\":7,\"type\"");
    let shown = list(&[
        &TYPED.replace("\"type\"", "\"zzTyped\":7,\"type\""),
        ASKED,
        &said,
        odd,
        again,
    ]);
    let reply = REPLY
        .replace("\"role\"", "\"zzMessage\":1,\"role\"")
        .replace("\"type\"", "\"zzBlock\":1,\"type\"");
    let block = r#"{"role":"user","content":[{"type":"zzKind","a":1}],"ts":1700000000007}"#;
    let sent = list(&[SENT, &reply, ANSWER, block, r#"{"zzStranger":1}"#]);
    let session = read(&[
        ("ui_messages.json", &shown),
        ("api_conversation_history.json", &sent),
    ]);
    let json = serde_json::to_string(&session).unwrap();
    for kept in [
        "zzField",
        "zzOther",
        "zzRecord",
        "zzTyped",
        "zzMessage",
        "zzBlock",
        "zzKind",
        "zzStranger",
    ] {
        assert!(json.contains(kept), "{kept}");
    }
    let codes: Vec<_> = session.issues.iter().map(|issue| &*issue.code).collect();
    assert_eq!(
        codes,
        ["unknown-record", "unknown-record"],
        "each only once"
    );
}

/// Messages of before 2025 have no times, and answers stand in two blocks.
#[test]
fn old_tasks_are_read() {
    let bare = |text: &str| text.replace(",\"ts\":170000000000", ",\"was\":1");
    let answer = r#"{"role":"user","content":[{"type":"text","text":"[write_to_file for 'a'] Result:"},{"type":"text","text":"Done."}]}"#;
    let done = r#"{"role":"assistant","content":"<attempt_completion>\n<result>\nThat is it.\n</result>\n</attempt_completion>"}"#;
    let typed = TYPED.replace("\"task\"", "\"text\"");
    let again = ASKED.replace("0002", "0008");
    let ended =
        r#"{"ts":1700000000009,"type":"say","say":"completion_result","text":"That is it."}"#;
    let sent = list(&[&bare(SENT), &bare(REPLY), answer, done]);
    let session = read(&[
        (
            "claude_messages.json",
            &list(&[&typed, ASKED, SAID, &again, ended]),
        ),
        ("api_conversation_history.json", &sent),
    ]);
    let expected = [
        "user Do it",
        "assistant I write.",
        "tool_call write_to_file",
        "tool_result Done.",
        "assistant That is it.",
        "tool_call attempt_completion",
    ];
    assert_eq!(told(&session), expected);
    assert_eq!(session.usage.total(), 24);
    assert_eq!(session.status, Some(Status::Ended));
}

#[test]
fn cached_tokens_are_counted_once() {
    let asked = |more: &str| {
        let text = r#"{\"tokensIn\":100,\"tokensOut\":5,\"cacheReads\":60,\"cacheWrites\":10,\"cost\":0.25}"#;
        format!(
            r#"{{"ts":1700000000002,"type":"say","say":"api_req_started","text":"{text}"{more}}}"#
        )
    };
    for (provider, input) in [("openai", 30), ("anthropic", 100)] {
        let model = format!(r#","modelInfo":{{"modelId":"m","providerId":"{provider}"}}"#);
        let session = read(&[("ui_messages.json", &list(&[TYPED, &asked(&model), SAID]))]);
        let usage = Usage {
            input: Some(input),
            output: Some(5),
            cache_read: Some(60),
            cache_write: Some(10),
            reasoning: None,
        };
        assert_eq!(session.usage, usage, "{provider}");
        assert_eq!(session.cost_usd, Some(0.25));
    }
}

#[test]
fn what_was_taken_back_was_paid_for() {
    let back = r#"{"ts":1700000000009,"type":"say","say":"deleted_api_reqs","text":"{\"tokensIn\":7,\"tokensOut\":1,\"cost\":0.5}"}"#;
    let session = read(&[("ui_messages.json", &list(&[TYPED, ASKED, SAID, back]))]);
    assert_eq!(session.usage.total(), 20);
    assert_eq!(session.cost_usd, Some(0.5));
}

#[test]
fn what_is_no_longer_sent_is_inactive() {
    let inactive = |session: &Session| {
        let events = session
            .events
            .iter()
            .filter(|event| event.inactive == Some(Inactive::Compacted));
        events
            .filter_map(|event| event.output.clone().or(event.text.clone()))
            .collect::<Vec<_>>()
    };
    let sent = list(&[SENT, REPLY, ANSWER]);
    let item = r#"{"id":"1700000000000","conversationHistoryDeletedRange":[1,2]}"#;
    let session = read(&[
        ("api_conversation_history.json", &sent),
        ("history_item.json", item),
    ]);
    assert_eq!(inactive(&session), ["I write.", "Done."]);
    let marked = |text: &str| text.replace("\"ts\"", "\"condenseParent\":\"c\",\"ts\"");
    let summary = r#"{"role":"user","content":"It was done.","isSummary":true,"condenseId":"c","ts":1700000000009}"#;
    for (more, expected) in [(Some(summary), 2), (None, 0)] {
        let sent = [
            Some(SENT.to_owned()),
            Some(marked(REPLY)),
            Some(marked(ANSWER)),
            more.map(str::to_owned),
        ];
        let sent: Vec<_> = sent.iter().flatten().map(String::as_str).collect();
        let session = read(&[("api_conversation_history.json", &list(&sent))]);
        assert_eq!(inactive(&session).len(), expected);
        let summaries = session
            .events
            .iter()
            .filter(|event| event.kind == EventType::Summary);
        assert_eq!(summaries.count(), usize::from(more.is_some()));
    }
}

/// Ids that are used twice, answers before their calls, answers to nothing.
#[test]
fn odd_answers_harm_nothing() {
    let call = |ts: u64| {
        format!(
            r#"{{"role":"assistant","content":[{{"type":"tool_use","id":"c","name":"zz","input":{{}}}}],"ts":{ts}}}"#
        )
    };
    let answer = |id: &str, ts: u64| {
        format!(
            r#"{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"{id}","content":[{{"type":"text","text":"t"}}],"is_error":true}}],"ts":{ts}}}"#
        )
    };
    let sent = [
        answer("c", 1),
        call(2),
        call(3),
        answer("c", 4),
        answer("c", 5),
        answer("d", 6),
        call(7),
    ];
    let sent: Vec<_> = sent.iter().map(String::as_str).collect();
    let session = read(&[("api_conversation_history.json", &list(&sent))]);
    assert_eq!(session.events.len(), 7);
    assert!(session.events.iter().all(|event| event.ok != Some(true)));
}

#[test]
fn what_was_typed_is_to_the_letter() {
    let text = "</task> <read_file><path>a</path></read_file> \u{1b}[31m [x] Result: ✓";
    let quoted = serde_json::to_string(text).unwrap();
    let shown = list(&[&TYPED.replace("\"Do it\"", &quoted)]);
    let sent = SENT.replace("Do it", quoted.trim_matches('"'));
    let files = [
        ("ui_messages.json", shown.as_str()),
        ("api_conversation_history.json", &list(&[&sent])),
    ];
    assert_eq!(prompts(&read(&files)), [text]);
    assert_eq!(prompts(&read(&files[1..])), [text]);
}

fn discover(env: &Env) -> Vec<Unit> {
    let mut units = Vec::new();
    Cline
        .discover(env, &Disk::default(), &mut |unit| units.push(unit))
        .unwrap();
    units
}

#[test]
fn every_editor_is_looked_into_and_no_store_twice() {
    let places = [
        ".config/Code/User/globalStorage",
        ".config/VSCodium - Insiders/User/globalStorage",
        "Library/Application Support/Cursor/User/globalStorage",
        "AppData/Roaming/Windsurf/User/globalStorage",
        ".vscode-server/data/User/globalStorage",
        ".local/share/code-server/User/globalStorage",
        ".var/app/com.visualstudio.code/config/Code/User/globalStorage",
    ];
    let home = tempfile::tempdir().unwrap();
    for (number, place) in places.iter().enumerate() {
        let task = format!("{place}/saoudrizwan.claude-dev/tasks/{number}/ui_messages.json");
        write(home.path(), &task, &list(&[TYPED]));
    }
    write(
        home.path(),
        ".config/Code/User/globalStorage/other.claude-dev/tasks/9/ui_messages.json",
        "[]",
    );
    let store = home.path().join(places[0]).join("saoudrizwan.claude-dev");
    let env = Env::at_home(home.path())
        .with_root(&store)
        .with_root(home.path())
        .with_root(home.path().join(".config/Code"))
        .with_variable("XDG_CONFIG_HOME", home.path().join(".config"));
    assert_eq!(discover(&env).len(), places.len());
    let alone = Env::empty(Os::Linux).with_root(store);
    assert_eq!(discover(&alone).len(), 1);
}

/// The list of tasks in the editor's state tells the folder.
#[test]
fn old_lists_are_read() {
    let home = tempfile::tempdir().unwrap();
    let storage = ".config/Code/User/globalStorage";
    let task = format!("{storage}/saoudrizwan.claude-dev/tasks/17/ui_messages.json");
    write(home.path(), &task, &list(&[TYPED]));
    let state = home.path().join(storage).join("state.vscdb");
    let connection = rusqlite::Connection::open(&state).unwrap();
    let value = r#"{"taskHistory":[{"id":"9"},{"id":"17","cwdOnTaskInitialization":"/work"}]}"#;
    connection
        .execute_batch("CREATE TABLE ItemTable (key TEXT UNIQUE, value BLOB)")
        .unwrap();
    let sql = "INSERT INTO ItemTable VALUES ('saoudrizwan.claude-dev', ?1)";
    connection.execute(sql, [value]).unwrap();
    drop(connection);
    let units = discover(&Env::at_home(home.path()));
    let session = load(&Cline, &units[0]).unwrap().0.remove(0);
    assert_eq!(session.cwd.as_deref(), Some("/work"));
    conformance::check(&Cline, home.path());
}
