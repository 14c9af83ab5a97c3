//! Which records follow which, so that parents resolve and branches that the
//! agent would not resume are known. It holds a few bytes for each record, no
//! text.

use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use serde::{Deserialize, Serialize};
use stead_usf::Inactive;

/// So many of the last records are remembered between two readings. Whatever
/// reaches further back makes the file be read again.
const WINDOW: usize = 2048;

/// Stands for a parent that is no longer remembered.
const FORGOTTEN: u32 = u32::MAX;

/// What a record is in the talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Role {
    /// Words of the user, or of the agent in the user's place.
    User,
    /// A piece of a reply.
    Assistant,
    /// The result of a call.
    Result,
    /// Anything else.
    Other,
}

/// A record of the talk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Node {
    /// Id of its first event, or the record's own if it made none.
    pub(super) id: Box<str>,
    /// The node that it follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) parent: Option<u32>,
    /// Number of its events.
    pub(super) events: u32,
    /// The talk that it is part of.
    pub(super) talk: u32,
    pub(super) role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) inactive: Option<Inactive>,
    /// Digest of its content, to know a repeated record.
    pub(super) digest: u64,
}

/// The change would reach records that are no longer remembered.
#[derive(Debug)]
pub(super) struct Forgotten;

/// Events and what becomes of them.
pub(super) type Changes = Vec<(u32, Option<Inactive>)>;

/// All records of a unit, in the order of the file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// Earlier records have been forgotten.
    forgot: bool,
    /// Talks of which forgotten records are still active.
    active_before: FxHashSet<u32>,
    #[serde(skip)]
    places: FxHashMap<u64, u32>,
    /// Everything of a talk before this place has been rewound.
    #[serde(skip)]
    rewound: FxHashMap<u32, u32>,
}

/// A digest for ids and contents.
pub(super) fn digest(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish()
}

impl Tree {
    pub(super) fn find(&self, id: &str) -> Option<u32> {
        let place = *self.places.get(&digest(id))?;
        (*self.nodes[place as usize].id == *id).then_some(place)
    }

    pub(super) fn node(&self, place: u32) -> &Node {
        &self.nodes[place as usize]
    }

    /// Whether records were forgotten, so that an unknown id may be an old one.
    pub(super) fn forgot(&self) -> bool {
        self.forgot
    }

    pub(super) fn add(&mut self, node: Node) -> u32 {
        let place = self.nodes.len() as u32;
        self.places.insert(digest(&node.id), place);
        self.nodes.push(node);
        place
    }

    /// The last record of a talk.
    pub(super) fn last(&self, talk: u32) -> Option<u32> {
        let last = self.nodes.iter().rposition(|node| node.talk == talk)?;
        Some(last as u32)
    }

    /// The last event of the record, or of the nearest one before it that made
    /// any, in the same talk.
    pub(super) fn event(&self, place: u32, talk: u32) -> Result<Option<String>, Forgotten> {
        let mut next = Some(place);
        while let Some(place) = next {
            if place == FORGOTTEN {
                return Err(Forgotten);
            }
            let node = self.node(place);
            if node.talk != talk {
                return Ok(None);
            }
            if node.events > 0 {
                return Ok(Some(event_id(&node.id, node.events - 1)));
            }
            next = node.parent;
        }
        Ok(None)
    }

