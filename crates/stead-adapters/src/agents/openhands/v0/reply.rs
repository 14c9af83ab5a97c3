//! Replies of the model. The whole answer of the provider stands on the action
//! that it led to, and again on that action's observation; beside it the sums of
//! what has been spent so far.

use rustc_hash::FxHashSet;
use stead_usf::{Model, Usage};

use super::super::content::words;
use super::super::model::{model, usage, usage_of_answer};
use super::map::Request;
use crate::container::json::{Object, Values, string};
use crate::ids::digest;

/// `tool_call_metadata`: a call with the reply that it is part of.
#[derive(Default)]
pub(super) struct Reply<'a> {
    pub(super) tool: Option<String>,
    pub(super) call_id: Option<String>,
    pub(super) text: Option<String>,
    pub(super) reasoning: Option<String>,
    calls: Values<'a>,
    id: Option<String>,
    model: Option<Model>,
    usage: Option<Usage>,
}

impl<'a> Reply<'a> {
    pub(super) fn of(mut metadata: Object<'a>) -> Self {
        let mut answer = metadata.object("model_response").unwrap_or_default();
        let choices = answer.values("choices").unwrap_or_default();
        let choice = choices.first().and_then(|choice| Object::of(choice));
        let message = choice.and_then(|mut choice| choice.object("message"));
        let mut message = message.unwrap_or_default();
        Self {
            tool: metadata.string("function_name"),
            call_id: metadata.string("tool_call_id"),
            text: message.string("content").and_then(words),
            reasoning: message.string("reasoning_content").and_then(words),
            calls: message.values("tool_calls").unwrap_or_default(),
            id: answer.string("id").filter(|id| !id.is_empty()),
            model: answer.text("model").and_then(|name| model(&name)),
            usage: answer.object("usage").and_then(usage_of_answer),
        }
    }

    /// What the model called the tool with, as it wrote it.
    pub(super) fn arguments(&self) -> Option<String> {
        let own = |value: &&serde_json::value::RawValue| {
            let mut call = Object::of(value)?;
            let is_own = call.text("id").as_deref() == self.call_id.as_deref();
            let mut function = call.object("function").filter(|_| is_own)?;
            function.string("arguments")
        };
        self.calls.iter().find_map(own)
    }
}

/// What has been counted.
#[derive(Default)]
pub(super) struct Spent {
    /// Digests of the ids of replies.
    replies: FxHashSet<u64>,
    tokens: Usage,
    cost: f64,
}

impl Spent {
    /// The request that a reply came of, and whether it comes for the first time.
    /// `sums` is what had been spent when it had come: without a reply, the
    /// request's own tokens are what was added.
    pub(super) fn request(
        &mut self,
        reply: Option<&Reply<'_>>,
        sums: Option<Object<'_>>,
    ) -> (Request, bool) {
        let id = reply.and_then(|reply| reply.id.clone());
        let is_new = id
            .as_deref()
            .is_none_or(|id| self.replies.insert(digest(id)));
        let named = sums.as_ref().and_then(last_model);
        let (added, cost) = self.add(sums);
        let own = reply.and_then(|reply| reply.usage);
        let request = Request {
            message: id,
            model: reply.and_then(|reply| reply.model.clone()).or(named),
            usage: own.filter(|_| is_new).or(added.filter(|_| own.is_none())),
            cost,
        };
        (request, is_new)
    }

    /// Takes in new sums; returns what was added since the last ones. Smaller ones
    /// begin anew.
    fn add(&mut self, sums: Option<Object<'_>>) -> (Option<Usage>, Option<f64>) {
        let Some(mut sums) = sums else {
            return (None, None);
        };
        let cost = sums.f64("accumulated_cost").unwrap_or(0.0);
        let before = std::mem::replace(&mut self.cost, cost);
        let cost = if cost < before { cost } else { cost - before };
        let tokens = sums
            .object("accumulated_token_usage")
            .and_then(|sums| usage(&sums));
        let added = tokens.map(|tokens| {
            let before = std::mem::replace(&mut self.tokens, tokens);
            difference(tokens, before)
        });
        let added = added.filter(|added| added.total() > 0);
        (added, (cost > 0.0).then_some(cost))
    }
}

fn difference(sum: Usage, before: Usage) -> Usage {
    if sum.total() < before.total() {
        return sum;
    }
    let one = |sum: Option<u64>, before: Option<u64>| {
        sum.map(|sum| sum.saturating_sub(before.unwrap_or(0)))
    };
    Usage {
        input: one(sum.input, before.input),
        output: one(sum.output, before.output),
        cache_read: one(sum.cache_read, before.cache_read),
        cache_write: one(sum.cache_write, before.cache_write),
        reasoning: one(sum.reasoning, before.reasoning),
    }
}

/// The model of the request that was counted last.
fn last_model(sums: &Object<'_>) -> Option<Model> {
    let counted: Values<'_> = serde_json::from_str(sums.peek("token_usages")?.get()).ok()?;
    let last = Object::of(counted.last()?)?;
    model(&last.peek("model").and_then(string)?)
}
