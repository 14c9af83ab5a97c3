//! Secrets are masked wherever session text leaves the agents' files.

use stead_testkit::disk::holding;
use stead_usf::Session;

use super::machine::{CLAUDE, Machine, all, documents, found, prompt};
use crate::export::html::HtmlWriter;
use crate::export::markdown::MarkdownWriter;
use crate::export::view::DocumentOptions;
use crate::export::{DocumentWriter, LinesWriter, SessionWriter};
use crate::{App, OpenOptions, SearchOptions};

/// Looks like a real one, but stands nowhere in the source.
fn token() -> String {
    let noise = "q7Zr2Kx9Wm4Tn8Yc3Vb6Lj1Hd5Gf0Sp2Ra4Xe";
    format!("{}{}", "ghp_", &noise[..36])
}

/// A machine with a secret in a prompt, a command, its output, an edit and a title.
fn machine() -> Machine {
    let machine = Machine::with_samples();
    let token = token();
    let line = |uuid: u32, kind: &str, content: serde_json::Value| {
        let line = serde_json::json!({
            "parentUuid": null, "isSidechain": false, "type": kind,
            "message": {"role": kind, "content": content, "id": format!("msg_{uuid}")},
            "uuid": format!("00000000-0000-4000-8000-{uuid:012}"),
            "timestamp": "2026-11-21T09:00:00.000Z", "cwd": "/home/dev/work/demo",
            "sessionId": CLAUDE, "version": "2.1.329",
        });
        format!("{line}\n")
    };
    let call = |id: &str, name: &str, input: serde_json::Value| serde_json::json!([{"type": "tool_use", "id": id, "name": name, "input": input}]);
    let result = |id: &str, output: &str| serde_json::json!([{"type": "tool_result", "tool_use_id": id, "content": output}]);
    let title = serde_json::json!({"type": "custom-title", "customTitle": format!("about {token}"),
        "sessionId": CLAUDE});
    let input = serde_json::json!({"command": format!("curl -H 'Authorization: token {token}' x")});
    let edit = serde_json::json!({"file_path": "/home/dev/work/demo/.env",
        "content": format!("A=1\nGITHUB_TOKEN={token}\n")});
    let lines = [
        prompt(CLAUDE, 1, &format!("quokka uses {token} here")),
        line(2, "assistant", call("t1", "Bash", input)),
        line(3, "user", result("t1", &format!("wombat said {token}"))),
        line(4, "assistant", call("t2", "Write", edit)),
        line(5, "user", result("t2", "done")),
        format!("{title}\n"),
    ];
    machine.append(CLAUDE, &lines.concat());
    machine
}

fn export(app: &App, form: &str, reveal: bool) -> String {
    let found = app.find(CLAUDE).unwrap();
    let look = DocumentOptions::default();
    let mut out = Vec::new();
    let mut writer: Box<dyn SessionWriter> = match form {
        "usf" => Box::new(DocumentWriter::new(&mut out)),
        "jsonl" => Box::new(LinesWriter::new(&mut out)),
        "md" => Box::new(MarkdownWriter::new(&mut out, look)),
        _ => Box::new(HtmlWriter::new(&mut out, look)),
    };
    app.visit(&found, OpenOptions { reveal }, &mut *writer)
        .unwrap();
    drop(writer);
    String::from_utf8(out).unwrap()
}

#[test]
fn a_secret_is_not_in_the_index() {
    let machine = machine();
    let app = machine.synced();
    let files = holding(&machine.data().join("index"), &token());
    assert!(files.is_empty(), "{files:?}");
    assert!(found(&app, &token()).is_empty());
    assert!(found(&app, &token()[4..]).is_empty());
    for query in ["quokka", "wombat", "file:.env", "title:about"] {
        assert_eq!(found(&app, query), [CLAUDE], "{query}");
    }
}

#[test]
fn what_is_shown_is_masked() {
    let machine = machine();
    let app = machine.synced();
    for (id, json) in documents(&app) {
        assert!(!json.contains(&token()), "{id}");
    }
    for header in app.list_json(&all()).unwrap() {
        assert!(!header.contains(&token()), "{header}");
    }
    for query in ["quokka", "wombat", "curl", "title:about", "file:.env"] {
        let report = app.search(query, &SearchOptions::default()).unwrap();
        let json = serde_json::to_string(&report).unwrap();
        assert!(!json.contains(&token()), "{query}");
        if query == "quokka" {
            assert!(json.contains("[redacted"), "{json}");
        }
    }
}

#[test]
fn exports_are_masked_unless_revealed() {
    let machine = machine();
    let app = machine.synced();
    for form in ["usf", "jsonl", "md", "html"] {
        let (masked, revealed) = (export(&app, form, false), export(&app, form, true));
        assert!(!masked.contains(&token()), "{form}");
        let count = revealed.matches(&token()).count();
        assert!(count >= 3, "{form}: the secret stands {count} times");
        assert!(masked.contains("redacted"), "{form}");
    }
    let masked: Session = serde_json::from_str(&export(&app, "usf", false)).unwrap();
    assert_eq!(stead_usf::validate(&masked), []);
}

#[test]
fn the_archive_keeps_what_was_written() {
    let machine = machine();
    let revealed = export(&machine.synced(), "md", true);
    assert!(!holding(&machine.data().join("archive"), &token()).is_empty());
    fs_err::remove_file(machine.file_of(CLAUDE)).unwrap();
    let app = machine.synced();
    assert!(!export(&app, "md", false).contains(&token()));
    let count = |text: &str| text.matches(&token()).count();
    assert_eq!(count(&export(&app, "md", true)), count(&revealed));
}
