//! What is tried next when a model does not answer: a pure chain of routes. It sends
//! nothing and decides nothing silently: the caller gets each downgrade, to show and to
//! record it.

use serde::{Deserialize, Serialize};

use crate::endpoint::ModelRef;
use crate::error::{Class, LlmError};

/// A model that may be asked, and after which errors of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The model.
    pub model: ModelRef,
    /// Classes of errors after which this route is taken; empty for
    /// [`Chain::PASSING`]. The first route's are of no use.
    pub after: Vec<Class>,
}

impl Route {
    /// A route that is taken after errors that say that the one before is not available.
    pub const fn new(model: ModelRef) -> Self {
        Self {
            model,
            after: Vec::new(),
        }
    }
}

/// Models in the order in which they are tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    routes: Vec<Route>,
    at: usize,
}

/// Going on with another model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Downgrade {
    /// The model that did not answer.
    pub from: String,
    /// The model that is asked now.
    pub to: String,
    /// The class of the error.
    pub class: Class,
    /// The error in words.
    pub because: String,
}

impl Chain {
    /// Classes after which a route without classes of its own is taken: the provider
    /// cannot be used now. Errors that another model would repeat (a wrong request), and
    /// those that a person should see first (content that was refused, a context that is
    /// too long), are not among them.
    pub const PASSING: &'static [Class] = &[
        Class::Key,
        Class::Model,
        Class::Rate,
        Class::Overloaded,
        Class::Malformed,
        Class::Network,
    ];

    /// A chain; nothing if there are no routes.
    pub fn new(routes: Vec<Route>) -> Option<Self> {
        (!routes.is_empty()).then_some(Self { routes, at: 0 })
    }

    /// The model that is to be asked now.
    pub fn current(&self) -> &ModelRef {
        &self.routes[self.at].model
    }

    /// Whether an earlier route failed.
    pub const fn is_downgraded(&self) -> bool {
        self.at > 0
    }

    /// Goes on to the next route that is meant for such an error. Nothing, and no change,
    /// if there is none: then the error is the answer.
    pub fn downgrade(&mut self, error: &LlmError) -> Option<Downgrade> {
        let class = error.class();
        let fits = |route: &Route| match route.after.as_slice() {
            [] => Self::PASSING.contains(&class),
            own => own.contains(&class),
        };
        let later = self.routes.iter().enumerate().skip(self.at + 1);
        let (next, _) = later.into_iter().find(|(_, route)| fits(route))?;
        let from = self.current().to_string();
        self.at = next;
        Some(Downgrade {
            from,
            to: self.current().to_string(),
            class,
            because: error.to_string(),
        })
    }

    /// Begins again with the first route, as a new task does.
    pub const fn reset(&mut self) {
        self.at = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::{Chain, Downgrade, Route};
    use crate::error::{Class, LlmError};

    fn overloaded() -> LlmError {
        LlmError::Overloaded {
            provider: "a".into(),
            wait: None,
            said: "busy".into(),
        }
    }

    fn chain() -> Chain {
        let route = |name: &str| Route::new(name.parse().unwrap());
        let mut long = route("c/long/context");
        long.after = vec![Class::Context];
        Chain::new(vec![route("a/big"), long, route("b/small")]).unwrap()
    }

    #[test]
    fn a_downgrade_is_told_and_ends_with_the_chain() {
        let mut chain = chain();
        let told = chain.downgrade(&overloaded()).unwrap();
        let expected = Downgrade {
            from: "a/big".into(),
            to: "b/small".into(),
            class: Class::Overloaded,
            because: "`a` cannot answer now: busy".into(),
        };
        assert_eq!(told, expected);
        assert!(chain.is_downgraded());
        assert_eq!(chain.downgrade(&overloaded()), None);
        assert_eq!(chain.current().to_string(), "b/small");
        chain.reset();
        assert!(!chain.is_downgraded());
    }

    #[test]
    fn errors_take_the_route_that_is_meant_for_them() {
        let mut chain = chain();
        let error = LlmError::ContextTooLong {
            model: "big".into(),
            sent: Some(9),
            limit: Some(8),
            said: "too long".into(),
        };
        assert_eq!(chain.downgrade(&error).unwrap().to, "c/long/context");
        assert_eq!(chain.downgrade(&LlmError::Cancelled), None);
        assert_eq!(Chain::new(Vec::new()), None);
    }
}
