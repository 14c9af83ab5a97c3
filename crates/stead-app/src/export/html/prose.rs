//! The Markdown of a model's reply as HTML. Only elements named here are ever
//! written, whatever the text says; raw HTML in it is text.

use pulldown_cmark::{Alignment, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::text::escaped;
use stead_redact::terminal;

/// Deeper nesting is flattened.
const DEPTH: usize = 24;

/// Appends `text` as HTML.
pub(super) fn write(text: &str, out: &mut String) {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let text = terminal::escape(text);
    let mut prose = Prose::default();
    for event in Parser::new_ext(&text, options) {
        prose.event(event, out);
    }
}

#[derive(Default)]
struct Prose {
    /// The end tags of what is open; empty for what is flattened.
    open: Vec<&'static str>,
    columns: Vec<Alignment>,
    column: usize,
    in_head: bool,
    images: Vec<String>,
}

impl Prose {
    fn event(&mut self, event: Event<'_>, out: &mut String) {
        match event {
            Event::Start(tag) => self.start(&tag, out),
            Event::End(tag) => self.end(tag, out),
            Event::Code(code) => {
                out.push_str("<code>");
                out.push_str(&escaped(&code));
                out.push_str("</code>");
            }
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => out.push_str(&escaped(&text)),
            Event::SoftBreak | Event::HardBreak => out.push_str("<br>\n"),
            Event::Rule => out.push_str("<hr>\n"),
            Event::TaskListMarker(true) => out.push_str("☑ "),
            Event::TaskListMarker(false) => out.push_str("☐ "),
        }
    }

    fn open(&mut self, start: &str, end: &'static str, out: &mut String) {
        if self.open.len() < DEPTH {
            out.push_str(start);
            self.open.push(end);
        } else {
            self.open.push("");
        }
    }

    fn start(&mut self, tag: &Tag<'_>, out: &mut String) {
        match tag {
            Tag::Paragraph => self.open("<p>", "</p>\n", out),
            Tag::HtmlBlock => self.open("<pre class=\"raw\">", "</pre>\n", out),
            Tag::Heading { level, .. } => match level {
                HeadingLevel::H1 => self.open("<h3>", "</h3>\n", out),
                HeadingLevel::H2 => self.open("<h4>", "</h4>\n", out),
                HeadingLevel::H3 => self.open("<h5>", "</h5>\n", out),
                _ => self.open("<h6>", "</h6>\n", out),
            },
            Tag::BlockQuote(_) => self.open("<blockquote>\n", "</blockquote>\n", out),
            Tag::CodeBlock(_) => self.open("<pre tabindex=\"0\"><code>", "</code></pre>\n", out),
            Tag::List(None) => self.open("<ul>\n", "</ul>\n", out),
            Tag::List(Some(first)) => {
                self.open(&format!("<ol start=\"{first}\">\n"), "</ol>\n", out);
            }
            Tag::Item => self.open("<li>", "</li>\n", out),
            Tag::Table(columns) => {
                self.columns.clone_from(columns);
                self.open("<table>\n", "</table>\n", out);
            }
            Tag::TableHead | Tag::TableRow => {
                self.column = 0;
                self.in_head = matches!(tag, Tag::TableHead);
                self.open("<tr>", "</tr>\n", out);
            }
            Tag::TableCell => self.cell(out),
            Tag::Emphasis => self.open("<em>", "</em>", out),
            Tag::Strong => self.open("<strong>", "</strong>", out),
            Tag::Strikethrough => self.open("<s>", "</s>", out),
            Tag::Link { dest_url, .. } => self.link(dest_url, out),
            Tag::Image { dest_url, .. } => {
                self.images.push(escaped(dest_url));
                self.open("<span class=\"image\">", "</span>", out);
            }
            _ => self.open("", "", out),
        }
    }

    fn cell(&mut self, out: &mut String) {
        let right = self.columns.get(self.column) == Some(&Alignment::Right);
        self.column += 1;
        match (self.in_head, right) {
            (true, false) => self.open("<th>", "</th>", out),
            (true, true) => self.open("<th class=\"right\">", "</th>", out),
            (false, false) => self.open("<td>", "</td>", out),
            (false, true) => self.open("<td class=\"right\">", "</td>", out),
        }
    }

    /// A link to the web or to mail; any other address is not followed.
    fn link(&mut self, address: &str, out: &mut String) {
        let lower = address.trim().to_ascii_lowercase();
        let safe = ["http://", "https://", "mailto:"]
            .iter()
            .any(|scheme| lower.starts_with(scheme));
        let address = escaped(address);
        if safe {
            let start = format!("<a href=\"{address}\" rel=\"noopener noreferrer nofollow\">");
            self.open(&start, "</a>", out);
        } else {
            self.open(
                &format!("<span class=\"link\" title=\"{address}\">"),
                "</span>",
                out,
            );
        }
    }

    fn end(&mut self, tag: TagEnd, out: &mut String) {
        if tag == TagEnd::Image
            && let Some(address) = self.images.pop()
        {
            out.push_str(" (image: ");
            out.push_str(&address);
            out.push(')');
        }
        out.push_str(self.open.pop().unwrap_or(""));
    }
}
