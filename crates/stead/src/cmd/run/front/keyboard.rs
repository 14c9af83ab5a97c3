//! What a person types where they were asked something, line by line. Waiting for it ends
//! when the session does.

use std::io::{BufRead, IsTerminal};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use stead_llm::CancellationToken;

/// How often it is looked whether the session was ended.
const LOOK: Duration = Duration::from_millis(50);

/// Lines of standard input, if it is a terminal.
pub(super) struct Keyboard {
    stop: CancellationToken,
    /// Reading cannot be given up, so it is done on a thread of its own.
    lines: Option<Receiver<String>>,
}

impl Keyboard {
    /// What is typed until the session is ended by this.
    pub(super) const fn new(stop: CancellationToken) -> Self {
        Self { stop, lines: None }
    }

    /// The next line; none if nobody is there, any more.
    pub(super) fn line(&mut self) -> Option<String> {
        if !std::io::stdin().is_terminal() {
            return None;
        }
        let lines = self.lines.get_or_insert_with(read);
        loop {
            match lines.recv_timeout(LOOK) {
                Ok(line) => return Some(line),
                Err(RecvTimeoutError::Timeout) if !self.stop.is_cancelled() => {}
                Err(RecvTimeoutError::Timeout) => return None,
                Err(RecvTimeoutError::Disconnected) => {
                    // Ctrl-D: nobody for this question; the next one is asked anew.
                    self.lines = None;
                    return None;
                }
            }
        }
    }
}

fn read() -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        while std::io::stdin()
            .lock()
            .read_line(&mut line)
            .is_ok_and(|read| read > 0)
        {
            if sender.send(std::mem::take(&mut line)).is_err() {
                return;
            }
        }
    });
    lines
}
