//! The server's side of a connection: just enough HTTP for one request.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};

use super::asked::header;
use super::{Answer, Asked, Fault, Shared, Wire};

/// How often it is looked whether the server is over.
const LOOK: Duration = Duration::from_millis(25);

/// Answers one request. Whoever goes away in the middle is counted.
pub(super) fn serve(mut stream: TcpStream, shared: &Shared) {
    let Some((head, body)) = request(&stream) else {
        return;
    };
    let path = head
        .split_whitespace()
        .nth(1)
        .unwrap_or_default()
        .to_owned();
    let Some(wire) = Wire::of_path(&path) else {
        let _ = whole(&mut stream, 200, "", &other(&path));
        return;
    };
    let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let asked = Asked {
        wire,
        path,
        head,
        body,
        json,
    };
    let number = {
        let mut all = shared.asked();
        all.push(asked.clone());
        all.len() - 1
    };
    shared.more.notify_all();
    let answer = shared.script.answer(number, &asked);
    if reply(&mut stream, &asked, number, &answer, shared).is_err() {
        shared.left.fetch_add(1, Ordering::SeqCst);
    }
}

/// What is asked beside answers: which models there are.
fn other(path: &str) -> String {
    let model = json!({"id": "scripted", "object": "model", "name": "models/scripted"});
    let models = json!({"object": "list", "data": [model], "models": [model]});
    let is_list = path
        .split('?')
        .next()
        .is_some_and(|path| path.ends_with("/models"));
    (if is_list { models } else { json!({}) }).to_string()
}

fn request(stream: &TcpStream) -> Option<(String, Vec<u8>)> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let mut body = Vec::new();
    if let Some(length) = header(&head, "content-length") {
        body.resize(length.parse().ok()?, 0);
        reader.read_exact(&mut body).ok()?;
    } else if header(&head, "transfer-encoding").is_some() {
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let length = u64::from_str_radix(line.trim(), 16).ok()?;
            reader.by_ref().take(length).read_to_end(&mut body).ok()?;
            reader.read_line(&mut line).ok()?;
            if length == 0 {
                break;
            }
        }
    }
    Some((head, body))
}

fn whole(stream: &mut TcpStream, status: u16, headers: &str, body: &str) -> std::io::Result<()> {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status} Said\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n{headers}\r\n{body}"
    )
}

/// What is sent after the head, and what then.
struct Course {
    frames: Vec<Vec<u8>>,
    /// Before each byte.
    wait: Option<Duration>,
    end: End,
}

enum End {
    Whole,
    Hang,
    Cut,
    Reset,
}

fn reply(
    stream: &mut TcpStream,
    asked: &Asked,
    number: usize,
    answer: &Answer,
    shared: &Shared,
) -> std::io::Result<()> {
    match &answer.fault {
        Some(Fault::Silence) => return hang(stream, shared),
        Some(Fault::Reset(0)) => return reset(stream),
        Some(Fault::Status(status, after)) => {
            let after = after
                .as_ref()
                .map(|after| format!("retry-after: {after}\r\n"));
            let body = asked.wire.refusal(*status).to_string();
            return whole(stream, *status, &after.unwrap_or_default(), &body);
        }
        _ => {}
    }
    let kind = if asked.is_streamed() {
        "text/event-stream"
    } else {
        "application/json"
    };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: {kind}\r\n\
         transfer-encoding: chunked\r\n\r\n"
    )?;
    let course = course(asked, number, answer);
    for frame in &course.frames {
        send(stream, frame, course.wait, shared)?;
    }
    match course.end {
        End::Whole => stream.write_all(b"0\r\n\r\n"),
        End::Hang => hang(stream, shared),
        End::Cut => Ok(()),
        End::Reset => reset(stream),
    }
}

fn course(asked: &Asked, number: usize, answer: &Answer) -> Course {
    let mut frames = asked.wire.frames(answer, asked, number);
    let mut course = |count: usize, extra: Option<Vec<u8>>, end: End| {
        frames.truncate(count);
        frames.extend(extra);
        Course {
            frames: std::mem::take(&mut frames),
            wait: None,
            end,
        }
    };
    match &answer.fault {
        Some(Fault::Hang(count)) => course(*count, None, End::Hang),
        Some(Fault::Reset(count)) => course(*count, None, End::Reset),
        Some(Fault::Cut(count)) => course(*count, None, End::Cut),
        Some(Fault::Short(count)) => course(*count, None, End::Whole),
        Some(Fault::Error(count)) => {
            let error = asked.wire.refusal(529);
            let text = match asked.wire {
                Wire::Anthropic | Wire::Responses => format!("event: error\ndata: {error}\n\n"),
                _ => format!("data: {error}\n\n"),
            };
            course(*count, Some(text.into_bytes()), End::Whole)
        }
        Some(Fault::Garbage(count)) => course(
            *count,
            Some(b"data: {\"choices\": [{\n\n".to_vec()),
            End::Whole,
        ),
        Some(Fault::Drip(millis)) => Course {
            wait: Some(Duration::from_millis(*millis)),
            ..course(usize::MAX, None, End::Whole)
        },
        _ => course(usize::MAX, None, End::Whole),
    }
}

fn send(
    stream: &mut TcpStream,
    frame: &[u8],
    wait: Option<Duration>,
    shared: &Shared,
) -> std::io::Result<()> {
    let pieces = frame.chunks(if wait.is_some() {
        1
    } else {
        frame.len().max(1)
    });
    for piece in pieces {
        if let Some(wait) = wait {
            if shared.is_over.load(Ordering::Relaxed) {
                return Ok(());
            }
            std::thread::sleep(wait);
        }
        let mut bytes = format!("{:x}\r\n", piece.len()).into_bytes();
        bytes.extend(piece);
        bytes.extend(b"\r\n");
        stream.write_all(&bytes)?;
        stream.flush()?;
    }
    Ok(())
}

/// Waits until the client goes away, which is an error, or the server is over.
fn hang(stream: &mut TcpStream, shared: &Shared) -> std::io::Result<()> {
    use std::io::ErrorKind::{TimedOut, UnexpectedEof, WouldBlock};
    stream.set_read_timeout(Some(LOOK))?;
    loop {
        match stream.read(&mut [0]) {
            Ok(0) => return Err(UnexpectedEof.into()),
            Ok(_) => {}
            Err(error) if matches!(error.kind(), TimedOut | WouldBlock) => {}
            Err(error) => return Err(error),
        }
        if shared.is_over.load(Ordering::Relaxed) {
            return Ok(());
        }
    }
}

fn reset(stream: &TcpStream) -> std::io::Result<()> {
    socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO))
}
