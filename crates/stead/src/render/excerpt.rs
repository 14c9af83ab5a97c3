//! A few events of a session with facts above them.

use std::io::{self, Write};

use stead_app::export::view::{Caller, Fact, Item, Paint};
use stead_redact::terminal::escape;
use stead_usf::Event;

use super::page::Page;
use super::session::Painter;
use super::style::{BOLD, CODE, PLAIN, span};
use super::{RenderOptions, head, wrap};

/// Writes parts of a session.
#[derive(Debug)]
pub(crate) struct Excerpt<W> {
    painter: Painter<W>,
}

impl<W: Write> Excerpt<W> {
    /// An excerpt of a session that worked in this folder.
    pub(crate) fn new(out: W, options: RenderOptions, cwd: Option<&str>) -> Self {
        let mut page = Page::new(out, options);
        page.caller = Caller::new(cwd);
        Self {
            painter: Painter::new(page),
        }
    }

    /// What it is about, and a line of code.
    pub(crate) fn title(&mut self, title: &str, code: &str) -> io::Result<()> {
        let page = &mut self.painter.page;
        for row in wrap::words(&[span(BOLD, escape(title))], page.options.width) {
            page.screen.row(&row)?;
        }
        page.verbatim(&span(PLAIN, "    "), CODE, code.trim(), None, "")?;
        page.screen.gap()
    }

    /// Labels with their values.
    pub(crate) fn facts(&mut self, facts: &[Fact]) -> io::Result<()> {
        head::facts(&mut self.painter.page, facts)
    }

    /// What was said from a request on (that of this turn), then a call with its
    /// changes.
    pub(crate) fn events<'a>(
        &mut self,
        turn: usize,
        said: impl IntoIterator<Item = &'a Event>,
        call: Option<&'a Event>,
        result: Option<&'a Event>,
    ) -> io::Result<()> {
        self.painter.turn = turn.saturating_sub(1);
        for event in said {
            self.painter.item(Item::Event(event))?;
        }
        let Some(call) = call else { return Ok(()) };
        if call.tool.is_some() {
            self.painter.item(Item::Call(call, result))
        } else {
            self.painter.item(Item::Event(call))
        }
    }
}
