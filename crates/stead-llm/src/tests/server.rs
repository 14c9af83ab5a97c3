//! A server on loopback that does as a test tells it, and what tests need to ask it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::traffic::{Exchange, MemoryTape};
use crate::{
    Ambient, Call, Client, Endpoint, Http, Message, Proxies, Request, RetryPolicy, Step, Wire,
};

/// What a server does with a connection, one after another.
pub(super) enum Act {
    /// Sends these bytes, in one piece.
    Send(Vec<u8>),
    /// Waits until the other side closes the connection, and notes that it did.
    Hang,
    /// Lets the connection die.
    Reset,
}

pub(super) struct Server {
    pub(super) url: String,
    asked: Arc<Mutex<Vec<Vec<u8>>>>,
    closed: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Each connection is served by the next row; then there is no server any more.
    pub(super) fn new(rows: Vec<Vec<Act>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, closed) = (Arc::new(Mutex::new(Vec::new())), Arc::default());
        let (told, is_closed) = (asked.clone(), Arc::clone(&closed));
        let thread = std::thread::spawn(move || {
            for row in rows {
                let (mut stream, _) = listener.accept().unwrap();
                let request = read_request(&mut stream);
                told.lock().unwrap().push(request);
                serve(&mut stream, row, &is_closed);
            }
        });
        Self {
            url,
            asked,
            closed,
            thread: Some(thread),
        }
    }

    /// The bytes of each request, once all connections were served.
    pub(super) fn asked(&mut self) -> Vec<Vec<u8>> {
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
        self.asked.lock().unwrap().clone()
    }

    /// Whether the other side closed a connection that hung. The client's side is not
    /// kept from running meanwhile.
    pub(super) async fn was_closed(&mut self) -> bool {
        if let Some(thread) = self.thread.take() {
            let joined = tokio::task::spawn_blocking(move || thread.join());
            joined.await.unwrap().unwrap();
        }
        self.closed.load(Ordering::SeqCst)
    }
}

fn read_request(stream: &mut TcpStream) -> Vec<u8> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        request.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&request).to_lowercase();
    let length = head.split("content-length: ").nth(1);
    let length = length.map_or(0, |after| {
        after.split("\r\n").next().unwrap().parse().unwrap()
    });
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    request.extend(body);
    request
}

fn serve(stream: &mut TcpStream, row: Vec<Act>, closed: &AtomicBool) {
    for act in row {
        match act {
            // Whoever has enough closes the connection.
            Act::Send(bytes) => {
                if stream
                    .write_all(&bytes)
                    .and_then(|()| stream.flush())
                    .is_err()
                {
                    closed.store(true, Ordering::SeqCst);
                    return;
                }
            }
            Act::Hang => {
                stream
                    .set_read_timeout(Some(Duration::from_secs(20)))
                    .unwrap();
                // Nothing at all, or a reset: either way the other side is gone.
                let gone = match stream.read(&mut [0]) {
                    Ok(count) => count == 0,
                    Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
                };
                closed.store(gone, Ordering::SeqCst);
                return;
            }
            Act::Reset => {
                let socket = socket2::SockRef::from(&*stream);
                socket.set_linger(Some(Duration::ZERO)).unwrap();
                return;
            }
        }
    }
}

/// A head and a body that ends with the connection.
pub(super) fn head(status: &str, headers: &str) -> Act {
    Act::Send(format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}\r\n").into_bytes())
}

pub(super) fn stream_head() -> Act {
    head("200 OK", "content-type: text/event-stream\r\n")
}

pub(super) fn send(text: &str) -> Act {
    Act::Send(text.as_bytes().to_vec())
}

/// A whole answer of chat completions that says `hi`.
pub(super) const HI: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n\
    data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
/// The beginning of one.
pub(super) const PART: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"hal\"}}]}\n\n";

pub(super) fn endpoint(url: &str) -> Endpoint {
    Endpoint::new("test", Wire::Openai, url)
}

pub(super) fn ambient() -> Ambient {
    Ambient {
        now: Arc::new(|| "2026-11-21T12:00:00Z".parse().unwrap()),
        chance: Arc::new(|| 0.0),
    }
}

/// A client that waits next to no time between attempts.
pub(super) fn client() -> Client {
    let retry = RetryPolicy {
        attempts: 3,
        first: Duration::from_millis(1),
        longest: Duration::from_mins(1),
    };
    Client::new(Arc::new(Http::new(Proxies::default())), ambient()).with_retry(retry)
}

pub(super) fn request() -> Request {
    Request {
        model: "m".into(),
        messages: vec![Message::user("hello")],
        ..Request::default()
    }
}

/// Makes a request and gives what came, in words, with the record of it.
pub(super) async fn ask(
    client: &Client,
    endpoint: &Endpoint,
    change: impl FnOnce(&mut Call),
) -> (Vec<String>, Vec<Exchange>) {
    let tape = Arc::new(MemoryTape::default());
    let mut call = Call::new("q", tape.clone());
    change(&mut call);
    let mut words = Vec::new();
    let mut reply = client.send(endpoint, &request(), call).unwrap();
    loop {
        match reply.next().await {
            Ok(Some(Step::Delta(crate::Delta::Text { text, .. }))) => words.push(text),
            Ok(Some(Step::Delta(_))) => {}
            Ok(Some(Step::Restarted)) => words.push("restarted".into()),
            Ok(Some(Step::Retrying { because, wait, .. })) => {
                words.push(format!(
                    "again after {} ms: {:?}",
                    wait.as_millis(),
                    because.class()
                ));
            }
            Ok(None) => {
                words.push(format!("whole: {}", reply.response().text()));
                break;
            }
            Err(error) => {
                words.push(format!("{:?}: {error}", error.class()));
                break;
            }
        }
    }
    (words, Exchange::collect(tape.lines()))
}

pub(super) fn host(url: &str) -> &str {
    url.trim_start_matches("http://")
}
