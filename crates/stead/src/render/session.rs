//! A session, event by event.

use std::io::{self, Write};

use stead_app::export::SessionWriter;
use stead_app::export::view::{Caller, Flow, FlowOptions, Item, Paint, Skipped, Why, context};
use stead_usf::{Event, EventType, Inactive, Session};

use super::page::Page;
use super::style::LABEL;
use super::{RenderOptions, call, diff, head};

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
            painter: Painter::new(Page::new(out, options)),
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
            injected: page.options.full,
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

/// What stands before all that a helper did, and how wide that is.
const WITHIN: &str = "┆ ";
const WITHIN_WIDTH: usize = 2;

#[derive(Debug)]
pub(super) struct Painter<W> {
    pub(super) page: Page<W>,
    pub(super) turn: usize,
    /// The day that was told last.
    pub(super) day: String,
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
    /// A painter of a page on which nothing stands yet.
    pub(super) const fn new(page: Page<W>) -> Self {
        Self {
            page,
            turn: 0,
            day: String::new(),
            models: 0,
            model: None,
            branch: None,
            last: None,
            began: 0,
        }
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        let text = event.text.as_deref().unwrap_or("").trim_matches('\n');
        let silent = matches!(event.kind, EventType::Reasoning | EventType::Assistant);
        if silent && text.trim().is_empty() {
            return Ok(());
        }
        self.before(event)?;
        match event.kind {
            _ if event.injected => self.injected(context(event)),
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
        self.within(event)?;
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

    /// Sets apart what a helper did within the session.
    fn within(&mut self, event: &Event) -> io::Result<()> {
        let margin = if is_of_helper(event) { WITHIN } else { "" };
        if self.page.screen.margin != margin {
            self.page.screen.gap()?;
            self.page.screen.margin = margin;
            let width = self.page.options.width;
            self.page.options.width = if margin.is_empty() {
                width + WITHIN_WIDTH
            } else {
                width.saturating_sub(WITHIN_WIDTH)
            };
            self.last = None;
        }
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
        if skipped.why == Why::Injected {
            self.page.screen.gap()?;
            self.last = None;
            return self.page.remark("  ", &skipped.words());
        }
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
}

/// Whether an event is of a helper that worked at a call of the session's.
fn is_of_helper(event: &Event) -> bool {
    #[derive(serde::Deserialize)]
    struct Told {
        helper: String,
    }
    let extra = event.extra.as_ref();
    // Most have nothing of it, and need not be read.
    let extra = extra.filter(|extra| extra.json().contains("\"helper\""));
    extra.is_some_and(|extra| extra.to::<Told>().is_ok_and(|told| !told.helper.is_empty()))
}

/// File changes that an event reports beside its words.
fn diff_of_others<W: Write>(page: &mut Page<W>, event: &Event) -> io::Result<()> {
    if event.kind == EventType::Edit {
        return Ok(());
    }
    diff::paint(page, &event.edits, false)
}
