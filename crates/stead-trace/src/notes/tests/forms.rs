//! Both forms against their specifications: examples, and what others may write.

use super::super::agent_trace::Reading;
use super::super::authorship::AgentId;
use super::super::{Contributor, Log, NoteError, Record, SURE};
use super::{COMMIT, mixed};

/// After the example of section 1.2.7 of the standard: all three kinds of keys.
const LOG: &str = r#"src/main.rs
  s_c9883b05a2487d::t_9f8e7d6c5b4a32 1-10,12
  h_31dce776f88375 15-20
"src/my file.rs"
  abcd1234abcd1234 1-50
---
{
  "schema_version": "authorship/3.0.0",
  "base_commit_sha": "7734793b756b3921c88db5375a8c156e9532447b",
  "prompts": {"abcd1234abcd1234": {"agent_id": {"tool": "wind", "id": "old", "model": "gpt-4"},
    "total_additions": 50, "total_deletions": 0, "accepted_lines": 50, "overriden_lines": 0}},
  "humans": {"h_31dce776f88375": {"author": "Alice Smith <alice@example.com>"}},
  "sessions": {"s_c9883b05a2487d": {"agent_id": {"tool": "pointer", "id": "6ef2", "model": "m-4-5"},
    "human_author": "dev@example.com", "custom_attributes": {"team": "backend"}}}
}"#;

fn said(log: &str, path: &str, line: u64) -> Option<(Contributor, Option<String>, f32)> {
    let log = Log::parse(log.as_bytes()).unwrap();
    let found = log.line(COMMIT, path, line)?;
    let who = found.agent.map(|agent| {
        let (model, session) = (
            found.model.unwrap_or_default(),
            found.session.unwrap_or_default(),
        );
        format!("{agent} {model} {session}")
    });
    Some((found.contributor, who, found.weight))
}

#[test]
fn logs_say_who_wrote_a_line() {
    let agent = |who: &str| Some((Contributor::Agent, Some(who.to_owned()), 0.75));
    assert_eq!(said(LOG, "src/main.rs", 10), agent("pointer m-4-5 6ef2"));
    assert_eq!(said(LOG, "src/my file.rs", 50), agent("wind gpt-4 old"));
    assert_eq!(
        said(LOG, "src/main.rs", 15),
        Some((Contributor::Human, None, 0.7))
    );
    for (path, line) in [
        ("src/main.rs", 11),
        ("src/main.rs", 21),
        ("main.rs", 1),
        ("src/my file.rs", 0),
    ] {
        assert_eq!(said(LOG, path, line), None, "{path} {line}");
    }
}

#[test]
fn doubt_makes_a_log_weigh_less() {
    // Made for another commit, and copied along.
    let moved = LOG.replace("7734793b", "00000000");
    assert!(said(&moved, "src/main.rs", 1).unwrap().2 < SURE);
    // A session that is not described.
    let bare = LOG.replace("\"s_c9883b05a2487d\"", "\"s_0\"");
    assert_eq!(
        said(&bare, "src/main.rs", 1),
        Some((Contributor::Agent, None, 0.4))
    );
    // Two sessions on one line; then a session and a person.
    let two = LOG.replace("  h_31dce776f88375 15-20", "  abcd1234abcd1234 1-3");
    assert_eq!(
        said(&two, "src/main.rs", 2),
        Some((Contributor::Agent, None, 0.4))
    );
    let torn = LOG.replace("  h_31dce776f88375 15-20", "  h_31dce776f88375 1-3");
    assert_eq!(said(&torn, "src/main.rs", 2), None);
}

#[test]
fn damaged_logs_are_refused_or_lose_a_claim() {
    let parse = |text: &str| Log::parse(text.as_bytes());
    assert_eq!(parse(""), Err(NoteError::Form("it has no line `---`")));
    assert_eq!(parse("hello"), Err(NoteError::Form("it has no line `---`")));
    assert_eq!(
        Log::parse(b"\xff\n---\n{}"),
        Err(NoteError::Form("it is no text"))
    );
    assert!(matches!(parse("a\n---\n"), Err(NoteError::Json(_))));
    assert!(matches!(
        parse("a\n---\n{\"schema_version\": 3}"),
        Err(NoteError::Json(_))
    ));
    let newer = LOG.replace("authorship/3.0.0", "authorship/4.0.0");
    assert_eq!(
        parse(&newer),
        Err(NoteError::Version("authorship/4.0.0".into()))
    );
    let odd = LOG.replace("15-20", "20-15").replace("1-50", "x");
    let log = parse(&odd).unwrap();
    assert_eq!((log.skipped, log.files.len()), (2, 1));
    // One session of a wrong form costs itself.
    let odd = LOG.replace(
        r#"{"agent_id": {"tool": "pointer""#,
        r#"{"agent_id": {"fool": "pointer""#,
    );
    assert_eq!(
        said(&odd, "src/main.rs", 1),
        Some((Contributor::Agent, None, 0.4))
    );
    assert!(said(&odd, "src/my file.rs", 1).unwrap().1.is_some());
}

