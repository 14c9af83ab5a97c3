//! What a session's files say of it as a whole.

use std::collections::BTreeSet;
use std::path::Path;

use stead_usf::{Event, EventType, Git, LinkKind, Parent, Raw, Session, SessionId, Source, Time};

use super::ID;
use super::words::bare;
use crate::container::json::{Object, Values, string};
use crate::{Output, Slot};

/// Fields that are of the running program, or repeat what the messages say.
const OF_THE_PROGRAM: &[&str] = &[
    "version",
    "pid",
    "session_id",
    "prompt",
    "status",
    "exit_code",
    "interactive",
    "provider",
    "model",
    "workspace_root",
    "enable_tools",
    "enable_spawn",
    "enable_teams",
    "messages_path",
    "compaction_path",
];

/// The same within `metadata`.
const OF_THE_METADATA: &[&str] = &[
    "prompt",
    "provider",
    "model",
    "interactive",
    "enableTools",
    "enableSpawn",
    "enableTeams",
    "totalCost",
    "aggregatedAgentsCost",
    "usage",
    "aggregateUsage",
    "sessionHistoryOrigin",
];

/// Fields around the messages that stand elsewhere as well.
const AROUND: &[&str] = &["version", "updated_at", "sessionId", "messages"];

/// The same of a root session, whose description has the system prompt.
const AROUND_OWN: &[&str] = &["agent", "origin", "system_prompt"];

/// What is said of a session.
#[derive(Debug, Default)]
pub(super) struct About {
    pub(super) id: Option<String>,
    parent: Option<String>,
    fork: Option<String>,
    /// When it was forked.
    pub(super) forked: Option<Time>,
    cwd: Option<String>,
    title: Option<String>,
    branch: Option<String>,
    version: Option<String>,
    started: Option<Time>,
    ended: Option<Time>,
    /// The program says that it no longer runs.
    pub(super) stopped: bool,
    /// What is left of it.
    rest: Option<Raw>,
}

impl About {
    /// From the file that describes a root session. Of it a subagent has nothing
    /// but the folder.
    pub(super) fn of(manifest: &str, own: bool) -> Self {
        let Ok(mut manifest) = Object::parse(manifest) else {
            return Self::default();
        };
        let cwd = manifest.string("cwd").filter(|cwd| !cwd.is_empty());
        if !own {
            return Self {
                cwd,
                ..Self::default()
            };
        }
        let mut metadata = manifest.object("metadata").unwrap_or_default();
        let mut time = |name| Time::parse(&string(manifest.take(name)?)?).ok();
        let (started, ended) = (time("started_at"), time("ended_at"));
        let status = manifest.string("status").unwrap_or_default();
        let mut fork = metadata.object("fork").unwrap_or_default();
        let git = metadata.object("git");
        let branch = git.and_then(|mut git| git.string("branch"));
        let title = metadata.string("title");
        metadata.ignore(OF_THE_METADATA);
        manifest.ignore(OF_THE_PROGRAM);
        let rest = crate::extra::with(
            manifest.rest(),
            &[("metadata", metadata.rest().as_ref().map(Raw::json))],
        );
        Self {
            fork: fork.string("forkedFromSessionId"),
            forked: fork.text("forkedAt").and_then(|at| Time::parse(&at).ok()),
            cwd,
            title: title
                .map(|title| bare(&title).to_owned())
                .filter(|title| !title.is_empty()),
            branch,
            started,
            ended,
            stopped: !matches!(status.as_str(), "running" | "pending" | ""),
            rest,
            ..Self::default()
        }
    }

    /// Takes in what stands around the messages.
    pub(super) fn take_in(&mut self, around: &str) {
        let Ok(mut around) = Object::parse(around) else {
            return;
        };
        let mut origin = around.object("origin").unwrap_or_default();
        self.id = around.string("sessionId").filter(|id| !id.is_empty());
        self.version = origin.string("version");
        self.parent = origin.string("parentThreadId");
    }

    /// Whether nobody types in it: another session's model asks.
    pub(super) fn is_child(&self, own: bool) -> bool {
        !own || self.parent.is_some()
    }

    /// The header; `root` is the session in whose folder it lies, if not its own.
    pub(super) fn header(&self, id: &str, root: Option<&str>) -> Session {
        let mut header = Session::new(ID, id);
        header.agent_version.clone_from(&self.version);
        header.cwd.clone_from(&self.cwd);
        header.title.clone_from(&self.title);
        header.git = self.branch.clone().map(|branch| Git {
            branch: Some(branch),
            ..Git::default()
        });
        let started = self
            .parent
            .as_deref()
            .or(root)
            .map(|parent| (parent, LinkKind::Subagent));
        let forked = self.fork.as_deref().map(|parent| (parent, LinkKind::Fork));
        let link = started
            .or(forked)
            .filter(|(parent, _)| *parent != id && !parent.is_empty());
        header.parent = link.map(|(parent, kind)| Parent {
            id: SessionId::new(&ID, parent),
            kind,
            call_id: None,
        });
        header.created_at = self.started;
        header.updated_at = self.ended.or(self.started).max(self.started);
        header
    }

    /// Puts out what is left, with the system prompt.
    pub(super) fn put(&mut self, slot: Slot, path: &Path, output: &mut Output<'_>) {
        note("session", self.rest.take(), slot, path, output);
    }
}

/// Puts out what is left of what stands around the messages.
pub(super) fn put_around(
    around: &str,
    own: bool,
    slot: Slot,
    path: &Path,
    output: &mut Output<'_>,
) {
    let mut around = Object::parse(around).unwrap_or_default();
    around.ignore(AROUND);
    if own {
        around.ignore(AROUND_OWN);
    }
    note("around", around.rest(), slot, path, output);
}

/// An event of fields that mean nothing in USF.
fn note(id: &str, rest: Option<Raw>, slot: Slot, path: &Path, output: &mut Output<'_>) {
    let Some(rest) = rest else { return };
    let mut event = Event::new(id, EventType::System);
    event.extra = Some(rest);
    event.source = Some(Source::file(path.to_string_lossy()));
    output.event(slot, event);
}

/// The messages that stand for earlier ones since a compaction.
#[derive(Debug, Default)]
pub(super) struct Compaction {
    /// So many messages of before it stands for.
    pub(super) count: usize,
    /// Messages that are still sent as they were.
    pub(super) kept: BTreeSet<String>,
    pub(super) summary: String,
    pub(super) at: Option<Time>,
    pub(super) rest: Option<Raw>,
}

impl Compaction {
    pub(super) fn of(json: &str) -> Option<Self> {
        let mut object = Object::parse(json).ok()?;
        let count = object.u64("source_message_count")? as usize;
        let messages: Values<'_> = object.values("messages")?;
        let mut compaction = Self {
            count,
            ..Self::default()
        };
        for mut message in messages.into_iter().filter_map(Object::of) {
            let Some(mut metadata) = message.object("metadata") else {
                compaction.kept.extend(message.string("id"));
                continue;
            };
            if let Some(summary) = metadata.string("summary") {
                compaction.summary = summary;
                let at = metadata.i64("generatedAt");
                compaction.at = at.and_then(|at| Time::from_millis(at).ok());
                compaction.rest = metadata.rest();
            } else {
                compaction.kept.extend(message.string("id"));
            }
        }
        (!compaction.summary.is_empty()).then_some(compaction)
    }
}
