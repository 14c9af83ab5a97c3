//! The words of calls.

use stead_usf::{Edit, EventType, Raw, Tool};

use super::*;

fn argument(kind: ToolKind, input: &str) -> String {
    let mut call = Event::new("1", EventType::ToolCall);
    call.tool = Some(Tool::new("T", kind));
    call.input = Some(Raw::parse(input).unwrap());
    Caller::new(Some("/home/ada/app/")).argument(&call)
}

#[test]
fn the_telling_field_is_found() {
    assert_eq!(
        argument(
            ToolKind::Shell,
            r#"{"description":"d","command":"ls -l\n"}"#
        ),
        "ls -l"
    );
    assert_eq!(
        argument(ToolKind::Shell, r#"{"command":["bash","-lc","ls"]}"#),
        "ls"
    );
    assert_eq!(
        argument(ToolKind::Shell, r#"{"cmd":["git","status"]}"#),
        "git status"
    );
    assert_eq!(
        argument(ToolKind::Read, r#"{"file_path":"/home/ada/app/src/a.rs"}"#),
        "src/a.rs"
    );
    assert_eq!(
        argument(ToolKind::Read, r#"{"file_path":"/home/ada/apple"}"#),
        "/home/ada/apple"
    );
    assert_eq!(
        argument(
            ToolKind::Search,
            r#"{"path":"/home/ada/app/src","pattern":"fn x"}"#
        ),
        "fn x  in src"
    );
    assert_eq!(argument(ToolKind::Todo, r#"{"todos":[{},{}]}"#), "2 items");
    assert_eq!(
        argument(ToolKind::Ask, r#"{"questions":[{"question":"Why?"}]}"#),
        "Why?"
    );
    assert_eq!(argument(ToolKind::Mcp, r#"{"issue":7}"#), r#"{"issue":7}"#);
    assert_eq!(
        argument(ToolKind::Shell, r#"["/bin/bash","-lc","ls"]"#),
        "ls"
    );
    assert_eq!(argument(ToolKind::Other, "{}"), "");
    assert_eq!(argument(ToolKind::Other, r#""raw text""#), "raw text");
}

#[test]
fn edits_name_their_files() {
    let mut call = Event::new("1", EventType::ToolCall);
    call.tool = Some(Tool::new("apply_patch", ToolKind::Edit));
    call.edits = vec![
        Edit::write("/r/a", ""),
        Edit::write("/r/b", ""),
        Edit::write("/r/a", ""),
    ];
    assert_eq!(Caller::new(Some("/r")).argument(&call), "a and 1 more file");
    assert_eq!(
        Caller::default().label(&call),
        "apply_patch /r/a and 1 more file"
    );
}

#[test]
fn outcomes_are_said_where_they_matter() {
    let mut result = Event::new("2", EventType::ToolResult);
    result.duration_ms = Some(20);
    result.ok = Some(true);
    assert_eq!(outcome(&result), (false, String::new()));
    result.ok = Some(false);
    result.exit_code = Some(101);
    result.duration_ms = Some(12_300);
    assert_eq!(
        outcome(&result),
        (true, "failed · exit 101 · 12.3 s".to_owned())
    );
}
