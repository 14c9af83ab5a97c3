//! The Markdown of a model's reply, read and written anew: whatever it held,
//! what comes out is well formed, has no HTML, and keeps to its place.

use std::fmt::Write as _;

use pulldown_cmark::{
    Alignment, CodeBlockKind, Event, Options, Parser, Tag, TagEnd, TextMergeStream,
};
use stead_redact::terminal;

use super::text::{code, fence, letters};

/// Deeper nesting is flattened.
const DEPTH: usize = 16;

/// Appends `text`, ending with a line end.
pub(super) fn write(text: &str, out: &mut String) {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let text = terminal::escape(text);
    let mut prose = Prose {
        out,
        line: String::new(),
        before: Vec::new(),
        lists: Vec::new(),
        links: Vec::new(),
        code: None,
        columns: Vec::new(),
        in_table: false,
        fresh: true,
    };
    for event in TextMergeStream::new(Parser::new_ext(&text, options)) {
        prose.event(event);
    }
    prose.end_line();
}

/// Where a link leads.
enum Address {
    /// It can be followed.
    Linked(String),
    /// It can only be read.
    Told(String),
}

/// The language of a code block, if it is named.
fn language(kind: CodeBlockKind<'_>) -> String {
    match kind {
        CodeBlockKind::Fenced(info) => info.into_string(),
        CodeBlockKind::Indented => String::new(),
    }
}

/// How a table's column is set.
const fn setting(column: Alignment) -> &'static str {
    match column {
        Alignment::None => "---|",
        Alignment::Left => ":--|",
        Alignment::Center => ":-:|",
        Alignment::Right => "--:|",
    }
}

struct Prose<'o> {
    out: &'o mut String,
    line: String,
    /// What stands before each line: of the first one, and of the others.
    before: Vec<(Option<String>, String)>,
    lists: Vec<Option<u64>>,
    links: Vec<Address>,
    /// The code block that is being read: its language and text.
    code: Option<(String, String)>,
    columns: Vec<Alignment>,
    in_table: bool,
    fresh: bool,
}

