//! A task taken apart by a model: one small request, an answer that is held against the
//! task and the repository, and rules where there is no answer of use.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::time::Duration;
use stead_llm::{
    Call, Client, Endpoint, LlmError, Message, OutputSchema, Request, Response, RetryPolicy,
    StopKind,
};

use super::plausible::plausible;
use super::{Facts, Intent, TaskSpec, brief, by_rules, schema};
use crate::prompt;

/// So many tokens the answer may have; models that reason need most of them for that.
const MOST_OUTPUT: u32 = 4096;
/// Whoever waits for a plan does not wait longer: rules make one at once.
const PATIENCE: Duration = Duration::from_mins(1);
/// So many attempts in all.
const ATTEMPTS: u32 = 2;

/// A task, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// What it was taken apart into.
    pub spec: TaskSpec,
    /// The answer, to be recorded: usage, the model's own name. Absent if none came.
    pub response: Option<Response>,
    /// Why rules took it apart and no model; absent if a model did.
    pub by_rules: Option<NoSpec>,
    /// What of the model's answer was left out or added, in words.
    pub told: Vec<String>,
}

/// Why a model's answer is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSpec {
    /// There is none.
    #[error("{0}")]
    NoAnswer(#[from] LlmError),
    /// It ended before its end.
    #[error("the answer was cut off (`{0}`)")]
    Cut(String),
    /// The model would not.
    #[error("the model would not (`{0}`)")]
    Refused(String),
    /// There is no JSON object of the schema in it.
    #[error("the answer is no JSON object of the schema")]
    NoObject,
}

/// Asks a model to take a task apart. It is told the task, and of the facts the names of
/// files, AGENTS.md and commands, 4 KB at most: whoever calls leaves out of the facts
/// what the model may not see. A failure is no error: rules take the task apart then.
pub async fn by_model(
    client: &Client,
    endpoint: &Endpoint,
    model: &str,
    call: Call,
    task: &str,
    facts: &Facts,
) -> Parsed {
    let client = client.clone().with_retry(RetryPolicy {
        attempts: ATTEMPTS,
        longest: Duration::from_secs(5),
        ..RetryPolicy::default()
    });
    let mut endpoint = endpoint.clone();
    let whole = endpoint.timeouts.whole.unwrap_or(PATIENCE).min(PATIENCE);
    endpoint.timeouts.whole = Some(whole);
    match client
        .ask(&endpoint, &request(model, task, facts), call)
        .await
    {
        Ok(response) => match read(&response) {
            Ok(answer) => {
                let (spec, told) = plausible(answer, task, facts);
                Parsed {
                    spec,
                    response: Some(response),
                    by_rules: None,
                    told,
                }
            }
            Err(why) => rules(task, facts, why, Some(response)),
        },
        Err(error) => rules(task, facts, error.into(), None),
    }
}

fn rules(task: &str, facts: &Facts, why: NoSpec, response: Option<Response>) -> Parsed {
    Parsed {
        spec: by_rules(task, facts),
        response,
        by_rules: Some(why),
        told: Vec::new(),
    }
}

/// What a model is asked: the parser's prompt, the facts, the task to the letter.
pub fn request(model: &str, task: &str, facts: &Facts) -> Request {
    Request {
        model: model.to_owned(),
        system: prompt::parser().lines.clone(),
        messages: vec![Message::user(brief::message(task, facts))],
        max_output: Some(MOST_OUTPUT),
        output: Some(OutputSchema {
            name: "task".to_owned(),
            schema: schema::schema(),
        }),
        ..Request::default()
    }
}

/// A specification as models write it: what is wrong or missing is nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    #[serde(deserialize_with = "lenient")]
    pub(super) goal: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) intent: Option<Intent>,
    #[serde(deserialize_with = "texts")]
    pub(super) targets: Vec<String>,
    #[serde(deserialize_with = "texts")]
    pub(super) constraints: Vec<String>,
    #[serde(deserialize_with = "texts")]
    pub(super) checks: Vec<String>,
    #[serde(deserialize_with = "texts")]
    pub(super) private: Vec<String>,
}

fn lenient<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    Ok(serde_json::from_value(Value::deserialize(from)?).ok())
}

/// Texts of a list; one text is a list of one.
fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        _ => None,
    };
    Ok(match Value::deserialize(from)? {
        Value::Array(items) => items.into_iter().filter_map(text).collect(),
        one => text(one).into_iter().collect(),
    })
}

/// The specification in an answer.
fn read(response: &Response) -> Result<Answer, NoSpec> {
    let stop = response.stop.as_ref();
    let word = stop.map(|stop| stop.word.clone()).unwrap_or_default();
    match stop.map(|stop| stop.kind) {
        Some(StopKind::MaxTokens | StopKind::ContextFull) => return Err(NoSpec::Cut(word)),
        Some(StopKind::Refusal | StopKind::ContentFilter) => return Err(NoSpec::Refused(word)),
        _ => {}
    }
    object(&response.text()).ok_or(NoSpec::NoObject)
}

/// The first object in a text that has a goal: models put words and fences around it.
fn object(text: &str) -> Option<Answer> {
    let starts = text.match_indices('{').take(64);
    let mut objects = starts.filter_map(|(at, _)| {
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
        values.next()?.ok()
    });
    let value = objects.find(|value| value.get("goal").is_some())?;
    serde_json::from_value(value).ok()
}
