//! Records exchanges for `testdata/`: asks a server each wire format, streamed and not,
//! first with a question and then with the result of the tool that it called.
//!
//! `cargo run -p stead-llm --example record -- http://127.0.0.1:8089 FOLDER`

use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use stead_llm::traffic::LineTape;
use stead_llm::{
    Ambient, Call, Client, Effort, Endpoint, Http, Key, Message, Proxies, Reasoning, Request,
    SystemLine, ToolInput, ToolResult, ToolSpec, Wire,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("URL and FOLDER are needed".into());
    };
    let ambient = Ambient {
        now: Arc::new(|| Timestamp::UNIX_EPOCH),
        chance: Arc::new(|| 0.0),
    };
    let client = Client::new(Arc::new(Http::new(Proxies::default())), ambient);
    for wire in Wire::all() {
        for stream in [true, false] {
            let name = if stream { "stream" } else { "whole" };
            let path = Path::new(&folder).join(format!("{wire}-{name}.jsonl"));
            let tape = Arc::new(LineTape::new(File::create(path)?));
            let mut endpoint = Endpoint::new("scripted", wire, &url);
            endpoint.key = Key::new("not-a-key-at-all");
            let mut request = question();
            for step in 1..=2 {
                let mut call = Call::new(format!("ask{step}"), tape.clone());
                call.stream = stream;
                let response = client.ask(&endpoint, &request, call).await?;
                let results = response.calls().map(|call| ToolResult {
                    id: call.id.clone(),
                    name: call.name.clone(),
                    text: "a.txt\nb.txt\n".into(),
                    ok: true,
                    images: Vec::new(),
                    form: call.form,
                });
                let results = Message::results(results.collect());
                request.messages.push(Message::assistant(response.parts));
                request.messages.push(results);
            }
        }
    }
    Ok(())
}

fn question() -> Request {
    Request {
        model: "scripted-model".into(),
        system: vec![SystemLine {
            id: "S1".into(),
            text: "You are a test.".into(),
        }],
        messages: vec![Message::user("List the files, please.")],
        tools: vec![ToolSpec {
            name: "shell".into(),
            description: "Runs a command.".into(),
            input: ToolInput::Schema(serde_json::json!({
                "type": "object",
                "properties": {"command": {"type": "string"}},
                "required": ["command"],
            })),
        }],
        reasoning: Some(Reasoning::Effort(Effort::Low)),
        max_output: Some(4096),
        ..Request::default()
    }
}
