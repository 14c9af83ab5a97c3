//! Requests, tokens and what they cost.

use stead_llm::ModelRef;
use stead_usf::{Event, Model, Usage};

use crate::models::{Models, Price};
use crate::text::{count, counted};

/// What each model of a session costs, where that is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prices(Vec<(ModelRef, Option<Price>)>);

impl Prices {
    pub(crate) fn of(models: &Models) -> Self {
        let first = models.generator().current().clone();
        let all = [first].into_iter().chain(models.parser());
        let all = all.chain(models.fallback().iter().cloned());
        Self(
            all.map(|model| {
                let price = models.price(&model);
                (model, price)
            })
            .collect(),
        )
    }

    /// Answers may come under a longer name than was asked for: then the provider tells, if
    /// all its models cost the same.
    fn price(&self, model: &Model) -> Option<Price> {
        let same = |one: &ModelRef| {
            model
                .provider
                .as_ref()
                .is_none_or(|own| *own == one.provider)
        };
        let mut all = self.0.iter().filter(|(one, _)| same(one));
        if let Some((_, price)) = all.clone().find(|(one, _)| one.model == model.id) {
            return *price;
        }
        let (_, first) = all.next()?;
        all.all(|(_, price)| price == first)
            .then_some(*first)
            .flatten()
    }
}

/// What was used so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    prices: Prices,
    /// Tokens of all answers.
    pub(crate) usage: Usage,
    /// US dollars, as far as prices are known.
    known: f64,
    /// Something has a price that is not known.
    unknown: bool,
    /// Answers with tokens.
    answers: u64,
}

impl Tally {
    pub(crate) fn new(prices: Prices) -> Self {
        Self {
            prices,
            ..Self::default()
        }
    }

    /// From now on these are the prices.
    pub(crate) fn reprice(&mut self, prices: Prices) {
        self.prices = prices;
    }

    /// Counts what an event tells of.
    pub(crate) fn take(&mut self, event: &Event) {
        let Some(usage) = &event.usage else { return };
        self.usage += *usage;
        self.answers += 1;
        let price = event.model.as_ref().and_then(|own| self.prices.price(own));
        match price.and_then(|price| price.of(usage)) {
            Some(cost) => self.known += cost,
            None => self.unknown = true,
        }
    }

    /// US dollars; nothing if a price is not known.
    pub(crate) fn cost(&self) -> Option<f64> {
        (self.answers > 0 && !self.unknown).then_some(self.known)
    }

    /// For people, with so many requests.
    pub(crate) fn words(&self, requests: u64) -> String {
        used(requests, &self.usage, self.cost())
    }
}

/// Requests, tokens and cost for people: `3 requests · 12k tokens in, 1.2k out · $0.03`.
pub(crate) fn used(requests: u64, usage: &Usage, cost: Option<f64>) -> String {
    let mut words = vec![counted(requests, "request")];
    if usage.input.is_some() || usage.output.is_some() {
        let cached = usage.cache_read.unwrap_or(0) + usage.cache_write.unwrap_or(0);
        let input = count(usage.input.unwrap_or(0) + cached);
        let output = count(usage.output.unwrap_or(0));
        words.push(format!("{input} tokens in, {output} out"));
    }
    match cost {
        Some(cost) if cost > 0.0 && cost < 0.01 => words.push(format!("${cost:.4}")),
        Some(cost) if cost > 0.0 => words.push(format!("${cost:.2}")),
        _ => {}
    }
    words.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use stead_usf::EventType;

    fn answer(model: &str, provider: Option<&str>) -> Event {
        Event {
            usage: Some(Usage {
                input: Some(1_000_000),
                output: Some(100_000),
                ..Usage::default()
            }),
            model: Some(Model {
                id: model.to_owned(),
                provider: provider.map(str::to_owned),
            }),
            ..Event::new("", EventType::Assistant)
        }
    }

    fn model(provider: &str, model: &str) -> ModelRef {
        ModelRef {
            provider: provider.to_owned(),
            model: model.to_owned(),
        }
    }

    #[test]
    fn a_cost_is_told_only_if_all_prices_are_known() {
        let price = Price {
            input: 2.0,
            output: 10.0,
            ..Price::default()
        };
        let prices = Prices(vec![
            (model("a", "big"), Some(price)),
            (model("b", "free"), Some(Price::default())),
            (model("c", "dark"), None),
        ]);
        let mut tally = Tally::new(prices);
        assert_eq!(tally.cost(), None, "nothing was asked yet");
        tally.take(&answer("big", Some("a")));
        tally.take(&answer("big-2026-11", Some("a")));
        tally.take(&answer("free", None));
        assert_eq!(tally.cost(), Some(6.0));
        assert_eq!(
            tally.words(3),
            "3 requests · 3.0M tokens in, 300k out · $6.00"
        );
        tally.take(&answer("dark", Some("c")));
        assert_eq!(tally.cost(), None);
        assert_eq!(tally.words(1), "1 request · 4.0M tokens in, 400k out");
    }
}
