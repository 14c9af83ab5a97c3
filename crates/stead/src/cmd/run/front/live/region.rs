//! The rows at the bottom: what is done now, what is asked, what is typed, what it runs on.

use std::time::Duration;

use stead_redact::terminal::escape;

use super::view::{Asked, Doing, TAIL, View, tail};
use crate::render::style::{BOLD, DIM, LABEL, MARK, PLAIN, Row, span};
use crate::render::{prose, wrap};
use crate::text::one_line;

/// Items of the model's plan that are shown.
const ITEMS: usize = 8;
/// How a wait looks, ten pictures a second.
const TURNING: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

impl View {
    /// The rows at the bottom, and where the cursor is in the last but one.
    pub(super) fn region(&self, columns: usize, rows: usize, now: Duration) -> (Vec<Row>, usize) {
        let room = columns.saturating_sub(1);
        let mut all = self.now(room, rows / 2, now);
        all.extend(self.items());
        all.extend(self.question(room));
        for words in &self.said {
            all.push(vec![span(
                DIM,
                format!("  ❯ {} (at the next step)", one_line(words)),
            )]);
        }
        all.push(vec![span(DIM, "─".repeat(room.min(102)))]);
        let (typed, cursor) = self.typed(room);
        all.push(typed);
        all.push(self.foot(room, now));
        let over = all.len().saturating_sub(rows.saturating_sub(1).max(3));
        let all = all.split_off(over);
        (
            all.into_iter()
                .map(|row| wrap::clip_row(row, room))
                .collect(),
            cursor,
        )
    }

    /// What is being done.
    fn now(&self, room: usize, rows: usize, now: Duration) -> Vec<Row> {
        let took = now.saturating_sub(self.since);
        let turn = TURNING[(now.as_millis() / 100) as usize % TURNING.len()];
        let took = match took.as_secs() {
            0 => String::new(),
            seconds => format!(" {}", clock(seconds)),
        };
        let head = |words: String| {
            vec![
                span(MARK, format!("{turn} ")),
                span(PLAIN, words),
                span(DIM, took.clone()),
            ]
        };
        match &self.doing {
            _ if self.asked.is_some() => Vec::new(),
            Doing::Idle => Vec::new(),
            Doing::Asking => vec![head("waits for the model".to_owned())],
            Doing::Calling(name) => vec![head(format!("writes a call of {}", one_line(name)))],
            Doing::Thinking(words) => {
                let last = words.trim_end().lines().next_back().map(one_line);
                let last = last.unwrap_or_default();
                vec![
                    head("thinks".to_owned()),
                    vec![span(DIM, format!("  ∴ {last}"))],
                ]
            }
            Doing::Writing(words) => {
                let mut all =
                    prose::rows(&escape(tail(words, TAIL)), room.saturating_sub(2).min(100));
                let over = all.len().saturating_sub(rows.max(3));
                let indent = |mut row: Row| {
                    row.insert(0, span(PLAIN, "  "));
                    row
                };
                let mut all: Vec<Row> = all.split_off(over).into_iter().map(indent).collect();
                all.push(head("writes".to_owned()));
                all
            }
            Doing::Working(name, gist) => {
                let mut all = vec![head(format!("{} {gist}", one_line(name)))];
                all.extend(
                    self.output
                        .iter()
                        .map(|line| vec![span(DIM, format!("  │ {line}"))]),
                );
                all
            }
        }
    }

    /// The model's plan.
    fn items(&self) -> Vec<Row> {
        let open = |status: &str| status != "done";
        if !self.todo.iter().any(|(_, status)| open(status)) {
            return Vec::new();
        }
        let done = self
            .todo
            .iter()
            .take_while(|(_, status)| !open(status))
            .count();
        let from = done
            .saturating_sub(1)
            .min(self.todo.len().saturating_sub(ITEMS));
        let shown = self.todo.iter().skip(from).take(ITEMS);
        let row = |(text, status): &(String, String)| {
            let (sign, style) = match status.as_str() {
                "done" => ("✓", DIM),
                "active" => ("▸", BOLD),
                _ => ("○", PLAIN),
            };
            vec![span(style, format!("  {sign} {}", one_line(text)))]
        };
        shown.map(row).collect()
    }

    /// What the user is asked.
    fn question(&self, room: usize) -> Vec<Row> {
        let mut all = Vec::new();
        match &self.asked {
            None => {}
            Some(Asked::Wish(wish)) => {
                let words = format!("? {}: {}", one_line(&wish.tool), one_line(&wish.why));
                all.extend(wrap::words(&[span(LABEL, words)], room));
                let how = "y: this once · a: always in this session · n, or what to do instead · then Enter";
                all.extend(wrap::words(&[span(DIM, how)], room));
            }
            Some(Asked::Question(question)) => {
                let text = escape(&question.text);
                all.extend(
                    text.lines()
                        .flat_map(|line| wrap::words(&[span(LABEL, format!("? {line}"))], room)),
                );
                for (at, option) in question.options.iter().enumerate() {
                    all.push(vec![span(
                        PLAIN,
                        format!("    {}: {}", at + 1, one_line(option)),
                    )]);
                }
                let how = "a number or your own words, then Enter · Ctrl-D: no answer";
                all.push(vec![span(DIM, format!("  {how}"))]);
            }
        }
        all
    }

    /// The line in which is typed, and the column of the cursor.
    fn typed(&self, room: usize) -> (Row, usize) {
        let (text, before) = (self.editor.text(), self.editor.columns());
        let room = room.saturating_sub(3);
        if text.is_empty() {
            let words = if matches!(self.doing, Doing::Idle) {
                "what is to be done? (/help)"
            } else {
                "type to steer"
            };
            return (vec![span(MARK, "❯ "), span(DIM, words)], 2);
        }
        // The end is what matters while one types.
        let over = before.saturating_sub(room);
        let mut left = over;
        let shown: String = text
            .chars()
            .skip_while(|letter| {
                let columns = wrap::width(letter.encode_utf8(&mut [0; 4]));
                let skip = left > 0;
                left = left.saturating_sub(columns);
                skip
            })
            .collect();
        (
            vec![span(MARK, "❯ "), span(PLAIN, shown)],
            2 + before - over,
        )
    }

    /// What it runs on and costs, and the keys.
    fn foot(&self, room: usize, now: Duration) -> Row {
        let used = self.tally.words(self.requests);
        let rest = format!(
            " · {used} · {} · esc: end the command · ctrl-c: stop",
            clock(now.as_secs())
        );
        let route = one_line(&self.route);
        let short = format!(" · {used}");
        let rest = if wrap::width(&route) + wrap::width(&rest) > room {
            short
        } else {
            rest
        };
        let left = room.saturating_sub(wrap::width(&rest));
        vec![span(DIM, wrap::clip(&route, left)), span(DIM, rest)]
    }
}

/// Minutes and seconds.
fn clock(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
