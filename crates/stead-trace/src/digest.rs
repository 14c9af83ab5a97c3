//! A session's events as steps.

mod commits;
mod printed;
mod read;

use rustc_hash::FxHashMap;
use serde_json::Value;
use stead_usf::{Edit, EditOperation, Event, EventType, Scope, Session, Time, ToolKind};

use crate::path::absolute;
use crate::shell::{self, Effects};
use crate::step::{Action, Patch, SessionFacts, Step};

/// What one session did to files, in its order.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Digest {
    /// The session.
    pub session: SessionFacts,
    /// Its steps; `session` in them is 0.
    pub steps: Vec<Step>,
}

impl Digest {
    /// The steps of a session that was read whole, secrets included: texts are
    /// compared with files.
    pub fn of(session: &Session) -> Self {
        let mut facts = facts(session);
        let results = results(session);
        let dates = commits::dates(session);
        let mut steps = Collect {
            dates,
            cwd: session.cwd.as_deref().unwrap_or_default(),
            steps: Vec::new(),
            at_ms: facts.from_ms,
            dated: false,
        };
        for event in &session.events {
            let result = event.result.as_deref().and_then(|id| results.get(id));
            commits::named(result.copied(), event, &mut facts.commits);
            facts.commits.extend(commits::own(event));
            // What a fork copied is told by the session that it was copied from.
            if !event.inherited {
                steps.event(event, result.copied());
            }
        }
        Self {
            session: facts,
            steps: steps.steps,
        }
    }
}

fn facts(session: &Session) -> SessionFacts {
    let times = session.events.iter().filter_map(time_of);
    let git = session.git.as_ref();
    SessionFacts {
        id: session.id.to_string(),
        agent: session.agent.to_string(),
        cwd: session.cwd.clone(),
        title: session
            .title
            .clone()
            .or_else(|| session.first_prompt.clone()),
        from_ms: times.clone().chain(millis(session.created_at)).min(),
        to_ms: times.chain(millis(session.updated_at)).max(),
        commits: git.and_then(|git| git.commit.clone()).into_iter().collect(),
        remotes: git.and_then(|git| git.remote.clone()).into_iter().collect(),
    }
}

fn millis(time: Option<Time>) -> Option<i64> {
    time.map(Time::as_millis)
}

/// When an event was recorded, in milliseconds since 1970. A time without a zone
/// is taken as it stands: where steps are matched, some hours make no difference.
fn time_of(event: &Event) -> Option<i64> {
    if let Some(at) = event.at {
        return Some(at.as_millis());
    }
    let extra: Value = serde_json::from_str(event.extra.as_ref()?.json()).ok()?;
    let local = ["typed_at", "started_at"];
    let local = local.iter().find_map(|name| extra[name].as_str())?;
    let (date, time) = local.split_once([' ', 'T'])?;
    let time = Time::parse(&format!("{date}T{}Z", time.get(..8)?));
    time.ok().map(Time::as_millis)
}

fn results(session: &Session) -> FxHashMap<&str, &Event> {
    let results = session.events.iter();
    results
        .filter(|event| event.kind == EventType::ToolResult)
        .map(|event| (event.id.as_str(), event))
        .collect()
}

struct Collect<'a> {
    /// When events without a time were committed, by their ids.
    dates: FxHashMap<&'a str, i64>,
    cwd: &'a str,
    steps: Vec<Step>,
    /// When the event that is looked at happened.
    at_ms: Option<i64>,
    /// It has a time of its own.
    dated: bool,
}

