//! Tokens of model requests. Events do not have them: the state lists them, for
//! each use of a model (the agent, its condenser, a subagent), in the order in
//! which the answers came, and by the id that the events of an answer have too.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use stead_usf::{Model, Usage};

use super::super::model::{model, usage};
use crate::container::json::{Object, string};
use crate::ids::digest;

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    /// The provider's id of the answer. Other agents that are driven by this one
    /// have none: their session's id stands there again and again.
    pub(super) message: Option<String>,
    /// Its place among the requests for the same purpose.
    pub(super) place: usize,
    pub(super) model: Option<Model>,
    pub(super) usage: Option<Usage>,
    pub(super) cost: Option<f64>,
    /// What the model was used for.
    pub(super) purpose: String,
}

/// All requests of a conversation that were counted.
#[derive(Default)]
pub(super) struct Requests {
    lists: BTreeMap<String, Vec<Request>>,
    places: FxHashMap<u64, (String, usize)>,
    /// What the conversation cost, where that cannot be told by request.
    pub(super) cost: Option<f64>,
}

/// How many requests of each list have been put on events.
pub(super) type Told = BTreeMap<String, usize>;

impl Requests {
    /// Reads the statistics of a state.
    pub(super) fn of(mut stats: Object<'_>) -> Self {
        let mut requests = Self::default();
        let Some(metrics) = stats.object("usage_to_metrics") else {
            return requests;
        };
        let (mut sum, mut by_request) = (0.0, true);
        for purpose in metrics.names() {
            let Some(mut metrics) = metrics.peek(purpose).and_then(Object::of) else {
                continue;
            };
            let list = list(purpose, &mut metrics);
            if is_subagents(purpose) {
                requests.lists.insert(purpose.to_owned(), list);
                continue;
            }
            let cost = metrics.f64("accumulated_cost").unwrap_or(0.0);
            by_request &= cost == 0.0 || list.iter().all(|request| request.cost.is_some());
            sum += cost;
            requests.lists.insert(purpose.to_owned(), list);
        }
        if !by_request {
            requests.cost = Some(sum);
            for request in requests.lists.values_mut().flatten() {
                request.cost = None;
            }
        }
        requests
    }

    /// Leaves out what subagents used: it is told where they are.
    pub(super) fn leave_subagents(&mut self) {
        self.lists.retain(|purpose, _| !is_subagents(purpose));
    }

    /// Prepares looking up requests by id.
    pub(super) fn index(&mut self) {
        for (purpose, list) in &mut self.lists {
            for request in list {
                let Some(id) = &request.message else { continue };
                let known = self.places.len();
                let place = || (purpose.clone(), request.place);
                self.places.entry(digest(id)).or_insert_with(place);
                if self.places.len() == known {
                    request.message = None;
                }
            }
        }
    }

    /// The request with this id.
    pub(super) fn get(&self, id: &str) -> Option<&Request> {
        let (purpose, place) = self.places.get(&digest(id))?;
        self.lists.get(purpose)?.get(*place)
    }

    /// The requests that no event can tell of any more when this one's events
    /// come: those before it in its list. `None` if it has been told already.
    pub(super) fn reach(&self, id: &str, told: &mut Told) -> Option<Vec<Request>> {
        let (purpose, place) = self.places.get(&digest(id))?;
        let next = told.entry(purpose.clone()).or_default();
        if *place < *next {
            return None;
        }
        let passed = self.lists.get(purpose)?.get(*next..*place)?.to_vec();
        *next = place + 1;
        Some(passed)
    }

    /// What is missing in the lists: `sums` were told in the conversation, but an
    /// agent that was killed had not saved its statistics since.
    pub(super) fn missing(&self, sums: &Sums) -> Vec<Request> {
        let one = |(purpose, sum): (&String, &Sum)| {
            let list = self.lists.get(purpose);
            let listed = list
                .into_iter()
                .flatten()
                .filter_map(|request| request.usage);
            let listed = listed.fold(Usage::default(), |all, one| all + one);
            let usage = difference(sum.usage, listed);
            (usage.total() > 0).then(|| Request {
                message: None,
                place: list.map_or(0, Vec::len),
                model: sum.model.clone(),
                usage: Some(usage),
                cost: None,
                purpose: purpose.clone(),
            })
        };
        sums.iter().filter_map(one).collect()
    }

    /// Those that are left when all events have come.
    pub(super) fn rest(&self, told: &Told) -> Vec<Request> {
        let left = self.lists.iter().flat_map(|(purpose, list)| {
            let next = told.get(purpose).copied().unwrap_or(0);
            list.get(next..).unwrap_or_default()
        });
        left.cloned().collect()
    }
}

fn is_subagents(purpose: &str) -> bool {
    purpose.starts_with("task:") || purpose.starts_with("delegate:")
}

/// What had been used for one purpose at some time.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Sum {
    usage: Usage,
    model: Option<Model>,
}

/// Sums by purpose.
pub(super) type Sums = BTreeMap<String, Sum>;

/// Takes in the sums that are told while a conversation goes on.
pub(super) fn sum_up(sums: &mut Sums, mut stats: Object<'_>) {
    let Some(metrics) = stats.object("usage_to_metrics") else {
        return;
    };
    for purpose in metrics.names().filter(|purpose| !is_subagents(purpose)) {
        let Some(mut metrics) = metrics.peek(purpose).and_then(Object::of) else {
            continue;
        };
        let counts = metrics.object("accumulated_token_usage");
        if let Some(usage) = counts.and_then(|counts| usage(&counts)) {
            let model = metrics.text("model_name").and_then(|name| model(&name));
            sums.insert(purpose.to_owned(), Sum { usage, model });
        }
    }
}

fn difference(sum: Usage, listed: Usage) -> Usage {
    let one = |sum: Option<u64>, listed: Option<u64>| {
        let rest = sum?.saturating_sub(listed.unwrap_or(0));
        Some(rest)
    };
    Usage {
        input: one(sum.input, listed.input),
        output: one(sum.output, listed.output),
        cache_read: one(sum.cache_read, listed.cache_read),
        cache_write: one(sum.cache_write, listed.cache_write),
        reasoning: one(sum.reasoning, listed.reasoning),
    }
}

/// The requests for one purpose.
fn list(purpose: &str, metrics: &mut Object<'_>) -> Vec<Request> {
    let usages = metrics.values("token_usages").unwrap_or_default();
    let costs = metrics.values("costs").unwrap_or_default();
    // Costs have no id. They can be told apart only if there is one for each.
    let costs: Vec<_> = costs.iter().map(|cost| cost_of(cost)).collect();
    let name = metrics.text("model_name").unwrap_or_default();
    let one = |(place, value): (usize, &&RawValue)| {
        let counts = Object::of(value)?;
        let id = counts.peek("response_id").and_then(string);
        let id = id.filter(|id| !id.is_empty());
        let own = counts.peek("model").and_then(string);
        Some(Request {
            message: id.map(Cow::into_owned),
            place,
            model: own.and_then(|own| model(&own)).or_else(|| model(&name)),
            usage: usage(&counts),
            cost: costs.get(place).copied().flatten(),
            purpose: purpose.to_owned(),
        })
    };
    let mut list: Vec<Request> = usages.iter().enumerate().filter_map(one).collect();
    if costs.len() != usages.len() {
        for request in &mut list {
            request.cost = None;
        }
    }
    list
}

fn cost_of(value: &RawValue) -> Option<f64> {
    Object::of(value)?.f64("cost")
}
