//! The Markdown of a model's reply as rows of the terminal.

use anstyle::Style;
use pulldown_cmark::{Alignment, Event, Options, Parser, Tag, TagEnd};

use super::style::{BOLD, CODE, DIM, LINK, PLAIN, Row, push, span};
use super::{table, wrap};

/// Rows of `text`, which is already safe to print, `limit` columns wide.
pub(crate) fn rows(text: &str, limit: usize) -> Vec<Row> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut prose = Prose::new(limit.max(16));
    for event in Parser::new_ext(text, options) {
        prose.event(event);
    }
    prose.end_line();
    prose.rows
}

/// What stands before the rows of a list item or a quotation.
struct Indent {
    /// Before the next row only.
    marker: Option<String>,
    /// Before all others.
    rest: &'static str,
    columns: usize,
}

struct Prose {
    limit: usize,
    rows: Vec<Row>,
    line: Row,
    indents: Vec<Indent>,
    lists: Vec<Option<u64>>,
    styles: Vec<Style>,
    links: Vec<String>,
    in_code: bool,
    table: Option<table::Table>,
    /// Nothing was written yet in the innermost item: no free row before it.
    fresh: bool,
}

impl Prose {
    const fn new(limit: usize) -> Self {
        Self {
            limit,
            rows: Vec::new(),
            line: Vec::new(),
            indents: Vec::new(),
            lists: Vec::new(),
            styles: Vec::new(),
            links: Vec::new(),
            in_code: false,
            table: None,
            fresh: true,
        }
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.in_code => self.code_block(&text),
            Event::Code(code) => self.say(CODE, &format!("`{code}`")),
            Event::Text(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => self.say(PLAIN, &text),
            Event::Html(html) | Event::InlineHtml(html) => self.verbatim(&html),
            Event::SoftBreak | Event::HardBreak if self.table.is_some() => self.say(PLAIN, " "),
            Event::SoftBreak | Event::HardBreak => self.end_line(),
            Event::Rule => {
                self.block();
                self.line.push(span(DIM, "─".repeat(self.room().min(24))));
                self.end_line();
            }
            Event::TaskListMarker(done) => self.say(PLAIN, if done { "[x] " } else { "[ ] " }),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.block(),
            Tag::Heading { level, .. } => {
                self.block();
                self.styles.push(BOLD);
                self.say(DIM, &format!("{} ", "#".repeat(level as usize)));
            }
            Tag::BlockQuote(_) => {
                self.block();
                self.indent(None, "▎ ");
            }
            Tag::CodeBlock(_) => {
                self.block();
                self.in_code = true;
            }
            Tag::List(first) => {
                if self.lists.is_empty() {
                    self.block();
                } else {
                    self.end_line();
                }
                self.lists.push(first);
            }
            Tag::Item => self.item(),
            Tag::Table(columns) => self.start_table(columns),
            Tag::Strong => self.styles.push(BOLD),
            Tag::Emphasis => self.styles.push(Style::new().italic()),
            Tag::Strikethrough => self.styles.push(Style::new().strikethrough()),
            Tag::Link { dest_url, .. } => {
                self.styles.push(LINK);
                self.links.push(dest_url.into_string());
            }
            Tag::Image { dest_url, .. } => {
                self.say(DIM, "[image] ");
                self.links.push(dest_url.into_string());
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.end_line(),
            TagEnd::Heading(_) => {
                self.end_line();
                self.styles.pop();
            }
            TagEnd::BlockQuote(_) | TagEnd::Item => {
                self.end_line();
                self.indents.pop();
                self.fresh = false;
            }
            TagEnd::CodeBlock => self.in_code = false,
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Table => self.end_table(),
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.line);
                if let Some(table) = &mut self.table {
                    table.cell(cell);
                }
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                if let Some(table) = &mut self.table {
                    table.end_row();
                }
            }
            TagEnd::Strong | TagEnd::Emphasis | TagEnd::Strikethrough => {
                self.styles.pop();
            }
            TagEnd::Link => {
                self.styles.pop();
                self.address();
            }
            TagEnd::Image => self.address(),
            _ => {}
        }
    }

    /// The address of a link, unless the link is its own text.
    fn address(&mut self) {
        let Some(address) = self.links.pop() else {
            return;
        };
        let said = self
            .line
            .last()
            .is_some_and(|last| last.text.ends_with(&address));
        if !said && !address.is_empty() {
            self.say(DIM, &format!(" ({address})"));
        }
    }

    fn item(&mut self) {
        self.end_line();
        let marker = match self.lists.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            _ => "• ".to_owned(),
        };
        self.indent(Some(marker), "");
    }

    fn indent(&mut self, marker: Option<String>, rest: &'static str) {
        let columns = wrap::width(marker.as_deref().unwrap_or(rest));
        let used: usize = self.indents.iter().map(|indent| indent.columns).sum();
        // Deep nesting must leave room for the text.
        let columns = if used + columns > self.limit / 2 {
            0
        } else {
            columns
        };
        self.indents.push(Indent {
            marker,
            rest,
            columns,
        });
        self.fresh = true;
    }

    fn start_table(&mut self, columns: Vec<Alignment>) {
        self.block();
        self.table = Some(table::Table::new(columns));
    }

    fn end_table(&mut self) {
        if let Some(table) = self.table.take() {
            for row in table.rows(self.room()) {
                self.put(row);
            }
        }
    }

    fn code_block(&mut self, text: &str) {
        for line in text.lines() {
            for piece in wrap::hard(line, self.room() - 2, usize::MAX).0 {
                self.put(vec![span(PLAIN, "  "), span(CODE, piece)]);
            }
        }
    }

    /// Raw HTML is text like any other.
    fn verbatim(&mut self, html: &str) {
        for line in html.split_inclusive('\n') {
            self.say(PLAIN, line.trim_end_matches('\n'));
            if line.ends_with('\n') && self.table.is_none() {
                self.end_line();
            }
        }
    }

    fn say(&mut self, style: Style, text: &str) {
        let mixed = self.styles.iter().fold(style, |mixed, outer| {
            mixed.effects(mixed.get_effects() | outer.get_effects())
        });
        push(&mut self.line, mixed, text);
    }

    /// Begins a block: a free row before it, unless it is the first.
    fn block(&mut self) {
        self.end_line();
        if !self.fresh {
            self.put(Vec::new());
            self.fresh = true;
        }
    }

    fn room(&self) -> usize {
        let used: usize = self.indents.iter().map(|indent| indent.columns).sum();
        self.limit.saturating_sub(used).max(8)
    }

    fn end_line(&mut self) {
        if !self.line.is_empty() {
            let line = std::mem::take(&mut self.line);
            for row in wrap::words(&line, self.room()) {
                self.put(row);
            }
        }
    }

    /// Writes one row behind what stands before it.
    fn put(&mut self, row: Row) {
        let mut full: Row = Vec::new();
        for indent in self.indents.iter_mut().filter(|indent| indent.columns > 0) {
            let blank = || " ".repeat(indent.columns - wrap::width(indent.rest));
            match indent.marker.take_if(|_| !row.is_empty()) {
                Some(marker) => push(&mut full, DIM, &marker),
                None => push(&mut full, DIM, &format!("{}{}", indent.rest, blank())),
            }
        }
        full.extend(row);
        self.rows.push(full);
        self.fresh = false;
    }
}

/// All spans of a row as one text.
#[cfg(test)]
pub(crate) fn text(row: &[super::style::Span]) -> String {
    row.iter().map(|span| span.text.as_str()).collect()
}

#[cfg(test)]
mod tests;
