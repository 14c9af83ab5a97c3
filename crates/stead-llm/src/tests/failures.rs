//! What happens when a server does not do what it should.

use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use super::server::{
    Act, HI, PART, Server, ask, client, endpoint, head, host, request, send, stream_head,
};
use crate::traffic::{End, Exchange, MemoryTape};
use crate::transport::TransportError;
use crate::{Call, LlmError, Stage, Step, Timeouts};

fn ends(exchanges: &[Exchange]) -> Vec<Option<End>> {
    let end = |exchange: &Exchange| exchange.end.clone().map(|(_, end)| end);
    exchanges.iter().map(end).collect()
}

#[tokio::test]
async fn an_overloaded_server_is_asked_again() {
    let busy = || {
        vec![
            head("503 Service Unavailable", ""),
            send("{\"error\":{\"message\":\"busy\"}}"),
        ]
    };
    let limited = vec![
        head("429 Too Many Requests", "retry-after-ms: 2\r\n"),
        send("{}"),
    ];
    let mut server = Server::new(vec![busy(), limited, vec![stream_head(), send(HI)]]);
    let (words, exchanges) = ask(&client(), &endpoint(&server.url), |_| {}).await;
    assert_eq!(
        words,
        [
            "again after 1 ms: Overloaded",
            "again after 2 ms: Rate",
            "hi",
            "whole: hi"
        ]
    );
    let ids: Vec<_> = exchanges
        .iter()
        .map(|exchange| exchange.id.as_str())
        .collect();
    assert_eq!(ids, ["q.1", "q.2", "q.3"]);
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn who_wants_us_to_wait_too_long_is_not_asked_again() {
    let server = Server::new(vec![vec![
        head("429 Too Many Requests", "retry-after: 3600\r\n"),
        send("{\"error\":{\"message\":\"slow down\"}}"),
    ]]);
    let (words, _) = ask(&client(), &endpoint(&server.url), |_| {}).await;
    assert_eq!(words, ["Rate: `test` limits the rate: slow down"]);
}

#[tokio::test]
async fn a_broken_answer_is_not_made_anew_behind_the_callers_back() {
    let mut server = Server::new(vec![vec![stream_head(), send(PART)]]);
    let (words, exchanges) = ask(&client(), &endpoint(&server.url), |_| {}).await;
    let cut = format!(
        "Network: the answer of `{}` broke off: the connection ended before the answer did",
        host(&server.url)
    );
    assert_eq!(words, ["hal".to_owned(), cut]);
    assert_eq!(exchanges.len(), 1);
    assert_eq!(exchanges[0].body(), PART.as_bytes());
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_broken_answer_is_made_anew_if_the_caller_agreed() {
    let reset = vec![stream_head(), send(PART), Act::Reset];
    let server = Server::new(vec![reset, vec![stream_head(), send(HI)]]);
    let (words, exchanges) = ask(&client(), &endpoint(&server.url), |call| {
        call.restart = true;
    })
    .await;
    // A reset may overtake the bytes before it.
    let words: Vec<_> = words
        .iter()
        .filter(|word| !["hal", "restarted"].contains(&word.as_str()))
        .collect();
    assert_eq!(words, ["again after 1 ms: Network", "hi", "whole: hi"]);
    assert!(matches!(ends(&exchanges)[0], Some(End::Failed { .. })));
    assert_eq!(ends(&exchanges)[1], Some(End::Complete));
}

#[tokio::test]
async fn an_error_in_the_middle_is_an_error() {
    let error = "data: {\"error\":{\"message\":\"Overloaded\",\"code\":529}}\n\n";
    let server = Server::new(vec![vec![stream_head(), send(&format!("{PART}{error}"))]]);
    let (words, _) = ask(&client(), &endpoint(&server.url), |_| {}).await;
    assert_eq!(
        words,
        ["hal", "Overloaded: `test` cannot answer now: Overloaded"]
    );
}

#[tokio::test]
async fn nobody_waits_for_ever() {
    let short = Duration::from_millis(60);
    let times = |first_byte, idle, whole| Timeouts {
        first_byte,
        idle,
        whole,
        ..Timeouts::default()
    };
    let long = Duration::from_mins(1);
    let cases = [
        (vec![Act::Hang], times(short, long, None), Stage::FirstByte),
        (
            vec![stream_head(), send(PART), Act::Hang],
            times(long, short, None),
            Stage::Idle,
        ),
        (
            vec![stream_head(), send(PART), Act::Hang],
            times(long, long, Some(short)),
            Stage::Whole,
        ),
    ];
    for (row, timeouts, expected) in cases {
        let mut server = Server::new(vec![row]);
        let mut endpoint = endpoint(&server.url);
        endpoint.timeouts = timeouts;
        let client = client().with_retry(crate::RetryPolicy {
            attempts: 1,
            ..Default::default()
        });
        let tape = Arc::new(MemoryTape::default());
        let outcome = client
            .ask(&endpoint, &request(), Call::new("q", tape.clone()))
            .await;
        let Err(LlmError::Timeout { stage, .. }) = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(stage, expected);
        let exchanges = Exchange::collect(tape.lines());
        let end = ends(&exchanges).remove(0);
        assert!(
            matches!(
                end,
                Some(End::Failed {
                    error: TransportError::Timeout { .. }
                })
            ),
            "{end:?}"
        );
        assert!(server.was_closed().await, "{expected:?}");
    }
}

#[tokio::test]
async fn cancelling_closes_the_connection_at_any_moment() {
    let rows = [
        vec![Act::Hang],
        vec![stream_head(), Act::Hang],
        vec![stream_head(), send(PART), Act::Hang],
    ];
    for row in rows {
        let mut server = Server::new(vec![row]);
        let tape = Arc::new(MemoryTape::default());
        let call = Call::new("q", tape.clone());
        let cancel = call.cancel.clone();
        let mut reply = client()
            .send(&endpoint(&server.url), &request(), call)
            .unwrap();
        let canceller = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(40)).await;
            cancel.cancel();
        });
        let error = loop {
            match reply.next().await {
                Ok(Some(Step::Delta(_))) => {}
                other => break other,
            }
        };
        assert_eq!(error, Err(LlmError::Cancelled));
        canceller.await.unwrap();
        drop(reply);
        assert!(server.was_closed().await);
        assert_eq!(
            ends(&Exchange::collect(tape.lines())),
            [Some(End::Cancelled)]
        );
    }
}

