//! The scripted model of the testkit, whose formats were not written from our decoders:
//! every format, streamed or not, and every fault is read as what it is.

use std::sync::Arc;

use serde_json::json;
use stead_testkit::model::{Answer, Fault, Script, ScriptedModel, Tokens, Wire as Theirs};

use super::server::client;
use crate::traffic::{Exchange, MemoryTape};
use crate::{Call, Endpoint, LlmError, Message, Part, Request, Response, Role, Step, ToolInput};
use crate::{StopKind, ToolResult, ToolSpec, Wire};

const WIRES: [(Wire, Theirs); 4] = [
    (Wire::Openai, Theirs::Openai),
    (Wire::OpenaiResponses, Theirs::Responses),
    (Wire::Anthropic, Theirs::Anthropic),
    (Wire::Gemini, Theirs::Gemini),
];

fn request() -> Request {
    Request {
        model: "m-1".into(),
        messages: vec![Message::user("hello")],
        tools: vec![ToolSpec {
            name: "shell".into(),
            description: "runs".into(),
            input: ToolInput::Schema(
                json!({"type": "object", "properties": {"command": {"type": "string"}}}),
            ),
        }],
        ..Request::default()
    }
}

async fn ask(
    model: &ScriptedModel,
    (wire, theirs): (Wire, Theirs),
    request: &Request,
    stream: bool,
) -> (Result<Response, LlmError>, Vec<Exchange>) {
    let tape = Arc::new(MemoryTape::default());
    let mut call = Call::new("q", tape.clone());
    call.stream = stream;
    call.restart = true;
    let endpoint = Endpoint::new("test", wire, model.base(theirs));
    let mut reply = client().send(&endpoint, request, call).unwrap();
    let answer = loop {
        match reply.next().await {
            Ok(Some(Step::Delta(_) | Step::Retrying { .. } | Step::Restarted)) => {}
            Ok(None) => break Ok(reply.response()),
            Err(error) => break Err(error),
        }
    };
    (answer, Exchange::collect(tape.lines()))
}

#[tokio::test]
async fn every_format_says_what_the_script_says() {
    let said = "Grüße, 你好, 😀: a sentence that is longer than one piece of a stream.";
    for wire in WIRES {
        for stream in [true, false] {
            let mut answer = Answer::say(said)
                .thinking("Let me see, and then look again.")
                .and_call("shell", json!({"command": "ls -1 'späte dir'"}))
                .and_call("read", json!({"path": "a.txt"}));
            answer.usage = Some(Tokens {
                input: 120,
                output: 34,
            });
            let model = ScriptedModel::new(answer);
            let (response, exchanges) = ask(&model, wire, &request(), stream).await;
            let response = response.unwrap();
            assert_eq!(response.text(), said, "{wire:?}");
            let thought = response.parts.iter().find_map(|part| match part {
                Part::Reasoning { text, .. } => Some(text.as_str()),
                _ => None,
            });
            assert_eq!(
                thought,
                Some("Let me see, and then look again."),
                "{wire:?}"
            );
            let calls: Vec<_> = response.calls().collect();
            assert_eq!(calls[0].object().unwrap()["command"], "ls -1 'späte dir'");
            assert_eq!(
                (calls[1].name.as_str(), calls[1].id.as_str()),
                ("read", "call_0_1")
            );
            assert_eq!(
                (response.usage.input, response.usage.output),
                (Some(120), Some(34))
            );
            assert_eq!(response.stop.unwrap().kind, StopKind::ToolUse, "{wire:?}");
            assert_eq!(response.model.as_deref(), Some("m-1"));
            assert_eq!(response.unknown, [""; 0], "{wire:?}");
            // What the record shows is what the server got.
            let asked = model.asked();
            assert_eq!((asked.len(), exchanges.len()), (1, 1));
            assert_eq!(asked[0].body, exchanges[0].asked.body.0);
            assert_eq!(asked[0].is_streamed(), stream, "{wire:?}");
            assert_eq!(asked[0].tools()[0].0, "shell", "{wire:?}");
        }
    }
}

