//! What models are told of the tools, and what leaves.

use std::io::Write;

use super::answer::{Keep, MOST, Window, safe};
use super::server::described;
use super::tools::TOOLS;

#[test]
fn tools_are_described_as_the_protocol_has_it() {
    for question in TOOLS {
        let tool = serde_json::to_value(described(question)).unwrap();
        let schema = &tool["inputSchema"];
        assert!(jsonschema::meta::is_valid(schema), "{}", question.name);
        assert_eq!(schema["type"], "object");
        assert_eq!(tool["annotations"]["readOnlyHint"], true);
        assert!(question.description.len() < 1200, "{}", question.name);
        for (name, property) in schema["properties"].as_object().unwrap() {
            assert!(
                property["description"].is_string(),
                "{}: {name}",
                question.name
            );
        }
    }
}

#[test]
fn all_tools_together_cost_little_context() {
    let tools: Vec<_> = TOOLS.iter().map(described).collect();
    let bytes = serde_json::to_vec(&tools).unwrap().len();
    assert!(bytes < 9_000, "{bytes} bytes");
}

#[test]
fn secrets_and_control_codes_do_not_leave() {
    let key = format!("{}{}", "ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    let text = safe(&format!("token {key}\u{1b}[31m red"), MOST);
    assert!(text.contains("[redacted:"), "{text}");
    assert!(!text.contains(&key) && !text.contains('\u{1b}'), "{text}");
    assert!(safe(&"ä".repeat(40_000), MOST).chars().count() < MOST + 50);
}

#[test]
fn windows_keep_whole_lines_of_one_end() {
    let kept = |keep, texts: &[&str]| {
        let mut window = Window::new(10, keep);
        for text in texts {
            window.write_all(text.as_bytes()).unwrap();
        }
        (window.text(), window.is_over())
    };
    let lines = &["one\n", "two\n", "three\n"];
    assert_eq!(kept(Keep::Beginning, lines), ("one\ntwo".into(), true));
    assert_eq!(kept(Keep::End, lines), ("three\n".into(), true));
    assert_eq!(kept(Keep::End, &["one\n"]), ("one\n".into(), false));
}
