//! Which events the agent would still send. An event names the one that it
//! follows; older versions have no branches, there each follows the last one. A
//! condensation names the events that a summary stands for.

use rustc_hash::{FxHashMap, FxHashSet};
use stead_usf::Inactive;

use super::put::PARTS;
use crate::ids::digest;
use crate::{Amendment, Output, Slot};

/// The name of no event: what follows it begins anew.
const ROOT: &str = "__root__";

/// The tree of a conversation's events.
#[derive(Default)]
pub(super) struct Branch {
    nodes: Vec<Node>,
    places: FxHashMap<u64, usize>,
    /// Records that became nothing, with what they follow.
    passed: FxHashMap<u64, usize>,
    /// Condensations, each with digests of what it forgot.
    forgotten: Vec<(usize, Vec<u64>)>,
    has_branches: bool,
}

struct Node {
    /// Id of the last event that the record became.
    id: Box<str>,
    /// Which further events it became, as bits of [`PARTS`].
    parts: u8,
    parent: Option<usize>,
}

impl Branch {
    /// The event that a record follows, and its node.
    pub(super) fn parent(&self, named: Option<&str>) -> Option<usize> {
        match named {
            Some(ROOT) => None,
            Some(named) => {
                let key = digest(named);
                let place = self.places.get(&key).or_else(|| self.passed.get(&key));
                place.copied()
            }
            None => self.nodes.len().checked_sub(1),
        }
    }

    /// The id of a node's event.
    pub(super) fn id(&self, place: usize) -> Option<&str> {
        self.nodes.get(place).map(|node| &*node.id)
    }

    /// A record became events.
    pub(super) fn grow(&mut self, record: &str, id: &str, parts: u8, parent: Option<usize>) {
        self.has_branches |= parent != self.nodes.len().checked_sub(1);
        self.places
            .entry(digest(record))
            .or_insert(self.nodes.len());
        self.nodes.push(Node {
            id: id.into(),
            parts,
            parent,
        });
    }

    /// A record became nothing: what follows it follows what it followed.
    pub(super) fn pass(&mut self, record: &str, parent: Option<usize>) {
        if let Some(parent) = parent {
            self.passed.entry(digest(record)).or_insert(parent);
        }
    }

    /// Whether each event follows the one before, and the conversation stands at
    /// the last: then what comes next changes nothing of what was.
    pub(super) fn is_straight(&self, leaf: Leaf<'_>) -> bool {
        let last = self.nodes.len().checked_sub(1);
        !self.has_branches && self.forgotten.is_empty() && self.place(leaf) == last
    }

    /// Whether the conversation stands at its last event.
    pub(super) fn is_at_end(&self, leaf: Leaf<'_>) -> bool {
        self.place(leaf) == self.nodes.len().checked_sub(1)
    }

    fn place(&self, leaf: Leaf<'_>) -> Option<usize> {
        let last = self.nodes.len().checked_sub(1);
        match leaf {
            Leaf::Last => last,
            Leaf::Nothing => None,
            // One that is not here says nothing.
            Leaf::At(id) => self.parent(Some(id)).or(last),
        }
    }

    /// The last record was a condensation.
    pub(super) fn forget(&mut self, ids: Vec<u64>) {
        if let Some(last) = self.nodes.len().checked_sub(1) {
            self.forgotten.push((last, ids));
        }
    }

    /// Marks what is no longer sent. `leaf` is where the conversation stands;
    /// `None` for its last event.
    pub(super) fn settle(&self, output: &mut Output<'_>, slot: Slot, leaf: Leaf<'_>) {
        let live = self.live(leaf);
        let is_live = |place: usize| live.as_ref().is_none_or(|live| live.contains(&place));
        let condensed = self.forgotten.iter().filter(|(by, _)| is_live(*by));
        let condensed: FxHashSet<usize> = condensed
            .flat_map(|(_, ids)| ids)
            .filter_map(|id| self.places.get(id).copied())
            .collect();
        for (place, node) in self.nodes.iter().enumerate() {
            let inactive = match (is_live(place), condensed.contains(&place)) {
                (false, _) => Inactive::Rewound,
                (true, true) => Inactive::Compacted,
                (true, false) => continue,
            };
            let amendment = Amendment::Inactive(Some(inactive));
            output.amend(slot, &node.id, &amendment);
            for (bit, part) in PARTS.iter().enumerate() {
                if node.parts & (1 << bit) != 0 {
                    output.amend(slot, &format!("{}#{part}", node.id), &amendment);
                }
            }
        }
    }

    /// The nodes from the leaf up; `None` if these are all.
    fn live(&self, leaf: Leaf<'_>) -> Option<FxHashSet<usize>> {
        if self.is_at_end(leaf) && !self.has_branches {
            return None;
        }
        let mut live = FxHashSet::default();
        let mut next = self.place(leaf);
        while let Some(place) = next.filter(|place| live.insert(*place)) {
            next = self.nodes.get(place).and_then(|node| node.parent);
        }
        Some(live)
    }
}

/// Where a conversation stands.
#[derive(Clone, Copy)]
pub(super) enum Leaf<'a> {
    /// At its last event: the version has no branches.
    Last,
    /// Before its first event.
    Nothing,
    /// At this one.
    At(&'a str),
}
