//! Keys go where the user sends them, and nowhere else.

use super::server::{HI, Server, ask, client, endpoint, head, send, stream_head};
use crate::{Call, Key, LlmError, MASK, Wire};
use std::sync::Arc;

/// No rule of any scanner takes this for a key.
const SECRET: &str = "swordfish+/=of the day";

#[tokio::test]
async fn keys_are_sent_and_never_recorded() {
    for wire in Wire::all() {
        // A server that says the key back, cut in two, in an error.
        let said = format!("{{\"error\":{{\"message\":\"bad key {SECRET}\"}}}}");
        let (one, two) = said.split_at(said.find("fish").unwrap());
        let mut server = Server::new(vec![vec![
            head("401 Unauthorized", &format!("x-echo: {SECRET}\r\n")),
            send(one),
            send(two),
        ]]);
        let mut endpoint = endpoint(&format!("{}/v1?token={}", server.url, "parameter-secret"));
        endpoint.wire = wire;
        endpoint.key = Key::new(SECRET);
        endpoint.headers = vec![
            ("X-Proxy-Token".into(), "header-secret".into()),
            ("X-Title".into(), "stead".into()),
        ];
        let (words, exchanges) = ask(&client(), &endpoint, |_| {}).await;
        assert!(words[0].starts_with("Key: "), "{words:?}");
        let seen = format!("{words:?} {exchanges:?} {endpoint:?} {:?}", client());
        let lines = serde_json::to_string(&exchanges[0].asked).unwrap();
        let body = String::from_utf8(exchanges[0].body()).unwrap();
        for secret in [SECRET, "parameter-secret", "header-secret", "swordfish"] {
            let shown = [&lines, &body, &words.join(" ")];
            assert!(
                shown.iter().all(|text| !text.contains(secret)),
                "{wire} {secret}"
            );
        }
        for secret in ["swordfish", "parameter-secret", "header-secret"] {
            assert!(!seen.contains(secret), "{seen}");
        }
        assert!(body.contains(MASK), "{body}");
        let sent = String::from_utf8(server.asked().remove(0)).unwrap();
        for secret in [SECRET, "parameter-secret", "header-secret"] {
            assert!(sent.contains(secret), "{wire} {sent}");
        }
        assert!(sent.contains("x-title: stead\r\n"));
    }
}

#[tokio::test]
async fn what_is_recorded_is_what_was_sent() {
    let mut server = Server::new(vec![vec![stream_head(), send(HI)]]);
    let (_, exchanges) = ask(&client(), &endpoint(&server.url), |_| {}).await;
    let asked = &exchanges[0].asked;
    let url = url::Url::parse(&asked.url).unwrap();
    let mut expected = format!("{} {} HTTP/1.1\r\n", asked.method, url.path()).into_bytes();
    for (name, value) in &asked.headers {
        expected.extend(format!("{name}: {value}\r\n").bytes());
    }
    expected.extend(b"\r\n");
    expected.extend(&asked.body.0);
    let sent = server.asked().remove(0);
    assert_eq!(
        String::from_utf8_lossy(&sent),
        String::from_utf8_lossy(&expected)
    );
}

#[tokio::test]
async fn a_word_for_a_key_does_not_spoil_the_record() {
    let answer = HI.replace("hi", "I am ollama");
    let server = Server::new(vec![vec![stream_head(), send(&answer)]]);
    let mut endpoint = endpoint(&format!("{}/v1?token=pw&x=1", server.url));
    endpoint.key = Key::new("ollama");
    let (_, exchanges) = ask(&client(), &endpoint, |_| {}).await;
    assert_eq!(exchanges[0].body(), answer.as_bytes());
    let asked = &exchanges[0].asked;
    assert!(
        asked.url.ends_with("/v1/chat/completions?token=[key]&x=1"),
        "{}",
        asked.url
    );
    let key = asked
        .headers
        .iter()
        .find(|(name, _)| name == "authorization");
    assert_eq!(key.unwrap().1, "Bearer [key]");
}

#[test]
fn without_a_key_nothing_is_sent() {
    let mut endpoint = endpoint("http://127.0.0.1:1");
    endpoint.needs_key = true;
    endpoint.key_variable = Some("TEST_API_KEY".into());
    let call = Call::new("q", Arc::new(crate::traffic::MemoryTape::default()));
    let error = client()
        .send(&endpoint, &super::server::request(), call)
        .unwrap_err();
    assert!(matches!(error, LlmError::KeyMissing { .. }));
    assert_eq!(error.to_string(), "`test` needs a key and there is none");
    assert!(error.hint().contains("TEST_API_KEY"));
}

#[tokio::test]
async fn a_key_that_cannot_be_sent_is_not_shown() {
    let server = Server::new(vec![]);
    let mut endpoint = endpoint(&server.url);
    endpoint.key = Key::new("line\nbreak-secret");
    let (words, _) = ask(&client(), &endpoint, |_| {}).await;
    assert_eq!(
        words,
        [
            "Request: the endpoint `test` is not usable: the value of the header `authorization` has characters that cannot be sent"
        ]
    );
}
