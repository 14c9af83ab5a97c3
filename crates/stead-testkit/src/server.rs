//! A server that answers as a test tells it to. It speaks just enough HTTP for one
//! question a connection.
#![expect(
    clippy::missing_panics_doc,
    reason = "a server that cannot be started is reported by a panic"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// What was asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// Path and query.
    pub path: String,
    head: String,
}

/// What to answer.
#[derive(Debug, Clone)]
pub enum Answer {
    /// All is well; this is the body.
    Body(String),
    /// Only the first half of this body comes, then the line is dead.
    Half(String),
    /// It is elsewhere: there.
    Leads(String),
    /// It will not: this status.
    Status(u16),
    /// Nothing, until the asker gives up.
    Silence,
}

/// A server on this machine. It ends when it is dropped.
pub struct FakeServer {
    /// Its address.
    pub url: String,
    asked: Arc<Mutex<Vec<Question>>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Question {
    /// A header's value; names are compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| {
            let (own, value) = line.split_once(':')?;
            own.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The path without the query.
    pub fn place(&self) -> &str {
        self.path
            .split_once('?')
            .map_or(&self.path, |(place, _)| place)
    }

    /// A value of the query, as it stands there.
    pub fn value(&self, name: &str) -> Option<&str> {
        let (_, query) = self.path.split_once('?')?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find_map(|(own, value)| (own == name).then_some(value))
    }
}

impl FakeServer {
    /// A server that answers every question so.
    pub fn new(answer: impl Fn(&Question) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let is_over = Arc::new(AtomicBool::new(false));
        let (told, over) = (asked.clone(), is_over.clone());
        let thread = std::thread::spawn(move || {
            let mut silent = Vec::new();
            for stream in listener.incoming() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(mut stream) = stream else { continue };
                let Some(question) = question(&stream) else {
                    continue;
                };
                let said = answer(&question);
                lock(&told).push(question);
                // Whoever asked may have given up.
                let _ = say(&mut stream, &said);
                if matches!(said, Answer::Silence) {
                    silent.push(stream);
                }
            }
        });
        Self {
            url: format!("http://{address}"),
            asked,
            is_over,
            thread: Some(thread),
        }
    }

    /// What was asked since the last time.
    pub fn asked(&self) -> Vec<Question> {
        std::mem::take(&mut lock(&self.asked))
    }
}

impl Drop for FakeServer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        // It waits for a question.
        let address = self.url.trim_start_matches("http://");
        let _ = TcpStream::connect(address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn question(stream: &TcpStream) -> Option<Question> {
    let mut reader = BufReader::new(stream.try_clone().ok()?).take(64 << 10);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let path = head.split_whitespace().nth(1)?.to_owned();
    Some(Question { path, head })
}

fn say(stream: &mut TcpStream, answer: &Answer) -> std::io::Result<()> {
    let (status, body, sent) = match answer {
        Answer::Body(body) => (200, body.as_str(), body.len()),
        Answer::Half(body) => (200, body.as_str(), body.floor_char_boundary(body.len() / 2)),
        Answer::Leads(_) => (302, "", 0),
        Answer::Status(status) => (*status, "", 0),
        Answer::Silence => return Ok(()),
    };
    let elsewhere = match answer {
        Answer::Leads(place) => format!("Location: {place}\r\n"),
        _ => String::new(),
    };
    let head = format!(
        "HTTP/1.1 {status} Said\r\nConnection: close\r\nContent-Length: {}\r\n{elsewhere}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body.as_bytes()[..sent])
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::{Answer, FakeServer};

    #[test]
    fn it_answers_and_remembers() {
        let server = FakeServer::new(|question| match question.place() {
            "/a" => Answer::Body("[1]".into()),
            _ => Answer::Status(404),
        });
        let ask = |path: &str| {
            let mut stream = TcpStream::connect(&server.url[7..]).unwrap();
            write!(stream, "GET {path} HTTP/1.1\r\nX-Key: k\r\n\r\n").unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        assert!(ask("/a?x=1&y=2").ends_with("\r\n\r\n[1]"));
        assert!(ask("/b").starts_with("HTTP/1.1 404"));
        let asked = server.asked();
        assert_eq!(asked[0].value("y"), Some("2"));
        assert_eq!(asked[0].header("x-key"), Some("k"));
        assert_eq!(asked[1].place(), "/b");
        assert!(server.asked().is_empty());
    }
}
