//! Times that stand beside the chat: when something was typed (input history), when
//! the model was asked and answered (log of requests). Both hold the text again, by
//! which a time is tied to its message.

use std::collections::VecDeque;
use std::path::Path;

use serde::{Deserialize, Serialize};
use stead_usf::Issue;

use super::words::digest;
use super::{INPUT_HISTORY, REQUEST_LOG};
use crate::container::lines::{Extent, Line, Lines, read_anew};
use crate::{Fate, Output, Position, ReadError};

/// So many entries that no message claimed are remembered between two readings:
/// the chat may get their messages a moment later.
const KEPT: usize = 32;

/// So far ahead the entry of a message is looked for.
const AHEAD: usize = 4096;

/// An entry: the digest of its text, and its times as recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    digest: u64,
    /// When the text was typed, or the model began to be asked for it.
    pub(super) first: String,
    /// When the model had answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last: Option<String>,
}

impl Entry {
    /// The second in which it was typed or asked, in the form of headings.
    fn second(&self) -> String {
        let time = self.first.get(..19).unwrap_or(&self.first);
        time.replace('T', " ")
    }
}

/// The entries of one file, in its order.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Times {
    entries: VecDeque<Entry>,
    position: Option<Position>,
    draft: Draft,
}

/// What is known of an entry that is not complete.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Draft {
    text: String,
    /// When the model was asked, and has not answered yet.
    asked: Option<String>,
    time: Option<String>,
}

/// Which file it is, told by how it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Typed,
    Asked,
}

impl Which {
    /// What a file with this head is.
    pub(super) fn of(head: &str) -> Option<Self> {
        let head = head.trim_start();
        let dated = |rest: &str| rest.starts_with(|first: char| first.is_ascii_digit());
        if head.strip_prefix("# ").is_some_and(dated) {
            return Some(Self::Typed);
        }
        let asked = ["TO LLM ", "LLM RESPONSE "];
        asked
            .iter()
            .any(|mark| head.starts_with(mark))
            .then_some(Self::Asked)
    }
}

impl Times {
    /// Reads what came since the last reading.
    pub(super) fn load(
        &mut self,
        which: Which,
        path: &Path,
        archive: &Path,
        output: &mut Output<'_>,
    ) -> Result<(), ReadError> {
        let since = self.position.take();
        let extent = Extent {
            path,
            archive,
            since: since.as_ref(),
            until: None,
        };
        let position = match which {
            Which::Typed => read_anew(extent, output, &mut TypedLines(self))?,
            Which::Asked => read_anew(extent, output, &mut AskedLines(self))?,
        };
        self.put(which);
        self.position = Some(position);
        Ok(())
    }

    /// Takes out the first entry with this text in a section: not older than its
    /// beginning, and not younger than the second in which the next one began.
    pub(super) fn claim(&mut self, text: &str, since: &str, until: Option<&str>) -> Option<Entry> {
        while self
            .entries
            .front()
            .is_some_and(|entry| *entry.second() < *since)
        {
            self.entries.pop_front();
        }
        let wanted = digest(text);
        let mut near = self.entries.iter().take(AHEAD);
        let place = near.position(|entry| {
            let second = entry.second();
            entry.digest == wanted
                && *second >= *since
                && until.is_none_or(|until| *second <= *until)
        })?;
        self.entries.remove(place)
    }

    /// Forgets what no message will claim any more.
    pub(super) fn settle(&mut self) {
        let old = self.entries.len().saturating_sub(KEPT);
        self.entries.drain(..old);
    }

    /// Takes in the entry that is complete now.
    fn put(&mut self, which: Which) {
        let Some(time) = self.draft.time.take() else {
            return;
        };
        let draft = std::mem::take(&mut self.draft);
        let entry = Entry {
            digest: digest(&draft.text),
            first: draft.asked.clone().unwrap_or_else(|| time.clone()),
            last: draft.asked.map(|_| time),
        };
        let twice = self.entries.back().is_some_and(|last| {
            which == Which::Typed
                && last.digest == entry.digest
                && same_moment(&last.first, &entry.first)
        });
        if !twice {
            self.entries.push_back(entry);
        }
    }
}

/// On some terminals a message given as an argument is written down twice at once.
fn same_moment(one: &str, other: &str) -> bool {
    let millis = |time: &str| {
        let time = format!("{}Z", time.replace(' ', "T"));
        stead_usf::Time::parse(&time)
            .map(stead_usf::Time::as_millis)
            .ok()
    };
    millis(one)
        .zip(millis(other))
        .is_some_and(|(one, other)| (one - other).abs() < 20)
}

/// `# TIME`, then the text, each line led by `+`.
struct TypedLines<'t>(&'t mut Times);

impl Lines for TypedLines<'_> {
    fn line(&mut self, output: &mut Output<'_>, line: &Line<'_>) {
        let draft = &mut self.0.draft;
        if let Some(words) = line.text.strip_prefix('+') {
            if !draft.text.is_empty() {
                draft.text.push('\n');
            }
            draft.text.push_str(words);
        } else if let Some(time) = line.text.strip_prefix("# ").filter(|_| line.ended) {
            self.0.put(Which::Typed);
            self.0.draft.time = Some(time.trim_end().to_owned());
            output.record(Fate::Ignored(INPUT_HISTORY));
        }
    }

    fn damaged(&mut self, output: &mut Output<'_>, issue: Issue) {
        output.unplaced_issue(issue);
    }
}

/// `TO LLM TIME` and the messages, `LLM RESPONSE TIME` and the answer.
struct AskedLines<'t>(&'t mut Times);

impl Lines for AskedLines<'_> {
    fn line(&mut self, output: &mut Output<'_>, line: &Line<'_>) {
        let text = &*line.text;
        if let Some(time) = text.strip_prefix("TO LLM ").filter(|_| line.ended) {
            self.0.put(Which::Asked);
            self.0.draft.asked = Some(time.trim_end().to_owned());
            output.record(Fate::Ignored(REQUEST_LOG));
        } else if let Some(time) = text.strip_prefix("LLM RESPONSE ").filter(|_| line.ended) {
            self.0.put(Which::Asked);
            output.record(Fate::Ignored(REQUEST_LOG));
            self.0.draft.time = Some(time.trim_end().to_owned());
        } else if let Some(words) = text.strip_prefix("ASSISTANT ")
            && self.0.draft.time.is_some()
        {
            self.0.draft.text.push_str(words);
            self.0.draft.text.push('\n');
        }
    }

    fn damaged(&mut self, output: &mut Output<'_>, issue: Issue) {
        output.unplaced_issue(issue);
    }
}
