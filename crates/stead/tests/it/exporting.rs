//! `export` and `forget`: what leaves stead, and what never does again.

use std::io::Cursor;

use stead_testkit::disk::holding;
use stead_usf::Session;

use super::machine::{CLAUDE, Machine};

#[test]
fn every_form_holds_the_session() {
    let machine = Machine::with_samples();
    let document: Session = serde_json::from_str(&machine.ok(&["show", CLAUDE, "--json"])).unwrap();
    let usf: Session = serde_json::from_str(&machine.ok(&["export", "e519"])).unwrap();
    assert_eq!(usf, document);
    let lines = machine.ok(&["export", "e519", "--format", "jsonl"]);
    let (mut header, events) = stead_usf::read_lines(Cursor::new(lines)).unwrap();
    header.events = events.map(Result::unwrap).collect();
    assert_eq!(header, document);
    for form in ["md", "html"] {
        let text = machine.ok(&["export", "e519", "-f", form]);
        for words in ["Also drop punctuation", "slugify() now drops punctuation"] {
            assert!(text.contains(words), "{form}: {text}");
        }
    }
}

#[test]
fn a_file_is_written_where_it_is_wanted() {
    let machine = Machine::with_samples();
    let file = machine.data().join("session.html");
    let path = file.to_str().unwrap();
    assert_eq!(
        machine.ok(&["export", "e519", "-f", "html", "-o", path]),
        ""
    );
    let text = fs_err::read_to_string(&file).unwrap();
    assert_eq!(text, machine.ok(&["export", "e519", "-f", "html"]));
    let missing = machine.data().join("missing/session.html");
    let run = machine.run(&["export", "e519", "-o", missing.to_str().unwrap()]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("missing/session.html"), "{}", run.err);
}

#[test]
fn pages_run_nothing_and_load_nothing() {
    let machine = Machine::with_samples();
    let hostile = "<script>alert(1)</script> <img src=x onerror=alert(2)> \
                   [click](javascript:alert(3)) ![p](https://evil.example/p.png) </title></style>";
    machine.say(1, hostile);
    let page = machine.ok(&["export", CLAUDE, "-f", "html"]);
    let lower = page.to_lowercase();
    assert!(
        lower.contains("&lt;script&gt;alert(1)"),
        "it is there as text"
    );
    for tag in [
        "<script",
        "<img src=x",
        "<iframe",
        "<link",
        "<object",
        "<embed",
        "@import",
    ] {
        assert!(!lower.contains(tag), "{tag}");
    }
    for part in ["href=\"javascript", "src=\"http", "url(http"] {
        assert!(!lower.contains(part), "{part}");
    }
    assert_eq!(lower.matches("</title>").count(), 1);
}

#[test]
fn secrets_are_masked_unless_revealed() {
    let machine = Machine::with_samples();
    let token = format!("{}{}", "ghp_", "q7Zr2Kx9Wm4Tn8Yc3Vb6Lj1Hd5Gf0Sp2Ra4X");
    machine.say(1, &format!("quokka {token}"));
    for arguments in [
        &["show", CLAUDE][..],
        &["show", CLAUDE, "--json"],
        &["ls", "--json"],
        &["ls"],
        &["search", "quokka"],
        &["search", "--json", "quokka"],
        &["export", CLAUDE],
        &["export", CLAUDE, "-f", "jsonl"],
        &["export", CLAUDE, "-f", "md"],
        &["export", CLAUDE, "-f", "html"],
        &["doctor", "--json"],
    ] {
        let text = machine.ok(arguments);
        assert!(!text.contains(&token), "{arguments:?}");
    }
    for arguments in [
        &["show", CLAUDE, "--reveal"][..],
        &["show", CLAUDE, "--json", "--reveal"],
        &["export", CLAUDE, "--reveal"],
        &["export", CLAUDE, "-f", "html", "--reveal"],
    ] {
        assert!(machine.ok(arguments).contains(&token), "{arguments:?}");
    }
    let index = holding(&machine.data().join("index"), &token);
    assert!(index.is_empty(), "{index:?}");
}

#[test]
fn forgetting_asks_and_then_is_thorough() {
    let machine = Machine::with_samples();
    machine.say(1, "unheardofquokka");
    machine.ok(&["sync"]);
    let run = machine.run(&["forget", CLAUDE]);
    assert_eq!(run.code, 2, "nobody can be asked");
    assert!(run.err.contains("--yes"), "{}", run.err);
    machine.ok(&["show", CLAUDE]);
    let run = machine.run(&["forget", "--yes", "e519"]);
    assert_eq!((run.code, run.out.as_str()), (0, ""));
    assert!(
        run.err
            .contains(&format!("Forgotten: claude-code:{CLAUDE}")),
        "{}",
        run.err
    );
    for _ in 0..2 {
        assert_eq!(machine.run(&["show", CLAUDE]).code, 3);
        assert!(!machine.ok(&["ls", "--json"]).contains(CLAUDE));
        assert!(machine.run(&["search", "unheardofquokka"]).out.is_empty());
        let files = holding(machine.data(), "unheardofquokka");
        assert!(files.is_empty(), "{files:?}");
        machine.say(2, "unheardofquokka again");
        machine.ok(&["sync", "--rebuild"]);
    }
}

/// What a terminal obeys never reaches it, and the values stay what they are.
#[test]
fn json_holds_nothing_that_a_terminal_obeys() {
    let machine = Machine::with_samples();
    let words = "jasmine \u{9b}31m\u{85}\u{7f} \u{202e}tfel\u{202c} é한😀";
    machine.say(1, words);
    let file = machine.data().join("session.jsonl");
    let path = file.to_str().unwrap();
    machine.ok(&["export", CLAUDE, "-f", "jsonl", "-o", path]);
    let mut written = vec![fs_err::read_to_string(&file).unwrap()];
    for arguments in [
        &["show", CLAUDE, "--json"][..],
        &["export", CLAUDE],
        &["export", CLAUDE, "-f", "jsonl"],
        &["search", "jasmine", "--json"],
        &["ls", "--json"],
        &["doctor", "--json"],
        &["sync", "--json"],
        &["stats", "--json"],
    ] {
        written.push(machine.ok(arguments));
    }
    for json in &written {
        let obeyed = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert_eq!(json.find(obeyed), None, "{json}");
    }
    assert!(written[0].contains(r"jasmine \u009b31m\u0085\u007f \u202etfel"));
    assert!(written[0].contains("é한😀"));
    let session: Session = serde_json::from_str(&written[1]).unwrap();
    let texts = session
        .events
        .iter()
        .filter_map(|event| event.text.as_deref());
    assert_eq!(texts.filter(|text| *text == words).count(), 1);
}
