//! The block at the top: what the session is.

use std::io::{self, Write};

use stead_app::export::view::{Fact, Facts};
use stead_redact::terminal::escape;
use stead_usf::Session;

use super::page::Page;
use super::style::{BAD, BOLD, DIM, PLAIN, TITLE, span};
use super::wrap;

/// Columns of the labels and the space around them.
const LABELS: usize = 11;

/// Paints the head of a session.
pub(crate) fn paint<W: Write>(page: &mut Page<W>, header: &Session) -> io::Result<()> {
    let facts = Facts::new(header, &page.clock);
    let width = page.options.width;
    for row in wrap::words(&[span(TITLE, escape(&facts.title))], width) {
        page.screen.row(&row)?;
    }
    let mut second = vec![span(PLAIN, escape(&facts.agent))];
    if !facts.models.is_empty() {
        second.push(span(DIM, " · "));
        second.push(span(PLAIN, escape(&facts.models)));
    }
    for row in wrap::words(&second, width) {
        page.screen.row(&row)?;
    }
    page.screen.gap()?;
    self::facts(page, &facts.rest)
}

/// Labels with their values, the labels in a column of their own.
pub(crate) fn facts<W: Write>(page: &mut Page<W>, facts: &[Fact]) -> io::Result<()> {
    let width = page.options.width;
    for fact in facts {
        let alarming = matches!(fact.label, "status" | "issues");
        let (label, value) = if alarming { (BAD, BOLD) } else { (DIM, PLAIN) };
        let value = [span(value, escape(&fact.value))];
        let label = span(
            label,
            format!("  {:<width$}", fact.label, width = LABELS - 2),
        );
        let blank = span(PLAIN, " ".repeat(LABELS));
        for (at, row) in wrap::words(&value, width.saturating_sub(LABELS))
            .into_iter()
            .enumerate()
        {
            page.behind(if at == 0 { &label } else { &blank }, row)?;
        }
    }
    Ok(())
}
