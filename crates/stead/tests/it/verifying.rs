//! Sessions of stead's own agent: proved, shown, and traced to from a line. The session is the
//! adapter's fixture, which the agent's own recorder wrote.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::machine::{Machine, Run};
use super::tracing::Repository;

const SESSION: &str = "0199f3a4-5b00-7c3d-8e4f-0123456789ab";
const KEY: &str = "stead.local/made+409dd8c3+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";

/// Puts the session and the seals into a machine's data folder.
fn lay_out(data: &Path) {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../stead-adapters/src/agents/stead/testdata/v0.1.0/home/.local/share/stead");
    for folder in ["seals".to_owned(), format!("sessions/{SESSION}")] {
        fs_err::create_dir_all(data.join(&folder)).unwrap();
        for entry in fs_err::read_dir(fixture.join(&folder)).unwrap() {
            let from = entry.unwrap().path();
            let to = data.join(&folder).join(from.file_name().unwrap());
            fs_err::copy(from, to).unwrap();
        }
    }
}

fn machine() -> Machine {
    let machine = Machine::empty();
    lay_out(machine.data());
    machine
}

fn file(machine: &Machine, name: &str) -> PathBuf {
    machine.data().join("sessions").join(SESSION).join(name)
}

fn change(machine: &Machine, name: &str, from: &str, to: &str) {
    let path = file(machine, name);
    let text = fs_err::read_to_string(&path).unwrap();
    assert!(text.contains(from));
    fs_err::write(path, text.replacen(from, to, 1)).unwrap();
}

fn verify(machine: &Machine, arguments: &[&str]) -> Run {
    machine.run(&[&["verify", "--with", KEY], arguments].concat())
}