impl Prose<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.code.is_some() => {
                if let Some((_, block)) = &mut self.code {
                    block.push_str(&text);
                }
            }
            Event::Code(text) => {
                let text = code(&text);
                let text = if self.in_table {
                    text.replace('|', "\\|")
                } else {
                    text
                };
                self.line.push_str(&text);
            }
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => self.say(&text),
            Event::SoftBreak => self.line.push(if self.in_table { ' ' } else { '\n' }),
            Event::HardBreak => self.line.push_str(if self.in_table { " " } else { "\\\n" }),
            Event::Rule => {
                self.block();
                self.line.push_str("***");
                self.end_line();
            }
            Event::TaskListMarker(done) => self.line.push_str(if done { "[x] " } else { "[ ] " }),
        }
    }

    /// Text without any meaning but its words.
    fn say(&mut self, text: &str) {
        for piece in text.split_inclusive('\n') {
            let words = piece.trim_end_matches('\n');
            let at_start = self.line.is_empty() || self.line.ends_with('\n');
            let words = if at_start { words.trim_start() } else { words };
            letters(words, at_start, &mut self.line);
            if piece.ends_with('\n') {
                self.line.push(if self.in_table { ' ' } else { '\n' });
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.block(),
            Tag::Heading { level, .. } => {
                self.block();
                self.line.push_str(&"#".repeat((level as usize + 3).min(6)));
                self.line.push(' ');
            }
            Tag::BlockQuote(_) => {
                self.block();
                self.push(None, "> ");
            }
            Tag::CodeBlock(kind) => {
                self.block();
                self.code = Some((language(kind), String::new()));
            }
            Tag::List(first) => {
                self.end_line();
                if self.lists.is_empty() || first.is_some_and(|first| first != 1) {
                    self.block();
                }
                self.lists.push(first);
            }
            Tag::Item => self.item(),
            Tag::Link { dest_url, .. } => self.link(&dest_url),
            Tag::Image { dest_url, .. } => {
                self.line.push_str("image: ");
                self.link(&dest_url);
            }
            Tag::Table(columns) => {
                self.block();
                self.columns = columns;
                self.in_table = true;
            }
            Tag::TableHead | Tag::TableRow => self.line.push('|'),
            Tag::TableCell => self.line.push(' '),
            _ => self.mark(tag.to_end()),
        }
    }

    /// The sign before and after words that stand out.
    fn mark(&mut self, tag: TagEnd) {
        self.line.push_str(match tag {
            TagEnd::Emphasis => "*",
            TagEnd::Strong => "**",
            TagEnd::Strikethrough => "~~",
            _ => "",
        });
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock | TagEnd::TableRow => self.end_line(),
            TagEnd::Heading(_) => {
                self.line = self.line.replace('\n', " ");
                self.end_line();
            }
            TagEnd::BlockQuote(_) | TagEnd::Item => {
                self.end_line();
                self.before.pop();
                self.fresh = false;
            }
            TagEnd::CodeBlock => {
                if let Some((info, text)) = self.code.take() {
                    for line in fence(&info, &text).lines() {
                        self.put(line);
                    }
                }
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Table => self.in_table = false,
            TagEnd::TableCell => self.line.push_str(" |"),
            TagEnd::TableHead => {
                self.end_line();
                let line: String = self.columns.iter().copied().map(setting).collect();
                self.put(&format!("|{line}"));
            }
            // Writing to a string cannot fail.
            TagEnd::Link | TagEnd::Image => match self.links.pop() {
                Some(Address::Linked(address)) => {
                    let _ = write!(self.line, "](<{address}>)");
                }
                Some(Address::Told(address)) if !address.is_empty() => {
                    let _ = write!(self.line, " ({address})");
                }
                _ => {}
            },
            _ => self.mark(tag),
        }
    }

    /// A link to the web or to mail; any other address is told but not linked.
    fn link(&mut self, address: &str) {
        let lower = address.to_ascii_lowercase();
        let safe = ["http://", "https://", "mailto:"]
            .iter()
            .any(|scheme| lower.starts_with(scheme));
        let outer = self
            .links
            .iter()
            .any(|link| matches!(link, Address::Linked(_)));
        if !safe || outer || self.in_table && address.contains('|') {
            let told = code(address);
            let told = if self.in_table {
                told.replace('|', "\\|")
            } else {
                told
            };
            return self.links.push(Address::Told(told));
        }
        let mut clean = String::with_capacity(address.len());
        for c in address.chars() {
            match c {
                '<' => clean.push_str("%3C"),
                '>' => clean.push_str("%3E"),
                '\\' => clean.push_str("%5C"),
                '`' => clean.push_str("%60"),
                '&' => clean.push_str("&amp;"),
                c if c.is_whitespace() || c.is_control() => {}
                c => clean.push(c),
            }
        }
        if self.line.ends_with('!') {
            // Else the link would become an image.
            self.line.pop();
            self.line.push_str("\\!");
        }
        self.line.push('[');
        self.links.push(Address::Linked(clean));
    }

    fn item(&mut self) {
        self.end_line();
        let marker = match self.lists.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            _ => "- ".to_owned(),
        };
        let rest = " ".repeat(marker.len());
        self.push(Some(marker), &rest);
    }

    fn push(&mut self, first: Option<String>, rest: &str) {
        let flat = self.before.len() >= DEPTH;
        let first = first.filter(|_| !flat);
        let rest = if flat { "" } else { rest };
        self.before.push((first, rest.to_owned()));
        self.fresh = true;
    }

    /// Begins a block: a free line before it, unless it is the first.
    fn block(&mut self) {
        self.end_line();
        if !self.fresh {
            self.put("");
            self.fresh = true;
        }
    }

    fn end_line(&mut self) {
        if self.line.trim().is_empty() {
            return self.line.clear();
        }
        let line = std::mem::take(&mut self.line);
        for part in line.trim_end().lines() {
            // A free line would end the block.
            if !part.trim().is_empty() {
                self.put(part);
            }
        }
    }

    fn put(&mut self, line: &str) {
        let start = self.out.len();
        for (first, rest) in &mut self.before {
            match first.take_if(|_| !line.is_empty()) {
                Some(marker) => self.out.push_str(&marker),
                None => self.out.push_str(rest),
            }
        }
        self.out.push_str(line);
        if line.is_empty() {
            let kept = self.out[start..].trim_end().len();
            self.out.truncate(start + kept);
        }
        self.out.push('\n');
        self.fresh = false;
    }
}
