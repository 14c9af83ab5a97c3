use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use super::{Client, DISCOVERY, HttpError};
use crate::{Key, Server};

/// Answers one request with `answer`; comes back with the request's head.
fn serve(answer: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = String::new();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while !head.ends_with("\r\n\r\n") {
            assert!(reader.read_line(&mut head).unwrap() > 0);
        }
        stream.write_all(answer.as_bytes()).unwrap();
        head
    });
    (url, served)
}

#[test]
fn the_key_is_sent_and_the_answer_comes_back() {
    let (url, answered) = serve("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]");
    let server = Server::new("demo", &url, Some(Key::new("hunter2")));
    let client = Client::new(&server, "X-Key", DISCOVERY);
    assert_eq!(client.get("/api/things?limit=1").unwrap(), b"[]");
    let head = answered.join().unwrap().to_lowercase();
    assert!(
        head.starts_with("get /api/things?limit=1 http/1.1"),
        "{head}"
    );
    assert!(head.contains("x-key: hunter2"), "{head}");
    assert!(!format!("{server:?}").contains("hunter2"));
}

#[test]
fn what_goes_wrong_is_told() {
    let (url, answered) = serve("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    let server = Server::new("demo", &url, None);
    let error = Client::new(&server, "X-Key", DISCOVERY)
        .get("/api")
        .unwrap_err();
    assert!(matches!(error, HttpError::Refused(_)));
    assert!(error.to_string().contains("401"), "{error}");
    answered.join().unwrap();
    // Nobody listens there any more; that is asked once.
    let error = Client::new(&server, "X-Key", DISCOVERY)
        .get("/api")
        .unwrap_err();
    assert!(matches!(error, HttpError::Away(_)), "{error}");
    let copy = server.clone();
    let again = Client::new(&copy, "X-Key", DISCOVERY)
        .get("/api")
        .unwrap_err();
    assert!(matches!(again, HttpError::GivenUp(_)), "{again}");
    assert_eq!(again.to_string(), error.to_string());
}

#[test]
fn a_server_that_lets_us_wait_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let server = Server::new("demo", &url, None);
    let ask = |path| {
        Client::new(&server, "X-Key", DISCOVERY)
            .get(path)
            .unwrap_err()
    };
    for _ in 0..3 {
        assert!(matches!(ask("/slow"), HttpError::Away(_)));
    }
    let began = std::time::Instant::now();
    let error = ask("/other");
    assert!(matches!(error, HttpError::GivenUp(_)), "{error}");
    assert!(error.to_string().contains("timeout"), "{error}");
    assert!(began.elapsed().as_millis() < 500);
    // Another server is another matter.
    let other = Server::new("demo", &url, None);
    assert_eq!((other.given_up(), &other), (None, &server));
}

#[test]
fn what_does_not_come_to_an_end_is_left() {
    let server = Server::new("demo", "http://127.0.0.1:9", None);
    let client = Client::new(&server, "X-Key", std::time::Duration::ZERO);
    let error = client.get("/api").unwrap_err();
    assert!(matches!(error, HttpError::Endless(_)), "{error}");
    assert_eq!(server.given_up(), None);
    let _ = client.not_discovered(error);
    assert!(
        server
            .given_up()
            .is_some_and(|why| why.contains("not said all"))
    );
}

#[test]
fn the_key_goes_nowhere_else() {
    let moved = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/x\r\nContent-Length: 0\r\n\r\n";
    let (url, answered) = serve(moved);
    let server = Server::new("demo", &url, Some(Key::new("hunter2")));
    let error = Client::new(&server, "X-Key", DISCOVERY)
        .get("/api")
        .unwrap_err();
    assert!(!error.to_string().contains("hunter2"), "{error}");
    answered.join().unwrap();
}

#[test]
fn a_key_is_asked_for_when_it_is_wanted() {
    let key = Key::asked(|| Err("the safe is locked".into()));
    let server = Server::new("demo", "http://127.0.0.1:9", Some(key));
    let error = Client::new(&server, "X-Key", DISCOVERY)
        .get("/api")
        .unwrap_err();
    assert!(matches!(error, HttpError::Keyless(_)));
    assert!(error.to_string().contains("the safe is locked"), "{error}");
}
