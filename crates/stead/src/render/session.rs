//! A session, event by event.

use std::io::{self, Write};

use stead_app::export::SessionWriter;
use stead_app::export::view::{
    Caller, Flow, FlowOptions, Item, Paint, Skipped, Why, bytes, count, first_line,
};
use stead_redact::terminal::escape;
use stead_usf::{Event, EventType, Inactive, Raw, Session};

use super::page::{Fold, Page};
use super::style::{BAD, DIM, LABEL, MARK, PLAIN, PROMPT, THOUGHT, span};
use super::{RenderOptions, call, diff, head, prose, wrap};

/// Lines of reasoning, of a summary and of the agent's remarks that are shown
/// unless more is wanted.
const THOUGHT_LINES: usize = 3;
const SUMMARY_LINES: usize = 8;
const REMARK_LINES: usize = 3;

/// Writes a session as rows of a terminal.
#[derive(Debug)]
pub(crate) struct SessionRenderer<W> {
    flow: Flow,
    painter: Painter<W>,
}

impl<W: Write> SessionRenderer<W> {
    /// A renderer that writes to `out`.
    pub(crate) fn new(out: W, options: RenderOptions) -> Self {
        Self {
            flow: Flow::default(),
            painter: Painter {
                page: Page::new(out, options),
                turn: 0,
                day: String::new(),
                models: 0,
                model: None,
                branch: None,
                last: None,
                began: 0,
            },
        }
    }
}

impl<W: Write> SessionWriter for SessionRenderer<W> {
    fn begin(&mut self, header: &Session) -> io::Result<()> {
        let page = &mut self.painter.page;
        page.caller = Caller::new(header.cwd.as_deref());
        let options = FlowOptions {
            inactive: page.options.all_branches,
            inherited: page.options.full,
        };
        self.flow = Flow::new(options, page.caller.clone());
        self.painter.models = header.models.len();
        head::paint(page, header)
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.flow.push(event, &mut self.painter)
    }

    fn end(&mut self) -> io::Result<()> {
        self.flow.finish(&mut self.painter)?;
        self.painter.branch(None)?;
        self.painter.page.screen.flush()
    }
}

#[derive(Debug)]
struct Painter<W> {
    page: Page<W>,
    turn: usize,
    /// The day that was told last.
    day: String,
    models: usize,
    model: Option<String>,
    branch: Option<Inactive>,
    /// What was painted last: like things stand together.
    last: Option<EventType>,
    /// The row at which that began.
    began: usize,
}

impl<W: Write> Paint for Painter<W> {
    fn item(&mut self, item: Item<'_>) -> io::Result<()> {
        match item {
            Item::Event(event) => self.event(event),
            Item::Call(event, result) => {
                self.before(event)?;
                call::paint(&mut self.page, event, result)
            }
            Item::Late(event, name) => {
                self.before(event)?;
                call::late(&mut self.page, event, name)
            }
            Item::Skipped(skipped) => self.skipped(skipped),
        }
    }
}

