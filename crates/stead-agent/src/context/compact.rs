//! What stands in for messages that no longer fit: without a model, and without ever
//! cutting a call from its result.
//!
//! A conversation is a first message and *rounds*: an answer of the model with all results
//! of its calls and what was typed before the next answer. Old rounds give way as a whole
//! to a note that says what was done in them; the first message and the newest rounds
//! stay to the letter.

use std::ops::Range;

use stead_llm::{Message, Part, Role};

/// Bytes of text that make up a token in most models' count, for English and code.
const BYTES: usize = 4;

/// So many of the newest rounds stay, whatever their size.
const NEWEST: usize = 2;

/// The note says so much of each call.
const SHOWN: usize = 160;

/// A conversation that was made shorter.
#[derive(Debug, Clone, PartialEq)]
pub struct Compacted {
    /// The conversation.
    pub messages: Vec<Message>,
    /// The note that was put in: on record like all text that nobody typed.
    pub note: String,
    /// So many messages gave way to it.
    pub left_out: usize,
}

/// About how many tokens messages are. Pictures count as 1,000 each.
pub fn tokens(messages: &[Message]) -> usize {
    let parts = messages.iter().flat_map(|message| &message.parts);
    let bytes = parts.map(|part| match part {
        Part::Text { text, .. } | Part::Reasoning { text, .. } => text.len(),
        Part::ToolCall(call) => call.name.len() + call.arguments.len(),
        Part::ToolResult(result) => result.text.len() + result.images.len() * 1000 * BYTES,
        Part::Image(_) => 1000 * BYTES,
        Part::Foreign(_) => 0,
    });
    bytes.sum::<usize>() / BYTES
}

/// About how many tokens a text is.
pub const fn text_tokens(text: &str) -> usize {
    text.len().div_ceil(BYTES)
}

/// Makes a conversation so short that it has about so many tokens, if it has more. None
/// if it fits, or if nothing can give way.
pub fn compact(messages: &[Message], budget: usize) -> Option<Compacted> {
    if tokens(messages) <= budget {
        return None;
    }
    let rounds = rounds(messages);
    let most = rounds.len().checked_sub(NEWEST).filter(|most| *most > 0)?;
    let first = rounds[0].start;
    // As few as make it fit, else all but the newest.
    let fits = |count: &usize| {
        let rest = &messages[rounds[*count - 1].end..];
        tokens(&messages[..first]) + tokens(rest) + count * SHOWN / BYTES <= budget
    };
    let count = (1..=most).find(fits).unwrap_or(most);
    let gone = &messages[first..rounds[count - 1].end];
    let note = note(gone);
    let mut kept = messages[..first].to_vec();
    kept.push(Message::user(note.clone()));
    kept.extend_from_slice(&messages[rounds[count - 1].end..]);
    Some(Compacted {
        messages: kept,
        note,
        left_out: gone.len(),
    })
}

/// The rounds of a conversation, as ranges of its messages.
fn rounds(messages: &[Message]) -> Vec<Range<usize>> {
    let mut starts: Vec<usize> = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| messages[before].role);
        if message.role == Role::Assistant && before != Some(Role::Assistant) {
            starts.push(at);
        }
    }
    let ends = starts.iter().skip(1).copied().chain([messages.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| *start..end)
        .collect()
}

/// What was done in messages that give way.
fn note(messages: &[Message]) -> String {
    let mut lines = vec![format!(
        "{} earlier messages were left out to save room. In them:",
        messages.len()
    )];
    for part in messages.iter().flat_map(|message| &message.parts) {
        match part {
            Part::ToolCall(call) => {
                lines.push(format!("- called {} {}", call.name, short(&call.arguments)));
            }
            Part::ToolResult(result) if !result.ok => {
                lines.push(format!("  which failed: {}", short(&result.text)));
            }
            Part::Text { text, .. } if !text.trim().is_empty() => {
                lines.push(format!("- said: {}", short(text)));
            }
            _ => {}
        }
    }
    lines.push("Read again what you need; the files are as those calls left them.".to_owned());
    lines.join("\n")
}

/// The beginning of a text on one line.
fn short(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use stead_llm::{Form, Message, Part, ToolCall, ToolResult};

    use super::{compact, rounds, tokens};

    fn conversation(calls: &[usize], size: usize) -> Vec<Message> {
        let mut messages = vec![Message::user("the task")];
        for (round, calls) in calls.iter().enumerate() {
            let ids: Vec<String> = (0..*calls).map(|call| format!("{round}-{call}")).collect();
            let call = |id: &String| {
                Part::ToolCall(ToolCall {
                    id: id.clone(),
                    name: "read".to_owned(),
                    arguments: format!("{{\"path\":\"{id}\"}}"),
                    form: Form::Json,
                    opaque: None,
                })
            };
            let mut parts = vec![Part::text("I look.")];
            parts.extend(ids.iter().map(call));
            messages.push(Message::assistant(parts));
            let results = ids.iter().map(|id| ToolResult {
                id: id.clone(),
                name: "read".to_owned(),
                text: "x".repeat(size),
                ok: true,
                images: Vec::new(),
                form: Form::Json,
            });
            messages.push(Message::results(results.collect()));
        }
        messages
    }

    proptest! {
        #[test]
        fn no_call_is_cut_from_its_result(
            calls in proptest::collection::vec(0usize..4, 0..12),
            size in 0usize..2000,
            budget in 0usize..4000,
        ) {
            let messages = conversation(&calls, size);
            let Some(compacted) = compact(&messages, budget) else {
                prop_assert!(tokens(&messages) <= budget || rounds(&messages).len() <= 2);
                return Ok(());
            };
            let parts = || compacted.messages.iter().flat_map(|message| &message.parts);
            let made: Vec<&String> = parts().filter_map(|part| match part {
                Part::ToolCall(call) => Some(&call.id),
                _ => None,
            }).collect();
            let answered: Vec<&String> = parts().filter_map(|part| match part {
                Part::ToolResult(result) => Some(&result.id),
                _ => None,
            }).collect();
            prop_assert_eq!(made, answered);
            // The task and the newest rounds stay to the letter, and nothing else is there.
            prop_assert_eq!(&compacted.messages[0], &messages[0]);
            let kept = compacted.messages.len() - 2;
            prop_assert!(kept >= 4);
            prop_assert_eq!(&compacted.messages[2..], &messages[messages.len() - kept..]);
            prop_assert_eq!(compacted.left_out + kept + 1, messages.len());
        }
    }

    #[test]
    fn the_note_says_what_was_done() {
        let messages = conversation(&[1, 2, 1, 1], 4000);
        let compacted = compact(&messages, 3500).unwrap();
        assert_eq!(
            compacted.note,
            "4 earlier messages were left out to save room. In them:\n- said: I look.\n- called read {\"path\":\"0-0\"}\n\
             - said: I look.\n- called read {\"path\":\"1-0\"}\n- called read {\"path\":\"1-1\"}\n\
             Read again what you need; the files are as those calls left them."
        );
        assert!(tokens(&compacted.messages) <= 3500);
        assert_eq!(compact(&messages, 100_000), None);
    }
}
