//! The thread of the terminal: reads keys, paints.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::time::{Duration, Instant};

use crossterm::event::{self, DisableBracketedPaste, EnableBracketedPaste, Event};
use crossterm::terminal::{self, BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use crossterm::{cursor, queue};

use super::keys::{Pressed, pressed};
use super::view::{Sent, View};
use super::{Keys, Reply, Then, Told, Wanted};
use crate::render::style::Screen;

/// How long keys are waited for before what was told is looked at.
const TICK: Duration = Duration::from_millis(30);
/// The region is painted anew so often, if nothing else happens.
const TURN: Duration = Duration::from_millis(100);

/// What the thread hears, and to whom it speaks.
pub(super) struct Ears {
    pub(super) told: Receiver<Told>,
    pub(super) reply: Sender<Reply>,
    pub(super) typed: Sender<String>,
    pub(super) keys: Keys,
}

/// Shows what is told until whoever tells it is gone.
pub(super) fn run(mut view: View, mut ears: Ears) {
    let mut terminal = Terminal::take(view.colour);
    let begun = Instant::now();
    let mut painted = Instant::now();
    loop {
        let mut news = false;
        let gone = loop {
            match ears.told.try_recv() {
                Ok(told) => view.told(told, begun.elapsed()),
                Err(TryRecvError::Empty) => break false,
                Err(TryRecvError::Disconnected) => break true,
            }
            news = true;
        };
        if gone {
            terminal.settle(&view.settled());
            return;
        }
        if event::poll(TICK).unwrap_or(false) {
            news = true;
            if ears.take(&mut view) == Then::Exit {
                terminal.give_back();
                crate::cmd::run::exit();
            }
        }
        if news || painted.elapsed() > TURN {
            terminal.paint(&mut view, begun.elapsed());
            painted = Instant::now();
        }
    }
}

impl Ears {
    /// Takes what was typed. If the session is gone, nobody waits for it.
    fn take(&mut self, view: &mut View) -> Then {
        match event::read() {
            Ok(Event::Key(key)) => self.pressed(pressed(key), view),
            Ok(Event::Paste(text)) => {
                view.editor.paste(&text);
                Then::Go
            }
            _ => Then::Go,
        }
    }

    fn pressed(&mut self, pressed: Pressed, view: &mut View) -> Then {
        let mut then = Then::Go;
        let reply = match pressed {
            Pressed::Edit(key) => {
                view.editor.press(key);
                None
            }
            Pressed::Enter => match view.enter() {
                Some(Sent::Reply(reply)) => Some(reply),
                Some(Sent::Words(words)) => {
                    let _ = self.typed.send(words);
                    None
                }
                None => None,
            },
            Pressed::Skip => {
                then = (self.keys)(Wanted::Skip);
                None
            }
            Pressed::Stop => {
                then = (self.keys)(Wanted::Stop);
                view.unanswered()
            }
            Pressed::End => {
                let reply = view.unanswered();
                if reply.is_none() && view.editor.text().is_empty() {
                    then = (self.keys)(Wanted::Leave);
                }
                reply
            }
            Pressed::Nothing => None,
        };
        if let Some(reply) = reply {
            let _ = self.reply.send(reply);
        }
        then
    }
}

/// Gives the terminal back, if it was taken: for whoever ends the program in its middle.
pub(crate) fn give_back() {
    if terminal::is_raw_mode_enabled().unwrap_or(false) {
        let mut out = io::stdout();
        let _ = queue!(out, DisableBracketedPaste).and_then(|()| out.flush());
        let _ = terminal::disable_raw_mode();
    }
}

/// The terminal in raw mode, until it is given back.
struct Terminal {
    out: io::Stdout,
    colour: bool,
    /// The row of the region in which the cursor is, from its first.
    above: u16,
    /// The region as it was painted last, and the column of the cursor.
    painted: (usize, Vec<u8>),
    taken: bool,
}

impl Terminal {
    fn take(colour: bool) -> Self {
        let mut out = io::stdout();
        let taken = terminal::enable_raw_mode().is_ok();
        let _ = queue!(out, EnableBracketedPaste).and_then(|()| out.flush());
        Self {
            out,
            colour,
            above: 0,
            painted: (0, Vec::new()),
            taken,
        }
    }

    /// Removes the region, and gives the terminal back as it was.
    fn give_back(&mut self) {
        if std::mem::take(&mut self.taken) {
            let _ = self.clear();
            give_back();
        }
    }

    /// Removes the region; the cursor is where it began.
    fn clear(&mut self) -> io::Result<()> {
        let above = std::mem::take(&mut self.above);
        if above > 0 {
            queue!(self.out, cursor::MoveUp(above))?;
        }
        queue!(
            self.out,
            cursor::MoveToColumn(0),
            Clear(ClearType::FromCursorDown)
        )
    }

    /// Writes what stands for good.
    fn settle(&mut self, rows: &[u8]) {
        let _ = self.clear().and_then(|()| self.write(rows));
        let _ = self.out.flush();
    }

    /// Whoever watches may have gone; the work goes on and is on record.
    fn paint(&mut self, view: &mut View, now: Duration) {
        let _ = self.try_paint(view, now);
    }

    fn try_paint(&mut self, view: &mut View, now: Duration) -> io::Result<()> {
        let size = terminal::size().ok();
        let size = size.filter(|(columns, rows)| *columns > 0 && *rows > 0);
        let (columns, rows) = size.unwrap_or((80, 24));
        view.resize(columns.into());
        let settled = view.settled();
        let (region, column) = view.region(columns.into(), rows.into(), now);
        let mut screen = Screen::new(Vec::new(), self.colour);
        for row in &region {
            screen.row(row)?;
        }
        let mut painted = std::mem::take(screen.out());
        painted.truncate(painted.len().saturating_sub(1));
        if settled.is_empty() && (column, &painted) == (self.painted.0, &self.painted.1) {
            return Ok(());
        }
        queue!(self.out, BeginSynchronizedUpdate)?;
        self.clear()?;
        self.write(&settled)?;
        self.write(&painted)?;
        // The cursor is where one types: in the last row but one.
        let to = u16::try_from(column).unwrap_or(0);
        queue!(self.out, cursor::MoveUp(1), cursor::MoveToColumn(to))?;
        self.above = u16::try_from(region.len()).unwrap_or(2).saturating_sub(2);
        self.painted = (column, painted);
        queue!(self.out, EndSynchronizedUpdate)?;
        self.out.flush()
    }

    /// In raw mode a new line does not begin at its first column by itself.
    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            match line.strip_suffix(b"\n") {
                Some(line) => {
                    self.out.write_all(line)?;
                    self.out.write_all(b"\r\n")?;
                }
                None => self.out.write_all(line)?,
            }
        }
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.give_back();
    }
}
