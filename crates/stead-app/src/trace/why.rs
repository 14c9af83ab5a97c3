//! The whole chain behind one line: request, reasoning, call, edit, commit.

use serde::Serialize;
use stead_redact::Redactor;
use stead_trace::{Origin, TracedLine, Tracer};
use stead_usf::{Edit, Event, EventType, Session};

use super::Line;
use super::account::{self, Account};
use crate::{App, AppError, OpenOptions};

/// Why a line is as it is.
#[derive(Debug, Clone, Serialize)]
pub struct Why {
    /// The file, from the top of the repository.
    pub path: String,
    /// The line and who wrote it.
    #[serde(flatten)]
    pub line: Line,
    /// The line as the agent left it, if somebody changed it.
    pub before: Option<String>,
    /// The commit that brought it.
    pub brought_by: Option<CommitFacts>,
    /// The session's header, in USF, without events.
    pub header: Option<Session>,
    /// So many prompts there were up to the request.
    pub turn: usize,
    /// What the user asked for last before the line was written.
    pub request: Option<Event>,
    /// What the model thought and said in the message that wrote it.
    pub said: Vec<Event>,
    /// The tool call (or the edit that stands alone), its edits of other files
    /// taken out.
    pub call: Option<Event>,
    /// What the tool answered.
    pub result: Option<Event>,
    /// What the agent kept of the call besides, if it is one that accounts for its calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// What stood there before, the latest first.
    pub earlier: Vec<EarlierForm>,
    /// So many later steps of sessions changed the file and left the line.
    pub kept: usize,
    /// A step that took the line away (it came back, or stayed elsewhere).
    pub removed: Option<StepName>,
    /// Why the session cannot be shown, though it is known.
    pub missing: Option<String>,
}

/// A commit as an answer names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommitFacts {
    /// Its id.
    pub id: String,
    /// When it was written, in milliseconds since 1970.
    pub at_ms: i64,
    /// The author's name.
    pub author: String,
    /// The message's first line.
    pub subject: String,
}

/// A step of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepName {
    /// The session's whole id.
    pub session: String,
    /// The event.
    pub event: String,
    /// When, in milliseconds since 1970.
    pub at_ms: Option<i64>,
}

/// What stood in a line's place before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EarlierForm {
    /// The form.
    pub text: String,
    /// Who wrote it; none if it was no session.
    pub by: Option<StepName>,
}

/// Tells the chain behind a line that the tracer traced.
pub fn why(
    app: &App,
    tracer: &mut Tracer,
    path: &str,
    line: &TracedLine,
    options: OpenOptions,
) -> Result<Why, AppError> {
    let story = tracer.story(&line.text, &line.finding);
    let name = |step: u32| step_name(tracer, step);
    let redactor = (!options.reveal).then(Redactor::default_rules);
    let masked = |text: &str| match &redactor {
        Some(redactor) => redactor.mask(text).into_owned(),
        None => text.to_owned(),
    };
    let earlier = story.earlier.iter().map(|form| EarlierForm {
        text: masked(&form.text),
        by: form.step.and_then(name),
    });
    let mut why = Why {
        path: path.to_owned(),
        line: Line::one(line, tracer),
        before: match &line.finding.origin {
            Origin::Mixed { step, before } => {
                let shown = tracer.as_written(*step, before);
                Some(masked(shown.as_deref().unwrap_or(before)))
            }
            _ => None,
        },
        brought_by: line.commit.as_deref().and_then(|id| commit(tracer, id)),
        header: None,
        turn: 0,
        request: None,
        said: Vec::new(),
        call: None,
        result: None,
        account: None,
        earlier: earlier.collect(),
        kept: story.kept,
        removed: story.removed.and_then(name),
        missing: None,
    };
    let step = line.finding.step().map(|step| step as usize);
    if let Some(step) = step.and_then(|step| tracer.evidence().steps.get(step)) {
        why.read(app, &step.event, &step.path, options)?;
    }
    Ok(why)
}

