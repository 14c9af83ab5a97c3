//! A session as it happens: each event once, calls with their results, nothing above them.

use std::io;

use stead_app::export::view::{Caller, Item, Paint};
use stead_redact::terminal::escape;
use stead_usf::{Event, EventType};

use super::page::{Fold, Page};
use super::session::Painter;
use super::style::{BAD, DIM, PLAIN, Span, span};
use super::{RenderOptions, wrap};

/// Paints events into a buffer.
#[derive(Debug)]
pub(crate) struct Happening {
    painter: Painter<Vec<u8>>,
    /// A call whose result did not come yet.
    call: Option<Event>,
}

impl Happening {
    /// A picture of a session that works in this folder.
    pub(crate) fn new(options: RenderOptions, cwd: Option<&str>) -> Self {
        let mut page = Page::new(Vec::new(), options);
        page.caller = Caller::new(cwd);
        page.unfold = "stead show --full";
        Self {
            painter: Painter::new(page),
            call: None,
        }
    }

    /// The terminal has so many columns now.
    pub(crate) fn resize(&mut self, columns: usize) {
        self.painter.page.options.width = columns.clamp(20, 400);
    }

    /// Paints an event; a call waits for its result.
    pub(crate) fn event(&mut self, event: &Event) -> io::Result<()> {
        match (event.kind, self.call.take()) {
            (EventType::ToolCall, earlier) => {
                self.call = Some(event.clone());
                earlier.map_or(Ok(()), |call| self.painter.item(Item::Call(&call, None)))
            }
            (EventType::ToolResult, Some(call)) if call.call_id == event.call_id => {
                self.painter.item(Item::Call(&call, Some(event)))
            }
            (_, earlier) => {
                self.call = earlier;
                self.painter.item(Item::Event(event))
            }
        }
    }

    /// A remark of ours behind a sign, with lines of text below it.
    pub(crate) fn told(&mut self, sign: &Span, words: &str, below: &str) -> io::Result<()> {
        let page = &mut self.painter.page;
        let room = page.options.width.saturating_sub(4);
        let mut sign = span(sign.style, format!("  {} ", sign.text));
        for row in wrap::words(&[span(PLAIN, escape(words))], room) {
            page.behind(&sign, row)?;
            sign = span(PLAIN, "    ");
        }
        let fold = Fold { head: 0, tail: 8 };
        match below.trim() {
            "" => Ok(()),
            text => page.verbatim(
                &span(BAD, "  │ "),
                DIM,
                text,
                Some(fold),
                "stead show --full",
            ),
        }
    }

    /// A text to the last line: what is to be decided on is not folded.
    pub(crate) fn whole(&mut self, text: &str) -> io::Result<()> {
        let page = &mut self.painter.page;
        page.verbatim(&span(DIM, "  ┃ "), PLAIN, text, None, "")
    }

    /// Takes in lines that are painted already.
    pub(crate) fn ready(&mut self, lines: &[u8]) {
        self.painter.page.screen.out().extend_from_slice(lines);
    }

    /// What was painted since the last time.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.painter.page.screen.out())
    }
}
