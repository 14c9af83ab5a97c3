//! Reads one transcript: drives the container, keeps what must be known across
//! records, and puts the events out.

use std::path::Path;

use serde::{Deserialize, Serialize};
use stead_usf::{AgentId, Issue, LinkKind, Parent, Raw, Session, SessionId, Status};

use super::calls::Calls;
use super::lineage::{self, Copies, Lineage};
use super::locate::Place;
use super::side;
use super::tree::{Forgotten, Tree};
use super::usage::{Replies, Reply};
use crate::container::jsonl;
use crate::{Checkpoint, Output, ReadError, Slot, Unit};

/// Changes whenever the same file would be read differently.
pub(super) const VERSION: u32 = 5;

/// Where a title comes from; a later kind wins over an earlier one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Title {
    #[default]
    None,
    /// What the session was started for.
    Task,
    /// Made by the agent.
    Made,
    /// Given by the user.
    Given,
}

/// One talk of the file: the session itself, or an old subagent within it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Talk {
    /// The id of its session.
    pub(super) id: String,
    pub(super) title: Title,
    /// The agent has to go on.
    pub(super) open: bool,
    /// Anything was said.
    pub(super) begun: bool,
}

/// Reads one transcript.
pub(super) struct Reader<'u> {
    pub(super) agent: AgentId,
    pub(super) unit: &'u Unit,
    pub(super) place: Place,
    /// In slot order; the first is the session itself.
    pub(super) talks: Vec<Talk>,
    pub(super) tree: Tree,
    pub(super) replies: Replies,
    pub(super) calls: Calls,
    pub(super) lineage: Lineage,
    pub(super) copies: Copies,
    /// The copied part is over.
    pub(super) past_copies: bool,
    /// The prompt of a subagent as JSON, to find the call that gave it.
    pub(super) task: Option<Box<str>>,
    /// Something reached back further than what is remembered.
    pub(super) forgotten: bool,
}

/// What is remembered between two readings.
#[derive(Serialize, Deserialize)]
struct State {
    talks: Vec<Talk>,
    tree: Tree,
    replies: Vec<(u64, Reply)>,
    calls: Calls,
    lineage: Lineage,
    past_copies: bool,
    task: Option<Box<str>>,
}

/// Reads a unit from `since` on.
pub(super) fn read(
    agent: &AgentId,
    unit: &Unit,
    since: Option<&Checkpoint>,
    output: &mut Output<'_>,
) -> Result<Checkpoint, ReadError> {
    let rewritten = || ReadError::Rewritten {
        path: unit.path.clone(),
    };
    let mut reader = match since {
        None => Reader::new(agent, unit),
        Some(checkpoint) => {
            Reader::resume(agent, unit, checkpoint, output).ok_or_else(rewritten)?
        }
    };
    let position = since.map(|checkpoint| &checkpoint.position);
    let end = jsonl::read(&unit.path, position, output, &mut reader)?;
    if reader.forgotten {
        return Err(rewritten());
    }
    let tentative = side::read(&mut reader, output);
    reader.conclude(output);
    let checkpoint = Checkpoint {
        version: VERSION,
        position: end.position,
        state: Raw::of(&reader.state()).ok(),
        sessions: output.headers(),
    };
    for issue in end.partial.into_iter().chain(tentative) {
        if reader.talks.is_empty() {
            output.unplaced_issue(issue);
        } else {
            output.issue(slot(0), issue);
        }
    }
    Ok(checkpoint)
}

impl<'u> Reader<'u> {
    fn new(agent: &AgentId, unit: &'u Unit) -> Self {
        let place = Place::of(&unit.path);
        let lineage = if place.agent {
            Lineage {
                settled: true,
                ..Lineage::default()
            }
        } else {
            lineage::find(&unit.path, &place.id)
        };
        Self {
            agent: agent.clone(),
            unit,
            talks: Vec::new(),
            tree: Tree::default(),
            replies: Replies::default(),
            calls: Calls::default(),
            copies: Copies::of(&lineage),
            lineage,
            past_copies: false,
            task: None,
            forgotten: false,
            place,
        }
    }

