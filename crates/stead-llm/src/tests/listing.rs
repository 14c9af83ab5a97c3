//! Lists of models, and requests by way of a proxy.

use std::sync::Arc;

use super::server::{HI, Server, ambient, ask, client, endpoint, head, send, stream_head};
use crate::traffic::MemoryTape;
use crate::{Call, Client, Http, LlmError, Proxies, Wire};

async fn models(wire: Wire, pages: &[&str]) -> (Result<Vec<String>, LlmError>, Vec<String>) {
    let row = |page: &&str| {
        let head = head("200 OK", "content-type: application/json\r\n");
        vec![head, send(page)]
    };
    let mut server = Server::new(pages.iter().map(row).collect());
    let mut endpoint = endpoint(&server.url);
    endpoint.wire = wire;
    let call = Call::new("m", Arc::new(MemoryTape::default()));
    let found = client().models(&endpoint, call).await;
    let line = |request: &Vec<u8>| {
        let request = String::from_utf8_lossy(request).into_owned();
        request.lines().next().unwrap_or_default().to_owned()
    };
    let asked = server.asked().iter().map(line).collect();
    (found, asked)
}

#[tokio::test]
async fn models_are_listed_as_the_provider_names_them() {
    let (found, asked) = models(
        Wire::Openai,
        &["{\"data\":[{\"id\":\"a/b\"},{\"id\":\"c\"}]}"],
    )
    .await;
    assert_eq!(found.unwrap(), ["a/b", "c"]);
    assert_eq!(asked, ["GET /v1/models HTTP/1.1"]);
    let pages = [
        "{\"models\":[{\"name\":\"models/a\"}],\"nextPageToken\":\"x y\"}",
        "{\"models\":[{\"name\":\"models/b\"}]}",
    ];
    let (found, asked) = models(Wire::Gemini, &pages).await;
    assert_eq!(found.unwrap(), ["a", "b"]);
    assert_eq!(
        asked[1],
        "GET /v1beta/models?pageSize=1000&pageToken=x+y HTTP/1.1"
    );
    let (found, asked) = models(
        Wire::Anthropic,
        &["{\"data\":[{\"id\":\"c\"}],\"has_more\":false,\"last_id\":\"c\"}"],
    )
    .await;
    assert_eq!(found.unwrap(), ["c"]);
    assert_eq!(asked, ["GET /v1/models?limit=1000 HTTP/1.1"]);
    let (found, _) = models(Wire::Openai, &["{}"]).await;
    let words = found.unwrap_err().to_string();
    assert_eq!(
        words,
        "the answer of `test` cannot be read: it lists no models"
    );
}

#[tokio::test]
async fn a_list_that_is_refused_says_why() {
    let mut server = Server::new(vec![vec![
        head("401 Unauthorized", ""),
        send("{\"error\":{\"message\":\"no\"}}"),
    ]]);
    let call = Call::new("m", Arc::new(MemoryTape::default()));
    let error = client()
        .models(&endpoint(&server.url), call)
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "`test` refused the key: no");
    server.asked();
}

#[tokio::test]
async fn proxies_are_those_that_were_named() {
    let mut server = Server::new(vec![
        vec![stream_head(), send(HI)],
        vec![stream_head(), send(HI)],
    ]);
    let proxies = Proxies {
        http: Some(server.url.clone()),
        none: Some("127.0.0.1".into()),
        ..Proxies::default()
    };
    assert!(!format!("{proxies:?}").contains(&server.url));
    let client = Client::new(Arc::new(Http::new(proxies)), ambient());
    let (words, _) = ask(&client, &endpoint("http://models.example/v1"), |_| {}).await;
    assert_eq!(words.last().unwrap(), "whole: hi");
    let (words, _) = ask(&client, &endpoint(&server.url), |_| {}).await;
    assert_eq!(words.last().unwrap(), "whole: hi");
    let asked = server.asked();
    let starts = |at: usize, text: &str| asked[at].starts_with(text.as_bytes());
    assert!(starts(
        0,
        "POST http://models.example/v1/chat/completions HTTP/1.1"
    ));
    assert!(
        starts(1, "POST /v1/chat/completions HTTP/1.1"),
        "`no_proxy`"
    );
}
