//! A session as one HTML page that needs nothing else: its style is inside, it
//! has no script, and its policy forbids both scripts and the network, so that
//! not even a fault in escaping could make it do something.

mod call;
mod frame;
mod prose;
#[cfg(test)]
mod tests;
mod text;

use std::io::{self, Write};

use stead_usf::{Event, EventType, Inactive, Session};

use self::text::{anchor, block, escaped};
use super::SessionWriter;
use super::view::{
    Caller, Clock, DocumentOptions, Flow, Item, Paint, Skipped, bytes, context, first_line, short,
};

/// The list of turns at the end holds no more than these.
const LISTED_TURNS: usize = 2_000;
const TURN_CHARS: usize = 80;

/// Writes a session as an HTML page.
#[derive(Debug)]
pub struct HtmlWriter<W> {
    out: W,
    flow: Flow,
    page: Page,
}

impl<W: Write> HtmlWriter<W> {
    /// A writer to `out`.
    pub fn new(out: W, options: DocumentOptions) -> Self {
        Self {
            out,
            flow: Flow::default(),
            page: Page::new(options),
        }
    }

    fn hand_on(&mut self) -> io::Result<()> {
        self.out.write_all(self.page.html.as_bytes())?;
        self.page.html.clear();
        Ok(())
    }
}

impl<W: Write> SessionWriter for HtmlWriter<W> {
    fn begin(&mut self, header: &Session) -> io::Result<()> {
        self.page.caller = Caller::new(header.cwd.as_deref());
        self.flow = Flow::new(self.page.options.flow(), self.page.caller.clone());
        self.page.head(header);
        self.hand_on()
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.flow.push(event, &mut self.page)?;
        self.hand_on()
    }

    fn end(&mut self) -> io::Result<()> {
        self.flow.finish(&mut self.page)?;
        self.page.tail();
        self.hand_on()?;
        self.out.flush()
    }
}

/// What has been written and not yet handed on, and what must be remembered.
#[derive(Debug)]
struct Page {
    options: DocumentOptions,
    clock: Clock,
    caller: Caller,
    html: String,
    in_section: bool,
    turn: usize,
    turns: Vec<String>,
    model: Option<String>,
    models: usize,
    /// Whether what was written last was taken over, or is no longer live.
    branch: (bool, Option<Inactive>),
}

impl Paint for Page {
    fn item(&mut self, item: Item<'_>) -> io::Result<()> {
        match item {
            Item::Event(event) => self.event(event),
            Item::Call(event, result) => {
                self.before(event);
                self.call(event, result);
            }
            Item::Late(event, name) => {
                self.before(event);
                self.late(event, name);
            }
            Item::Skipped(skipped) => self.skipped(skipped),
        }
        Ok(())
    }
}

impl Page {
    fn new(options: DocumentOptions) -> Self {
        Self {
            clock: options.clock(),
            options,
            caller: Caller::default(),
            html: String::new(),
            in_section: false,
            turn: 0,
            turns: Vec::new(),
            model: None,
            models: 0,
            branch: (false, None),
        }
    }

    /// Appends HTML of ours.
    fn put(&mut self, html: &str) {
        self.html.push_str(html);
    }

    fn open_section(&mut self, attributes: &str) {
        self.close_section();
        self.put(&format!("<section{attributes}>\n"));
        self.in_section = true;
    }

    fn close_section(&mut self) {
        if std::mem::take(&mut self.in_section) {
            self.put("</section>\n");
        }
    }

    /// What must be said before an event: that a branch begins or ends, and that
    /// another model answers.
    fn before(&mut self, event: &Event) {
        let branch = (event.inherited, event.inactive);
        if branch != self.branch {
            self.branch = branch;
            self.close_section();
            self.note(match branch {
                (_, Some(Inactive::Rewound)) => {
                    "Rewound from here: no longer part of the conversation"
                }
                (_, Some(Inactive::Compacted)) => {
                    "Compacted from here: a summary stands in its place"
                }
                (true, None) => "Taken over from the parent session from here",
                (false, None) => "This session from here",
            });
        }
        if !self.in_section && !event.is_prompt() {
            self.open_section(" class=\"before\" aria-label=\"Without a prompt\"");
        }
        if let Some(model) = event.model.as_ref().filter(|_| self.models > 1)
            && self.model.as_ref() != Some(&model.id)
        {
            self.model = Some(model.id.clone());
            self.put(&format!("<p class=\"model\">{}</p>\n", escaped(&model.id)));
        }
    }