impl Why {
    /// Reads the session; one that is gone since leaves the rest of the answer.
    fn read(
        &mut self,
        app: &App,
        event: &str,
        path: &str,
        options: OpenOptions,
    ) -> Result<(), AppError> {
        let Some(id) = self.line.session.as_deref() else {
            return Ok(());
        };
        let session = app.find(id).and_then(|found| app.load(&found, options));
        match session {
            Ok(session) => {
                self.tell(session, event, path);
                Ok(())
            }
            Err(error @ (AppError::NotFound { .. } | AppError::Read(_))) => {
                self.missing = Some(error.to_string());
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn tell(&mut self, mut session: Session, event: &str, path: &str) {
        let events = std::mem::take(&mut session.events);
        if let Some(place) = events.iter().position(|known| known.id == event) {
            let request = asked(&events[..place]);
            let since = request.map_or(0, |at| at + 1);
            self.turn = events[..place].iter().filter(|e| e.is_prompt()).count();
            self.request = request.map(|at| events[at].clone());
            self.said = said(&events[since..place], &events[place]);
            self.call = Some(of_file(events[place].clone(), path));
            let call = account::call_of(&events, place).unwrap_or(place);
            let result = events[call].result.as_deref();
            let result = result.and_then(|id| events.iter().find(|known| known.id == id));
            self.result = result.cloned();
            self.account = account::of(&events, call);
        }
        self.header = Some(session);
    }
}

/// The last thing that the user asked for; in a subagent, what it was told.
fn asked(before: &[Event]) -> Option<usize> {
    let live = |event: &Event| event.is_prompt() && !event.inherited;
    let told = |event: &Event| event.kind == EventType::User;
    before
        .iter()
        .rposition(live)
        .or_else(|| before.iter().rposition(Event::is_prompt))
        .or_else(|| before.iter().rposition(told))
}

/// What was thought and said in the message of a call, else right before it.
fn said(turn: &[Event], call: &Event) -> Vec<Event> {
    let speaks = |event: &&Event| {
        matches!(event.kind, EventType::Reasoning | EventType::Assistant)
            && event
                .text
                .as_deref()
                .is_some_and(|text| !text.trim().is_empty())
    };
    let message = call.message.as_ref();
    let same = |event: &&Event| message.is_some() && event.message.as_ref() == message;
    let own: Vec<Event> = turn.iter().filter(speaks).filter(same).cloned().collect();
    if !own.is_empty() {
        return own;
    }
    let last = turn.iter().rposition(|event| speaks(&event));
    let Some(last) = last else { return Vec::new() };
    let first = turn[..last].iter().rposition(|event| !speaks(&event));
    turn[first.map_or(0, |at| at + 1)..=last].to_vec()
}

/// The event with its edits of one file.
fn of_file(mut event: Event, path: &str) -> Event {
    let name = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned();
    let wanted = name(path);
    let fits = |edit: &Edit| {
        let to = edit.new_path.as_deref().unwrap_or(&edit.path);
        let (to, path) = (to.replace('\\', "/"), path.replace('\\', "/"));
        path.ends_with(to.trim_start_matches("./"))
    };
    let same_name = |edit: &Edit| {
        let to = edit.new_path.as_deref().unwrap_or(&edit.path);
        name(to) == wanted
    };
    if event.edits.iter().any(fits) {
        event.edits.retain(fits);
    } else if event.edits.iter().any(same_name) {
        event.edits.retain(same_name);
    }
    event
}

fn step_name(tracer: &Tracer, step: u32) -> Option<StepName> {
    let evidence = tracer.evidence();
    let step = evidence.steps.get(step as usize)?;
    let session = evidence.sessions.get(step.session as usize)?;
    Some(StepName {
        session: session.id.clone(),
        event: step.event.clone(),
        at_ms: step.at_ms,
    })
}

fn commit(tracer: &Tracer, id: &str) -> Option<CommitFacts> {
    let commit = tracer.history().commits.get(id)?;
    Some(CommitFacts {
        id: commit.id.clone(),
        at_ms: commit.author_ms,
        author: commit.author.0.clone(),
        subject: commit.subject.clone(),
    })
}
