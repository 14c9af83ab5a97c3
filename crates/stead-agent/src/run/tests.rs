//! Whole tasks against a model that answers by a script, in the chat completions format.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use stead_edit::FilePlan;
use stead_ledger::Signer;
use stead_llm::fallback::{Chain, Route};
use stead_llm::traffic::{LineTape, MemoryTape, Tape};
use stead_llm::{
    Ambient, Body, CancellationToken, Client, Delta, Endpoint, Incoming, Message, ModelRef,
    Outgoing, Pending, Replay, RetryPolicy, ToolCall, ToolInput, ToolResult, ToolSpec, Transport,
    TransportError, Wire,
};
use stead_usf::{Event as Recorded, EventType, Session, Time, ToolKind};

use super::{Front, Hands, Made, Runner, Wish, Word};
use crate::machine::{Checked, Failure, Limits, Outcome, State};
use crate::permission;
use crate::prompt::generator;
use crate::record::{AGENT, EVENTS, Recorder};
use crate::task::{Intent, TaskSpec};

/// Answers by a script: a status and a body for each request, in order.
struct Script {
    answers: Mutex<Vec<(u16, Value)>>,
    asked: Mutex<Vec<Value>>,
}

struct Whole(Option<Vec<u8>>);

impl Body for Whole {
    fn chunk(&mut self) -> Pending<'_, Result<Option<bytes::Bytes>, TransportError>> {
        let bytes = self.0.take().map(Into::into);
        Box::pin(async move { Ok(bytes) })
    }
}

impl Transport for Script {
    fn send<'a>(&'a self, request: &'a Outgoing) -> Pending<'a, Result<Incoming, TransportError>> {
        Box::pin(async move {
            let body = serde_json::from_slice(&request.body).unwrap();
            self.asked.lock().unwrap().push(body);
            let (status, answer) = self.answers.lock().unwrap().remove(0);
            Ok(Incoming {
                status,
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                decoded: false,
                body: Box::new(Whole(Some(answer.to_string().into_bytes()))),
            })
        })
    }
}

pub(super) fn answer_says(text: &str) -> (u16, Value) {
    let message = json!({"role": "assistant", "content": text});
    (
        200,
        json!({"id": "m", "model": "tiny-1", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 2}}),
    )
}

