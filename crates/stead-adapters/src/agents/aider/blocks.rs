//! Lines make blocks: the heading of a section, a message of the user, a reply,
//! one output of the program. What blocks mean is told by `map`.
//!
//! The program marks the first line of an output and nothing else, so where a
//! reply ends is told by three habits of it: two blank lines stand between a reply
//! and the next message, one blank line between anything else and a reply, and
//! none between two outputs.

use serde::{Deserialize, Serialize};
use stead_usf::Time;

use super::kind::{closes, fence, follows_reply, heading, is_tokens, quoted, said};
use crate::container::lines::Line;

/// A block that grows beyond this is handed out in parts.
const LARGE: usize = 32 << 20;

/// Since this version every reply is followed by a line with its tokens.
const COUNTS_SINCE: (u32, u32) = (0, 50);

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    /// A start of the program; the text is its local time.
    Heading,
    /// A message in the user's place.
    Said,
    /// What the model answered.
    Reply,
    /// One output of the program, without its mark.
    Output,
}

/// Lines that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) kind: Kind,
    pub(super) text: String,
    /// The number of its first line.
    pub(super) line: u64,
    /// Its place in the file.
    pub(super) bytes: [u64; 2],
}

/// Puts blocks together. Between two readings it remembers where it stands, not
/// what stands there: a block that goes on makes the file be read again.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Blocks {
    /// The last block that was handed out.
    after: Option<Kind>,
    /// Blank lines since the last line that was not.
    blanks: usize,
    /// The code block of the reply that is open, by the length of its fence.
    fence: Option<usize>,
    /// Replies of this section are followed by their tokens.
    counted: bool,
    /// The local time at which the section began, as if it were UTC.
    start_ms: Option<i64>,
    edge: Edge,
    /// What was handed out goes on.
    #[serde(skip)]
    pub(super) broken: bool,
    #[serde(skip)]
    open: Option<Open>,
}

/// How the file ended when it was last read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Edge {
    /// Between blocks, or it was not the end.
    #[default]
    Clean,
    /// Within a block, perhaps: some lines would belong to it.
    Open,
    /// Within a block or a line: whatever follows belongs to it.
    Torn,
}

#[derive(Debug, Clone)]
struct Open {
    block: Block,
    /// An output that has its end.
    complete: bool,
    /// Outputs that a reply may have ended with: they are none if the reply goes
    /// on. With the length of the reply before them.
    doubt: Option<(usize, Vec<Block>)>,
}

impl Blocks {
    /// Takes in a line and hands out what it completes.
    pub(super) fn line(&mut self, line: &Line<'_>, put: &mut dyn FnMut(Block)) {
        let text = match line.number {
            1 => line.text.trim_start_matches('\u{feff}'),
            _ => &*line.text,
        };
        self.broken |= self.edge == Edge::Torn;
        self.text(line, text, put);
        if !line.ended {
            self.edge = Edge::Torn;
        }
    }

    fn text(&mut self, line: &Line<'_>, text: &str, put: &mut dyn FnMut(Block)) {
        if text.trim().is_empty() {
            self.blank(line, put);
            return;
        }
        match self.open.as_ref().map(|open| open.block.kind) {
            Some(Kind::Said) => self.after_said(line, text, put),
            Some(Kind::Reply) => self.after_reply(line, text, put),
            Some(Kind::Output) => self.after_output(line, text, put),
            Some(Kind::Heading) | None => self.fresh(line, text, put),
        }
        self.blanks = 0;
        if self
            .open
            .as_ref()
            .is_some_and(|open| open.block.text.len() > LARGE)
        {
            self.close(put);
        }
    }

    /// The file ends here, for now.
    pub(super) fn finish(&mut self, put: &mut dyn FnMut(Block)) {
        let Some(open) = &self.open else {
            return;
        };
        let torn = open.block.kind == Kind::Output && !open.complete;
        self.edge = match self.edge {
            Edge::Clean | Edge::Open if !torn => Edge::Open,
            _ => Edge::Torn,
        };
        self.close(put);
    }

    fn blank(&mut self, line: &Line<'_>, put: &mut dyn FnMut(Block)) {
        self.blanks += 1;
        let Some(open) = &mut self.open else {
            if self.edge == Edge::Open && self.after != Some(Kind::Reply) {
                self.edge = Edge::Clean;
            }
            return;
        };
        match open.block.kind {
            Kind::Reply => {}
            Kind::Output if !open.complete => open.push(line, ""),
            _ => self.close(put),
        }
    }

    /// A line where no block is open.
    fn fresh(&mut self, line: &Line<'_>, text: &str, put: &mut dyn FnMut(Block)) {
        if self.edge == Edge::Open {
            self.broken |= self.goes_on(text);
            self.edge = Edge::Clean;
        }
        let unanswered = self.after == Some(Kind::Said) && self.blanks > 0;
        if let Some(time) = heading(text).filter(|time| !unanswered || !self.is_past(time)) {
            self.begin(Kind::Heading, line, time);
            self.close(put);
            self.counted = false;
            self.start_ms = millis(time);
        } else if let Some(words) = said(text) {
            self.begin(Kind::Said, line, words);
        } else if let Some(output) = quoted(text).filter(|_| !self.begins_reply()) {
            self.counted |= counts(output.text);
            self.begin(Kind::Output, line, output.text);
            if let Some(open) = &mut self.open {
                open.complete = output.complete;
            }
        } else {
            self.begin(Kind::Reply, line, text);
            self.fence = fence(text);
        }
    }

    /// A blank line after a message or an output is the beginning of a reply, even
    /// of one that begins with a quotation.
    fn begins_reply(&self) -> bool {
        self.blanks > 0 && matches!(self.after, Some(Kind::Said | Kind::Output))
    }

