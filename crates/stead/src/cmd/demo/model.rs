//! A model for the demo: a script of answers on loopback, in the format of OpenAI's chat
//! completions. It is no model, and says so by its name.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::time::Duration;

use http::{Request, Response, header};
use http_body_util::{BodyExt, Collected, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What is answered, in order.
const ANSWERS: &str = include_str!("../../../demo/run/answers.json");

/// No request of the demo is larger.
const MOST_BYTES: usize = 4 << 20;

/// An answer of the script.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    say: String,
    tool: Option<String>,
    arguments: Value,
}

/// Starts it, on a thread of its own that ends with the program; its base URL. Each answer
/// takes so long that a person can follow.
pub(super) fn start(pause: Duration) -> std::io::Result<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || runtime.block_on(serve(listener, pause)));
    Ok(format!("http://{address}/v1"))
}

async fn serve(listener: TcpListener, pause: Duration) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let answer = service_fn(move |request| answer(request, pause));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
            // A connection that breaks is the client's business.
            let _ = connection.await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    pause: Duration,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = Limited::new(request.into_body(), MOST_BYTES)
        .collect()
        .await;
    let body = body.map(Collected::to_bytes).unwrap_or_default();
    tokio::time::sleep(pause).await;
    let mut response = Response::new(Full::new(said(&body).to_string().into()));
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Ok(response)
}

/// The answer to a request: the one after so many answers in its conversation.
fn said(body: &[u8]) -> Value {
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let messages = asked["messages"].as_array().into_iter().flatten();
    let number = messages
        .filter(|message| message["role"] == "assistant")
        .count();
    let answers: Vec<Answer> = serde_json::from_str(ANSWERS).unwrap_or_default();
    let answer = answers.into_iter().nth(number).unwrap_or_default();
    let mut message = json!({"role": "assistant", "content": answer.say});
    if let Some(tool) = &answer.tool {
        let function = json!({"name": tool, "arguments": answer.arguments.to_string()});
        let call =
            json!({"id": format!("call_{number}"), "type": "function", "function": function});
        message["tool_calls"] = json!([call]);
    }
    // As many tokens as texts of this length mostly have.
    let tokens = |bytes: usize| bytes / 4;
    json!({
        "id": format!("answer_{number}"),
        "object": "chat.completion",
        "model": "scripted",
        "choices": [{
            "index": 0,
            "message": message,
            "finish_reason": if answer.tool.is_some() { "tool_calls" } else { "stop" },
        }],
        "usage": {
            "prompt_tokens": tokens(body.len()),
            "completion_tokens": tokens(message.to_string().len()),
        },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::said;

    #[test]
    fn the_script_calls_four_tools_and_ends() {
        let mut messages = vec![json!({"role": "user", "content": "x"})];
        let mut finished = Vec::new();
        for _ in 0..5 {
            let answer = said(json!({ "messages": messages }).to_string().as_bytes());
            let choice = &answer["choices"][0];
            finished.push(choice["finish_reason"].as_str().unwrap().to_owned());
            messages.push(choice["message"].clone());
        }
        assert_eq!(
            finished,
            [
                "tool_calls",
                "tool_calls",
                "tool_calls",
                "tool_calls",
                "stop"
            ]
        );
    }
}
