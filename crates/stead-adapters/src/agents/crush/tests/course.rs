//! How sessions go: subagents, summaries, the ends of turns.

use serde_json::json;
use stead_testkit::truth::prompts;
use stead_usf::{EventType, Inactive, LinkKind, Status, ToolKind};

use super::store::{Store, call, finish, other, text, texts, tools};
use super::usual;

#[test]
fn subagents_hang_below_the_call_that_started_them() {
    let sessions = usual(202_601).read_all();
    let child = sessions
        .iter()
        .find(|session| !session.is_top_level())
        .unwrap();
    let link = child.parent.as_ref().unwrap();
    assert_eq!(
        (link.id.as_str(), link.kind),
        ("crush:s", LinkKind::Subagent)
    );
    assert_eq!(link.call_id.as_deref(), Some("c5"));
    assert!(prompts(child).is_empty(), "nobody types there");
    let mut store = Store::new();
    store.session("call_7", Some("s"));
    store.session("title-s", Some("s"));
    store.put("title-s", "user", json!([text("a title, please")]));
    let sessions = store.read_all();
    assert_eq!(sessions.len(), 2, "no session of a title");
    let link = sessions[1].parent.as_ref().unwrap();
    assert_eq!(
        link.call_id.as_deref(),
        Some("call_7"),
        "as early versions named them"
    );
}

/// Before 0.13 only the session named its summary.
#[test]
fn what_was_compacted_is_marked() {
    for schema in [202_505, 202_601] {
        let mut store = Store::of(schema);
        store.session("s", None);
        store.user("one");
        store.assistant(json!([text("yes"), finish("end_turn")]));
        let summary = store.assistant(json!([text("in short"), finish("end_turn")]));
        let goes_on = "The previous session was interrupted because it got too long, the initial user request was: `one`";
        store.user(goes_on);
        store.user("two");
        store.run(&format!(
            "UPDATE sessions SET summary_message_id = '{summary}'"
        ));
        if schema == 202_601 {
            store.run(&format!(
                "UPDATE messages SET is_summary_message = 1 WHERE id = '{summary}'"
            ));
        }
        let session = store.read();
        let shown: Vec<_> = session
            .events
            .iter()
            .map(|event| (event.kind.as_str(), event.inactive))
            .collect();
        let compacted = Some(Inactive::Compacted);
        let expected = [
            ("user", compacted),
            ("assistant", compacted),
            ("summary", None),
            ("user", None),
            ("user", None),
        ];
        assert_eq!(shown, expected, "{schema}");
        assert_eq!(prompts(&session), ["one", "two"]);
    }
    let mut store = Store::new();
    store.user("one");
    let failed = store.assistant(json!([other(
        "finish",
        json!({"reason": "error", "message": "Summarization Error", "details": "overloaded"})
    )]));
    store.run(&format!(
        "UPDATE messages SET is_summary_message = 1 WHERE id = '{failed}'"
    ));
    let session = store.read();
    assert_eq!(texts(&session), ["one", "Summarization Error: overloaded"]);
    assert_eq!(session.events[0].inactive, None, "it did not come to that");
}

#[test]
fn the_end_of_a_turn_is_told() {
    let cases = [
        (json!([]), Status::Aborted),
        (json!([text("I be")]), Status::Aborted),
        (
            json!([call("c", "bash", json!({})), finish("tool_use")]),
            Status::Aborted,
        ),
        (json!([text("yes"), finish("end_turn")]), Status::Ended),
        (json!([text("yes"), finish("max_tokens")]), Status::Ended),
        (
            json!([other(
                "finish",
                json!({"reason": "canceled", "message": "User canceled request"})
            )]),
            Status::Ended,
        ),
        (json!([finish("permission_denied")]), Status::Ended),
    ];
    for (parts, status) in cases {
        let mut store = Store::new();
        store.user("go");
        store.assistant(parts.clone());
        let shell = other(
            "shell_command",
            json!({"command": "git status", "output": "clean", "exit_code": 0}),
        );
        store.put("s", "user", json!([shell, finish("stop")]));
        let session = store.read();
        assert_eq!(session.status, Some(status), "{parts}");
        assert_eq!(prompts(&session), ["go"]);
        let last = session.events.last().unwrap();
        assert_eq!(
            (last.kind, last.text.as_deref()),
            (EventType::System, Some("!git status\nclean"))
        );
    }
}

#[test]
fn tools_are_known() {
    let mut store = Store::new();
    let names = [
        ("view", ToolKind::Read),
        ("multiedit", ToolKind::Edit),
        ("job_output", ToolKind::Shell),
        ("lsp_references", ToolKind::Search),
        ("glob", ToolKind::Glob),
        ("ls", ToolKind::List),
        ("question", ToolKind::Ask),
        ("agentic_fetch", ToolKind::Task),
        ("download", ToolKind::WebFetch),
        ("web_search", ToolKind::WebSearch),
        ("todos", ToolKind::Todo),
        ("mcp_github_create_issue", ToolKind::Mcp),
        ("crush_info", ToolKind::Other),
    ];
    for (name, _) in names {
        store.assistant(json!([call(name, name, json!({}))]));
    }
    let session = store.read();
    let kinds: Vec<_> = tools(&session)
        .map(|event| event.tool.as_ref().unwrap().kind)
        .collect();
    assert_eq!(kinds, names.map(|(_, kind)| kind));
}
