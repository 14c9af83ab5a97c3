//! The live view of a terminal: what happened scrolls by as `stead show` shows it, and below
//! it stand what happens now, where the user types, and what it runs on and costs.
//!
//! A *region* is the few rows at the bottom that are painted anew again and again; what is
//! *settled* stands above it for good. The session works in its own thread and *tells* the
//! thread of the terminal, which reads keys meanwhile.

mod editor;
mod keys;
mod region;
pub(crate) mod screen;
#[cfg(test)]
mod tests;
mod view;

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use stead_agent::run::{Front, Wish, Word};
use stead_agent::tools::Question;
use stead_llm::Delta;
use stead_usf::Event;

use super::{Plain, Prices, Watch};
use crate::cmd::run::ending::Ending;
pub(crate) use view::View;

/// How often it is looked whether something came, and for how many looks the terminal is
/// waited for at the end.
const LOOK: Duration = Duration::from_millis(20);
const PATIENCE: u32 = 50;

/// What the session tells the terminal.
enum Told {
    /// Something is on record.
    Recorded(Box<Event>),
    /// A piece of an answer came in.
    Delta(Delta),
    /// Something that a person should know.
    Notice(String),
    /// A command that runs has written this.
    Output(String),
    /// A call needs a word.
    Approve(Wish),
    /// The model wants to know something.
    Ask(Question),
    /// The route is another.
    Route(String),
    /// Prices are others.
    Prices(Prices),
    /// Lines that are ready to be shown, such as a diff.
    Lines(Vec<u8>),
    /// The work goes on, or waits for the user.
    Idle(bool),
}

/// What a key is to do, beside typing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The command that runs is to end.
    Skip,
    /// The session is to end.
    Stop,
    /// Nothing more is typed.
    Leave,
}

/// What comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// The view goes on.
    Go,
    /// The program ends at once, when the terminal is given back.
    Exit,
}

/// Does what a key wants.
pub(crate) type Keys = Box<dyn FnMut(Wanted) -> Then + Send>;

/// What the user says to what was asked.
enum Reply {
    Word(Word),
    Answer(Option<String>),
}

/// The terminal's thread, while it runs.
struct Running {
    tell: Sender<Told>,
    replies: Receiver<Reply>,
    typed: Receiver<String>,
    thread: JoinHandle<()>,
}

/// Shows a session while it happens. Before the work begins and after it, lines are printed
/// as to a pipe.
pub(crate) struct Live {
    plain: Plain,
    /// What the thread gets when it begins.
    begins: Option<(View, Keys)>,
    /// Whether the session is to end.
    stopped: Box<dyn Fn() -> bool>,
    running: Option<Running>,
}

impl Live {
    pub(crate) fn new(
        plain: Plain,
        view: View,
        keys: Keys,
        stopped: impl Fn() -> bool + 'static,
    ) -> Self {
        Self {
            stopped: Box::new(stopped),
            plain,
            begins: Some((view, keys)),
            running: None,
        }
    }

    /// Takes the terminal over.
    fn begin(&mut self, route: &str) {
        let Some((mut view, keys)) = self.begins.take() else {
            let _ = self.tell(Told::Route(route.to_owned()));
            return;
        };
        view.route(route);
        let (tell, told) = channel();
        let (reply, replies) = channel();
        let (send, typed) = channel();
        let ears = screen::Ears {
            told,
            reply,
            typed: send,
            keys,
        };
        let thread = std::thread::Builder::new().name("terminal".to_owned());
        match thread.spawn(move || screen::run(view, ears)) {
            Ok(thread) => {
                self.running = Some(Running {
                    tell,
                    replies,
                    typed,
                    thread,
                });
            }
            Err(_) => self.plain.route(route),
        }
    }

    /// Whether the terminal is there.
    pub(crate) fn is_there(&self) -> bool {
        let running = self.running.as_ref();
        running.is_some_and(|running| !running.thread.is_finished())
    }

    /// From now on these are the prices.
    pub(crate) fn prices(&mut self, prices: Prices) {
        let _ = self.tell(Told::Prices(prices));
    }

    /// Shows lines that are ready to be shown.
    pub(crate) fn lines(&mut self, lines: Vec<u8>) {
        let _ = self.tell(Told::Lines(lines));
    }

    /// Says whether the work goes on, or waits for the user.
    pub(crate) fn idle(&mut self, idle: bool) {
        let _ = self.tell(Told::Idle(idle));
    }

    /// Gives the terminal back, with all that was told on it.
    fn finish(&mut self) {
        if let Some(Running {
            tell,
            replies,
            typed,
            thread,
        }) = self.running.take()
        {
            drop((tell, replies, typed));
            // Of a terminal that has gone, keys are waited for in vain.
            for _ in 0..PATIENCE {
                if thread.is_finished() {
                    let _ = thread.join();
                    return;
                }
                std::thread::sleep(LOOK);
            }
        }
    }

    /// Tells the terminal; whether it is there.
    fn tell(&self, told: Told) -> Result<(), Told> {
        match &self.running {
            Some(running) => running.tell.send(told).map_err(|error| error.0),
            None => Err(told),
        }
    }

    /// Waits for what the user says; nothing once the session is to end.
    fn reply(&self) -> Option<Reply> {
        let replies = &self.running.as_ref()?.replies;
        loop {
            match replies.recv_timeout(LOOK) {
                Ok(reply) => return Some(reply),
                Err(RecvTimeoutError::Timeout) if !(self.stopped)() => {}
                Err(_) => return None,
            }
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Front for Live {
    fn recorded(&mut self, event: &Event) {
        if self.tell(Told::Recorded(Box::new(event.clone()))).is_err() {
            self.plain.recorded(event);
        }
    }

    fn delta(&mut self, delta: &Delta) {
        if self.tell(Told::Delta(delta.clone())).is_err() {
            self.plain.delta(delta);
        }
    }

    fn notice(&mut self, words: &str) {
        if self.tell(Told::Notice(words.to_owned())).is_err() {
            self.plain.notice(words);
        }
    }

    fn output(&mut self, text: &str) {
        if self.tell(Told::Output(text.to_owned())).is_err() {
            self.plain.output(text);
        }
    }

    fn typed(&mut self) -> Option<String> {
        self.running.as_ref()?.typed.try_recv().ok()
    }

    fn ask(&mut self, question: &Question) -> Option<String> {
        self.tell(Told::Ask(question.clone())).ok()?;
        match self.reply()? {
            Reply::Answer(answer) => answer,
            Reply::Word(_) => None,
        }
    }

    fn approve(&mut self, wish: &Wish) -> Word {
        if self.tell(Told::Approve(wish.clone())).is_err() {
            return self.plain.approve(wish);
        }
        match self.reply() {
            Some(Reply::Word(word)) => word,
            _ => Word::Nobody,
        }
    }
}

impl Watch for Live {
    fn route(&mut self, words: &str) {
        self.begin(words);
    }

    fn end(&mut self, ending: &Ending) {
        self.finish();
        self.plain.end(ending);
    }
}
