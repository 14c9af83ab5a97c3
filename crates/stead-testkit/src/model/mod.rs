//! A language model on loopback that answers by a script, so that agents run offline and
//! as tests want them to.
//!
//! A *script* says what is answered to which request. An *answer* is text, reasoning and
//! calls in words of no provider; a *wire* puts it into a provider's format, streamed in
//! *frames* or whole. A *fault* is what goes wrong with an answer on its way.
#![expect(
    clippy::missing_panics_doc,
    reason = "a server that cannot be started is reported by a panic"
)]

mod answer;
mod asked;
mod phrase;
mod script;
mod serve;
mod task;
#[cfg(test)]
mod tests;
mod wire;

use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use answer::{Answer, Call, Fault, Form, Tokens};
pub use asked::Asked;
pub use script::Script;
pub use task::{ScriptedTask, git};
pub use wire::Wire;

/// A model on this machine. It ends when it is dropped, with all connections that hang.
pub struct ScriptedModel {
    url: String,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the server's threads share.
struct Shared {
    script: Script,
    asked: Mutex<Vec<Asked>>,
    more: Condvar,
    /// Connections whose other side went away before the answer was whole.
    left: AtomicUsize,
    is_over: AtomicBool,
}

impl ScriptedModel {
    /// A model that answers so.
    pub fn new(script: impl Into<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            script: script.into(),
            asked: Mutex::default(),
            more: Condvar::new(),
            left: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        });
        let own = shared.clone();
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if own.is_over.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(stream), shared) = (stream, own.clone()) else {
                    continue;
                };
                std::thread::spawn(move || serve::serve(stream, &shared));
            }
        });
        Self {
            url: format!("http://{address}"),
            shared,
            thread: Some(thread),
        }
    }

    /// Its address without a path.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The base URL that clients of a wire format are given.
    pub fn base(&self, wire: Wire) -> String {
        format!("{}{}", self.url, wire.base())
    }

    /// All requests for an answer so far, in the order in which they came.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.asked().clone()
    }

    /// Waits until so many requests for an answer have come; `false` if they do not come
    /// within 30 seconds.
    pub fn wait_for(&self, count: usize) -> bool {
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut asked = self.shared.asked();
        while asked.len() < count {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.shared.more.wait_timeout(asked, left);
            asked = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// How many clients went away before their answer was whole.
    pub fn left(&self) -> usize {
        self.shared.left.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn asked(&self) -> MutexGuard<'_, Vec<Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ScriptedModel {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        // It waits for a request.
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
