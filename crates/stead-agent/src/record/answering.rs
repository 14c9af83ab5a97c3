//! Which answer of a model a call comes from, and what the model said that it follows.

use stead_usf::{Event, EventType};

/// Shorter words in quotation marks may stand in any text by chance.
const LEAST: usize = 8;
/// So many quotations are kept of one answer.
const MOST: usize = 8;
/// Quotation marks: how they open, and how they close.
const MARKS: [(char, char); 4] = [('"', '"'), ('“', '”'), ('«', '»'), ('`', '`')];

/// The answer that calls come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answering {
    /// The answer's first event.
    pub event: String,
    /// Its request, as the traffic names it.
    pub exchange: String,
    /// The lines of the system prompt that it points at.
    pub follows: Vec<String>,
    /// The words of the user that it quotes, as the user wrote them.
    pub quotes: Vec<String>,
}

/// Remembers what was asked and answered last, while events are recorded.
#[derive(Debug, Clone, Default)]
pub(super) struct Thread {
    /// What the user typed.
    asked: Vec<String>,
    answer: Option<Answering>,
}

impl Thread {
    pub(super) fn note(&mut self, event: &Event) {
        let text = event.text.as_deref().unwrap_or_default();
        match event.kind {
            EventType::User if !event.injected => self.asked.push(text.to_owned()),
            EventType::ToolResult => self.asked.extend(answer_of_user(event)),
            EventType::Assistant | EventType::Reasoning => {
                if let Some(answer) = begun(event) {
                    self.answer = Some(answer);
                }
                if event.kind == EventType::Assistant {
                    self.quote(text);
                }
            }
            _ => {}
        }
    }

    /// The same words of the user, and no answer yet.
    pub(super) fn without_answer(&self) -> Self {
        Self {
            asked: self.asked.clone(),
            answer: None,
        }
    }

    pub(super) fn answering(&self) -> Option<&Answering> {
        self.answer.as_ref()
    }

    /// Takes in the quotations of a text that are words of the user.
    fn quote(&mut self, text: &str) {
        let Some(answer) = &mut self.answer else {
            return;
        };
        for quoted in quotations(text) {
            let said = self.asked.iter().any(|asked| asked.contains(quoted));
            let known = answer.quotes.iter().any(|known| known == quoted);
            if said && !known && answer.quotes.len() < MOST {
                answer.quotes.push(quoted.to_owned());
            }
        }
    }
}

/// What the user answered to the model's question, if the event is that.
fn answer_of_user(event: &Event) -> Option<String> {
    let extra: serde_json::Value = event.extra.as_ref()?.to().ok()?;
    extra["said"].as_str().map(str::to_owned)
}

/// The answer that begins with this event, if one does.
fn begun(event: &Event) -> Option<Answering> {
    let extra: serde_json::Value = serde_json::from_str(event.extra.as_ref()?.json()).ok()?;
    let follows = extra["follows"].as_array().into_iter().flatten();
    let follows = follows.filter_map(|line| line.as_str().map(str::to_owned));
    Some(Answering {
        event: event.id.clone(),
        exchange: extra["exchange"].as_str()?.to_owned(),
        follows: follows.collect(),
        quotes: Vec::new(),
    })
}

/// What stands in quotation marks, without those that hold too little to tell.
fn quotations(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (open, close) in MARKS {
        let mut rest = text;
        while let Some((_, after)) = rest.split_once(open) {
            let Some((inner, after)) = after.split_once(close) else {
                break;
            };
            let inner = inner.trim();
            if inner.chars().count() >= LEAST && !inner.contains('\n') {
                found.push(inner);
            }
            rest = after;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::quotations;

    #[test]
    fn quotations_are_found_in_all_marks() {
        let text = "You said \"add unit tests\", “keep the style” and `x`; \"open";
        assert_eq!(quotations(text), ["add unit tests", "keep the style"]);
    }
}
