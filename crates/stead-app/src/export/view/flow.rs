//! Which events of a session are shown, and which belong together.

use std::collections::HashMap;
use std::io;

use stead_usf::{Event, EventType, Inactive};

use super::Caller;

/// Calls and results that follow one another are held back until the last is
/// known, so that each call is painted with its result; no more than this many
/// and no more than this much text.
const HELD_EVENTS: usize = 64;
const HELD_BYTES: usize = 4 << 20;
/// Calls whose results may still come are remembered by name, at most so many.
const REMEMBERED_CALLS: usize = 512;

/// What to leave out.
#[derive(Debug, Clone, Copy, Default)]
pub struct FlowOptions {
    /// Show what was rewound or compacted away.
    pub inactive: bool,
    /// Show what was copied from the parent session.
    pub inherited: bool,
    /// Show what the agent put in itself.
    pub injected: bool,
}

/// One thing to paint.
#[derive(Debug, Clone, Copy)]
pub enum Item<'a> {
    /// An event that stands alone: everything but calls and results.
    Event(&'a Event),
    /// A call, with its result if that came soon.
    Call(&'a Event, Option<&'a Event>),
    /// A result that came long after its call; the call's words, if remembered.
    Late(&'a Event, Option<&'a str>),
    /// Events that were left out.
    Skipped(Skipped),
}

/// A run of events that were left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skipped {
    /// Why.
    pub why: Why,
    /// How many prompts were among them.
    pub turns: usize,
    /// How many events it was.
    pub events: usize,
    /// How much text they hold, as far as it is counted: of what was put in.
    pub bytes: usize,
}

/// Why events are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The parent session has them.
    Inherited,
    /// The user went back before them.
    Rewound,
    /// A summary stands in their place.
    Compacted,
    /// The agent put them in; nobody said them.
    Injected,
}

impl Skipped {
    /// `2 turns were rewound`, without how to see them.
    pub fn words(&self) -> String {
        let what = match self.turns {
            0 => super::count(self.events, "event"),
            turns => super::count(turns, "turn"),
        };
        let verb = if what.starts_with("1 ") {
            "was"
        } else {
            "were"
        };
        match self.why {
            Why::Inherited => format!("{what} {verb} taken over from the parent session"),
            Why::Rewound => format!("{what} {verb} rewound"),
            Why::Compacted => format!("{what} {verb} compacted into a summary"),
            Why::Injected => match self.bytes {
                0 => "context put in by the agent".to_owned(),
                bytes => format!("context put in by the agent, {}", super::bytes(bytes)),
            },
        }
    }
}

/// Receives what [`Flow`] makes of the events.
pub trait Paint {
    /// The next thing to paint.
    fn item(&mut self, item: Item<'_>) -> io::Result<()>;
}

/// Turns a stream of events into [`Item`]s.
#[derive(Debug, Default)]
pub struct Flow {
    options: FlowOptions,
    caller: Caller,
    skipped: Option<Skipped>,
    held: Vec<Event>,
    held_bytes: usize,
    open: HashMap<String, String>,
}

impl Flow {
    /// A flow; `caller` names the calls of late results.
    pub fn new(options: FlowOptions, caller: Caller) -> Self {
        Self {
            options,
            caller,
            ..Self::default()
        }
    }

    /// The next event of the session.
    pub fn push(&mut self, event: &Event, paint: &mut dyn Paint) -> io::Result<()> {
        if let Some(why) = self.left_out(event) {
            self.release(paint)?;
            return self.skip(why, event, paint);
        }
        self.tell_skipped(paint)?;
        if !matches!(event.kind, EventType::ToolCall | EventType::ToolResult) {
            self.release(paint)?;
            return paint.item(Item::Event(event));
        }
        let size = weight(event);
        if self.held.len() >= HELD_EVENTS || self.held_bytes + size > HELD_BYTES {
            self.release(paint)?;
        }
        self.held_bytes += size;
        self.held.push(event.clone());
        Ok(())
    }