pub(super) fn answer_calls(text: &str, name: &str, arguments: &str) -> (u16, Value) {
    let call =
        json!({"id": "c1", "type": "function", "function": {"name": name, "arguments": arguments}});
    let message = json!({"role": "assistant", "content": text, "tool_calls": [call]});
    (
        200,
        json!({"id": "m", "model": "tiny-1", "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}),
    )
}

/// Writes whatever it is told to; checks end well once something was written.
#[derive(Default)]
pub(super) struct Scribe {
    pub(super) written: bool,
    pub(super) forbids: bool,
    pub(super) withholds: Option<String>,
}

impl Hands for Scribe {
    fn tools(&self) -> Vec<ToolSpec> {
        vec![ToolSpec {
            name: "write".to_owned(),
            description: "Writes a file.".to_owned(),
            input: ToolInput::Schema(json!({"type": "object"})),
        }]
    }

    fn kind(&self, _: &str) -> ToolKind {
        ToolKind::Write
    }

    fn may_leave(&mut self, _: &permission::Route<'_>) -> Result<(), String> {
        self.withholds.clone().map_or(Ok(()), Err)
    }

    fn call(&mut self, call: &ToolCall, _: &mut dyn Front, _: &CancellationToken) -> Made {
        self.written = !self.forbids;
        let change = FilePlan {
            path: "a.txt".to_owned(),
            before: None,
            after: Some(b"x\n".to_vec()),
            moved_from: None,
        };
        Made {
            result: ToolResult {
                id: call.id.clone(),
                name: call.name.clone(),
                text: "written".to_owned(),
                ok: true,
                images: Vec::new(),
                form: call.form,
            },
            changes: if self.forbids { vec![] } else { vec![change] },
            exit: None,
            took: Duration::from_millis(3),
            decision: "allow: rule 1".to_owned(),
            blocked: self.forbids.then(|| "may `write` run?".to_owned()),
            unkept: Vec::new(),
            said: None,
            goal: None,
        }
    }

    fn check(&mut self, command: &str, _: &mut dyn Front, _: &CancellationToken) -> Checked {
        Checked {
            command: command.to_owned(),
            ok: self.written,
            output: "1 passed".to_owned(),
        }
    }
}

#[derive(Default)]
pub(super) struct Watcher {
    pub(super) seen: Vec<Recorded>,
    pub(super) notices: Vec<String>,
    pub(super) typed: Vec<String>,
}

impl Front for Watcher {
    fn recorded(&mut self, event: &Recorded) {
        self.seen.push(event.clone());
    }

    fn delta(&mut self, _: &Delta) {}

    fn notice(&mut self, words: &str) {
        self.notices.push(words.to_owned());
    }

    fn output(&mut self, _: &str) {}

    fn typed(&mut self) -> Option<String> {
        self.typed.pop()
    }

    fn approve(&mut self, _: &Wish) -> Word {
        Word::No(None)
    }
}

pub(super) struct Ran {
    outcome: Outcome,
    pub(super) front: Watcher,
    asked: Vec<Value>,
}

/// A session in a folder, asked for over a transport.
fn session(
    folder: &Path,
    transport: Arc<dyn Transport>,
    tape: Arc<dyn Tape>,
    mut hands: Scribe,
    mut front: Watcher,
    cancel: &CancellationToken,
) -> (Outcome, Watcher) {
    let ambient = Ambient {
        now: Arc::new(|| "2026-11-21T12:00:00Z".parse().unwrap()),
        chance: Arc::new(|| 0.5),
    };
    let no_retry = RetryPolicy {
        attempts: 1,
        ..RetryPolicy::default()
    };
    let client = Client::new(transport, ambient).with_retry(no_retry);
    let header = Session::new(AGENT, "0001");
    let signer = Signer::new("stead.test/session", [7; 32]).unwrap();
    let clock = Box::new(|| Time::from_millis(1_760_000_000_000).unwrap());
    let (mut recorder, _) = Recorder::open(folder, &header, &signer, clock).unwrap();
    let model = |name: &str| Route::new(format!("local/{name}").parse::<ModelRef>().unwrap());
    let mut runner = Runner {
        client: &client,
        chain: Chain::new(vec![model("tiny-1"), model("tiny-2")]).unwrap(),
        endpoint: &|_| Ok(Endpoint::new("local", Wire::Openai, "http://127.0.0.1:1")),
        prompt: generator(),
        budget: 100_000,
        recorder: &mut recorder,
        tape,
        hands: &mut hands,
        front: &mut front,
        cancel: cancel.clone(),
        requests: 0,
    };
    let spec = TaskSpec {
        goal: "write a.txt".to_owned(),
        intent: Intent::Change,
        checks: vec!["make test".to_owned()],
        ..TaskSpec::default()
    };
    let state = State::new(spec, vec![Message::user("write a.txt")], Limits::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (_, outcome) = runtime.block_on(runner.run(state)).unwrap();
    (outcome, front)
}

pub(super) fn ran(answers: Vec<(u16, Value)>, hands: Scribe, front: Watcher) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let script = Arc::new(Script {
        answers: Mutex::new(answers),
        asked: Mutex::default(),
    });
    let tape = Arc::new(MemoryTape::default());
    let cancel = CancellationToken::new();
    let (outcome, front) = session(folder.path(), script.clone(), tape, hands, front, &cancel);
    let asked = script.asked.lock().unwrap().clone();
    Ran {
        outcome,
        front,
        asked,
    }
}

pub(super) fn done() -> Vec<(u16, Value)> {
    vec![
        answer_calls("I write it [S2].", "write", "{\"path\":\"a.txt\"}"),
        answer_says("It is written."),
    ]
}

#[test]
fn a_task_is_done_and_all_of_it_is_on_record() {
    let ran = ran(done(), Scribe::default(), Watcher::default());
    let summary = "It is written.".to_owned();
    assert_eq!(
        ran.outcome,
        Outcome::Done {
            summary,
            checked: true
        }
    );
    let kinds = ran.front.seen.iter().map(|event| event.kind.as_str());
    let kinds: Vec<&str> = kinds.collect();
    assert_eq!(
        kinds.join(" "),
        "assistant tool_call tool_result edit assistant system system"
    );
    let extra = ran.front.seen[0].extra.as_ref().unwrap().json();
    assert!(
        extra.contains("\"exchange\":\"r1\"")
            && extra.contains("\"traffic\":{\"r1.1\":\"")
            && extra.contains("\"follows\":[\"S2\"]"),
        "{extra}"
    );
    assert_eq!(ran.front.seen[3].edits[0].after.as_deref(), Some("x\n"));
    assert_eq!(
        ran.front.seen[5].text.as_deref(),
        Some("`make test` ends well")
    );
    // The model saw the result of its call, and the lines of the prompt with their names.
    assert_eq!(ran.asked[1]["messages"][3]["content"], "written");
    let system = ran.asked[0]["messages"][0]["content"].as_str().unwrap();
    assert!(system.starts_with("[S1] You are stead"), "{system}");
    assert!(ran.asked[0].to_string().len() < 2_500, "{}", ran.asked[0]);
}

#[test]
fn a_model_that_does_not_answer_gives_way_to_the_next_and_it_is_told() {
    let mut answers = vec![(503, json!({"error": {"message": "overloaded"}}))];
    answers.extend(done());
    let ran = ran(answers, Scribe::default(), Watcher::default());
    assert!(matches!(ran.outcome, Outcome::Done { .. }));
    assert_eq!(ran.front.notices.len(), 1);
    assert!(
        ran.front.notices[0].starts_with("local/tiny-1 → local/tiny-2: "),
        "{:?}",
        ran.front.notices
    );
    assert_eq!(ran.front.seen[0].kind, EventType::Error);
    assert_eq!(ran.asked[1]["model"], "tiny-2");
}

#[test]
fn no_model_no_permission_and_an_interruption_are_ends_of_their_own() {
    let refused = (401, json!({"error": {"message": "no such key"}}));
    let none = ran(
        vec![refused.clone(), refused],
        Scribe::default(),
        Watcher::default(),
    );
    assert!(
        matches!(none.outcome, Outcome::Failed(Failure::Model { .. })),
        "{:?}",
        none.outcome
    );
    let hands = Scribe {
        forbids: true,
        ..Scribe::default()
    };
    let blocked = ran(done(), hands, Watcher::default());
    assert_eq!(
        blocked.outcome,
        Outcome::Blocked {
            reason: "may `write` run?".to_owned()
        }
    );
    let folder = tempfile::tempdir().unwrap();
    let cancel = CancellationToken::new();
    cancel.cancel();
    let replay = Arc::new(Replay::new([]));
    let tape = Arc::new(MemoryTape::default());
    let (outcome, _) = session(
        folder.path(),
        replay,
        tape,
        Scribe::default(),
        Watcher::default(),
        &cancel,
    );
    assert_eq!(outcome, Outcome::Interrupted);
}

#[test]
fn what_a_model_may_not_see_is_not_sent() {
    let hands = Scribe {
        withholds: Some("local/tiny-1 may not see .env".to_owned()),
        ..Scribe::default()
    };
    let ran = ran(done(), hands, Watcher::default());
    let message = "local/tiny-1 may not see .env".to_owned();
    assert_eq!(ran.outcome, Outcome::Failed(Failure::Model { message }));
    assert!(ran.asked.is_empty());
    assert_eq!(ran.front.seen[0].kind, EventType::Error);
}

#[test]
fn what_the_user_types_reaches_the_model() {
    let front = Watcher {
        typed: vec!["and be brief".to_owned()],
        ..Watcher::default()
    };
    let ran = ran(done(), Scribe::default(), front);
    assert!(ran.asked[1].to_string().contains("and be brief"));
    assert!(
        ran.front
            .seen
            .iter()
            .any(|event| event.text.as_deref() == Some("and be brief"))
    );
}

#[test]
fn a_recorded_session_runs_again_from_its_traffic_to_the_same_end() {
    let (folder, again) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let script = Arc::new(Script {
        answers: Mutex::new(done()),
        asked: Mutex::default(),
    });
    let traffic = folder.path().join("traffic.jsonl");
    let file = std::fs::File::create(&traffic).unwrap();
    let tape = Arc::new(LineTape::new(file));
    let cancel = CancellationToken::new();
    let first = session(
        folder.path(),
        script,
        tape,
        Scribe::default(),
        Watcher::default(),
        &cancel,
    );
    let lines = std::io::BufReader::new(std::fs::File::open(&traffic).unwrap());
    let exchanges = stead_llm::traffic::Exchange::read(lines).unwrap();
    assert_eq!(exchanges.len(), 2);
    let replay = Arc::new(Replay::new(exchanges));
    let tape = Arc::new(MemoryTape::default());
    let second = session(
        again.path(),
        replay,
        tape,
        Scribe::default(),
        Watcher::default(),
        &cancel,
    );
    assert_eq!(first.0, second.0);
    assert_eq!(but_traffic(folder.path()), but_traffic(again.path()));
}

/// The events of a session but for the digests of its traffic, in which times differ.
fn but_traffic(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join(EVENTS)).unwrap();
    let events = text.lines().map(|line| {
        let mut event: Value = serde_json::from_str(line).unwrap();
        if let Some(extra) = event.get_mut("extra").and_then(Value::as_object_mut) {
            extra.remove("traffic");
        }
        event
    });
    events.collect()
}