#[tokio::test]
async fn dropping_an_answer_cancels_it() {
    let mut server = Server::new(vec![vec![stream_head(), send(PART), Act::Hang]]);
    let tape = Arc::new(MemoryTape::default());
    let call = Call::new("q", tape.clone());
    let mut reply = client()
        .send(&endpoint(&server.url), &request(), call)
        .unwrap();
    assert!(matches!(reply.next().await, Ok(Some(Step::Delta(_)))));
    assert_eq!(reply.response().text(), "hal");
    drop(reply);
    assert!(server.was_closed().await);
    assert_eq!(
        ends(&Exchange::collect(tape.lines())),
        [Some(End::Cancelled)]
    );
}

#[tokio::test]
async fn nobody_there_is_said_at_once() {
    let url = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let (words, exchanges) = ask(&client(), &endpoint(&url), |_| {}).await;
    assert_eq!(words.len(), 1);
    let expected = format!("Network: cannot reach `{}`: ", host(&url));
    assert!(words[0].starts_with(&expected), "{words:?}");
    assert_eq!(exchanges.len(), 1, "a server that is not there stays so");
    let outcome = client()
        .ask(
            &endpoint(&url),
            &request(),
            Call::new("q", Arc::new(MemoryTape::default())),
        )
        .await;
    let error = outcome.unwrap_err();
    assert_eq!(
        error.hint(),
        "start the server, or check the address and port"
    );
}

#[tokio::test]
async fn characters_cut_in_two_come_whole() {
    let answer = HI.replace("hi", "grüße 😀");
    let bytes = answer.as_bytes();
    let middle = answer.find('ü').unwrap() + 1;
    let later = answer.find('😀').unwrap() + 2;
    let server = Server::new(vec![vec![
        stream_head(),
        Act::Send(bytes[..middle].to_vec()),
        Act::Send(bytes[middle..later].to_vec()),
        Act::Send(bytes[later..].to_vec()),
    ]]);
    let (words, exchanges) = ask(&client(), &endpoint(&server.url), |_| {}).await;
    assert_eq!(words.last().unwrap(), "whole: grüße 😀");
    assert_eq!(exchanges[0].body(), bytes);
}

#[tokio::test]
async fn a_slow_drip_is_an_answer() {
    let drip = HI.bytes().map(|byte| Act::Send(vec![byte]));
    let row = std::iter::once(stream_head()).chain(drip).collect();
    let server = Server::new(vec![row]);
    let (words, _) = ask(&client(), &endpoint(&server.url), |_| {}).await;
    assert_eq!(words.last().unwrap(), "whole: hi");
}

