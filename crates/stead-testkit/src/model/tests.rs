//! The server itself, asked over a socket. That its formats are those that clients read
//! is shown in `stead-llm` (`tests/scripted.rs`).

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;

use super::{Answer, Fault, Script, ScriptedModel};

fn ask(model: &ScriptedModel, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(&model.url()[7..]).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nX-Key: k\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = Vec::new();
    // A reset is an error, and what came before it may be lost.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

const CHAT: &str = "/v1/chat/completions";

#[test]
fn answers_come_in_order_and_requests_are_kept_to_the_byte() {
    let model = ScriptedModel::new(vec![
        Answer::say("first").thinking("hm"),
        Answer::shell("ls"),
    ]);
    let body = json!({"model": "m", "tools": [{"type": "function", "function": {"name": "bash",
        "parameters": {"properties": {"cmd": {"type": "string"}}}}}]});
    assert!(ask(&model, CHAT, &body.to_string()).contains(r#""reasoning_content":"hm""#));
    assert!(ask(&model, CHAT, &body.to_string()).contains(r#""arguments":"{\"cmd\":\"ls\"}""#));
    assert!(ask(&model, CHAT, "{ }").contains("Done."));
    assert!(ask(&model, "/v1/models", "").contains("scripted"));
    assert!(model.wait_for(3));
    let asked = model.asked();
    assert_eq!(asked.len(), 3);
    assert_eq!(
        (asked[2].body.as_slice(), asked[0].header("x-key")),
        (&b"{ }"[..], Some("k"))
    );
    assert_eq!(
        (asked[0].model(), asked[0].tools()[0].0.as_str()),
        ("m", "bash")
    );
}

#[test]
fn a_step_is_told_from_the_conversation_in_every_format() {
    let answers = || vec![Answer::say("zero"), Answer::say("one"), Answer::say("two")];
    let model = ScriptedModel::new(Script::by_step(answers()));
    for (path, body) in [
        (
            CHAT,
            json!({"messages": [{"role": "user"}, {"role": "assistant"}, {"role": "tool"}]}),
        ),
        (
            "/v1/responses",
            json!({"input": [{"role": "user", "type": "message"}, {"type": "reasoning"},
            {"type": "function_call"}, {"type": "function_call_output", "output": "x"}]}),
        ),
        (
            "/v1/messages",
            json!({"messages": [{"role": "user"}, {"role": "assistant"}]}),
        ),
        (
            "/v1beta/models/m:generateContent",
            json!({"contents": [{"role": "user"}, {"role": "model"}]}),
        ),
    ] {
        for _ in 0..2 {
            assert!(
                ask(&model, path, &body.to_string()).contains("one"),
                "{path}"
            );
        }
    }
}

#[test]
fn what_goes_wrong_is_as_the_script_says() {
    let fault = |fault: Fault| {
        let model = ScriptedModel::new(Answer::say("hello").with(fault));
        ask(&model, CHAT, r#"{"stream": true}"#)
    };
    assert!(fault(Fault::Status(429, Some("3".into()))).contains("429 Said\r\n"));
    assert!(fault(Fault::Status(429, Some("3".into()))).contains("retry-after: 3\r\n"));
    assert_eq!(fault(Fault::Reset(0)), "");
    let (cut, short) = (fault(Fault::Cut(1)), fault(Fault::Short(1)));
    assert!(cut.contains("200 OK") && !cut.contains("hello") && !cut.ends_with("0\r\n\r\n"));
    assert!(short.ends_with("0\r\n\r\n") && !short.contains("[DONE]"));
    assert!(fault(Fault::Error(2)).contains("Overloaded"));
    assert!(fault(Fault::Garbage(2)).contains(r#"{"choices": [{"#));
}

#[test]
fn a_script_is_read_from_json() {
    let text = r#"{"answers": [
        {"think": "t", "say": "s", "calls": [{"tool": "read", "args": {"path": "a"}}, {"tool": "x", "raw": "{bro"}]},
        {"fault": {"status": [529, null]}}, {"fault": {"hang": 2}}, {"fault": "silence"}
    ]}"#;
    let model = ScriptedModel::new(Script::of_json(text).unwrap());
    let answer = ask(&model, CHAT, "{}");
    assert!(answer.contains(r#""arguments":"{bro""#), "{answer}");
    assert!(ask(&model, CHAT, "{}").contains("529 Said"));
    assert!(Script::of_json(r#"{"answers": [{"sya": "s"}]}"#).is_err());
}
