//! Holds sessions against `EXPECTED.json`: what truly happened, written down
//! from the model's side when the corpus was made, without reading any file of
//! the agent.
#![expect(
    clippy::missing_panics_doc,
    reason = "a difference is reported by a panic"
)]

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use stead_usf::{Event, EventType, Session};

/// What happened while a corpus was made.
#[derive(Debug, Deserialize)]
pub struct Truth {
    /// Version of the agent.
    pub version: String,
    /// The sessions, in order of time.
    pub sessions: Vec<TrueSession>,
}

/// One session as it happened.
#[derive(Debug, Deserialize)]
pub struct TrueSession {
    /// The script's own name for it.
    pub name: String,
    /// The agent's id; of copies, the last.
    pub id: Option<String>,
    /// All ids, where the agent copied the session to new ones.
    pub ids: Option<String>,
    /// Working folder.
    pub cwd: String,
    /// `ended` or `aborted`.
    pub state: String,
    /// The session that it was forked from.
    pub parent: Option<String>,
    /// The prompt that was taken back.
    pub rewound: Option<String>,
    /// The title that the user gave.
    pub title: Option<String>,
    /// What the user typed, and what followed.
    pub turns: Vec<Turn>,
    /// Files changed, relative to `cwd`.
    pub files_written: Vec<String>,
    /// Tokens of all steps.
    pub tokens: Tokens,
}

/// A prompt and what followed.
#[derive(Debug, Deserialize)]
pub struct Turn {
    /// What was typed.
    pub user: String,
    /// When it was sent, as RFC 3339 has it.
    pub started: Option<String>,
    /// What the model got, if not just that.
    pub sent: Option<String>,
    /// The agent was killed in it.
    #[serde(default)]
    pub aborted: bool,
    /// The user stopped it.
    #[serde(default)]
    pub interrupted: bool,
    /// The model's answers.
    pub steps: Vec<Step>,
    /// Subagents that ran in it.
    #[serde(default)]
    pub subagents: Vec<Subagent>,
}

/// One answer of the model.
#[derive(Debug, Deserialize)]
pub struct Step {
    /// The model's name; none in sessions that were made by hand.
    #[serde(default)]
    pub model: String,
    /// Reasoning.
    pub think: Option<String>,
    /// Words.
    pub say: Option<String>,
    /// Tool calls.
    pub calls: Vec<Call>,
    /// Tokens of the request.
    #[serde(default)]
    pub tokens: Tokens,
    /// It may never have reached the disk.
    #[serde(default)]
    pub cut: bool,
}

/// One tool call.
#[derive(Debug, Deserialize)]
pub struct Call {
    /// The provider's id of the call.
    pub id: Option<String>,
    /// The tool's name.
    pub tool: String,
    /// Arguments.
    pub args: Value,
    /// Whether it worked; `None` if it was not carried out.
    pub ok: Option<bool>,
    /// The beginning of the result.
    pub result: Option<String>,
}

/// Tokens as the model reported them; `input` includes cached ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Tokens {
    /// Model requests, in sums.
    #[serde(default)]
    pub requests: u64,
    /// Prompt tokens.
    pub input: u64,
    /// Answer tokens.
    pub output: u64,
}

/// A subagent's conversation.
#[derive(Debug, Deserialize)]
pub struct Subagent {
    /// What it was asked.
    pub prompt: String,
    /// The model's answers.
    pub steps: Vec<Step>,
    /// Their tokens.
    pub tokens: Tokens,
}

impl Truth {
    /// Reads an `EXPECTED.json`.
    pub fn load(path: &Path) -> Self {
        let json = fs_err::read(path).expect("EXPECTED.json is there");
        serde_json::from_slice(&json).expect("EXPECTED.json is as described")
    }

    /// The session with this script name.
    pub fn session(&self, name: &str) -> &TrueSession {
        let found = self.sessions.iter().find(|session| session.name == name);
        found.unwrap_or_else(|| panic!("no session `{name}`"))
    }
}

impl TrueSession {
    /// Holds everything that can be compared without knowing the agent: folder,
    /// prompts, words, reasoning, calls, results, models and files.
    pub fn check(&self, session: &Session) {
        let name = &self.name;
        assert_eq!(
            session.cwd.as_deref(),
            Some(self.cwd.as_str()),
            "{name}: cwd"
        );
        if let Some(title) = &self.title {
            assert_eq!(session.title.as_ref(), Some(title), "{name}: title");
        }
        for turn in &self.turns {
            check_prompt(name, session, turn);
            for step in &turn.steps {
                check_step(name, session, step);
            }
        }
        for file in &self.files_written {
            let touched = edited(session).any(|path| path.ends_with(file.as_str()));
            assert!(touched, "{name}: no edit of {file}");
        }
    }

    /// Tokens of the steps that must have reached the disk, and of all.
    pub fn token_range(&self) -> (Tokens, Tokens) {
        let steps = || self.turns.iter().flat_map(|turn| &turn.steps);
        (sum(steps().filter(|step| !step.cut)), sum(steps()))
    }
}

