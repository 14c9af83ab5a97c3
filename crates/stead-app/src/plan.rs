//! What must be read: a pure comparison of what is there with what is known.

use rustc_hash::{FxHashMap, FxHashSet};
use stead_adapters::Unit;
use stead_index::KnownUnit;

/// What a sync has to do.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Places in the list of found units that are new or changed, in its order.
    pub(crate) read: Vec<usize>,
    /// Known units that were not found.
    pub(crate) missing: Vec<String>,
}

impl Plan {
    pub(crate) fn is_empty(&self) -> bool {
        self.read.is_empty() && self.missing.is_empty()
    }
}

/// Compares the found units with the known ones. Units of agents in `failed`
/// are not missing: their stores could not be looked into.
pub(crate) fn plan(
    found: &[Unit],
    known: &FxHashMap<String, KnownUnit>,
    failed: &dyn Fn(&str) -> bool,
) -> Plan {
    let mut plan = Plan::default();
    let mut seen = FxHashSet::default();
    for (place, unit) in found.iter().enumerate() {
        let key = unit.key();
        let unchanged = known
            .get(&key)
            .is_some_and(|known| known.stamp == unit.stamp.0 && !known.gone);
        if !unchanged {
            plan.read.push(place);
        }
        seen.insert(key);
    }
    plan.missing = known
        .iter()
        .filter(|(key, unit)| !unit.gone && !seen.contains(*key) && !failed(key))
        .map(|(key, _)| key.clone())
        .collect();
    plan.missing.sort_unstable();
    plan
}

#[cfg(test)]
mod tests {
    use rustc_hash::FxHashMap;
    use stead_adapters::{Stamp, Unit};
    use stead_index::KnownUnit;
    use stead_usf::AgentId;

    use super::plan;

    fn unit(path: &str, stamp: u64) -> Unit {
        Unit {
            agent: AgentId::new("demo"),
            path: path.into(),
            stamp: Stamp(stamp),
            bytes: 1,
            modified_ms: 1,
            parts: Vec::new(),
            server: None,
        }
    }

    #[test]
    fn only_what_changed_is_read() {
        let mut known = FxHashMap::default();
        for (key, stamp, gone) in [
            ("same", 1, false),
            ("changed", 1, false),
            ("back", 1, true),
            ("lost", 1, false),
            ("old", 0, true),
        ] {
            known.insert(key.to_owned(), KnownUnit { stamp, gone });
        }
        let found = [
            unit("same", 1),
            unit("changed", 2),
            unit("back", 1),
            unit("new", 5),
        ];
        let steps = plan(&found, &known, &|_| false);
        assert_eq!(steps.read, [1, 2, 3]);
        assert_eq!(steps.missing, ["lost"]);
        assert!(
            plan(&found, &known, &|key| key == "lost")
                .missing
                .is_empty()
        );
        assert!(plan(&[], &FxHashMap::default(), &|_| false).is_empty());
    }
}
