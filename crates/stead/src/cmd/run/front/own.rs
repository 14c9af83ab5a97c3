//! What events of stead's own sessions say beside their words.

use serde_json::Value;
use stead_agent::machine::Checked;
use stead_agent::run::Word;
use stead_agent::session::ended;
use stead_agent::task::TaskSpec;
use stead_agent::tools::Question;
use stead_redact::terminal::escape;
use stead_usf::{Event, EventType};

use crate::text::one_line;

/// What an event is.
#[derive(Debug)]
pub(super) enum Own {
    /// What the session works with; it is told before.
    Setting,
    /// What the task was taken apart into.
    Plan(Box<TaskSpec>),
    /// What a check came to, and whether nothing had changed yet.
    Check { checked: Checked, before: bool },
    /// How the task ended; it is told afterwards.
    Outcome,
    /// Something that nobody typed: its name, and bytes.
    PutIn { name: String, bytes: usize },
    /// None of these.
    Other,
}

/// Reads an event.
pub(super) fn own(event: &Event) -> Own {
    let extra = event.extra.as_ref().map_or("null", |extra| extra.json());
    let extra: Value = match event.kind {
        EventType::System | EventType::Error | EventType::User => {
            serde_json::from_str(extra).unwrap_or_default()
        }
        _ => return Own::Other,
    };
    let text = event.text.as_deref().unwrap_or_default();
    if event.kind == EventType::User {
        let name = extra["given"].as_str().or(extra["why"].as_str());
        let name = name.unwrap_or("text").to_owned();
        let bytes = text.len();
        return if event.injected {
            Own::PutIn { name, bytes }
        } else {
            Own::Other
        };
    }
    if ended(event).is_some() {
        return Own::Outcome;
    }
    if !extra["setting"].is_null() {
        return Own::Setting;
    }
    if let Ok(plan) = serde_json::from_value(extra["plan"].clone()) {
        return Own::Plan(Box::new(plan));
    }
    match extra["check"].as_str() {
        Some(command) => Own::Check {
            checked: Checked {
                command: command.to_owned(),
                ok: extra["ok"] == true,
                output: extra["output"].as_str().unwrap_or_default().to_owned(),
            },
            before: extra["when"] == "before",
        },
        None => Own::Other,
    }
}

/// The argument that says most, on one line.
pub(super) fn gist(input: &str) -> String {
    const TELLING: [&str; 7] = [
        "command", "path", "pattern", "query", "url", "question", "input",
    ];
    let value: serde_json::Value = serde_json::from_str(input).unwrap_or_default();
    let told = TELLING.iter().find_map(|name| value[*name].as_str());
    one_line(told.or(value.as_str()).unwrap_or(input))
}

/// What somebody typed to a call that needs a word. Anything but a clear yes is a no, and
/// what to do instead.
pub(super) fn word(typed: &str) -> Word {
    match typed.trim() {
        "y" | "yes" => Word::Once,
        "a" | "always" => Word::Always,
        "" | "n" | "no" => Word::No(None),
        words => Word::No(Some(words.to_owned())),
    }
}

/// What was said, in words.
pub(super) fn told(word: &Word) -> String {
    match word {
        Word::Once => "allowed, this once".to_owned(),
        Word::Always => "allowed, for this session".to_owned(),
        Word::No(None) => "not allowed".to_owned(),
        Word::Nobody => "not allowed: nobody was there".to_owned(),
        Word::No(Some(instead)) => format!("not allowed: {instead}"),
    }
}

/// What is answered by a number is the option's words.
pub(super) fn chosen<'a>(question: &'a Question, answer: &'a str) -> &'a str {
    let number = answer.parse::<usize>().ok();
    let option = number.and_then(|number| question.options.get(number.checked_sub(1)?));
    option.map_or(answer, String::as_str)
}

/// All that a call would do, for whoever has to allow it: texts as they are, the rest as JSON.
pub(super) fn wanted(arguments: &str) -> String {
    let Ok(Value::Object(given)) = serde_json::from_str(arguments) else {
        return escape(arguments).into_owned();
    };
    let each = given.iter().map(|(name, value)| match value {
        Value::String(text) if text.contains('\n') => format!("{name}:\n{}", escape(text)),
        Value::String(text) => format!("{name}: {}", escape(text)),
        other => format!("{name}: {}", escape(&other.to_string())),
    });
    each.collect::<Vec<_>>().join("\n")
}
