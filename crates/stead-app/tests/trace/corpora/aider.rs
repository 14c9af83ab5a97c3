//! Aider commits what it writes and signs it: each line that one of its commits
//! brought is its own. Of its sessions nothing was kept with these repositories.

use std::path::Path;

use stead_app::trace::Kind;

use super::{REPOSITORIES, clone};
use crate::machine::{Machine, ask, blame};

/// Commits that Aider signed, as author or as co-author.
fn signed(folder: &Path) -> Vec<String> {
    let log = ask(folder, &["log", "--format=%x01%H %an %B"]);
    let signed =
        |commit: &&str| commit.contains("(aider)") || commit.contains("Co-authored-by: aider (");
    let commits = log.split('\u{1}').filter(signed);
    let ids = commits.filter_map(|commit| commit.split_once(' '));
    ids.map(|(id, _)| id.to_owned()).collect()
}

#[test]
fn what_aider_committed_is_its_own() {
    for name in REPOSITORIES {
        let machine = Machine::without_sessions();
        let folder = clone("aider-0.86.2", name, machine.home());
        let app = machine.app(&folder);
        let signed = signed(&folder);
        let mut own = 0;
        for path in ask(&folder, &["ls-files"]).lines() {
            for answer in blame(&app, &folder, path, None) {
                let line = answer.line;
                let commit = line.commit.as_deref().unwrap_or_default();
                if signed.iter().any(|id| id == commit) {
                    assert_eq!(line.origin, Kind::Agent, "{path}: {line:?}");
                    assert_eq!(line.agent.as_deref(), Some("aider"), "{path}: {line:?}");
                    own += 1;
                } else {
                    assert_eq!(line.origin, Kind::Unknown, "{path}: {line:?}");
                }
            }
        }
        assert!(own > 0, "{name}");
    }
}