#[test]
fn keys_are_those_that_git_ai_makes() {
    // From the standard: the key of this person, and the older key of this session.
    assert_eq!(
        Log::person_key("Alice Smith <alice@example.com>"),
        "h_31dce776f88375"
    );
    let agent = AgentId {
        tool: "cursor".into(),
        id: "6ef2299e-a67f-432b-aa80-3d2fb4d28999".into(),
        model: String::new(),
    };
    assert_eq!(Log::session_key(&agent), "s_866dabf162e96b");
}

#[test]
fn written_logs_are_read_again() {
    let log = mixed().log(COMMIT, "stead 0.1.0").unwrap();
    let text = log.to_string();
    assert_eq!(Log::parse(text.as_bytes()).unwrap(), log);
    let top: Vec<&str> = text.lines().take_while(|line| *line != "---").collect();
    let shape: Vec<&str> = top
        .iter()
        .map(|line| line.split("::").next().unwrap())
        .collect();
    // Sums by another program: sha256 of `helper:one`, `other:t w/o` and the person.
    assert_eq!(
        shape,
        [
            "\"my notes.md\"",
            "  s_ac4bfb755d0d03",
            "src/a.rs",
            "  s_8b07bbb7d2cb7b",
            "  s_ac4bfb755d0d03",
            "  h_a15d61eb127163 3",
        ]
    );
    // A line that a person changed is nobody's in this form.
    assert_eq!(said(&text, "src/a.rs", 4), None);
    assert_eq!(
        said(&text, "src/a.rs", 2),
        Some((Contributor::Agent, Some("helper m-5 one".into()), 0.75))
    );
}

#[test]
fn paths_that_logs_cannot_hold_are_left_out() {
    for path in ["a\"b", "a\nb", "---", " a", "a "] {
        let one = super::credits(&[(path, 1, super::session("helper", "one", false))]);
        assert_eq!(one.log(COMMIT, "stead"), None, "{path:?}");
    }
}

fn schema() -> jsonschema::Validator {
    let schema = serde_json::from_str(include_str!("agent-trace.schema.json")).unwrap();
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

#[test]
fn written_records_fit_the_schema() {
    let record = mixed()
        .record(COMMIT, "0.1.0", "2026-11-21T12:00:00Z")
        .unwrap();
    let json = serde_json::to_value(&record).unwrap();
    let errors: Vec<String> = schema()
        .iter_errors(&json)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, [""; 0], "{json:#}");
    let (again, bad) = Record::parse_all(json.to_string().as_bytes());
    assert_eq!((again, bad), (vec![record.clone()], 0));
    // stead is no agent: the address names the one whose session it is.
    let notes = record.line("my notes.md", 1, Reading::Same).unwrap();
    let names = [notes.agent, notes.model, notes.session];
    assert_eq!(
        names.map(Option::unwrap_or_default),
        ["other", "vendor/m-5", "t w/o"]
    );
    let kinds: Vec<&str> = json["files"][1]["conversations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|given| given["contributor"]["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["ai", "mixed", "ai", "human"]);
    let mut wrong = json.clone();
    wrong["id"] = "not a uuid".into();
    assert!(!schema().is_valid(&wrong), "formats count");
}

#[test]
fn records_say_who_wrote_a_line() {
    // After sections 6.2 and 6.1 of the specification; a range has a writer of its own.
    let text = r#"{"version": "0.1.0", "id": "550e8400-e29b-41d4-a716-446655440000",
        "timestamp": "2026-01-23T14:30:00Z", "vcs": {"type": "git", "revision": "C"},
        "tool": {"name": "pointer", "version": 2},
        "files": [{"path": "p.ts", "conversations": [
          {"url": "https://example.com/v1/conversations/12345?x=1",
           "contributor": {"type": "ai", "model_id": "vendor/m-5"},
           "ranges": [{"start_line": 42, "end_line": 67, "content_hash": "murmur3:9f2e8a1b"},
             {"start_line": 70, "end_line": 71, "contributor": {"type": "human"}},
             {"start_line": 80, "end_line": 80, "contributor": {"type": "unknown"}},
             {"start_line": "?"}]},
          "nonsense"]}]}"#
        .replace('\n', " ")
        .replace("\"version\": 2", "\"version\": \"2\"");
    let (records, bad) = Record::parse_all(format!("{text}\n\nno json\n").as_bytes());
    assert_eq!((records.len(), bad), (1, 1));
    let record = &records[0];
    assert_eq!(record.commit(), Some("C"));
    let line = record.line("p.ts", 42, Reading::Same).unwrap();
    assert_eq!(line.contributor, Contributor::Agent);
    let names = [line.agent, line.model, line.session];
    assert_eq!(
        names.map(Option::unwrap_or_default),
        ["pointer", "vendor/m-5", "12345"]
    );
    let human = record.line("p.ts", 70, Reading::Same).unwrap();
    assert_eq!(
        (human.contributor, human.agent, human.session),
        (Contributor::Human, None, None)
    );
    for line in [41, 68, 80] {
        assert_eq!(record.line("p.ts", line, Reading::Same), None, "{line}");
    }
    let before = record.line("p.ts", 42, Reading::Before).unwrap();
    assert!(before.weight < SURE);
}
