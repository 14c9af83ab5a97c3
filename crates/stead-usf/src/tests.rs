//! What a reader of USF may rely on.

use serde_json::json;

use crate::{
    AgentId, Edit, Event, EventType, Model, Raw, Session, SessionId, Source, Time, Tool, ToolKind,
    Usage, read_document, read_lines, validate, write_line,
};

fn example() -> Session {
    let mut session = Session::new(AgentId::new("demo"), "42");
    let mut prompt = Event::new("1", EventType::User);
    prompt.text = Some("Fix the bug".into());
    prompt.at = Some(Time::parse("2026-11-21T01:11:58.832Z").unwrap());
    let mut call = Event::new("2", EventType::ToolCall);
    call.parent = Some("1".into());
    call.call_id = Some("c1".into());
    call.tool = Some(Tool::new("Edit", ToolKind::Edit));
    call.input = Some(Raw::parse(r#"{"b": 1.50, "a": "x\u00e9"}"#).unwrap());
    call.edits = vec![Edit::replace("src/a.rs", "old", "new")];
    call.result = Some("3".into());
    call.model = Some(Model {
        id: "m-1".into(),
        provider: None,
    });
    call.usage = Some(Usage {
        input: Some(10),
        output: Some(2),
        ..Usage::default()
    });
    let mut result = Event::new("3", EventType::ToolResult);
    result.call_id = Some("c1".into());
    result.ok = Some(true);
    result.output = Some("done".into());
    result.source = Some(Source::line("s.jsonl".into(), 3, [100, 200]));
    for event in [prompt, call, result] {
        session.absorb(&event);
        session.events.push(event);
    }
    session
}

#[test]
fn names_are_the_contract() {
    let value = serde_json::to_value(example()).unwrap();
    assert_eq!(value["usf"], json!("1.0"));
    assert_eq!(value["id"], json!("demo:42"));
    assert_eq!(value["first_prompt"], json!("Fix the bug"));
    assert_eq!(value["created_at"], json!("2026-11-21T01:11:58.832Z"));
    assert_eq!(value["models"], json!([{ "id": "m-1" }]));
    assert_eq!(value["usage"], json!({ "input": 10, "output": 2 }));
    let call = &value["events"][1];
    assert_eq!(call["type"], json!("tool_call"));
    assert_eq!(call["tool"], json!({ "name": "Edit", "kind": "edit" }));
    assert_eq!(call["edits"][0]["operation"], json!("modify"));
    assert_eq!(call["edits"][0]["before"], json!("old"));
    assert_eq!(value["events"][2]["source"]["line"], json!(3));
    assert!(call.get("ok").is_none(), "absent stays absent");
}

#[test]
fn inputs_keep_their_letters() {
    let text = serde_json::to_string(&example()).unwrap();
    assert!(text.contains(r#"{"b": 1.50, "a": "x\u00e9"}"#), "{text}");
}

#[test]
fn both_forms_round_trip() {
    let session = example();
    let document = serde_json::to_vec(&session).unwrap();
    assert_eq!(read_document(&document).unwrap(), session);

    let mut lines = Vec::new();
    let header = Session {
        events: Vec::new(),
        ..session.clone()
    };
    write_line(&mut lines, &header).unwrap();
    for event in &session.events {
        write_line(&mut lines, event).unwrap();
    }
    let (mut read, events) = read_lines(lines.as_slice()).unwrap();
    read.events = events.collect::<Result<_, _>>().unwrap();
    assert_eq!(read, session);
}

#[test]
fn a_line_stays_a_line() {
    let mut session = example();
    let pretty = "{\r\n  \"a\" : [1, 2.50,\n\t\t3],\n  \"b\": \"x  \\n y\" ,\r\n\n \"c\": { }\n}";
    session.events[1].input = Some(Raw::parse(pretty).unwrap());
    let mut line = Vec::new();
    write_line(&mut line, &session.events[1]).unwrap();
    let line = String::from_utf8(line).unwrap();
    assert_eq!(line.find(['\n', '\r']), Some(line.len() - 1));
    let kept = r#""input":{"a" : [1, 2.50,3],"b": "x  \n y" ,"c": { }}"#;
    assert!(line.contains(kept), "{line}");
    let read: Event = serde_json::from_str(&line).unwrap();
    assert_eq!(read, session.events[1]);
}

#[test]
fn a_bad_line_is_named() {
    let mut lines = serde_json::to_vec(&Session::new(AgentId::new("demo"), "1")).unwrap();
    lines.extend_from_slice(b"\n\n{\"id\":\n");
    let (_, mut events) = read_lines(lines.as_slice()).unwrap();
    let error = events.next().unwrap().unwrap_err();
    assert!(
        error.to_string().starts_with("line 3 is not USF"),
        "{error}"
    );
}

#[test]
fn valid_sessions_have_no_violations() {
    assert_eq!(validate(&example()), []);
}

/// The call once more, under another id.
fn twice(s: &mut Session) {
    let mut copy = s.events[1].clone();
    copy.id = "2b".into();
    copy.usage = None;
    s.events.push(copy);
}

/// The same id of a call, used again.
fn again(s: &mut Session) {
    twice(s);
    s.events[3].result = None;
}

#[test]
fn violations_name_their_rule() {
    let rules = |change: fn(&mut Session)| {
        let mut session = example();
        change(&mut session);
        validate(&session)
            .iter()
            .map(|v| v.rule)
            .collect::<Vec<_>>()
    };
    assert_eq!(rules(|s| s.native_id = "43".into()), ["U2"]);
    assert_eq!(rules(|s| s.events[2].id = "1".into()), ["U7", "U8"]);
    assert_eq!(rules(|s| s.events[1].parent = Some("nope".into())), ["U8"]);
    assert_eq!(rules(|s| s.events[1].tool = None), ["U10"]);
    assert_eq!(rules(|s| s.events[2].call_id = Some("c2".into())), ["U11"]);
    assert_eq!(rules(|s| s.events[1].usage = None), ["U14"]);
    assert_eq!(rules(|s| s.events[1].result = None), ["U11"]);
    assert_eq!(rules(|s| s.events[0].parent = Some("2".into())), ["U8"]);
    assert_eq!(rules(|s| s.events[2].parent = Some("3".into())), ["U8"]);
    assert_eq!(rules(twice), ["U11"]);
    // Ids of calls may be used again: each result belongs to one of them.
    assert_eq!(rules(again), [""; 0]);
}

#[test]
fn long_chains_of_parents_are_no_problem() {
    let mut session = Session::new(AgentId::new("demo"), "1");
    for number in 0..100_000_u32 {
        let mut event = Event::new(number.to_string(), EventType::User);
        event.parent = number.checked_sub(1).map(|above| above.to_string());
        session.events.push(event);
    }
    assert_eq!(validate(&session), []);
}

#[test]
fn usage_of_inherited_events_is_not_counted() {
    let mut session = Session::new(AgentId::new("demo"), "1");
    let mut event = Event::new("1", EventType::Assistant);
    event.usage = Some(Usage {
        input: Some(5),
        ..Usage::default()
    });
    event.cost_usd = Some(0.5);
    event.inherited = true;
    session.absorb(&event);
    assert!(session.usage.is_empty());
    assert_eq!(session.cost_usd, None);
}

#[test]
fn session_ids_have_two_parts() {
    let id = SessionId::parse("opencode:ses_1:2").unwrap();
    assert_eq!((id.agent(), id.native()), ("opencode", "ses_1:2"));
    assert!(SessionId::parse("opencode").is_err());
    assert!(SessionId::parse(":1").is_err());
}

#[test]
fn a_bad_session_id_is_refused_and_a_bad_link_left_out() {
    let read = |change: fn(&mut serde_json::Value)| {
        let mut value = serde_json::to_value(example()).unwrap();
        change(&mut value);
        read_document(&serde_json::to_vec(&value).unwrap())
    };
    for id in ["42", ":42", "demo:", ""] {
        assert!(serde_json::from_value::<SessionId>(json!(id)).is_err());
    }
    let error = read(|value| value["id"] = json!("42")).unwrap_err();
    assert!(error.to_string().contains("`42` is not of the form"));
    let session = read(|value| value["parent"] = json!({"id": "", "kind": "fork"})).unwrap();
    assert_eq!(session.parent, None);
    let session = read(|value| value["parent"] = json!({"id": "demo:1", "kind": "fork"})).unwrap();
    assert_eq!(session.parent.unwrap().id.native(), "1");
}

#[test]
fn later_counts_win_where_they_are_recorded() {
    let counts = |input, output| Usage {
        input,
        output,
        ..Usage::default()
    };
    let sum = counts(None, Some(7)).or(counts(Some(0), Some(1)));
    assert_eq!(sum, counts(Some(0), Some(7)));
}

#[test]
fn the_published_schema_is_the_generated_one() {
    let published: serde_json::Value =
        serde_json::from_str(include_str!("../schema/usf.v1.schema.json")).unwrap();
    assert_eq!(published, crate::schema(), "run `cargo xtask generate`");
}