fn sum<'a>(steps: impl Iterator<Item = &'a Step>) -> Tokens {
    steps.fold(Tokens::default(), |sum, step| Tokens {
        requests: sum.requests + 1,
        input: sum.input + step.tokens.input,
        output: sum.output + step.tokens.output,
    })
}

impl Subagent {
    /// Holds the subagent's own session against what it did.
    pub fn check(&self, session: &Session) {
        for step in &self.steps {
            check_step("subagent", session, step);
        }
        assert_eq!(
            tokens_of(session),
            (self.tokens.input, self.tokens.output),
            "subagent tokens"
        );
    }
}

/// Prompt tokens (cached ones included) and answer tokens of a session.
pub fn tokens_of(session: &Session) -> (u64, u64) {
    let usage = session.usage;
    let input = [usage.input, usage.cache_read, usage.cache_write];
    (input.iter().flatten().sum(), usage.output.unwrap_or(0))
}

/// What a person typed, in order.
pub fn prompts(session: &Session) -> Vec<&str> {
    let typed = session.events.iter().filter(|event| event.is_prompt());
    typed.filter_map(|event| event.text.as_deref()).collect()
}

/// Paths of all edits.
pub fn edited(session: &Session) -> impl Iterator<Item = &str> {
    session
        .events
        .iter()
        .flat_map(|event| &event.edits)
        .map(|edit| edit.path.as_str())
}

fn check_prompt(name: &str, session: &Session, turn: &Turn) {
    if turn.user.starts_with('/') {
        return; // a command of the agent, no prompt
    }
    let found = prompts(session)
        .iter()
        .filter(|text| **text == turn.user)
        .count();
    assert_eq!(
        found,
        1,
        "{name}: prompt {:?} among {:#?}",
        turn.user,
        prompts(session)
    );
}

fn check_step(name: &str, session: &Session, step: &Step) {
    if step.cut {
        return;
    }
    let all = |kind| {
        session
            .events
            .iter()
            .filter(move |event| event.kind == kind)
    };
    let says = |kind, text: &str| {
        all(kind).any(|event| {
            event
                .text
                .as_deref()
                .is_some_and(|said| said.trim() == text.trim())
        })
    };
    if let Some(say) = &step.say {
        let said = says(EventType::Assistant, say) || says(EventType::Summary, say);
        // Of a summary, agents may keep the part between the tags alone.
        let part = say
            .split_once("<summary>")
            .map_or(say.as_str(), |(_, part)| part);
        let summary = all(EventType::Summary).any(|event| {
            let said = event.text.as_deref().unwrap_or("");
            part.lines()
                .filter(|line| !line.trim_start().starts_with('<'))
                .all(|l| said.contains(l))
        });
        assert!(said || summary, "{name}: nobody says {say:?}");
    }
    if let Some(think) = &step.think {
        assert!(
            says(EventType::Reasoning, think),
            "{name}: nobody thinks {think:?}"
        );
    }
    for call in &step.calls {
        check_call(name, session, step, call);
    }
}

fn check_call(name: &str, session: &Session, step: &Step, call: &Call) {
    let calls = session
        .events
        .iter()
        .filter(|event| event.kind == EventType::ToolCall);
    let same = |event: &&Event| match &call.id {
        Some(id) => event.call_id.as_ref() == Some(id),
        None => event
            .tool
            .as_ref()
            .is_some_and(|tool| tool.name == call.tool),
    };
    let found: Vec<_> = calls.filter(same).collect();
    assert!(!found.is_empty(), "{name}: no call {call:?}");
    if call.id.is_some() {
        assert_eq!(
            found.len(),
            1,
            "{name}: call {call:?} stands more than once"
        );
    }
    // Where calls have no ids, the words before them tell which of several it is.
    let in_reply = |event: &Event| {
        step.say.as_ref().is_none_or(|say| {
            let mut reply = session.events.iter().filter(|e| e.message == event.message);
            reply.any(|e| e.text.as_deref().map(str::trim) == Some(say.trim()))
        })
    };
    let told = |event: &&&Event| call.id.is_none() && in_reply(event);
    let event = found.iter().find(told).unwrap_or(&found[0]);
    assert_eq!(
        event.tool.as_ref().map(|t| t.name.as_str()),
        Some(call.tool.as_str()),
        "{name}"
    );
    let model = event.model.as_ref().map(|model| model.id.as_str());
    assert!(
        model.is_none() || model == Some(&step.model),
        "{name}: model {model:?}"
    );
    let (Some(ok), Some(expected)) = (call.ok, &call.result) else {
        return;
    };
    let by_id: BTreeMap<_, _> = session.events.iter().map(|e| (e.id.as_str(), e)).collect();
    let Some(result) = event.result.as_deref().and_then(|id| by_id.get(id)) else {
        panic!("{name}: call {call:?} has no result");
    };
    assert_eq!(result.ok, Some(ok), "{name}: ok of {call:?}");
    let output = result.output.as_deref().unwrap_or("");
    let first = expected.lines().next().unwrap_or("").trim();
    let short: String = first.chars().take(40).collect();
    assert!(
        output.contains(&short),
        "{name}: result of {call:?} is {output:?}"
    );
}
