//! Plain text: what a pipe gets, and a terminal that wants no live view.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use stead_agent::run::{Front, Wish, Word};
use stead_agent::tools::Question;
use stead_llm::{CancellationToken, Delta};
use stead_redact::terminal::escape;
use stead_usf::{Event, EventType};

use super::own::{Own, chosen, gist, own, wanted, word};
use super::{Watch, keyboard::Keyboard};
use crate::cmd::run::ending::Ending;
use crate::cmd::styled;
use crate::text::{fit, one_line};

/// A call or a note has one line, and no more than so many columns.
const COLUMNS: usize = 160;

/// Writes what happens, line by line.
pub(crate) struct Plain {
    out: std::io::BufWriter<std::io::Stdout>,
    colour: bool,
    width: usize,
    /// The model's words were written as they came.
    streamed: bool,
    /// A line is not ended yet.
    open: bool,
    keyboard: Keyboard,
}

impl Plain {
    /// Waiting for a person's word ends when the session is ended by `stop`.
    pub(crate) fn new(colour: bool, width: usize, stop: CancellationToken) -> Self {
        Self {
            out: std::io::BufWriter::new(std::io::stdout()),
            colour,
            width: width.min(COLUMNS),
            streamed: false,
            open: false,
            keyboard: Keyboard::new(stop),
        }
    }

    fn style(&self, style: Style) -> Style {
        styled(style, self.colour)
    }

    /// A line of its own. Whoever reads may have gone; the work goes on and is on record.
    fn line(&mut self, style: Style, text: &str) {
        self.end_line();
        let style = self.style(style);
        let text = escape(text);
        let _ = writeln!(self.out, "{style}{text}{style:#}").and_then(|()| self.out.flush());
    }

    fn end_line(&mut self) {
        if std::mem::take(&mut self.open) {
            let _ = writeln!(self.out);
        }
    }

    fn call(&mut self, event: &Event) {
        let name = event
            .tool
            .as_ref()
            .map_or("tool", |tool| tool.name.as_str());
        let input = event.input.as_ref().map_or("", |input| input.json());
        let text = format!("• {name} {}", gist(input));
        self.line(AnsiColor::Cyan.on_default(), &fit(&text, self.width));
    }

    fn result(&mut self, event: &Event) {
        let first = event.output.as_deref().unwrap_or_default();
        let first = first.lines().find(|line| !line.trim().is_empty());
        let (sign, style) = match event.ok {
            Some(false) => ("✗", AnsiColor::Red.on_default()),
            _ => ("✓", Style::new().dimmed()),
        };
        let text = format!("  {sign} {}", one_line(first.unwrap_or("(nothing)")));
        self.line(style, &fit(&text, self.width));
    }
}

impl Front for Plain {
    fn recorded(&mut self, event: &Event) {
        let text = event.text.as_deref().unwrap_or_default();
        let dim = Style::new().dimmed();
        match (event.kind, own(event)) {
            (_, Own::Setting | Own::Outcome) => {}
            (_, Own::PutIn { name, bytes }) => {
                self.line(dim, &format!("· put in: {name} ({bytes} bytes)"));
            }
            (EventType::Assistant, _) if std::mem::take(&mut self.streamed) => self.end_line(),
            (EventType::Assistant, _) if !text.is_empty() => self.line(Style::new(), text),
            (EventType::ToolCall, _) => self.call(event),
            (EventType::ToolResult, _) => self.result(event),
            (EventType::System, _) if !text.is_empty() => self.line(dim, &format!("· {text}")),
            _ => {}
        }
    }

    fn delta(&mut self, delta: &Delta) {
        if let Delta::Text { text, .. } = delta {
            self.streamed = true;
            self.open = !text.ends_with('\n');
            let text = escape(text);
            let _ = write!(self.out, "{text}").and_then(|()| self.out.flush());
        }
    }

    fn notice(&mut self, words: &str) {
        self.line(AnsiColor::Yellow.on_default(), &format!("! {words}"));
    }

    fn output(&mut self, _: &str) {}

    fn typed(&mut self) -> Option<String> {
        None
    }

    fn ask(&mut self, question: &Question) -> Option<String> {
        self.line(
            AnsiColor::Yellow.on_default(),
            &format!("? {}", question.text),
        );
        for (number, option) in question.options.iter().enumerate() {
            self.line(Style::new(), &format!("  {}: {option}", number + 1));
        }
        let what = if question.options.is_empty() {
            "your answer"
        } else {
            "a number, or other words"
        };
        let how = format!("  {what}; Ctrl-D: none, the model decides");
        self.line(Style::new().dimmed(), &how);
        let answer = self.keyboard.line()?;
        Some(chosen(question, answer.trim()).to_owned())
    }

    fn approve(&mut self, wish: &Wish) -> Word {
        let yellow = AnsiColor::Yellow.on_default();
        self.line(yellow, &format!("? {}: {}", wish.tool, wish.why));
        for line in wanted(&wish.arguments).lines() {
            self.line(Style::new(), &format!("  ┃ {line}"));
        }
        self.line(
            Style::new(),
            "  y: this once, a: always in this session, n or words: no",
        );
        match self.keyboard.line() {
            Some(answer) => word(&answer),
            None => Word::Nobody,
        }
    }
}

impl Watch for Plain {
    fn route(&mut self, words: &str) {
        self.line(Style::new().dimmed(), words);
    }

    fn end(&mut self, ending: &Ending) {
        self.end_line();
        let _ = ending.as_text(&mut self.out, self.colour);
        let _ = self.out.flush();
    }
}
