//! Standard input and output as lines, each on a thread of its own: an editor that does not
//! read must not keep `session/cancel` from being heard.

use std::io::{self, BufRead, Read, Write};
use std::sync::mpsc::channel;

use agent_client_protocol::{Agent, ConnectTo, Lines};
use futures::channel::mpsc;

/// A message has at most so many bytes: files that are put into a prompt stand in it.
const LONGEST: u64 = 64 << 20;

/// The editor that started this program.
pub(super) fn editor() -> impl ConnectTo<Agent> {
    let (sender, incoming) = mpsc::unbounded();
    std::thread::spawn(move || {
        let mut from = io::stdin().lock();
        while let Some(line) = line(&mut from).transpose() {
            if sender.unbounded_send(line).is_err() {
                return;
            }
        }
    });
    let (written, lines) = channel::<String>();
    std::thread::spawn(move || {
        for line in lines {
            let mut out = io::stdout().lock();
            if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
                return;
            }
        }
    });
    let outgoing = futures::sink::unfold(written, async |written, line| {
        // Whoever reads has gone, if it fails.
        written.send(line).map_err(io::Error::other)?;
        Ok(written)
    });
    Lines::new(Box::pin(outgoing), incoming)
}

/// The next line; nothing at the end.
fn line(from: &mut dyn BufRead) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    if from.take(LONGEST).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    while matches!(bytes.last(), Some(b'\n' | b'\r')) {
        bytes.pop();
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}