    /// No more events come.
    pub fn finish(&mut self, paint: &mut dyn Paint) -> io::Result<()> {
        self.release(paint)?;
        self.tell_skipped(paint)
    }

    fn left_out(&self, event: &Event) -> Option<Why> {
        match event.inactive {
            _ if event.inherited && !self.options.inherited => Some(Why::Inherited),
            Some(Inactive::Rewound) if !self.options.inactive => Some(Why::Rewound),
            Some(Inactive::Compacted) if !self.options.inactive => Some(Why::Compacted),
            _ if is_context(event) && !self.options.injected => Some(Why::Injected),
            _ => None,
        }
    }

    fn skip(&mut self, why: Why, event: &Event, paint: &mut dyn Paint) -> io::Result<()> {
        if self.skipped.is_some_and(|skipped| skipped.why != why) {
            self.tell_skipped(paint)?;
        }
        let skipped = self.skipped.get_or_insert(Skipped {
            why,
            turns: 0,
            events: 0,
            bytes: 0,
        });
        skipped.events += 1;
        skipped.turns += usize::from(event.is_prompt());
        if why == Why::Injected {
            skipped.bytes += context(event).len();
        }
        Ok(())
    }

    fn tell_skipped(&mut self, paint: &mut dyn Paint) -> io::Result<()> {
        match self.skipped.take() {
            Some(skipped) => paint.item(Item::Skipped(skipped)),
            None => Ok(()),
        }
    }

    /// Paints the calls and results held back, each result with its call.
    fn release(&mut self, paint: &mut dyn Paint) -> io::Result<()> {
        let held = std::mem::take(&mut self.held);
        self.held_bytes = 0;
        let mut used = vec![false; held.len()];
        for (at, event) in held.iter().enumerate() {
            if event.kind == EventType::ToolCall {
                let answer = (at + 1..held.len()).find(|i| !used[*i] && answers(event, &held[*i]));
                if let Some(answer) = answer {
                    used[answer] = true;
                } else {
                    self.remember(event);
                }
                paint.item(Item::Call(event, answer.map(|i| &held[i])))?;
            } else if !used[at] {
                let call = event.call_id.as_ref().and_then(|id| self.open.remove(id));
                paint.item(Item::Late(event, call.as_deref()))?;
            }
        }
        Ok(())
    }

    fn remember(&mut self, call: &Event) {
        if let Some(id) = &call.call_id
            && self.open.len() < REMEMBERED_CALLS
        {
            self.open.insert(id.clone(), self.caller.label(call));
        }
    }
}

/// Whether the agent put the event in and it is nothing that has its own look.
fn is_context(event: &Event) -> bool {
    let plain = matches!(
        event.kind,
        EventType::User | EventType::System | EventType::Unknown
    );
    event.injected && plain
}

/// What an event says that nobody said: its text, else what was attached, else
/// its record.
pub fn context(event: &Event) -> &str {
    let text = event.text.as_deref().filter(|text| !text.trim().is_empty());
    let raw = event.attachments.as_ref().or(event.extra.as_ref());
    text.or_else(|| raw.map(stead_usf::Raw::json)).unwrap_or("")
}

/// Whether `result` is the result of `call`.
fn answers(call: &Event, result: &Event) -> bool {
    result.kind == EventType::ToolResult
        && (call.result.as_ref() == Some(&result.id)
            || (call.call_id.is_some() && call.call_id == result.call_id))
}

/// About how much text an event holds.
fn weight(event: &Event) -> usize {
    let edits: usize = event
        .edits
        .iter()
        .map(|edit| {
            let texts = [&edit.before, &edit.after];
            let lines = edit.hunks.iter().flat_map(|hunk| &hunk.lines);
            texts
                .iter()
                .filter_map(|text| text.as_ref())
                .chain(lines)
                .map(String::len)
                .sum::<usize>()
        })
        .sum();
    edits
        + event.input.as_ref().map_or(0, |input| input.json().len())
        + event.extra.as_ref().map_or(0, |extra| extra.json().len())
        + event.output.as_ref().map_or(0, String::len)
}

#[cfg(test)]
mod tests;
