//! What is known of a model.

use std::fmt;

use serde::Deserialize;

/// What is known of a model, each fact with its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Who made the model and gives it out, or offers it as a service.
    pub vendor: String,
    /// The model as people call it: a family, or a version of it.
    pub family: String,
    /// The model that it was made from, if it is another vendor's or carries
    /// another licence.
    pub made_from: Option<String>,
    /// Whether the weights can be had. If not, the model is a service only.
    pub open_weights: bool,
    /// The licence of the weights; of closed models, the terms of the service.
    pub licence: Licence,
    /// Where this was looked up: at least one source for each fact.
    pub sources: Vec<Source>,
}

/// A licence, or the terms of a service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// Its SPDX identifier, if it has one.
    pub spdx: Option<String>,
    /// Its name. Terms of a service that hands out no weights are `proprietary`.
    pub name: String,
    /// Its text, where that is published.
    pub url: Option<String>,
}

impl Licence {
    /// The shortest exact name: the SPDX identifier, or else the licence's own name.
    pub fn id(&self) -> &str {
        self.spdx.as_deref().unwrap_or(&self.name)
    }
}

impl fmt::Display for Licence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// Where facts were looked up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The facts: `vendor`, `weights`, `licence`, `made_from`.
    pub of: Vec<String>,
    /// The page.
    pub url: String,
    /// The day, as `2026-11-21`.
    pub looked_up: String,
}
