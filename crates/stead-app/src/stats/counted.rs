//! Requests with everything that they can be grouped by, from the index or from
//! the agents' files. Adding them up is not done here.

use std::sync::Arc;

use stead_adapters::{Adapter, ReadError, Unit, UsageRecord, adapter};
use stead_index::{ModelRequest, key_of_event, key_of_message};
use stead_usf::{Model, Session, Time, Usage};

use super::numbers;

/// One request, or what a session cost as a whole, with everything that it can be
/// grouped by.
#[derive(Debug, Clone)]
pub(crate) struct Counted {
    pub(super) key: u64,
    pub(crate) session: Arc<str>,
    pub(super) agent: Arc<str>,
    pub(crate) at: Option<Time>,
    pub(crate) model: Option<Arc<Model>>,
    pub(crate) cwd: Option<Arc<str>>,
    pub(crate) usage: Usage,
    pub(crate) cost_usd: Option<f64>,
    /// It is no request, but what the session cost, subagents included.
    pub(super) whole: bool,
}

impl Counted {
    /// What the index knows of a session.
    pub(crate) fn of(header: &Session, requests: Vec<ModelRequest>) -> Vec<Self> {
        let session: Arc<str> = header.id.as_str().into();
        let agent: Arc<str> = header.agent.as_str().into();
        let cwd: Option<Arc<str>> = header.cwd.as_deref().map(Arc::from);
        let one = |request: ModelRequest| Self {
            key: request.key,
            session: session.clone(),
            agent: agent.clone(),
            at: request.at_ms.and_then(|at| Time::from_millis(at).ok()),
            model: request.model,
            cwd: cwd.clone(),
            usage: request.usage,
            cost_usd: request.cost_usd,
            whole: false,
        };
        let mut all: Vec<_> = requests.into_iter().map(one).collect();
        Self::add_whole(&mut all, header.cost_usd);
        all
    }

    /// Whether it counts and not `other`, a copy: copies may have been taken before
    /// all was known, so the most tokens and the highest cost are right. Of equal
    /// ones the first does, in whatever order they are found.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        let tokens = |one: &Self| (one.usage.total(), one.usage.output);
        tokens(self)
            .cmp(&tokens(other))
            .then_with(|| {
                let cost = |one: &Self| one.cost_usd.unwrap_or(-1.0);
                cost(self).total_cmp(&cost(other))
            })
            .then_with(|| (other.at, &other.session).cmp(&(self.at, &self.session)))
            .is_gt()
    }

    fn scanned(record: UsageRecord, place: usize) -> Self {
        let agent = record.session.agent();
        let key = match &record.message {
            Some(message) => key_of_message(agent, message),
            None => key_of_event(record.session.as_str(), &place.to_string()),
        };
        Self {
            key,
            session: record.session.as_str().into(),
            agent: agent.into(),
            at: record.at,
            model: record.model.map(Arc::new),
            cwd: record.cwd.map(Arc::from),
            usage: record.usage,
            cost_usd: record.cost_usd,
            whole: false,
        }
    }

    /// Adds the session's cost to its requests, unless they tell their own. It
    /// stands at the time of the last of them and, if they had one only, with
    /// their model.
    fn add_whole(requests: &mut Vec<Self>, cost_usd: Option<f64>) {
        let told = requests.iter().any(|one| one.cost_usd.is_some());
        let last = requests.iter().max_by_key(|one| one.at);
        let (Some(last), Some(cost), false) = (last, cost_usd, told) else {
            return;
        };
        let same = requests.iter().all(|one| one.model == last.model);
        let whole = Self {
            key: key_of_event(&last.session, "cost"),
            model: last.model.clone().filter(|_| same),
            usage: Usage::default(),
            cost_usd: Some(cost),
            whole: true,
            ..last.clone()
        };
        requests.push(whole);
    }
}

/// The requests of a unit, by the adapter's shortcut or by reading it whole.
pub(crate) fn scan_unit(unit: &Unit, found: &mut Vec<Counted>) -> Result<(), ReadError> {
    let Some(adapter) = adapter(unit.agent.as_str()) else {
        return Ok(());
    };
    let mut cost = None;
    let mut each = |record: UsageRecord| {
        if record.usage.is_empty() && record.message.is_none() {
            cost = record.cost_usd.map(|cost| (record.session, cost));
        } else {
            let place = found.len();
            found.push(Counted::scanned(record, place));
        }
    };
    if adapter.scan_usage(unit, &mut each)? {
        if let Some((session, cost)) = cost {
            let own = |one: &Counted| *one.session == *session.as_str();
            let mut own: Vec<_> = found.extract_if(.., |one| own(one)).collect();
            Counted::add_whole(&mut own, Some(cost));
            found.append(&mut own);
        }
        return Ok(());
    }
    read_unit(adapter, unit, found)
}

/// The requests of a unit that has no shortcut.
fn read_unit(
    adapter: &dyn Adapter,
    unit: &Unit,
    found: &mut Vec<Counted>,
) -> Result<(), ReadError> {
    for session in &numbers::sessions(adapter, unit)? {
        let mut own = Vec::new();
        for event in session.events.iter().filter(|event| !event.inherited) {
            if event.usage.is_none() && event.cost_usd.is_none() {
                continue;
            }
            let record = UsageRecord {
                session: session.id.clone(),
                message: event.message.clone(),
                at: event.at,
                model: event.model.clone(),
                cwd: session.cwd.clone(),
                usage: event.usage.unwrap_or_default(),
                cost_usd: event.cost_usd,
            };
            own.push(Counted::scanned(record, own.len()));
        }
        Counted::add_whole(&mut own, session.cost_usd);
        found.append(&mut own);
    }
    Ok(())
}
