//! What the model was asked, to the byte, and what tests want to know of it.

use std::fmt::Write;

use serde_json::Value;

use super::Wire;

/// A request for an answer.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Its format.
    pub wire: Wire,
    /// Path and query.
    pub path: String,
    /// Request line and headers.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
    /// The body as JSON; null if it is none.
    pub json: Value,
}

impl Asked {
    /// A header's value; names are compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    /// The body as a text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The answer is to be streamed.
    pub fn is_streamed(&self) -> bool {
        self.path.contains(":streamGenerateContent") || self.json["stream"] == true
    }

    /// The model that is asked for.
    pub fn model(&self) -> &str {
        if let Some(name) = self.json["model"].as_str() {
            return name;
        }
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.split(':').next().unwrap_or_default()
    }

    /// The tools that are offered: name and schema.
    pub fn tools(&self) -> Vec<(String, Value)> {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let mut tools = list(&self.json["tools"]);
        if self.wire == Wire::Gemini {
            tools = tools
                .iter()
                .flat_map(|tool| list(&tool["functionDeclarations"]))
                .collect();
        }
        let named = tools.iter().map(|tool| {
            let inner = tool.get("function").unwrap_or(tool);
            let places = ["parameters", "input_schema", "parametersJsonSchema"];
            let mut schemas = places.iter().filter_map(|place| inner.get(*place));
            let schema = schemas.next().cloned().unwrap_or_default();
            (
                inner["name"].as_str().unwrap_or_default().to_owned(),
                schema,
            )
        });
        named.collect()
    }

    /// The messages of the conversation, or its items.
    pub fn messages(&self) -> &[Value] {
        let place = match self.wire {
            Wire::Openai | Wire::Anthropic => "messages",
            Wire::Responses => "input",
            Wire::Gemini => "contents",
        };
        self.json[place].as_array().map_or(&[], Vec::as_slice)
    }

    /// How many answers of the model are in the conversation: runs of what it said and
    /// called, with something of somebody else in between.
    pub fn answers(&self) -> usize {
        let own = |message: &Value| {
            let (role, kind) = (message["role"].as_str(), message["type"].as_str());
            match (role, kind.unwrap_or_default()) {
                (Some(role), _) => role == "assistant" || role == "model",
                (None, kind) => kind.ends_with("_call") || kind == "reasoning",
            }
        };
        let own: Vec<bool> = self.messages().iter().map(own).collect();
        let begins = |at: &usize| own[*at] && (*at == 0 || !own[at - 1]);
        (0..own.len()).filter(begins).count()
    }

    /// What the tools answered, as the request has it, in order.
    pub fn results(&self) -> Vec<String> {
        let mut results = Vec::new();
        for message in self.messages() {
            match self.wire {
                Wire::Openai if message["role"] == "tool" => {
                    results.push(words(&message["content"]));
                }
                Wire::Responses if message.get("output").is_some() => {
                    results.push(words(&message["output"]));
                }
                Wire::Anthropic | Wire::Gemini => results.extend(inner(message)),
                _ => {}
            }
        }
        results
    }
}

/// Results that are parts of a message.
fn inner(message: &Value) -> Vec<String> {
    let parts = [&message["content"], &message["parts"]];
    let parts = parts.iter().filter_map(|parts| parts.as_array()).flatten();
    let result = |part: &Value| match part.get("functionResponse") {
        Some(response) => Some(words(&response["response"])),
        None => (part["type"] == "tool_result").then(|| words(&part["content"])),
    };
    parts.filter_map(result).collect()
}

/// The words of a content, however deep they lie.
fn words(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().fold(String::new(), |mut all, part| {
            let _ = write!(all, "{}", words(&part["text"]));
            all
        }),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

pub(super) fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| {
        let (own, value) = line.split_once(':')?;
        own.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
