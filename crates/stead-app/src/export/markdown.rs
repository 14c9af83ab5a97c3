//! A session as Markdown that reads well on a forge. Nothing a session says can
//! pose as the document's own structure: replies are parsed and written anew
//! with every letter that has a meaning escaped, their headings three levels
//! down, and outputs stand in fences longer than any fence inside.

mod call;
mod prose;
#[cfg(test)]
mod tests;
mod text;

use std::fmt::Write as _;
use std::io::{self, Write};

use stead_usf::{Event, EventType, Inactive, Session};

use self::text::{code, fence, line, quoted, summary};
use super::SessionWriter;
use super::view::{
    Caller, Clock, DocumentOptions, Facts, Flow, Item, Paint, Skipped, bytes, context, first_line,
    short,
};

const HEADING_CHARS: usize = 80;

/// Writes a session as Markdown.
#[derive(Debug)]
pub struct MarkdownWriter<W> {
    out: W,
    flow: Flow,
    page: Page,
}

impl<W: Write> MarkdownWriter<W> {
    /// A writer to `out`.
    pub fn new(out: W, options: DocumentOptions) -> Self {
        Self {
            out,
            flow: Flow::default(),
            page: Page {
                clock: options.clock(),
                options,
                caller: Caller::default(),
                text: String::new(),
                turn: 0,
                models: 0,
                model: None,
                branch: (false, None),
            },
        }
    }

    fn hand_on(&mut self) -> io::Result<()> {
        self.out.write_all(self.page.text.as_bytes())?;
        self.page.text.clear();
        Ok(())
    }
}

impl<W: Write> SessionWriter for MarkdownWriter<W> {
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
    text: String,
    turn: usize,
    models: usize,
    model: Option<String>,
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
    /// Appends a block of ours and the free line after it.
    fn put(&mut self, block: &str) {
        self.text.push_str(block);
        self.text.push_str("\n\n");
    }

    fn head(&mut self, header: &Session) {
        self.models = header.models.len();
        let facts = Facts::new(header, &self.clock);
        self.put(&format!("# {}", line(&facts.title)));
        let mut table = format!("| agent | {} |\n|---|---|", line(&facts.agent));
        let models = [("models", &facts.models)]
            .into_iter()
            .filter(|(_, models)| !models.is_empty());
        let rest = facts.rest.iter().map(|fact| (fact.label, &fact.value));
        for (label, value) in models.chain(rest) {
            // Writing to a string cannot fail.
            let _ = write!(table, "\n| {label} | {} |", line(value));
        }
        self.put(&table);
    }

    /// What must be said before an event: that a branch begins or ends, and that
    /// another model answers.
    fn before(&mut self, event: &Event) {
        let branch = (event.inherited, event.inactive);
        if branch != self.branch {
            self.branch = branch;
            self.put(match branch {
                (_, Some(Inactive::Rewound)) => {
                    "*Rewound from here: no longer part of the conversation.*"
                }
                (_, Some(Inactive::Compacted)) => {
                    "*Compacted from here: a summary stands in its place.*"
                }
                (true, None) => "*Taken over from the parent session from here.*",
                (false, None) => "*This session from here.*",
            });
        }
        if let Some(model) = event.model.as_ref().filter(|_| self.models > 1)
            && self.model.as_ref() != Some(&model.id)
        {
            self.model = Some(model.id.clone());
            self.put(&format!("*Model: {}*", line(&model.id)));
        }
    }

    fn skipped(&mut self, skipped: Skipped) {
        self.put(&format!("*{}, not shown here.*", skipped.words()));
    }

    fn event(&mut self, event: &Event) {
        let text = event.text.as_deref().unwrap_or("").trim_matches('\n');
        let silent = matches!(event.kind, EventType::Reasoning | EventType::Assistant);
        if silent && text.trim().is_empty() || event.injected && context(event).is_empty() {
            return;
        }
        self.before(event);
        match event.kind {
            _ if event.injected => self.folded("Context put in by the agent", context(event)),
            EventType::User => self.prompt(event, text),
            EventType::Assistant => self.prose(text),
            EventType::Reasoning => {
                self.put(&format!(
                    "<details><summary>Reasoning · {}</summary>",
                    bytes(text.len())
                ));
                self.prose(text);
                self.put("</details>");
            }
            EventType::Summary => {
                self.put("### Summary of the conversation so far");
                self.prose(text);
            }
            EventType::Error => {
                self.put("**✗ Error**");
                self.quote(text);
            }
            EventType::Unknown => {
                let json = event.extra.as_ref().map_or("", |extra| extra.json());
                self.folded("A record of an unknown kind", json);
            }
            EventType::Edit => {}
            _ => self.quote(text),
        }
        self.diffs(&event.edits, false);
    }

    fn prompt(&mut self, event: &Event, text: &str) {
        self.turn += 1;
        let first = short(first_line(text), HEADING_CHARS);
        let heading = if first.is_empty() {
            "(no words)".to_owned()
        } else {
            line(&first)
        };
        self.put(&format!("## {}. {heading}", self.turn));
        if let Some(at) = event.at {
            self.put(&format!("*{}*", self.clock.day_and_minute(at)));
        }
        if text.trim() != first {
            self.quote(text);
        }
    }

    /// Text of a person or a program, line by line as it is.
    fn quote(&mut self, text: &str) {
        let (shown, hidden) = self.options.cut(text);
        let quoted = quoted(shown);
        if !quoted.is_empty() {
            self.put(&quoted);
        }
        self.left_out(hidden);
    }

    fn prose(&mut self, text: &str) {
        let (shown, hidden) = self.options.cut(text);
        prose::write(shown, &mut self.text);
        self.text.push('\n');
        self.left_out(hidden);
    }

    fn left_out(&mut self, hidden: usize) {
        if hidden > 0 {
            self.put(&format!("*… {} more are left out.*", bytes(hidden)));
        }
    }

    /// Text that few readers want to see.
    fn folded(&mut self, words: &str, text: &str) {
        let size = bytes(text.len());
        self.put(&format!(
            "<details><summary>{} · {size}</summary>",
            summary(words)
        ));
        self.fenced("text", text);
        self.put("</details>");
    }

    fn fenced(&mut self, info: &str, text: &str) {
        let (shown, hidden) = self.options.cut(text);
        let block = fence(info, shown);
        self.put(&block);
        self.left_out(hidden);
    }

    /// The name of a file.
    fn path(&self, path: &str) -> String {
        code(self.caller.relative(path))
    }
}