    /// The ids of a record's events.
    pub(super) fn events(&self, place: u32) -> impl Iterator<Item = String> + use<'_> {
        let node = self.node(place);
        (0..node.events).map(|number| event_id(&node.id, number))
    }

    /// A new turn begins after `parent` (or at the root): what hung there
    /// before is no longer part of the talk. Nothing changes if only results
    /// and notes hang there: those are twigs of the same branch.
    pub(super) fn rewind(&mut self, talk: u32, parent: Option<u32>) -> Result<Changes, Forgotten> {
        let below = self.below(talk, parent);
        let branched = below.iter().any(|place| {
            let node = self.node(*place);
            node.inactive.is_none() && matches!(node.role, Role::User | Role::Assistant)
        });
        let returned = parent.is_some_and(|place| self.node(place).inactive.is_some());
        if parent.is_none() && self.active_before.contains(&talk) {
            return Err(Forgotten);
        }
        let mut changes = Changes::new();
        if returned {
            self.rewound.remove(&talk);
            self.go_back_to(talk, parent, &mut changes)?;
        } else if branched {
            let active = |place: &u32| self.node(*place).inactive.is_none();
            changes.extend(
                below
                    .into_iter()
                    .filter(active)
                    .map(|place| (place, Some(Inactive::Rewound))),
            );
            if parent.is_none() {
                self.rewound.insert(talk, self.nodes.len() as u32);
            }
        }
        Ok(self.apply(changes))
    }

    /// Everything that descends from `parent`, but for what was rewound with all
    /// that stood before it.
    fn below(&self, talk: u32, parent: Option<u32>) -> Vec<u32> {
        let rewound = || self.rewound.get(&talk).copied().unwrap_or(0);
        let first = parent.map_or_else(rewound, |place| place + 1);
        let mut inside = FxHashSet::default();
        let mut below = Vec::new();
        for place in first..self.nodes.len() as u32 {
            let node = self.node(place);
            let hangs = match parent {
                None => true,
                Some(root) => node
                    .parent
                    .is_some_and(|above| above == root || inside.contains(&above)),
            };
            if hangs && node.talk == talk {
                inside.insert(place);
                below.push(place);
            }
        }
        below
    }

    /// The user returned to a branch that was left before.
    fn go_back_to(
        &self,
        talk: u32,
        parent: Option<u32>,
        changes: &mut Changes,
    ) -> Result<(), Forgotten> {
        if self.active_before.contains(&talk) {
            return Err(Forgotten);
        }
        let mut path = FxHashSet::default();
        let mut next = parent;
        while let Some(place) = next {
            if place == FORGOTTEN {
                return Err(Forgotten);
            }
            path.insert(place);
            next = self.node(place).parent;
        }
        for (place, node) in (0..).zip(&self.nodes).filter(|(_, node)| node.talk == talk) {
            let twig = node.role == Role::Result
                && node.parent.is_some_and(|parent| path.contains(&parent));
            let on = path.contains(&place) || twig;
            match (on, node.inactive) {
                (true, Some(_)) => changes.push((place, None)),
                (false, None) => changes.push((place, Some(Inactive::Rewound))),
                _ => {}
            }
        }
        Ok(())
    }

    /// A summary takes the place of all that is active, but for `kept`.
    pub(super) fn compact(
        &mut self,
        talk: u32,
        kept: &FxHashSet<u32>,
    ) -> Result<Changes, Forgotten> {
        if self.active_before.contains(&talk) {
            return Err(Forgotten);
        }
        let replaced = |(place, node): &(u32, &Node)| {
            node.talk == talk && node.inactive.is_none() && !kept.contains(place)
        };
        let changes = (0..)
            .zip(&self.nodes)
            .filter(replaced)
            .map(|(place, _)| (place, Some(Inactive::Compacted)))
            .collect();
        Ok(self.apply(changes))
    }

    /// The chain from `last` back to `first`, both included.
    pub(super) fn chain(&self, first: u32, last: u32) -> FxHashSet<u32> {
        let mut chain = FxHashSet::default();
        let mut next = Some(last);
        while let Some(place) = next.filter(|place| *place >= first && *place != FORGOTTEN) {
            chain.insert(place);
            next = self.node(place).parent;
        }
        chain
    }

    fn apply(&mut self, changes: Changes) -> Changes {
        for (place, inactive) in &changes {
            self.nodes[*place as usize].inactive = *inactive;
        }
        changes
    }

    /// What is remembered until the next reading.
    pub(super) fn remembered(&self) -> Self {
        let dropped = self.nodes.len().saturating_sub(WINDOW);
        let (old, kept) = self.nodes.split_at(dropped);
        let active = old.iter().filter(|node| node.inactive.is_none());
        let mut active_before = self.active_before.clone();
        active_before.extend(active.map(|node| node.talk));
        let shift = |node: &Node| Node {
            parent: node.parent.map(|parent| match parent {
                FORGOTTEN => FORGOTTEN,
                _ => parent.checked_sub(dropped as u32).unwrap_or(FORGOTTEN),
            }),
            ..node.clone()
        };
        Self {
            nodes: kept.iter().map(shift).collect(),
            forgot: self.forgot || dropped > 0,
            active_before,
            places: FxHashMap::default(),
            rewound: FxHashMap::default(),
        }
    }

    /// Makes what was remembered usable again.
    pub(super) fn recalled(mut self) -> Self {
        for (place, node) in (0..).zip(&mut self.nodes) {
            self.places.insert(digest(&node.id), place);
            // INVARIANT: parents stand before their children.
            node.parent = node.parent.map(|p| if p < place { p } else { FORGOTTEN });
        }
        self
    }
}

/// The id of the `number`th event of a record, from 0.
pub(super) fn event_id(record: &str, number: u32) -> String {
    match number {
        0 => record.to_owned(),
        _ => format!("{record}#{}", number + 1),
    }
}