#[tokio::test]
async fn an_answer_may_be_packed() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(HI.as_bytes()).unwrap();
    let packed = gzip.finish().unwrap();
    let (first, second) = packed.split_at(packed.len() / 2);
    let server = Server::new(vec![vec![
        head(
            "200 OK",
            "content-type: text/event-stream\r\ncontent-encoding: gzip\r\n",
        ),
        Act::Send(first.to_vec()),
        Act::Send(second.to_vec()),
    ]]);
    let (words, exchanges) = ask(&client(), &endpoint(&server.url), |_| {}).await;
    assert_eq!(words.last().unwrap(), "whole: hi");
    assert_eq!(exchanges[0].body(), HI.as_bytes());
    assert_eq!(
        exchanges[0].head.as_ref().unwrap().1.unpacked.as_deref(),
        Some("gzip")
    );
}

#[tokio::test]
async fn an_endless_answer_is_stopped() {
    let piece = PART.repeat(20_000).into_bytes();
    let row = std::iter::once(stream_head())
        .chain((0..100).map(|_| Act::Send(piece.clone())))
        .collect();
    let mut server = Server::new(vec![row]);
    let client = client().with_most_bytes(3_000_000);
    let tape = Arc::new(MemoryTape::default());
    let outcome = client
        .ask(
            &endpoint(&server.url),
            &request(),
            Call::new("q", tape.clone()),
        )
        .await;
    assert!(
        matches!(
            outcome,
            Err(LlmError::TooLarge {
                limit: 3_000_000,
                ..
            })
        ),
        "{outcome:?}"
    );
    let exchanges = Exchange::collect(tape.lines());
    assert!(exchanges[0].body().len() < 4_000_000);
    assert_eq!(ends(&exchanges), [Some(End::Abandoned)]);
    assert!(server.was_closed().await);
}

#[tokio::test]
async fn a_redirect_takes_no_key_elsewhere() {
    let server = Server::new(vec![vec![head(
        "307 Temporary Redirect",
        "location: http://elsewhere.example/v1\r\ncontent-length: 0\r\n",
    )]]);
    let (words, _) = ask(&client(), &endpoint(&server.url), |_| {}).await;
    let expected = format!(
        "Request: `{}` redirects to `http://elsewhere.example/v1`",
        host(&server.url)
    );
    assert_eq!(words, [expected]);
}

#[tokio::test]
async fn what_is_no_answer_is_said_to_be_none() {
    let page = || {
        vec![
            head("200 OK", "content-type: text/html\r\n"),
            send("<html>Log in</html>"),
        ]
    };
    let server = Server::new(vec![page(), page(), page()]);
    let (words, _) = ask(&client(), &endpoint(&server.url), |call| {
        call.stream = false;
    })
    .await;
    assert!(
        words.last().unwrap().starts_with("Network: the answer of"),
        "{words:?}"
    );
    let bad = || {
        vec![
            head("200 OK", "content-type: application/json\r\n"),
            send("{\"choices\": oops}"),
        ]
    };
    let server = Server::new(vec![bad(), bad(), bad()]);
    let (words, _) = ask(&client(), &endpoint(&server.url), |call| {
        call.stream = false;
    })
    .await;
    assert!(
        words
            .last()
            .unwrap()
            .starts_with("Malformed: the answer of `test` cannot be read"),
        "{words:?}"
    );
}

#[tokio::test]
async fn a_server_that_cannot_stream_is_understood() {
    let body = "{\"choices\":[{\"message\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}";
    let server = Server::new(vec![vec![
        head("200 OK", "content-type: application/json\r\n"),
        send(body),
    ]]);
    let (words, _) = ask(&client(), &endpoint(&server.url), |_| {}).await;
    assert_eq!(words, ["hi", "whole: hi"]);
}

#[tokio::test]
async fn nothing_is_no_answer() {
    let nothing = || vec![stream_head(), send("data: [DONE]\n\n")];
    let server = Server::new(vec![nothing(), nothing(), vec![stream_head(), send(HI)]]);
    let (words, _) = ask(&client(), &endpoint(&server.url), |_| {}).await;
    let again = ["again after 1 ms: Malformed", "again after 2 ms: Malformed"];
    assert_eq!(words, [again[0], again[1], "hi", "whole: hi"]);
}

#[tokio::test]
async fn cancelling_ends_a_wait() {
    let server = Server::new(vec![vec![head("503 Service Unavailable", ""), send("{}")]]);
    let retry = crate::RetryPolicy {
        first: Duration::from_hours(1),
        longest: Duration::from_hours(1),
        ..Default::default()
    };
    let call = Call::new("q", Arc::new(MemoryTape::default()));
    let cancel = call.cancel.clone();
    let client = client().with_retry(retry);
    let mut reply = client
        .send(&endpoint(&server.url), &request(), call)
        .unwrap();
    assert!(matches!(
        reply.next().await,
        Ok(Some(Step::Retrying { .. }))
    ));
    cancel.cancel();
    assert_eq!(reply.next().await, Err(LlmError::Cancelled));
    assert_eq!(reply.next().await, Ok(None));
}
