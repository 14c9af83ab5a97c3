//! A conversation with its subagents' conversations, read at once or from where
//! an earlier reading stopped.

use serde::{Deserialize, Serialize};
use stead_usf::{LinkKind, Parent, Raw, Session, Source};

use super::super::ID;
use super::facts::Facts;
use super::log::Log;
use super::map::{Mapper, Memory};
use super::put::Copied;
use crate::{Checkpoint, Fate, Output, ReadError};

/// What is remembered of a unit: one entry a session, in the order of slots.
#[derive(Default, Serialize, Deserialize)]
pub(in super::super) struct Talk {
    sessions: Vec<(String, Memory)>,
}

/// Reads a conversation and its subagents' conversations. Returns what to remember,
/// if the next reading can go on from there.
pub(in super::super) fn read(
    log: &mut dyn Log,
    since: Option<&Checkpoint>,
    output: &mut Output<'_>,
) -> Result<Option<Raw>, Stop> {
    let mut earlier = Earlier::default();
    if let Some(since) = since {
        let state = since
            .state
            .as_ref()
            .and_then(|state| state.to::<Talk>().ok());
        let talk = state.ok_or(Stop::Rewritten)?;
        earlier.sessions = talk
            .sessions
            .into_iter()
            .zip(since.sessions.clone())
            .rev()
            .collect();
    }
    let mut talk = Talk::default();
    let mut reader = Reader {
        output,
        earlier,
        talk: &mut talk,
        can_go_on: true,
    };
    reader.one(log, None)?;
    let can_go_on = reader.can_go_on;
    if !reader.earlier.sessions.is_empty() {
        return Err(Stop::Rewritten);
    }
    Ok(can_go_on.then(|| Raw::of(&talk).ok()).flatten())
}

/// Why a reading came to no end.
pub(in super::super) enum Stop {
    /// It does not go on from the earlier one.
    Rewritten,
    Failed(ReadError),
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Failed(error)
    }
}

/// The sessions of the earlier reading that have not come yet, the next one last.
#[derive(Default)]
struct Earlier {
    sessions: Vec<((String, Memory), Session)>,
}

struct Reader<'r, 's> {
    output: &'r mut Output<'s>,
    earlier: Earlier,
    talk: &'r mut Talk,
    can_go_on: bool,
}

impl Reader<'_, '_> {
    /// Reads one conversation, then those of its subagents.
    fn one(&mut self, log: &mut dyn Log, parent: Option<&mut Mapper>) -> Result<(), Stop> {
        let mut facts = Facts::default();
        let mut documents = log.facts(self.output)?;
        for document in &documents {
            if let Ok(state) = document.object() {
                facts.absorb(state);
            }
        }
        let mut children = log.subagents();
        if !children.is_empty() {
            facts.requests.leave_subagents();
        }
        facts.requests.index();
        let mut mapper = self.begin(log, facts, parent.as_deref())?;
        if let Some(first) = documents.first() {
            mapper.state.clone_from(&first.source);
        }
        for document in &mut documents {
            let damage = document.object().err().map(|issue| *issue);
            let is_lost = damage.is_some();
            let issue = document.issue.take().or(damage);
            self.output.record(if is_lost {
                Fate::Reported
            } else {
                Fate::Mapped
            });
            if let Some(issue) = issue {
                mapper.is_broken = true;
                self.output.issue(mapper.slot, issue);
            }
        }
        let mut number = mapper.memory.mark.events;
        while let Some(document) = log.next(self.output)? {
            mapper.event(self.output, number, &document);
            number += 1;
            if self.output.stopped() {
                return Err(Stop::Failed(ReadError::Stopped));
            }
        }
        mapper.finish(self.output);
        if let Some(parent) = parent {
            self.link(&mut mapper, parent);
        }
        if mapper.is_resumed && !mapper.only_adds() {
            return Err(Stop::Rewritten);
        }
        self.can_go_on &= !mapper.is_broken;
        self.output.end(mapper.slot);
        mapper.memory.mark = log.mark();
        let place = self.talk.sessions.len();
        self.talk
            .sessions
            .push((log.id().to_owned(), Memory::default()));
        for child in &mut children {
            self.one(child.as_mut(), Some(&mut mapper))?;
        }
        self.talk.sessions[place].1 = mapper.memory;
        Ok(())
    }

    /// Begins a session, or takes it up where it stood.
    fn begin(
        &mut self,
        log: &mut dyn Log,
        facts: Facts,
        parent: Option<&Mapper>,
    ) -> Result<Mapper, Stop> {
        let mut memory = Memory::default();
        let mut header = Session::new(ID, log.id());
        let mut is_resumed = false;
        if let Some(((id, earlier), session)) = self.earlier.sessions.pop() {
            let is_same = id == log.id() && session.native_id == id;
            let is_paid = earlier
                .owed
                .iter()
                .all(|answer| facts.requests.get(answer).is_none());
            if !is_same || !is_paid || !log.skip(&earlier.mark)? {
                return Err(Stop::Rewritten);
            }
            (memory, header, is_resumed) = (earlier, session, true);
        }
        let copied = match (&facts.copied_from, &facts.copied_until, facts.created) {
            (None, ..) => Copied::Nothing,
            (_, Some(last), _) => Copied::Until(last.clone()),
            (Some(other), None, created) => match log.events_of(other) {
                Some(events) => Copied::Of(events),
                None => created.map_or(Copied::Nothing, Copied::Before),
            },
        };
        if parent.is_none() {
            facts.tell(&mut header);
        }
        let mut mapper = Mapper {
            slot: self.output.begin(header, is_resumed),
            facts,
            branch: super::branch::Branch::default(),
            copied,
            is_subagent: parent.is_some(),
            state: Source::file(log.id()),
            is_resumed,
            is_broken: false,
            pending: std::collections::BTreeMap::new(),
            memory,
        };
        if is_resumed && let Some((record, event)) = mapper.memory.tip.clone() {
            mapper.branch.grow(&record, &event, 0, None);
        }
        Ok(mapper)
    }

    /// Ties a subagent's conversation to the call that asked for it.
    fn link(&mut self, child: &mut Mapper, parent: &mut Mapper) {
        if child.is_resumed {
            return;
        }
        let id = self.output.header(parent.slot).id.clone();
        let asked = child.memory.asked;
        self.output.header(child.slot).parent = Some(Parent {
            id,
            kind: LinkKind::Subagent,
            call_id: asked.and_then(|asked| parent.answer_ask(asked)),
        });
    }
}