#[test]
fn a_session_as_it_was_signed_is_told_in_plain_words() {
    let machine = machine();
    let run = verify(&machine, &["0199"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let told = "\
session    0199f3a4-5b00-7c3d-8e4f-0123456789ab
records    19 records, the header and the events
root       4LnYZA9gC+8Tob1BrFIDiZBLKonCkjRMtjqR4IF2cLQ=
signed by  stead.local/made/0199f3a4-5b00-7c3d-8e4f-0123456789ab, key id 93901a24
traffic    4 exchanges with models, with the digests that the events name
seals      2 earlier checkpoints of it in this machine's log
nothing was changed, removed or reordered
";
    assert_eq!(run.out, told);
    let all = verify(&machine, &[]);
    assert_eq!(all.code, 0);
    assert!(
        all.out
            .ends_with("1 session: nothing was changed, removed or reordered\n")
    );
}

#[test]
fn whatever_is_altered_ends_with_a_code_of_its_own() {
    let altered: [(&str, &str, &str, &str); 3] = [
        (
            "session.usf.jsonl",
            "now run",
            "never run",
            "the 19 records are not those that were signed",
        ),
        (
            "traffic.jsonl",
            "moonshot.ai",
            "moonshot.zz",
            "exchange r1.1 of the traffic is not what it was",
        ),
        ("checkpoint", "\n19\n", "\n18\n", "cannot be believed"),
    ];
    for (name, from, to, words) in altered {
        let machine = machine();
        change(&machine, name, from, to);
        let run = verify(&machine, &["0199", "--json"]);
        assert_eq!(run.code, 10, "{name}");
        let found: Value = serde_json::from_str(&run.out).unwrap();
        let told = found["sessions"][0]["altered"][0].as_str().unwrap();
        assert!(told.contains(words), "{told}");
        let run = verify(&machine, &[]);
        assert_eq!(run.code, 10, "{name}");
        assert!(run.out.ends_with("ALTERED: not all is as it was signed\n"));
    }
}

#[test]
fn a_session_that_is_gone_is_missed() {
    let machine = machine();
    fs_err::remove_dir_all(machine.data().join("sessions")).unwrap();
    for arguments in [&[][..], &["0199"]] {
        let run = verify(&machine, arguments);
        assert_eq!(run.code, 10, "{}", run.err);
        assert!(
            run.out.contains("it was sealed, and is gone"),
            "{}",
            run.out
        );
    }
}

#[test]
fn others_get_what_they_need_to_check_it_themselves() {
    let machine = machine();
    let proof = verify(&machine, &["0199", "--proof", "e3"]).out;
    assert!(
        proof.starts_with("c2sp.org/tlog-proof@v1\nextra "),
        "{proof}"
    );
    assert!(proof.contains("\nindex 3\n"), "{proof}");
    let checkpoint = fs_err::read_to_string(file(&machine, "checkpoint")).unwrap();
    assert!(proof.ends_with(&format!("\n\n{checkpoint}")), "{proof}");
    assert_eq!(verify(&machine, &["0199", "--checkpoint"]).out, checkpoint);
    let key = verify(&machine, &["0199", "--key"]).out;
    assert!(
        key.starts_with(&format!("stead.local/made/{SESSION}+93901a24+")),
        "{key}"
    );
    assert_eq!(verify(&machine, &["--key"]).out, format!("{KEY}\n"));

    assert_eq!(verify(&machine, &["0199", "--proof", "e99"]).code, 3);
    change(&machine, "session.usf.jsonl", "now run", "never run");
    assert_eq!(verify(&machine, &["0199", "--proof", "e3"]).code, 10);
    assert_eq!(verify(&machine, &["0199", "--checkpoint"]).code, 10);
}

#[test]
fn what_cannot_be_checked_says_why() {
    let machine = machine();
    let run = machine.run(&["verify"]);
    assert_eq!(run.code, 1);
    assert!(
        run.err.contains("there is no key in") && run.err.contains("hint:"),
        "{}",
        run.err
    );
    let run = verify(&machine, &["codex"]);
    assert_eq!(run.code, 3);
    assert!(run.err.contains("not signed"), "{}", run.err);
    let run = machine.run(&["verify", "--with", "nonsense"]);
    assert_eq!(run.code, 2, "{}", run.err);

    let secret = format!(
        "PRIVATE+KEY+stead.local/made+409dd8c3+AQcH{}",
        "BwcH".repeat(10)
    );
    let path = machine.data().join("ledger.key");
    fs_err::write(&path, secret).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs_err::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    machine.ok(&["verify"]);

    let empty = Machine::empty();
    let told = empty.ok(&["verify"]);
    assert!(
        told.starts_with("there are no sessions of stead's own agent here"),
        "{told}"
    );
    assert_eq!(
        empty.json(&["verify", "--json"])["sessions"],
        serde_json::json!([])
    );
}

#[test]
fn sessions_of_stead_itself_are_listed_shown_searched_and_counted() {
    let machine = machine();
    let list = machine.json(&["ls", "--json"]);
    assert_eq!(list[0]["id"], format!("stead:{SESSION}"));
    assert_eq!(list[0]["models"][0]["id"], "kimi-k2.5");
    let shown = machine.ok(&["show", "0199"]);
    assert!(shown.contains("created greet.py"), "{shown}");
    let found = machine.json(&["search", "pytest is:error", "--json"]);
    assert_eq!(found["hits"].as_array().unwrap().len(), 1, "{found}");
    let counted = machine.ok(&["stats"]);
    assert!(counted.contains("4.6k"), "{counted}");
    let exported = machine.ok(&["export", "0199", "--format", "usf"]);
    let document: Value = serde_json::from_str(&exported).unwrap();
    assert_eq!(document["events"].as_array().unwrap().len(), 18);
}

#[test]
fn a_line_leads_to_the_request_the_prompt_lines_and_the_decision_behind_it() {
    let repository = Repository::new();
    lay_out(repository.machine.data());
    let root = repository.root.to_str().unwrap();
    change(
        &repository.machine,
        "session.usf.jsonl",
        "/home/dev/work/demo",
        root,
    );
    repository.write(
        "greet.py",
        "def greet(name):\n    return f\"hello, {name}\"\n",
    );
    let why = |arguments: &[&str]| {
        let mut command = repository.machine.command(arguments);
        let run = Run::of(command.current_dir(&repository.root).output().unwrap());
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        run.out
    };
    let told: Value = serde_json::from_str(&why(&["why", "greet.py:2", "--json"])).unwrap();
    assert_eq!(told["session"], format!("stead:{SESSION}"));
    assert_eq!(told["model"], "kimi-k2.5");
    assert_eq!(
        told["request"]["text"],
        "write a greeting and use it in main.py"
    );
    assert_eq!(told["said"][0]["text"], "I begin with the greeting [S4].");
    assert_eq!(told["result"]["output"], "wrote greet.py");
    let account = &told["account"];
    assert_eq!(account["call"], "e4");
    assert_eq!(account["tool"], "write");
    assert_eq!(account["route"], "moonshot/kimi-k2.5");
    assert_eq!(account["exchange"], "r1");
    assert_eq!(account["follows"], serde_json::json!(["S4"]));
    let decision = "allow: write in the workspace, by the defaults";
    assert_eq!(account["decision"], decision);
    assert_eq!(account["traffic"]["r1.1"].as_str().unwrap().len(), 64);
    let words = why(&["why", "greet.py:2"]);
    for part in ["moonshot/kimi-k2.5", "S4", decision, "licence"] {
        assert!(words.contains(part), "{part}: {words}");
    }
}
