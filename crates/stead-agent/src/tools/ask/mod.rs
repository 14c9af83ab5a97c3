//! `ask`: a question to the user, through the hook that is handed in.

use serde_json::{Map, Value, json};
use stead_llm::ToolSpec;
use stead_usf::ToolKind;

use super::arguments::Arguments;
use super::{Answer, Bench, Question, Tool, Touches, spec};
use crate::workspace::Workspace;

#[cfg(test)]
mod tests;

/// Asks the user.
pub(super) struct Ask;

/// A question has at most so many characters, an option so many, and there are so many.
const LONGEST: usize = 2_000;
const LONGEST_OPTION: usize = 200;
const MOST_OPTIONS: usize = 8;

fn asked(
    given: &Map<String, Value>,
    workspace: &Workspace,
) -> Result<(Question, Vec<String>), String> {
    let mut arguments = Arguments::of(given, workspace);
    let text = arguments.needed("question", &["text", "query", "prompt", "message"])?;
    let options = match arguments.value("options", &["choices", "answers", "suggestions"]) {
        None => Vec::new(),
        Some(Value::Array(options)) => options.iter().map(option).collect::<Result<_, _>>()?,
        Some(_) => return Err("`options` must be a list of texts".to_owned()),
    };
    let text = text.trim();
    if text.is_empty() {
        return Err("`question` is empty; call again with what to ask".to_owned());
    }
    if text.chars().count() > LONGEST || options.len() > MOST_OPTIONS {
        return Err(format!(
            "a question has at most {LONGEST} characters and {MOST_OPTIONS} options; ask more shortly"
        ));
    }
    let question = Question {
        text: text.to_owned(),
        options,
    };
    Ok((question, arguments.notes()))
}

/// An option; some models write each as an object with a label.
fn option(value: &Value) -> Result<String, String> {
    let text = match value {
        Value::String(text) => Some(text.as_str()),
        Value::Object(object) => {
            let mut names = ["label", "text", "title", "value"].iter();
            names.find_map(|name| object.get(*name)?.as_str())
        }
        _ => None,
    };
    let text = text.ok_or("each of `options` must be a text")?;
    // One line each, however it was written.
    let words: Vec<&str> = text.split_whitespace().collect();
    Ok(words.join(" ").chars().take(LONGEST_OPTION).collect())
}

impl Tool for Ask {
    fn spec(&self) -> ToolSpec {
        let properties = json!({
            "question": {"type": "string"},
            "options": {"type": "array", "items": {"type": "string"}},
        });
        spec("ask", include_str!("tool.md"), &properties, &["question"])
    }

    fn kind(&self) -> ToolKind {
        ToolKind::Ask
    }

    fn touches(
        &self,
        arguments: &Map<String, Value>,
        workspace: &Workspace,
    ) -> Result<Touches, String> {
        asked(arguments, workspace).map(|_| Touches::default())
    }

    fn call(&self, arguments: &Map<String, Value>, bench: &mut Bench<'_>) -> Answer {
        let (question, notes) = match asked(arguments, bench.workspace) {
            Ok(asked) => asked,
            Err(why) => return Answer::refused(why),
        };
        let said = bench.hooks.ask.as_mut().and_then(|ask| ask(&question));
        match said.as_deref().map(str::trim) {
            None => Answer::refused(
                "nobody is there to answer: decide yourself, and say in your summary what you decided",
            ),
            Some("") => {
                Answer::done("the user gives no answer: decide yourself").with_notes(&notes)
            }
            Some(said) => Answer::done(format!("the user answers: {said}")).with_notes(&notes),
        }
    }
}
