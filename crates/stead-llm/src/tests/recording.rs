//! Records, and sessions that run again from them.

use std::io::BufReader;
use std::sync::{Arc, Mutex};

use super::server::{
    Act, HI, PART, Server, ambient, ask, client, endpoint, head, send, stream_head,
};
use crate::traffic::{End, Exchange, Line, LineTape, MemoryTape, Tape, TapeError};
use crate::{Call, CancellationToken, Client, InOrder, LlmError, Replay, RetryPolicy};

#[tokio::test]
async fn a_recorded_session_runs_again_without_a_network() {
    let busy = vec![
        head("503 Service Unavailable", ""),
        send("{\"error\":{\"message\":\"busy\"}}"),
    ];
    let cut = vec![stream_head(), send(PART)];
    let server = Server::new(vec![busy, vec![stream_head(), send(HI)], cut]);
    let endpoint = endpoint(&server.url);
    let client = client();
    let (first, mut record) = ask(&client, &endpoint, |_| {}).await;
    let (second, more) = ask(&client, &endpoint, |_| {}).await;
    record.extend(more);
    drop(server);
    let replay = Arc::new(Replay::new(record));
    let offline = Client::new(replay.clone(), ambient()).with_retry(client.retry);
    let (again, _) = ask(&offline, &endpoint, |_| {}).await;
    assert_eq!(again, first);
    assert_eq!(replay.left(), 1);
    let (again, _) = ask(&offline, &endpoint, |_| {}).await;
    assert_eq!(again, second);
    let (parted, _) = ask(&offline, &endpoint, |_| {}).await;
    assert!(
        parted[0].starts_with("Record: the record has no answer"),
        "{parted:?}"
    );
}

/// What was waited for then is not waited for again, and what the record does not know of is
/// made up by nobody.
#[tokio::test]
async fn a_record_answers_in_its_order_whatever_is_asked() {
    let busy = vec![
        head("503 Service Unavailable", "Retry-After: 30\r\n"),
        send("{\"error\":{\"message\":\"busy\"}}"),
    ];
    let server = Server::new(vec![vec![stream_head(), send(HI)]]);
    let endpoint = endpoint(&server.url);
    let (first, answered) = ask(&client(), &endpoint, |_| {}).await;
    drop(server);
    let server = Server::new(vec![busy]);
    let patient = RetryPolicy {
        attempts: 1,
        ..RetryPolicy::default()
    };
    let impatient = client().with_retry(patient);
    let (_, mut record) = ask(&impatient, &super::server::endpoint(&server.url), |_| {}).await;
    record.extend(answered);
    let mut cut = record[1].clone();
    cut.chunks = vec![(0, PART.into())];
    cut.end = Some((0, End::Cancelled));
    record.push(cut);

    let over = CancellationToken::new();
    let in_order = Arc::new(InOrder::new(record, over.clone()));
    let offline = Client::new(in_order.clone(), ambient());
    let (again, _) = ask(&offline, &endpoint, |_| {}).await;
    assert_eq!(again[0], "again after 0 ms: Overloaded");
    assert_eq!(again[1..], first);
    assert_eq!((in_order.left(), over.is_cancelled()), (1, false));
    assert_eq!(in_order.differences(), []);
    let (ended, _) = ask(&offline, &endpoint, |call| call.cancel = over.clone()).await;
    assert!(ended.last().unwrap().starts_with("Cancelled"), "{ended:?}");
    assert!(over.is_cancelled());
}

#[tokio::test]
async fn records_survive_the_disk_and_a_crash() {
    let server = Server::new(vec![vec![
        stream_head(),
        Act::Send(b"data: {\"choices\":[{\"delta\":{\"content\":\"\xc3".to_vec()),
        Act::Send(b"\xa9\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n".to_vec()),
    ]]);
    let file = tempfile::NamedTempFile::new().unwrap();
    let both = Arc::new(Both(
        MemoryTape::default(),
        LineTape::new(file.reopen().unwrap()),
    ));
    let response = client()
        .ask(
            &endpoint(&server.url),
            &super::server::request(),
            Call::new("q", both.clone()),
        )
        .await;
    assert_eq!(response.unwrap().text(), "é");
    let bytes = std::fs::read(file.path()).unwrap();
    let read = |bytes: &[u8]| Exchange::read(BufReader::new(bytes)).unwrap();
    assert_eq!(read(&bytes), Exchange::collect(both.0.lines()));
    // Cut anywhere: what is there is a beginning of what was there.
    for end in (0..bytes.len()).step_by(7) {
        for exchange in read(&bytes[..end]) {
            assert!(read(&bytes)[0].body().starts_with(&exchange.body()));
        }
    }
}

struct Both(MemoryTape, LineTape<std::fs::File>);

impl Tape for Both {
    fn line(&self, line: &Line) -> Result<(), TapeError> {
        self.0.line(line)?;
        self.1.line(line)
    }
}

/// A tape that takes so many lines.
struct Full(Mutex<usize>);

impl Tape for Full {
    fn line(&self, _: &Line) -> Result<(), TapeError> {
        let mut left = self.0.lock().unwrap();
        *left = left
            .checked_sub(1)
            .ok_or(TapeError("no space left".into()))?;
        Ok(())
    }
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_sent() {
    let nobody = endpoint("http://127.0.0.1:1");
    let call = Call::new("q", Arc::new(Full(Mutex::new(0))));
    let error = client()
        .ask(&nobody, &super::server::request(), call)
        .await
        .unwrap_err();
    assert_eq!(error, LlmError::Tape(TapeError("no space left".into())));
    let mut server = Server::new(vec![vec![stream_head(), send(PART), Act::Hang]]);
    let call = Call::new("q", Arc::new(Full(Mutex::new(2))));
    let error = client()
        .ask(&endpoint(&server.url), &super::server::request(), call)
        .await
        .unwrap_err();
    assert!(matches!(error, LlmError::Tape(_)));
    assert!(server.was_closed().await);
}