    /// Whether a line would have been a part of the block that the last reading
    /// ended with.
    fn goes_on(&self, text: &str) -> bool {
        match self.after {
            Some(Kind::Said) => said(text).is_some(),
            Some(Kind::Reply) => !self.ends_reply(text),
            Some(Kind::Output) => {
                heading(text).is_none() && said(text).is_none() && quoted(text).is_none()
            }
            Some(Kind::Heading) | None => false,
        }
    }

    fn after_said(&mut self, line: &Line<'_>, text: &str, put: &mut dyn FnMut(Block)) {
        if let (Some(words), Some(open)) = (said(text), &mut self.open) {
            open.push(line, words);
        } else {
            self.close(put);
            self.fresh(line, text, put);
        }
    }

    fn after_output(&mut self, line: &Line<'_>, text: &str, put: &mut dyn FnMut(Block)) {
        let fresh = heading(text).is_some() || said(text).is_some();
        let Some(open) = &mut self.open else {
            return;
        };
        let new_output = quoted(text)
            .is_some_and(|output| open.complete || (output.complete && follows_reply(output.text)));
        if new_output || (fresh && (open.complete || self.blanks > 0)) {
            self.close(put);
            self.fresh(line, text, put);
            return;
        }
        let first = open.block.text.lines().next().unwrap_or("");
        open.complete = closes(first, text);
        let text = if open.complete { text.trim_end() } else { text };
        open.push(line, text);
    }

    fn after_reply(&mut self, line: &Line<'_>, text: &str, put: &mut dyn FnMut(Block)) {
        if self.ends_reply(text) {
            self.close(put);
            self.fresh(line, text, put);
            return;
        }
        let fenced = self.fence.is_some();
        let Some(open) = &mut self.open else {
            return;
        };
        match quoted(text).filter(|output| output.complete && !fenced) {
            Some(output) if self.blanks > 0 => {
                open.doubt = Some((open.block.text.len(), vec![output_block(line, output.text)]));
            }
            Some(output) => {
                if let Some((_, outputs)) = &mut open.doubt {
                    outputs.push(output_block(line, output.text));
                }
            }
            None => open.doubt = None,
        }
        for _ in 0..self.blanks {
            open.block.text.push('\n');
        }
        open.push(line, text);
        self.fence = match (self.fence, fence(text)) {
            (Some(opened), Some(ticks))
                if ticks >= opened && text.trim_matches('`').trim().is_empty() =>
            {
                None
            }
            (None, Some(ticks)) => Some(ticks),
            (opened, _) => opened,
        };
    }

    /// Whether this line, after `blanks` blank ones, cannot be a part of the reply.
    fn ends_reply(&self, text: &str) -> bool {
        let doubted = self.open.as_ref().is_some_and(|open| open.doubt.is_some());
        if heading(text).is_some_and(|time| !self.is_past(time)) || said(text).is_some() {
            return self.blanks > 1 || (doubted && self.blanks > 0);
        }
        let Some(output) = quoted(text).filter(|_| self.blanks > 0 || doubted) else {
            return false;
        };
        // In a code block other signs than the tokens may be part of what is shown.
        let shown = self.fence.is_some() && self.counted;
        is_tokens(output.text) || (output.complete && follows_reply(output.text) && !shown)
    }

    /// Whether a run cannot have begun then, because this one began days later: a
    /// model that answers has quoted it.
    fn is_past(&self, time: &str) -> bool {
        const DAYS_MS: i64 = 2 * 24 * 60 * 60 * 1000;
        let times = millis(time).zip(self.start_ms);
        times.is_some_and(|(time, start)| time < start - DAYS_MS)
    }

    fn begin(&mut self, kind: Kind, line: &Line<'_>, text: &str) {
        self.open = Some(Open {
            block: Block {
                kind,
                text: text.to_owned(),
                line: line.number,
                bytes: line.bytes,
            },
            complete: false,
            doubt: None,
        });
    }

    /// Hands out what is open.
    fn close(&mut self, put: &mut dyn FnMut(Block)) {
        let Some(open) = self.open.take() else {
            return;
        };
        let Open {
            mut block, doubt, ..
        } = open;
        self.after = Some(block.kind);
        self.fence = self
            .fence
            .filter(|_| block.kind == Kind::Reply && self.edge == Edge::Open);
        let outputs = doubt.map_or_else(Vec::new, |(length, outputs)| {
            block.text.truncate(length);
            outputs
        });
        block.text.truncate(block.text.trim_end().len());
        put(block);
        for output in outputs {
            self.after = Some(Kind::Output);
            // That these are outputs was guessed from what follows them.
            if self.edge == Edge::Open {
                self.edge = Edge::Torn;
            }
            put(output);
        }
    }
}

impl Open {
    fn push(&mut self, line: &Line<'_>, text: &str) {
        self.block.text.push('\n');
        self.block.text.push_str(text);
        self.block.bytes[1] = line.bytes[1];
    }
}

/// A local time, as if it were UTC.
fn millis(time: &str) -> Option<i64> {
    let time = Time::parse(&format!("{}Z", time.replace(' ', "T")));
    time.ok().map(Time::as_millis)
}

fn output_block(line: &Line<'_>, text: &str) -> Block {
    Block {
        kind: Kind::Output,
        text: text.to_owned(),
        line: line.number,
        bytes: line.bytes,
    }
}

/// Whether it names a version whose replies are followed by their tokens.
fn counts(output: &str) -> bool {
    let Some(version) = output.strip_prefix("Aider v") else {
        return false;
    };
    let mut numbers = version.split('.').map_while(|part| part.parse().ok());
    let major_minor: Option<(u32, u32)> = numbers.next().zip(numbers.next());
    major_minor.is_some_and(|version| version >= COUNTS_SINCE)
}
