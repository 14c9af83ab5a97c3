//! A real store with what truly happened in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use stead_testkit::truth::{TrueSession, Truth, prompts, tokens_of};
use stead_usf::{EventType, Inactive, LinkKind, Session, Status};

use super::super::ClaudeCode;
use crate::conformance;

pub(super) fn case(version: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/agents/claude_code/testdata");
    folder.join(version)
}

pub(super) struct Store {
    pub(super) truth: Truth,
    pub(super) sessions: BTreeMap<String, Session>,
}

impl Store {
    pub(super) fn of(version: &str) -> Self {
        let home = conformance::unpack(&case(version).join("home"));
        let mut store = Self {
            truth: Truth::load(&case(version).join("EXPECTED.json")),
            sessions: conformance::sessions(&ClaudeCode, home.path()),
        };
        // Before 2.1 the model was asked to think in a terminal of 2.0 only.
        let thought =
            |name: &str| version == "v2.1.329" || (version == "v2.0.77" && name == "terminal");
        for session in store
            .truth
            .sessions
            .iter_mut()
            .filter(|s| !thought(&s.name))
        {
            let steps = session.turns.iter_mut().flat_map(|turn| &mut turn.steps);
            steps.for_each(|step| step.think = None);
        }
        // The compaction of 0.2 leaves no trace in the files.
        let turns = store.truth.sessions.iter_mut().flat_map(|s| &mut s.turns);
        for turn in turns.filter(|turn| version == "v0.2.126" && turn.user == "/compact") {
            turn.steps.remove(0);
        }
        store
    }

    pub(super) fn read(&self, session: &TrueSession) -> &Session {
        let id = session.id.as_deref().unwrap();
        self.sessions
            .get(id)
            .unwrap_or_else(|| panic!("{id} was not found"))
    }

    /// The subagents of a session that it started itself.
    pub(super) fn subagents(&self, session: &Session) -> Vec<&Session> {
        let child = |other: &&Session| {
            other.title.as_deref() != Some("Warmup")
                && other
                    .parent
                    .as_ref()
                    .is_some_and(|p| p.id == session.id && p.kind == LinkKind::Subagent)
        };
        self.sessions.values().filter(child).collect()
    }

    /// Everything that every version must get right.
    pub(super) fn check(&self) {
        for expected in &self.truth.sessions {
            let session = self.read(expected);
            expected.check(session);
            let typed: Vec<_> = prompts(session);
            let wanted: Vec<_> = expected
                .turns
                .iter()
                .map(|turn| turn.user.as_str())
                .collect();
            let own: Vec<_> = typed
                .iter()
                .filter(|text| wanted.contains(text))
                .copied()
                .collect();
            let wanted: Vec<_> = wanted
                .into_iter()
                .filter(|text| !text.starts_with('/'))
                .collect();
            assert_eq!(own, wanted, "{}", expected.name);
            let status = match expected.state.as_str() {
                "ended" => Status::Ended,
                _ => Status::Aborted,
            };
            assert_eq!(session.status, Some(status), "{}", expected.name);
            assert_eq!(
                session.agent_version.as_ref(),
                Some(&self.truth.version),
                "{}",
                expected.name
            );
            if expected.parent.is_none() && expected.ids.is_none() {
                assert_eq!(typed.len(), wanted.len(), "{}: {typed:?}", expected.name);
            }
            self.check_subagents(expected, session);
            if let Some(prompt) = &expected.rewound {
                check_rewound(session, prompt);
            }
            if let Some(parent) = &expected.parent {
                let link = session.parent.as_ref().unwrap();
                assert_eq!(link.id.native(), parent);
                assert_eq!(link.kind, LinkKind::Fork);
                check_inherited(session, &expected.turns[0].user);
            }
        }
    }