impl Collect<'_> {
    fn event(&mut self, event: &Event, result: Option<&Event>) {
        // What has no time comes after what was before it.
        let committed = self.dates.get(event.id.as_str()).copied();
        let own = time_of(event).or(committed);
        self.dated = own.is_some();
        self.at_ms = own.or(self.at_ms);
        let failed = result.is_some_and(|result| result.ok == Some(false));
        let confirmed =
            event.kind == EventType::Edit || result.is_some_and(|result| result.ok == Some(true));
        if !failed {
            for edit in &event.edits {
                self.edit(event, edit, confirmed);
            }
        }
        let Some(tool) = event.tool.as_ref().filter(|_| event.edits.is_empty()) else {
            return;
        };
        let raw = event.input.as_ref();
        let Some(input) = raw.and_then(|raw| serde_json::from_str::<Value>(raw.json()).ok()) else {
            return;
        };
        // An editor that is one tool has a command for looking.
        let views = tool.kind == ToolKind::Edit && input["command"] == "view";
        match tool.kind {
            ToolKind::Shell => self.shell(event, &input, result),
            ToolKind::Read if !failed => self.read(event, &input, result),
            _ if views && !failed => self.read(event, &input, result),
            _ => {}
        }
    }

    fn put(&mut self, event: &Event, path: &str, action: Action, confirmed: bool) {
        self.steps.push(Step {
            session: 0,
            event: event.id.clone(),
            at_ms: self.at_ms,
            path: absolute(path, self.cwd),
            action,
            confirmed,
            dated: self.dated,
            model: event.model.clone(),
        });
    }

    fn edit(&mut self, event: &Event, edit: &Edit, confirmed: bool) {
        let moved = edit.new_path.as_deref().filter(|new| *new != edit.path);
        if let Some(to) = moved {
            let to = absolute(to, self.cwd);
            self.put(event, &edit.path, Action::Move(to), confirmed);
        }
        let path = moved.unwrap_or(&edit.path);
        if edit.operation == EditOperation::Delete {
            return self.put(event, path, Action::Delete, confirmed);
        }
        // A step without a time may be played before the file was gone.
        let created = edit.operation == EditOperation::Create && self.dated;
        let action = match (&edit.before, &edit.after) {
            (None, Some(after)) if created => Some(Action::Write {
                before: Some(String::new()),
                after: after.clone(),
            }),
            _ => changed(edit),
        };
        if let Some(action) = action {
            self.put(event, path, action, confirmed);
        }
    }

    /// What was read is evidence of what files held.
    fn read(&mut self, event: &Event, input: &Value, result: Option<&Event>) {
        let output = result.and_then(|result| result.output.as_deref());
        for (path, action) in read::files(input, output.unwrap_or_default()) {
            self.put(event, &path, action, true);
        }
    }

    fn shell(&mut self, event: &Event, input: &Value, result: Option<&Event>) {
        let Some(command) = shell::command_of(input) else {
            return;
        };
        let folder = shell::folder_of(input);
        let cwd = folder.map_or_else(|| self.cwd.to_owned(), |folder| absolute(&folder, self.cwd));
        let output = result.and_then(printed::printed);
        let confirmed = result.is_some_and(|result| result.ok != Some(false));
        let Effects { actions, opaque } = shell::effects(&command, &cwd, output.as_deref());
        for (path, action) in actions {
            self.put(event, &path, action, confirmed);
        }
        if opaque {
            self.put(event, &cwd, Action::Opaque, confirmed);
        }
    }
}

/// What an edit says of the file's text, the most exact first.
fn changed(edit: &Edit) -> Option<Action> {
    let whole = edit.scope == Some(Scope::File);
    let placed = edit.hunks.iter().any(|hunk| !hunk.lines.is_empty());
    match (&edit.before, &edit.after) {
        _ if placed => Some(Action::Patch(Patch {
            hunks: edit.hunks.clone(),
            after: edit.after.clone().filter(|_| whole),
        })),
        (before, Some(after)) if whole => Some(Action::Write {
            before: before.clone(),
            after: after.clone(),
        }),
        // Nothing to look for: the text goes to the end, or into a new file.
        (Some(before), Some(after)) if before.is_empty() => Some(Action::Append(after.clone())),
        (Some(before), Some(after)) => Some(Action::Replace {
            before: before.clone(),
            after: after.clone(),
            all: edit.replace_all,
        }),
        // A fragment without what it replaced, as an insertion is recorded.
        (None, Some(after)) => Some(Action::Append(after.clone())),
        (_, None) => None,
    }
}
