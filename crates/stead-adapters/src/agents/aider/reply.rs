//! A reply becomes reasoning, words, and a call that asks for file changes.

use stead_usf::{Event, EventType, Tool, ToolKind};

use super::edits::{changes_files, edits};
use super::section::{Changes, Section};

/// The beginning of the tag that the program puts around reasoning.
const THINKING: &str = "thinking-content-";

/// A reply whose tokens may still come.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) events: Vec<Event>,
}

/// The events of a reply. `id` is that of the first, `message` names the reply.
pub(super) fn map(text: &str, id: &str, message: &str, section: &mut Section) -> Reply {
    let model = section.answering();
    let mut events = Vec::new();
    let mut answer = String::new();
    let mut put = |kind, text: &str| {
        let number = events.len() + 1;
        let id = if number == 1 {
            id.to_owned()
        } else {
            format!("{id}.{number}")
        };
        let mut event = Event::new(id, kind);
        event.text = (!text.is_empty()).then(|| text.to_owned());
        event.model.clone_from(&model);
        event.message = Some(message.to_owned());
        events.push(event);
    };
    for (thought, part) in parts(text) {
        if thought {
            put(EventType::Reasoning, part);
        } else {
            put(EventType::Assistant, part);
            answer.push_str(part);
            answer.push('\n');
        }
    }
    let form = section.form().map(str::to_owned);
    let asked = form.as_deref().is_none_or(changes_files);
    section.turn.changes = None;
    if asked && let Some((name, edits)) = edits(form.as_deref(), &answer) {
        put(EventType::ToolCall, "");
        if let Some(call) = events.last_mut() {
            call.call_id = Some(call.id.clone());
            let whole = name.ends_with("whole");
            let kind = if whole {
                ToolKind::Write
            } else {
                ToolKind::Edit
            };
            call.tool = Some(Tool::new(name, kind));
            call.edits.clone_from(&edits);
            section.turn.changes = Some(Changes {
                call: call.id.clone(),
                edits,
            });
        }
    }
    Reply { events }
}

impl Reply {
    /// The event that stands for the reply: its words, if there are any.
    pub(super) fn main(&mut self) -> Option<&mut Event> {
        let words = self
            .events
            .iter()
            .position(|event| event.kind == EventType::Assistant);
        self.events.get_mut(words.unwrap_or(0))
    }
}

/// The parts of a reply in order, and whether each is reasoning.
fn parts(text: &str) -> Vec<(bool, &str)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, thought, after)) = thought(rest) {
        parts.push((false, before.trim()));
        parts.push((true, thought.trim()));
        rest = after;
    }
    parts.push((false, rest.trim()));
    parts.retain(|(_, part)| !part.is_empty());
    parts
}

/// The first reasoning of a text, with what stands before and after it. It begins
/// and ends on lines of its own; what has no end was cut off.
fn thought(text: &str) -> Option<(&str, &str, &str)> {
    let (open, tag) = lines(text).find_map(|(place, line)| {
        let tag = line.strip_prefix('<')?.strip_suffix('>')?;
        let plain = tag == "think" && text[..place].trim().is_empty();
        (plain || tag.starts_with(THINKING)).then_some((place, tag))
    })?;
    let inner = &text[open + tag.len() + 2..];
    let close = format!("</{tag}>");
    let end = lines(inner).find(|(_, line)| *line == close);
    let (thought, after) = match end {
        Some((end, _)) => (&inner[..end], &inner[end + close.len()..]),
        None => (inner, ""),
    };
    Some((&text[..open], thought, after))
}

/// Lines with their places.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let begin = text.as_ptr() as usize;
    text.lines()
        .map(move |line| (line.as_ptr() as usize - begin, line))
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn reasoning_is_taken_out() {
        let tag = "thinking-content-7bbeb8e1441453ad999a0bbba8a46d4b";
        let text = format!("<{tag}>\n\nI look.\n\n</{tag}>\n\nIt is there.");
        assert_eq!(parts(&text), [(true, "I look."), (false, "It is there.")]);
        assert_eq!(
            parts("<think>\nI look.\n</think>\nYes."),
            [(true, "I look."), (false, "Yes.")]
        );
        assert_eq!(
            parts(&format!("<{tag}>\nI lo")),
            [(true, "I lo")],
            "cut off"
        );
        let plain = "A tag:\n<think>\nis not reasoning here.";
        assert_eq!(parts(plain), [(false, plain)]);
    }
}
