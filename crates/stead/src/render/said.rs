//! What was said: by the user, the model, and the agent itself.

use std::io::{self, Write};

use stead_app::export::view::{bytes, count, first_line};
use stead_redact::terminal::escape;
use stead_usf::{Event, Raw};

use super::page::Fold;
use super::session::Painter;
use super::style::{BAD, DIM, LABEL, MARK, PLAIN, PROMPT, THOUGHT, span};
use super::{prose, wrap};

/// Lines of reasoning, of a summary and of the agent's remarks that are shown
/// unless more is wanted.
const THOUGHT_LINES: usize = 3;
const SUMMARY_LINES: usize = 8;
const REMARK_LINES: usize = 3;

impl<W: Write> Painter<W> {
    pub(super) fn prompt(&mut self, event: &Event, text: &str) -> io::Result<()> {
        self.turn += 1;
        let time = event.at.map_or_else(String::new, |at| {
            let day = self.page.clock.day(at);
            let same = self.day == day;
            self.day = day;
            if same {
                self.page.clock.minute(at)
            } else {
                self.page.clock.day_and_minute(at)
            }
        });
        self.page.rule((DIM, &self.turn.to_string()), &time)?;
        let text = escape(text);
        let mut gutter = span(MARK, "❯ ");
        for line in text.lines() {
            for row in wrap::words(&[span(PROMPT, line)], self.page.prose_width()) {
                self.page.behind(&gutter, row)?;
                gutter = span(PLAIN, "  ");
            }
        }
        match event.attachments.as_ref().map(attached) {
            Some(n) if n > 0 => self.page.remark("  ", &count(n, "attachment")),
            _ => Ok(()),
        }
    }

    /// What the agent put in, when everything is wanted.
    pub(super) fn injected(&mut self, text: &str) -> io::Result<()> {
        let words = format!("context put in by the agent, {}", bytes(text.len()));
        self.page.remark("  ", &words)?;
        let gutter = span(DIM, "  ┊ ");
        self.page.verbatim(&gutter, DIM, text, None, "")
    }

    pub(super) fn reply(&mut self, text: &str) -> io::Result<()> {
        for row in prose::rows(&escape(text), self.page.prose_width()) {
            self.page.behind(&span(PLAIN, "  "), row)?;
        }
        Ok(())
    }

    pub(super) fn reasoning(&mut self, text: &str) -> io::Result<()> {
        let all = self.page.options.full || self.page.options.reasoning;
        let text = escape(text);
        let mut rows = Vec::new();
        let mut hidden = false;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            rows.extend(wrap::words(
                &[span(THOUGHT, line)],
                self.page.prose_width() - 2,
            ));
            if !all && rows.len() > THOUGHT_LINES {
                hidden = true;
                rows.truncate(THOUGHT_LINES);
                break;
            }
        }
        let mut gutter = span(DIM, "  ∴ ");
        for row in rows {
            self.page.behind(&gutter, row)?;
            gutter = span(PLAIN, "    ");
        }
        if hidden {
            let words = format!("… of {} (--reasoning)", bytes(text.len()));
            self.page.behind(&gutter, vec![span(DIM, words)])?;
        }
        Ok(())
    }

    pub(super) fn summary(&mut self, text: &str) -> io::Result<()> {
        self.page
            .rule((LABEL, "Summary of the conversation so far"), "")?;
        let rows = prose::rows(&escape(text), self.page.prose_width());
        let most = if self.page.options.full {
            rows.len()
        } else {
            SUMMARY_LINES
        };
        let hidden = rows.len().saturating_sub(most);
        for row in rows.into_iter().take(most) {
            self.page.behind(&span(PLAIN, "  "), row)?;
        }
        if hidden > 0 {
            let words = format!("… {} ({})", count(hidden, "more line"), self.page.unfold);
            self.page
                .behind(&span(PLAIN, "  "), vec![span(DIM, words)])?;
        }
        Ok(())
    }

    pub(super) fn error(&mut self, text: &str) -> io::Result<()> {
        let text = escape(text);
        let mut gutter = span(BAD, "  ✗ error: ");
        for line in text
            .lines()
            .chain(text.is_empty().then_some("(no words recorded)"))
        {
            let limit = self
                .page
                .options
                .width
                .saturating_sub(wrap::width(&gutter.text));
            for row in wrap::words(&[span(BAD, line)], limit) {
                self.page.behind(&gutter, row)?;
                gutter = span(PLAIN, "    ");
            }
        }
        Ok(())
    }

    pub(super) fn remark(&mut self, text: &str) -> io::Result<()> {
        let fold = Fold {
            head: REMARK_LINES,
            tail: 0,
        };
        let fold = (!self.page.options.full).then_some(fold);
        let unfold = self.page.unfold;
        self.page
            .verbatim(&span(DIM, "  · "), DIM, text, fold, unfold)
    }

    pub(super) fn unknown(&mut self, extra: Option<&Raw>) -> io::Result<()> {
        let json = extra.map_or("", Raw::json);
        self.page.remark(
            "  ",
            &format!("a record of an unknown kind, {}", bytes(json.len())),
        )?;
        if self.page.options.full {
            self.page
                .verbatim(&span(DIM, "  ┊ "), DIM, first_line(json), None, "")?;
        }
        Ok(())
    }
}

/// How many things were attached.
fn attached(raw: &Raw) -> usize {
    match raw.to::<serde_json::Value>() {
        Ok(serde_json::Value::Array(items)) => items.len(),
        Ok(serde_json::Value::Null) | Err(_) => 0,
        Ok(_) => 1,
    }
}