    pub(super) fn check_subagents(&self, expected: &TrueSession, session: &Session) {
        let chain = expected
            .ids
            .as_deref()
            .unwrap_or(expected.id.as_deref().unwrap());
        for turn in &expected.turns {
            for subagent in turn
                .subagents
                .iter()
                .filter(|agent| agent.prompt != "Warmup")
            {
                let sessions = chain.split(' ').map(|id| &self.sessions[id]);
                let children: Vec<_> = sessions.flat_map(|s| self.subagents(s)).collect();
                assert_eq!(children.len(), 1, "{}", expected.name);
                let call = turn.steps.iter().flat_map(|step| &step.calls);
                let call = call
                    .clone()
                    .find(|call| matches!(call.tool.as_str(), "Task" | "Agent"));
                let link = children[0].parent.as_ref().unwrap();
                assert_eq!(link.call_id, call.unwrap().id, "{}", session.id);
                assert_eq!(children[0].title.as_deref(), Some("Count functions"));
                if exact(&self.truth, expected) {
                    subagent.check(children[0]);
                }
            }
        }
    }
}

/// The terminal runs of 1.0 and 2.0 wrote some replies down before their
/// tokens were known, and nothing after.
pub(super) fn exact(truth: &Truth, session: &TrueSession) -> bool {
    !(["terminal", "killed"].contains(&session.name.as_str()) && truth.version.as_str() < "2.1")
}

pub(super) fn check_rewound(session: &Session, prompt: &str) {
    let rewound: Vec<_> = session
        .events
        .iter()
        .filter(|event| event.inactive == Some(Inactive::Rewound))
        .collect();
    let words: Vec<_> = rewound
        .iter()
        .filter(|event| event.is_prompt())
        .map(|event| event.text.as_deref().unwrap())
        .collect();
    assert_eq!(words, [prompt]);
    let calls = rewound
        .iter()
        .filter(|event| event.kind == EventType::ToolCall);
    assert_eq!(calls.count(), 1, "the call of the branch went with it");
    let results = rewound
        .iter()
        .filter(|event| event.kind == EventType::ToolResult);
    assert_eq!(results.count(), 1);
}

pub(super) fn check_inherited(session: &Session, first_own: &str) {
    let own = session
        .events
        .iter()
        .position(|event| event.text.as_deref() == Some(first_own))
        .unwrap();
    assert!(
        session.events[..own].iter().all(|event| event.inherited),
        "{}",
        session.id
    );
    assert!(
        session.events[own..].iter().all(|event| !event.inherited),
        "{}",
        session.id
    );
}

/// Tokens of all steps that left a trace.
pub(super) fn sum_of(session: &TrueSession) -> (u64, u64) {
    let steps = session.turns.iter().flat_map(|turn| &turn.steps);
    steps.fold((0, 0), |sum, step| {
        (sum.0 + step.tokens.input, sum.1 + step.tokens.output)
    })
}

impl Store {
    /// Tokens are right to the last.
    pub(super) fn check_tokens(&self, names: &[&str]) {
        for name in names {
            let expected = self.truth.session(name);
            let (least, most) = expected.token_range();
            let (input, output) = tokens_of(self.read(expected));
            let input_fits = (least.input..=most.input).contains(&input);
            let output_fits = (least.output..=most.output).contains(&output);
            assert!(
                input_fits && output_fits,
                "{name}: {input} {output}, not {least:?}..{most:?}"
            );
        }
    }

    /// The request for a summary is in no transcript, all others are.
    pub(super) fn check_side(&self, name: &str) {
        let expected = self.truth.session(name);
        let turns = expected.turns.iter().filter(|turn| turn.user == "/compact");
        let steps = turns.flat_map(|turn| &turn.steps);
        let side = steps.fold((0, 0), |sum, step| {
            (sum.0 + step.tokens.input, sum.1 + step.tokens.output)
        });
        let all = (
            expected.tokens.input - side.0,
            expected.tokens.output - side.1,
        );
        assert_eq!(tokens_of(self.read(expected)), all, "{name}");
    }

    /// What stood before the summary is compacted, but for `kept`.
    pub(super) fn check_compaction(&self, name: &str, kept: &[&str]) {
        let session = self.read(self.truth.session(name));
        let summary = session
            .events
            .iter()
            .position(|event| event.kind == EventType::Summary);
        let (before, after) = session.events.split_at(summary.unwrap() - 1);
        let active = before.iter().filter(|event| event.inactive.is_none());
        let active: Vec<_> = active.filter_map(|event| event.text.as_deref()).collect();
        assert_eq!(active, kept);
        assert!(after.iter().all(|event| event.inactive.is_none()));
        assert_eq!(after[0].parent.as_ref(), Some(&before.last().unwrap().id));
    }
}
