//! The events that the agent would still send, as far as this reading saw
//! them, so that a rewind or a compaction can reach back to them. The ids are
//! kept in one piece: some 20 bytes an event, all events since the last
//! compaction.

/// Ids of live events with the places where the user's turns begin.
#[derive(Debug)]
pub(super) struct Live {
    ids: String,
    ends: Vec<usize>,
    /// First event of each turn.
    turns: Vec<usize>,
    /// First event of the turn that has begun, until its prompt is read.
    opened: Option<usize>,
    /// Whether all live events are here, not only those since a checkpoint.
    complete: bool,
}

/// A rewind reaches back further than this reading.
#[derive(Debug)]
pub(super) struct BeyondReach;

impl Live {
    pub(super) const fn new(complete: bool) -> Self {
        Self {
            ids: String::new(),
            ends: Vec::new(),
            turns: Vec::new(),
            opened: None,
            complete,
        }
    }

    pub(super) fn push(&mut self, id: &str) {
        self.ids.push_str(id);
        self.ends.push(self.ids.len());
    }

    /// A turn begins; what comes before its prompt belongs to it.
    pub(super) fn open_turn(&mut self) {
        self.opened = Some(self.ends.len());
    }

    /// A prompt is next.
    pub(super) fn prompt(&mut self) {
        self.turns
            .push(self.opened.take().unwrap_or(self.ends.len()));
    }

    /// Takes out all events: a summary takes their place.
    pub(super) fn compact(&mut self) -> Result<Vec<String>, BeyondReach> {
        if !self.complete {
            return Err(BeyondReach);
        }
        self.turns.clear();
        self.opened = None;
        Ok(self.drain(0))
    }

    /// Takes out the last `turns` turns.
    pub(super) fn rewind(&mut self, turns: u64) -> Result<Vec<String>, BeyondReach> {
        let turns = usize::try_from(turns).unwrap_or(usize::MAX);
        // The first turn of an incremental reading may have begun before it.
        if !self.complete && turns >= self.turns.len() {
            return Err(BeyondReach);
        }
        let kept = self.turns.len().saturating_sub(turns);
        let from = self.turns.get(kept).copied().unwrap_or(self.ends.len());
        self.turns.truncate(kept);
        self.opened = None;
        Ok(self.drain(from))
    }

    fn drain(&mut self, from: usize) -> Vec<String> {
        let mut begin = from.checked_sub(1).map_or(0, |last| self.ends[last]);
        let length = begin;
        let ids = self.ends[from..].iter().map(|end| {
            let id = self.ids[begin..*end].to_owned();
            begin = *end;
            id
        });
        let ids = ids.collect();
        self.ends.truncate(from);
        self.ids.truncate(length);
        ids
    }
}
