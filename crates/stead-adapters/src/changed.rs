//! Which sessions of a database of many have changed since it was last read, by
//! a mark that the adapter makes of everything that a session is read from. The
//! others are taken over from the checkpoint as they stand.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stead_usf::{Raw, Session};

use crate::{AdapterInfo, Checkpoint, Output, Position, Tally};

/// What a checkpoint remembers of a database.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    sessions: BTreeMap<String, Known>,
}

/// What is remembered of one session.
#[derive(Debug, Serialize, Deserialize)]
struct Known {
    mark: u64,
    /// The sessions that it started, with the calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    children: Vec<(String, String)>,
    #[serde(default)]
    tally: Told,
}

/// The sessions of a database between two readings.
#[derive(Debug)]
pub(crate) struct Changed {
    info: &'static AdapterInfo,
    /// Sessions of the last reading that have not come up yet.
    before: BTreeMap<String, Known>,
    headers: BTreeMap<String, Session>,
    state: State,
    sessions: Vec<Session>,
}

impl Changed {
    /// Nothing has come up yet of what the checkpoint knows.
    pub(crate) fn since(checkpoint: Option<&Checkpoint>, info: &'static AdapterInfo) -> Self {
        let state: Option<State> =
            checkpoint.and_then(|checkpoint| checkpoint.state.as_ref()?.to().ok());
        let headers = checkpoint
            .iter()
            .flat_map(|checkpoint| &checkpoint.sessions);
        Self {
            info,
            before: state.unwrap_or_default().sessions,
            headers: headers
                .map(|header| (header.native_id.clone(), header.clone()))
                .collect(),
            state: State::default(),
            sessions: Vec::new(),
        }
    }

    /// Takes over a session if it is as it was; returns the sessions that it
    /// started, with the calls.
    pub(crate) fn keep(
        &mut self,
        id: &str,
        mark: u64,
        output: &mut Output<'_>,
    ) -> Option<Vec<(String, String)>> {
        let known = self.before.remove(id).filter(|known| known.mark == mark)?;
        self.sessions.push(self.headers.remove(id)?);
        known.tally.add_to(&mut output.tally, self.info);
        let children = known.children.clone();
        self.state.sessions.insert(id.to_owned(), known);
        Some(children)
    }

    /// Remembers a session that was read; `before` is what was counted until then.
    pub(crate) fn read(
        &mut self,
        mark: u64,
        header: Session,
        children: Vec<(String, String)>,
        (before, now): (&Tally, &Tally),
    ) {
        let known = Known {
            mark,
            children,
            tally: Told::since(before, now),
        };
        self.state.sessions.insert(header.native_id.clone(), known);
        self.sessions.push(header);
    }

    /// All sessions have come up: those that have not are gone.
    pub(crate) fn finish(self, output: &mut Output<'_>) -> Checkpoint {
        for id in self.before.keys() {
            output.gone(id);
        }
        Checkpoint {
            version: self.info.reading,
            position: Position::Whole,
            state: Raw::of(&self.state).ok(),
            sessions: self.sessions,
        }
    }
}

/// Counts of records by what became of them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Told {
    mapped: u64,
    ignored: BTreeMap<String, u64>,
    reported: u64,
}

impl Told {
    /// What was counted since `before`.
    pub(crate) fn since(before: &Tally, now: &Tally) -> Self {
        let ignored = now.ignored.iter().map(|(rule, count)| {
            let earlier = before.ignored.get(rule).copied().unwrap_or(0);
            ((*rule).to_owned(), count - earlier)
        });
        Self {
            mapped: now.mapped - before.mapped,
            ignored: ignored.filter(|(_, count)| *count > 0).collect(),
            reported: now.reported - before.reported,
        }
    }

    /// Adds what an earlier reading counted. Rules that are gone are not known
    /// any more.
    pub(crate) fn add_to(&self, tally: &mut Tally, info: &AdapterInfo) {
        for (rule, _) in info.ignored {
            let count = self.ignored.get(*rule).copied().unwrap_or(0);
            if count > 0 {
                *tally.ignored.entry(rule).or_default() += count;
                tally.records += count;
            }
        }
        tally.mapped += self.mapped;
        tally.reported += self.reported;
        tally.records += self.mapped + self.reported;
    }
}