    fn note(&mut self, words: &str) {
        self.put(&format!("<p class=\"note\">{}</p>\n", escaped(words)));
    }

    fn skipped(&mut self, skipped: Skipped) {
        self.note(&format!("{}, not shown here", skipped.words()));
    }

    fn event(&mut self, event: &Event) {
        let text = event.text.as_deref().unwrap_or("").trim_matches('\n');
        let silent = matches!(event.kind, EventType::Reasoning | EventType::Assistant);
        if silent && text.trim().is_empty() || event.injected && context(event).is_empty() {
            return;
        }
        self.before(event);
        let id = anchor(&event.id);
        match event.kind {
            _ if event.injected => self.folded(
                "context",
                &id,
                "Context put in by the agent",
                context(event),
            ),
            EventType::User => self.prompt(event, text),
            EventType::Assistant => self.prose("reply", &id, text),
            EventType::Reasoning => self.folded("thought", &id, "Reasoning", text),
            EventType::Summary => {
                self.put(&format!(
                    "<h3 class=\"label\" id=\"{id}\">Summary of the conversation so far</h3>\n"
                ));
                self.prose("summary", &format!("{id}-text"), text);
            }
            EventType::Error => {
                let text = block(text, &self.options);
                self.put(&format!(
                    "<p class=\"error\" id=\"{id}\"><b>✗ Error</b> {text}</p>\n"
                ));
            }
            EventType::Unknown => {
                let json = event.extra.as_ref().map_or("", |extra| extra.json());
                self.folded("context", &id, "A record of an unknown kind", json);
            }
            EventType::Edit => self.put(&format!("<div id=\"{id}\"></div>\n")),
            _ => {
                let text = block(text, &self.options);
                self.put(&format!("<p class=\"system\" id=\"{id}\">{text}</p>\n"));
            }
        }
        self.diffs(&event.edits, false);
    }

    fn prompt(&mut self, event: &Event, text: &str) {
        self.turn += 1;
        let turn = self.turn;
        if self.turns.len() < LISTED_TURNS {
            self.turns
                .push(escaped(&short(first_line(text), TURN_CHARS)));
        }
        let state = if event.inactive.is_some() {
            " gone"
        } else {
            ""
        };
        self.open_section(&format!(
            " class=\"turn{state}\" aria-labelledby=\"turn-{turn}\""
        ));
        let time = event.at.map_or_else(String::new, |at| {
            format!(
                " <time datetime=\"{at}\">{}</time>",
                self.clock.day_and_minute(at)
            )
        });
        self.put(&format!(
            "<h2 id=\"turn-{turn}\"><a href=\"#turn-{turn}\">Turn {turn}</a>{time}</h2>\n\
             <div class=\"prompt\" id=\"{}\" lang=\"\" dir=\"auto\">{}</div>\n",
            anchor(&event.id),
            block(text, &self.options)
        ));
    }

    fn prose(&mut self, class: &str, id: &str, text: &str) {
        let (shown, hidden) = self.options.cut(text);
        self.put(&format!(
            "<div class=\"prose {class}\" id=\"{id}\" lang=\"\" dir=\"auto\">\n"
        ));
        prose::write(shown, &mut self.html);
        if hidden > 0 {
            self.note(&format!("{} more are left out", bytes(hidden)));
        }
        self.put("</div>\n");
    }

    /// Text that few readers want to see.
    fn folded(&mut self, class: &str, id: &str, words: &str, text: &str) {
        let size = bytes(text.len());
        let text = block(text, &self.options);
        self.put(&format!(
            "<details class=\"{class}\" id=\"{id}\"><summary>{words} <span class=\"size\">{size}</span>\
             </summary><div class=\"verbatim\" lang=\"\" dir=\"auto\">{text}</div></details>\n"
        ));
    }
}
