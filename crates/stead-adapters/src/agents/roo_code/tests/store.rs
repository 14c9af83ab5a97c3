//! A real store with what truly happened.

use std::collections::BTreeMap;
use std::path::PathBuf;

use stead_testkit::truth::{Tokens, TrueSession, Truth, prompts, tokens_of};
use stead_usf::{Session, Status};

use super::RooCode;
use crate::conformance;

/// A folder of test data.
pub(super) fn case(name: &str) -> PathBuf {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/agents/roo_code/testdata");
    data.join(name)
}

pub(super) struct Store {
    pub(super) truth: Truth,
    pub(super) sessions: BTreeMap<String, Session>,
}

impl Store {
    pub(super) fn of(version: &str) -> Self {
        let home = conformance::unpack(&case(version).join("home"));
        let mut truth = Truth::load(&case(version).join("EXPECTED.json"));
        let turns = truth.sessions.iter_mut().flat_map(|one| &mut one.turns);
        for step in turns.flat_map(|turn| &mut turn.steps) {
            // The agent asked for no reasoning and kept none.
            step.think = None;
            // Its last reply is not in the messages if it is ended at once: then it
            // stands in what was shown, as words.
            let last = step.calls.iter().position(|call| call.result.is_none());
            if let Some(last) = last.filter(|_| !step.cut) {
                step.say = step.calls.remove(last).args["result"]
                    .as_str()
                    .map(str::to_owned);
            }
        }
        Self {
            truth,
            sessions: conformance::sessions(&RooCode, home.path()),
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
            let ended = expected.state == "ended";
            let status = if ended {
                Status::Ended
            } else {
                Status::Aborted
            };
            assert_eq!(session.status, Some(status), "{}", expected.name);
            if ended {
                check_tokens(session, expected.tokens);
            } else {
                // The request that was killed left no numbers.
                let first = &expected.turns[0].steps[0].tokens;
                assert_eq!(tokens_of(session).0, first.input);
            }
        }
    }
}

/// The agent counts the token that the provider announces at first once more.
#[track_caller]
pub(super) fn check_tokens(session: &Session, expected: Tokens) {
    let output = expected.output + expected.requests;
    assert_eq!(tokens_of(session), (expected.input, output));
}
