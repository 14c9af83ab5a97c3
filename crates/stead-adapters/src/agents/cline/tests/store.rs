//! A real store with what truly happened.

use std::collections::BTreeMap;
use std::path::PathBuf;

use stead_testkit::truth::{TrueSession, Truth, prompts, tokens_of};
use stead_usf::{LinkKind, Session, Status};

use super::Cline;
use crate::conformance;

/// A folder of test data.
pub(super) fn case(name: &str) -> PathBuf {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/agents/cline/testdata");
    data.join(name)
}

pub(super) struct Store {
    pub(super) truth: Truth,
    pub(super) sessions: BTreeMap<String, Session>,
}

impl Store {
    pub(super) fn of(version: &str) -> Self {
        let home = conformance::unpack(&case(version).join("home"));
        Self {
            truth: Truth::load(&case(version).join("EXPECTED.json")),
            sessions: conformance::sessions(&Cline, home.path()),
        }
    }

    pub(super) fn read(&self, expected: &TrueSession) -> &Session {
        &self.sessions[expected.id.as_deref().expect("an id")]
    }

    /// Everything that every session must keep.
    pub(super) fn check(&self) {
        for expected in &self.truth.sessions {
            let session = self.read(expected);
            expected.check(session);
            assert_eq!(session.issues, [], "{}", expected.name);
            let typed: Vec<_> = expected
                .turns
                .iter()
                .map(|turn| turn.user.as_str())
                .collect();
            assert_eq!(prompts(session), typed, "{}", expected.name);
            let status = match expected.state.as_str() {
                "ended" => Status::Ended,
                _ => Status::Aborted,
            };
            assert_eq!(session.status, Some(status), "{}", expected.name);
            let (least, most) = expected.token_range();
            let (input, output) = tokens_of(session);
            assert!(
                (least.input..=most.input).contains(&input),
                "{}: {input}",
                expected.name
            );
            assert!(
                (least.output..=most.output).contains(&output),
                "{}: {output}",
                expected.name
            );
        }
    }

    /// The subagent of a session's first turn has a session of its own.
    pub(super) fn check_subagent(&self, expected: &TrueSession) {
        let parent = self.read(expected);
        let truth = &expected.turns[0].subagents[0];
        let is_child = |session: &&Session| {
            let parent_of = session.parent.as_ref().map(|link| &link.id);
            parent_of == Some(&parent.id)
        };
        let children: Vec<_> = self.sessions.values().filter(is_child).collect();
        let [child] = children.as_slice() else {
            panic!("{children:#?}");
        };
        let link = child.parent.as_ref().unwrap();
        assert_eq!(link.kind, LinkKind::Subagent);
        assert_eq!(link.call_id, expected.turns[0].steps[0].calls[0].id);
        assert_eq!(tokens_of(child), (truth.tokens.input, truth.tokens.output));
        assert_eq!(prompts(child), [""; 0], "nobody typed it");
        assert_eq!(child.events[0].text.as_ref(), Some(&truth.prompt));
        assert_eq!(child.cwd, parent.cwd);
    }
}
