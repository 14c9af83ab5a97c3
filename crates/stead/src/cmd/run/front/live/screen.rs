//! The thread of the terminal: reads keys, paints.

use std::io::{self, Write};
use std::sync::PoisonError;
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::time::{Duration, Instant};

use crossterm::event::{self, DisableBracketedPaste, EnableBracketedPaste, Event};
use crossterm::terminal::{self, BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use crossterm::{cursor, queue};

use super::keys::{Pressed, pressed};
use super::view::{Sent, View};
use super::{Reply, Told, Typed};
use crate::cmd::run::stop::Stop;
use crate::render::style::Screen;

/// How long keys are waited for before what was told is looked at.
const TICK: Duration = Duration::from_millis(30);
/// The region is painted anew so often, if nothing else happens.
const TURN: Duration = Duration::from_millis(100);

/// Shows what is told until whoever tells it is gone.
pub(super) fn run(
    mut view: View,
    told: &Receiver<Told>,
    reply: &Sender<Reply>,
    typed: &Typed,
    stop: &Stop,
) {
    let mut terminal = Terminal::take(view.colour);
    let begun = Instant::now();
    let mut painted = Instant::now();
    loop {
        let now = begun.elapsed();
        let mut news = false;
        let gone = loop {
            match told.try_recv() {
                Ok(one) => view.told(one, now),
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
            let mut keys = Keys {
                view: &mut view,
                reply,
                typed,
                stop,
                terminal: &mut terminal,
            };
            keys.take();
        }
        if news || painted.elapsed() > TURN {
            terminal.paint(&mut view, begun.elapsed());
            painted = Instant::now();
        }
    }
}

/// Where keys go.
struct Keys<'a> {
    view: &'a mut View,
    reply: &'a Sender<Reply>,
    typed: &'a Typed,
    stop: &'a Stop,
    terminal: &'a mut Terminal,
}

impl Keys<'_> {
    fn take(&mut self) {
        match event::read() {
            Ok(Event::Key(key)) => self.pressed(pressed(key)),
            Ok(Event::Paste(text)) => self.view.editor.paste(&text),
            _ => {}
        }
    }

    fn pressed(&mut self, pressed: Pressed) {
        let reply = match pressed {
            Pressed::Edit(key) => {
                self.view.editor.press(key);
                None
            }
            Pressed::Enter => match self.view.enter() {
                Some(Sent::Reply(reply)) => Some(reply),
                Some(Sent::Words(words)) => {
                    let mut typed = self.typed.lock().unwrap_or_else(PoisonError::into_inner);
                    typed.push_back(words);
                    None
                }
                None => None,
            },
            Pressed::Skip => {
                self.stop.commands.skip();
                None
            }
            Pressed::Stop => {
                self.stop.want(|| self.terminal.give_back());
                self.view.unanswered()
            }
            Pressed::End => self.view.unanswered(),
            Pressed::Nothing => None,
        };
        if let Some(reply) = reply {
            // If the session is gone, nobody waits for it.
            let _ = self.reply.send(reply);
        }
    }
}

/// The terminal in raw mode, until it is given back.
struct Terminal {
    out: io::Stdout,
    colour: bool,
    /// The row of the region in which the cursor is, from its first.
    above: u16,
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
            taken,
        }
    }

    /// Removes the region, and gives the terminal back as it was.
    fn give_back(&mut self) {
        if std::mem::take(&mut self.taken) {
            let _ = self.clear();
            let _ = queue!(self.out, DisableBracketedPaste).and_then(|()| self.out.flush());
            let _ = terminal::disable_raw_mode();
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
        queue!(self.out, BeginSynchronizedUpdate)?;
        self.clear()?;
        let settled = view.settled();
        self.write(&settled)?;
        let (region, column) = view.region(columns.into(), rows.into(), now);
        let mut screen = Screen::new(Vec::new(), self.colour);
        for row in &region {
            screen.row(row)?;
        }
        let painted = std::mem::take(screen.out());
        let painted = painted.strip_suffix(b"\n").unwrap_or(&painted);
        self.write(painted)?;
        // The cursor is where one types: in the last row but one.
        queue!(
            self.out,
            cursor::MoveUp(1),
            cursor::MoveToColumn(column as u16)
        )?;
        self.above = (region.len() as u16).saturating_sub(2);
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
