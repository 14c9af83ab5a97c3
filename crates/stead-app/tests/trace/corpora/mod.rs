//! Sessions of the real agents, with the repositories that they worked on. The
//! truth was written down from the model's side (`EXPECTED.json`), or, for Aider,
//! by the commits that it made itself. The repositories are cloned to another place
//! than that which the sessions name.

mod aider;
mod edit;
mod judge;
mod truth;

use std::path::{Path, PathBuf};

use stead_adapters::conformance;
use stead_testkit::truth::Truth;

use crate::machine::{Machine, blame, git};
use judge::Judged;

/// A corpus and where its sessions are: below the agents' test data.
const CORPORA: [(&str, &str); 17] = [
    ("claude-0.2.126", "claude_code/testdata/v0.2.126"),
    ("claude-1.0.128", "claude_code/testdata/v1.0.128"),
    ("claude-2.0.77", "claude_code/testdata/v2.0.77"),
    ("claude-2.1.329", "claude_code/testdata/v2.1.329"),
    ("codex-0.22.0", "codex/testdata/v0.22.0"),
    ("codex-0.50.0", "codex/testdata/v0.50.0"),
    ("codex-0.125.0", "codex/testdata/v0.125.0"),
    ("codex-0.169.0", "codex/testdata/v0.169.0"),
    ("goose-1.34.0", "goose/testdata/v1.34.0"),
    ("goose-1.37.0", "goose/testdata/v1.37.0"),
    ("goose-1.50.0", "goose/testdata/v1.50.0"),
    ("goose-1.52.0", "goose/testdata/v1.52.0"),
    ("opencode-0.5.29", "opencode/testdata/v0.5.29"),
    ("opencode-1.0.185", "opencode/testdata/v1.0.185"),
    ("opencode-1.18.33", "opencode/testdata/v1.18.33"),
    ("openhands-1.16.0", "openhands/testdata/cli-1.16.0"),
    (
        "openhands-server-1.58.0",
        "openhands/testdata/server-1.58.0",
    ),
];

/// The two repositories of each corpus; they began with the same text.
const REPOSITORIES: [&str; 2] = ["demo", "other"];

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Clones a corpus' repository, under a name of the clone's own.
fn clone(corpus: &str, name: &str, below: &Path) -> PathBuf {
    let bundle = here(&format!("tests/trace/data/{corpus}/{name}.bundle"));
    let folder = below.join(format!("code/copy-of-{name}"));
    let (from, to) = (bundle.to_str().unwrap(), folder.to_str().unwrap());
    git(below, &["clone", "--quiet", "--branch", "main", from, to]);
    folder
}

/// Asks for every line of a corpus' repository, in the last commit and on the disk.
fn judged(corpus: &str, testdata: &str, name: &str) -> Judged {
    let testdata = here(&format!("../stead-adapters/src/agents/{testdata}"));
    let truth = fs_err::read(testdata.join("EXPECTED.json")).unwrap();
    let truth: Truth = serde_json::from_slice(&truth).unwrap();
    let machine = Machine::of(conformance::unpack(&testdata.join("home")));
    let folder = clone(corpus, name, machine.home());
    let left = truth::left(&truth, &format!("/home/dev/work/{name}"), &folder);
    for (path, lines) in &left.working {
        let text: String = lines.iter().map(|(line, _)| line.as_str()).collect();
        let path = folder.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    let app = machine.app(&folder);
    let mut judged = Judged::default();
    for (files, revision) in [(&left.head, Some("HEAD")), (&left.working, None)] {
        for (path, lines) in files {
            let answers = blame(&app, &folder, path, revision);
            judged.add(path, lines, &answers, &truth);
        }
    }
    judged
}

#[test]
fn lines_go_to_the_sessions_that_wrote_them() {
    let mut wrong = Vec::new();
    for (corpus, testdata) in CORPORA {
        for name in REPOSITORIES {
            let judged = judged(corpus, testdata, name);
            println!("{corpus} {name}: {judged}");
            wrong.extend(judged.misses);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