/// The model finds where it is in a conversation that our encoders wrote.
#[tokio::test]
async fn the_conversation_is_understood() {
    for wire in WIRES {
        let model = ScriptedModel::new(Script::by_step(vec![
            Answer::shell("ls").thinking("hm").saying("I look."),
            Answer::shell("cat a"),
            Answer::say("That is all."),
        ]));
        let mut request = request();
        for round in 0..2 {
            let response = ask(&model, wire, &request, true).await.0.unwrap();
            let call = response.calls().next().unwrap().clone();
            assert_eq!(call.object().unwrap()["command"], ["ls", "cat a"][round]);
            request.messages.push(Message {
                role: Role::Assistant,
                parts: response.parts,
            });
            request.messages.push(Message::results(vec![ToolResult {
                id: call.id,
                name: call.name,
                text: format!("result {round}"),
                ok: true,
                images: Vec::new(),
                form: call.form,
            }]));
        }
        let last = ask(&model, wire, &request, true).await.0.unwrap();
        assert_eq!(last.text(), "That is all.", "{wire:?}");
        let results = model.asked()[2].results();
        assert_eq!(results.len(), 2, "{wire:?}");
        assert!(results[1].contains("result 1"), "{wire:?}: {results:?}");
    }
}

#[tokio::test]
async fn faults_are_told_for_what_they_are() {
    let hi = || Answer::say("hi");
    let retried: [&dyn Fn() -> Fault; 6] = [
        &|| Fault::Status(429, Some("0".into())),
        &|| Fault::Status(529, None),
        &|| Fault::Status(500, None),
        &|| Fault::Reset(0),
        &|| Fault::Reset(2),
        &|| Fault::Cut(2),
    ];
    for wire in WIRES {
        for fault in &retried {
            let model = ScriptedModel::new(vec![Answer::fault(fault()), hi()]);
            let (answer, exchanges) = ask(&model, wire, &request(), true).await;
            assert_eq!(answer.unwrap().text(), "hi", "{wire:?} {:?}", fault());
            assert_eq!((model.asked().len(), exchanges.len()), (2, 2));
        }
        let for_good = [
            Fault::Status(401, None),
            Fault::Status(429, Some("7200".into())),
            Fault::Garbage(1),
        ];
        for fault in for_good {
            let model = ScriptedModel::new(Answer::fault(fault.clone()));
            let answer = ask(&model, wire, &request(), true).await.0;
            assert!(answer.is_err(), "{wire:?} {fault:?}: {answer:?}");
        }
        // A stream that ends early is no answer, however cleanly it ends.
        for fault in [Fault::Short(2), Fault::Error(2)] {
            let model = ScriptedModel::new(Answer::fault(fault.clone()));
            let answer = ask(&model, wire, &request(), true).await.0;
            assert!(answer.is_err(), "{wire:?} {fault:?}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn slow_and_huge_answers_come_whole() {
    for wire in WIRES {
        let huge = "0123456789".repeat(200_000);
        let model = ScriptedModel::new(vec![
            Answer::say(&huge),
            Answer::say("slow").with(Fault::Drip(1)),
        ]);
        let answer = ask(&model, wire, &request(), true).await.0.unwrap();
        assert_eq!(answer.text(), huge, "{wire:?}");
        let answer = ask(&model, wire, &request(), false).await.0.unwrap();
        assert_eq!(answer.text(), "slow", "{wire:?}");
    }
}

#[tokio::test]
async fn malformed_calls_arrive_as_they_are() {
    for wire in [WIRES[0], WIRES[1], WIRES[2]] {
        let model = ScriptedModel::new(Answer::raw_call("edit", r#"{"path": "a", "old": "#));
        let response = ask(&model, wire, &request(), true).await.0.unwrap();
        let call = response.calls().next().unwrap();
        assert_eq!(call.arguments, r#"{"path": "a", "old": "#, "{wire:?}");
        assert!(call.object().is_err());
    }
}