impl<W: Write> Painter<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        let text = event.text.as_deref().unwrap_or("").trim_matches('\n');
        let silent = matches!(event.kind, EventType::Reasoning | EventType::Assistant);
        if silent && text.trim().is_empty() {
            return Ok(());
        }
        self.before(event)?;
        match event.kind {
            _ if event.injected => self.injected(text),
            EventType::User => self.prompt(event, text),
            EventType::Assistant => self.reply(text),
            EventType::Reasoning => self.reasoning(text),
            EventType::Edit => diff::paint(&mut self.page, &event.edits, false),
            EventType::Summary => self.summary(text),
            EventType::Error => self.error(text),
            EventType::Unknown => self.unknown(event.extra.as_ref()),
            _ => self.remark(text),
        }?;
        diff_of_others(&mut self.page, event)
    }

    /// Room above an event, and what must be said before it.
    fn before(&mut self, event: &Event) -> io::Result<()> {
        self.branch(event.inactive)?;
        let close = |kind| {
            matches!(
                kind,
                EventType::ToolCall
                    | EventType::ToolResult
                    | EventType::System
                    | EventType::Unknown
            )
        };
        let together = self
            .last
            .is_some_and(|last| close(last) && close(event.kind));
        let single = self.page.screen.rows == self.began + 1;
        if !together || !single || !event.edits.is_empty() {
            self.page.screen.gap()?;
        }
        self.last = Some(event.kind);
        self.began = self.page.screen.rows;
        let Some(model) = event.model.as_ref().filter(|_| self.models > 1) else {
            return Ok(());
        };
        if self.model.as_ref() == Some(&model.id) {
            return Ok(());
        }
        self.model = Some(model.id.clone());
        self.page.screen.gap()?;
        self.page.remark("  ", &model.id)?;
        self.began = self.page.screen.rows;
        Ok(())
    }

    /// Says where a branch begins and ends that is no longer live.
    fn branch(&mut self, now: Option<Inactive>) -> io::Result<()> {
        if self.branch == now {
            return Ok(());
        }
        self.branch = now;
        self.page.screen.faded = false;
        self.page.screen.gap()?;
        let words = match now {
            Some(Inactive::Rewound) => "rewound from here",
            Some(Inactive::Compacted) => "compacted from here",
            None => "live again from here",
        };
        self.page.rule((LABEL, words), "")?;
        self.page.screen.faded = now.is_some();
        Ok(())
    }

    fn skipped(&mut self, skipped: Skipped) -> io::Result<()> {
        self.branch(None)?;
        self.page.screen.gap()?;
        self.last = None;
        let (what, how) = match (skipped.why, skipped.words()) {
            (Why::Inherited, words) => (words, "--full"),
            (_, words) => (words, "--all-branches"),
        };
        let them = if what.starts_with("1 ") { "it" } else { "them" };
        self.page.remark("", &format!("{what}; {how} shows {them}"))
    }

    fn prompt(&mut self, event: &Event, text: &str) -> io::Result<()> {
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

    fn injected(&mut self, text: &str) -> io::Result<()> {
        self.page.remark(
            "  ",
            &format!("context put in by the agent, {}", bytes(text.len())),
        )?;
        if self.page.options.full {
            self.page
                .verbatim(&span(DIM, "  ┊ "), DIM, text, None, "")?;
        }
        Ok(())
    }

    fn reply(&mut self, text: &str) -> io::Result<()> {
        for row in prose::rows(&escape(text), self.page.prose_width()) {
            self.page.behind(&span(PLAIN, "  "), row)?;
        }
        Ok(())
    }

    fn reasoning(&mut self, text: &str) -> io::Result<()> {
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
            let words = format!("… of {} of reasoning (--reasoning)", bytes(text.len()));
            self.page.behind(&gutter, vec![span(DIM, words)])?;
        }
        Ok(())
    }

    fn summary(&mut self, text: &str) -> io::Result<()> {
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
            let words = format!("… {} (--full)", count(hidden, "more line"));
            self.page
                .behind(&span(PLAIN, "  "), vec![span(DIM, words)])?;
        }
        Ok(())
    }

    fn error(&mut self, text: &str) -> io::Result<()> {
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

    fn remark(&mut self, text: &str) -> io::Result<()> {
        let fold = Fold {
            head: REMARK_LINES,
            tail: 0,
        };
        let fold = (!self.page.options.full).then_some(fold);
        self.page
            .verbatim(&span(DIM, "  · "), DIM, text, fold, "--full")
    }

    fn unknown(&mut self, extra: Option<&Raw>) -> io::Result<()> {
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

/// File changes that an event reports beside its words.
fn diff_of_others<W: Write>(page: &mut Page<W>, event: &Event) -> io::Result<()> {
    if event.kind == EventType::Edit {
        return Ok(());
    }
    diff::paint(page, &event.edits, false)
}

/// How many things were attached.
fn attached(raw: &Raw) -> usize {
    match raw.to::<serde_json::Value>() {
        Ok(serde_json::Value::Array(items)) => items.len(),
        Ok(serde_json::Value::Null) | Err(_) => 0,
        Ok(_) => 1,
    }
}