    /// Goes on from a checkpoint; `None` if that is not possible, because what
    /// was there then does not yet tell where the session came from.
    fn resume(
        agent: &AgentId,
        unit: &'u Unit,
        checkpoint: &Checkpoint,
        output: &mut Output<'_>,
    ) -> Option<Self> {
        let state = checkpoint.state.as_ref();
        let state = state.and_then(|state| state.to::<State>().ok())?;
        let by_ids = state.lineage.file.is_some() && state.lineage.until == 0;
        let settled = state.lineage.settled && (!by_ids || state.past_copies);
        if !settled
            || checkpoint.version != VERSION
            || state.talks.len() != checkpoint.sessions.len()
        {
            return None;
        }
        for header in &checkpoint.sessions {
            output.begin(header.clone(), true);
        }
        Some(Self {
            agent: agent.clone(),
            unit,
            place: Place::of(&unit.path),
            talks: state.talks,
            tree: state.tree.recalled(),
            replies: Replies::recalled(state.replies),
            calls: state.calls,
            // The copies are all behind.
            copies: Copies::default(),
            lineage: state.lineage,
            past_copies: state.past_copies,
            task: state.task,
            forgotten: false,
        })
    }

    fn state(&self) -> State {
        State {
            talks: self.talks.clone(),
            tree: self.tree.remembered(),
            replies: self.replies.remembered(),
            calls: self.calls.clone(),
            lineage: self.lineage.clone(),
            past_copies: self.past_copies,
            task: self.task.clone(),
        }
    }

    /// The session itself, begun when the first of its records is there.
    pub(super) fn main(&mut self, output: &mut Output<'_>) -> u32 {
        if self.talks.is_empty() {
            let id = self.place.id.clone();
            let mut header = Session::new(self.agent.clone(), id.clone());
            header.parent = match (&self.place.session, &self.lineage) {
                (Some(session), _) => Some(self.link(session, LinkKind::Subagent, None)),
                (None, lineage) => lineage
                    .parent
                    .as_ref()
                    .zip(lineage.kind)
                    .map(|(parent, kind)| self.link(parent, kind, None)),
            };
            self.begin(output, header, Title::None);
        }
        0
    }

    pub(super) fn begin(&mut self, output: &mut Output<'_>, header: Session, title: Title) -> u32 {
        self.talks.push(Talk {
            id: header.native_id.clone(),
            title,
            open: false,
            begun: false,
        });
        output.begin(header, false).0 as u32
    }

    /// A link to another session of the agent.
    pub(super) fn link(&self, id: &str, kind: LinkKind, call_id: Option<String>) -> Parent {
        Parent {
            id: SessionId::new(&self.agent, id),
            kind,
            call_id,
        }
    }

    /// Gives a session its title, unless it has a better one.
    pub(super) fn title(&mut self, output: &mut Output<'_>, talk: u32, title: String, kind: Title) {
        let known = &mut self.talks[talk as usize].title;
        if kind >= *known && !title.trim().is_empty() {
            *known = kind;
            output.header(slot(talk)).title = Some(title);
        }
    }

    /// What a change of the past comes to; `None` if it reaches too far back.
    pub(super) fn remember<T>(&mut self, result: Result<T, Forgotten>) -> Option<T> {
        self.forgotten |= result.is_err();
        result.ok()
    }

    /// Says in the headers how each talk stands.
    fn conclude(&self, output: &mut Output<'_>) {
        for (number, talk) in (0..).zip(&self.talks).filter(|(_, talk)| talk.begun) {
            output.header(slot(number)).status = Some(if talk.open {
                Status::Aborted
            } else {
                Status::Ended
            });
        }
    }

    /// A problem with a file beside the transcript.
    pub(super) fn unreadable(path: &Path, problem: &dyn std::fmt::Display) -> Issue {
        let message = format!("the file beside the transcript could not be read: {problem}");
        Issue::new(stead_usf::Severity::Warning, "bad-side-file", message)
            .at(stead_usf::Source::file(path.to_string_lossy()))
    }
}

/// The slot of a talk: both count from 0 in the order of beginning.
pub(super) fn slot(talk: u32) -> Slot {
    Slot(talk as usize)
}
