//! Which block becomes what. Blocks come in the order of the file; what a block
//! means depends on the section so far.

use std::sync::Arc;

use serde_json::json;
use stead_usf::{Event, EventType, Issue, Raw, Session, Severity, Source, Status, Tool, ToolKind};

use super::blocks::{Block, Kind};
use super::extra;
use super::reflog::Reflog;
use super::reply::{self, Reply};
use super::section::{Section, State};
use super::survey::Survey;
use super::times::Times;
use super::words::{self, Words, classify, repeats};
use crate::{Fate, Output, Slot};

/// Maps the blocks of one history.
pub(super) struct Mapper {
    /// The history, as sources name it.
    pub(super) file: Arc<str>,
    pub(super) cwd: Option<String>,
    pub(super) state: State,
    pub(super) survey: Survey,
    pub(super) typed: Times,
    pub(super) asked: Times,
    pub(super) reflog: Reflog,
    /// The session of the section, once it is open.
    pub(super) slot: Option<Slot>,
    /// A reply whose tokens may come next.
    pub(super) held: Option<Reply>,
    /// Outputs of the program that stand together.
    pub(super) group: Vec<Block>,
    /// Nothing came since the last reading.
    pub(super) resumed: bool,
    /// What was put out goes on.
    pub(super) broken: bool,
}

impl Mapper {
    /// Takes in a block.
    pub(super) fn block(&mut self, output: &mut Output<'_>, block: Block) {
        if block.kind == Kind::Heading {
            self.flush(output);
            self.heading(output, &block);
            output.record(Fate::Mapped);
            return;
        }
        let (Some(slot), Some(mut section)) = (self.slot, self.state.section.take()) else {
            self.preface(output, &block);
            return;
        };
        self.broken |= self.resumed && joins(&section, &block);
        self.resumed = false;
        if block.kind != Kind::Output {
            self.release(output, slot);
            self.close_group(output, slot, &mut section);
        }
        section.after = Some(block.kind);
        match block.kind {
            Kind::Said => self.said(output, slot, &mut section, &block),
            Kind::Reply => self.reply(&mut section, &block),
            Kind::Output | Kind::Heading => self.output(output, slot, &mut section, block),
        }
        self.state.section = Some(section);
        output.record(Fate::Mapped);
    }

    /// Nothing more comes, for now.
    pub(super) fn finish(&mut self, output: &mut Output<'_>) {
        self.flush(output);
        self.conclude(output);
    }

    /// Puts out what waits for the next block.
    fn flush(&mut self, output: &mut Output<'_>) {
        let (Some(slot), Some(mut section)) = (self.slot, self.state.section.take()) else {
            return;
        };
        self.release(output, slot);
        self.close_group(output, slot, &mut section);
        self.state.section = Some(section);
    }

    /// Says in the header how the session stands.
    fn conclude(&self, output: &mut Output<'_>) {
        let open = self.state.section.as_ref().and_then(|section| section.open);
        let (Some(slot), Some(open)) = (self.slot, open) else {
            return;
        };
        let status = if open { Status::Aborted } else { Status::Ended };
        output.header(slot).status = Some(status);
    }

    /// A run of the program begins: a session of its own.
    fn heading(&mut self, output: &mut Output<'_>, block: &Block) {
        self.conclude(output);
        if let Some(slot) = self.slot {
            output.end(slot);
        }
        let name = self.state.name(&block.text);
        let mut header = Session::new(super::ID, name.clone());
        header.cwd.clone_from(&self.cwd);
        let slot = output.begin(header, false);
        let mut event = self.event(EventType::System, block);
        event.text = Some(format!("aider chat started at {}", block.text));
        extra::add(&mut event, "started_at", &block.text);
        output.event(slot, event);
        self.slot = Some(slot);
        self.resumed = false;
        self.state.section = Some(Section {
            name,
            start: block.text.clone(),
            end: self
                .survey
                .end_of(block.bytes[0], &block.text)
                .map(str::to_owned),
            announcing: true,
            after: Some(Kind::Heading),
            ..Section::default()
        });
    }

    /// Text before the first heading is nobody's.
    fn preface(&self, output: &mut Output<'_>, block: &Block) {
        output.record(Fate::Reported);
        let message = "text before the first heading belongs to no session";
        let issue = Issue::new(Severity::Warning, "no-heading", message);
        output.unplaced_issue(issue.at(self.source(block)));
    }

    /// A message in the user's place.
    fn said(&mut self, output: &mut Output<'_>, slot: Slot, section: &mut Section, block: &Block) {
        let text = block.text.as_str();
        let expected = section.turn.expected.take();
        let repeated = expected.is_some_and(|words| repeats(text, &words));
        let plan = section.turn.plan.take() == Some(words::digest(text));
        let words = if repeated || plan {
            Words::Program
        } else {
            classify(text)
        };
        if words == Words::Program {
            let mut event = self.event(EventType::User, block);
            event.injected = true;
            event.text = Some(text.to_owned());
            section.turn.editing = plan;
            section.open = if repeated || plan {
                Some(true)
            } else {
                section.open
            };
            output.event(slot, event);
            return;
        }
        section.turn = super::section::Turn::default();
        section.announcing = words == Words::Command;
        let mut event = match words {
            Words::Tool(kind, argument, value) => {
                let event = self.command(block, kind, argument, value);
                section.turn.command = Some(event.id.clone());
                event
            }
            Words::Command => self.event(EventType::System, block),
            _ => self.event(EventType::User, block),
        };
        if event.kind != EventType::ToolCall {
            event.text = Some(text.to_owned());
        }
        match words {
            Words::Prompt => section.open = Some(true),
            Words::Chat(mode, words) => {
                section.open = Some(true);
                section.turn.mode = Some(mode.to_owned());
                section.turn.expected = Some(words.to_owned());
            }
            _ => {}
        }
        extra::add_typed(
            &mut event,
            self.typed
                .claim(text, &section.start, section.end.as_deref()),
        );
        output.event(slot, event);
    }

    /// A command with which the user has the program do the work of a tool.
    fn command(&self, block: &Block, kind: ToolKind, argument: &str, value: &str) -> Event {
        let mut event = self.event(EventType::ToolCall, block);
        let name = block.text.split_whitespace().next().unwrap_or("/");
        let name = if name.starts_with('!') { "!" } else { name };
        event.tool = Some(Tool::new(name, kind));
        event.call_id = Some(event.id.clone());
        event.input = Raw::of(&json!({ argument: value })).ok();
        extra::add(&mut event, "typed", &block.text);
        event
    }

    fn reply(&mut self, section: &mut Section, block: &Block) {
        let id = format!("L{}", block.line);
        let message = format!("{}/{id}", section.name);
        let mut reply = reply::map(&block.text, &id, &message, section);
        let source = self.source(block);
        for event in &mut reply.events {
            event.source = Some(source.clone());
        }
        let asked = self
            .asked
            .claim(&block.text, &section.start, section.end.as_deref());
        if let Some(main) = reply.main() {
            extra::add_asked(main, asked);
        }
        let architect = section.form() == Some("architect");
        section.turn.plan = architect.then(|| words::digest(&plan_of(&reply)));
        section.turn.last = reply.events.last().map(|event| event.id.clone());
        section.open = Some(false);
        self.held = Some(reply);
    }

    pub(super) fn event(&self, kind: EventType, block: &Block) -> Event {
        let mut event = Event::new(format!("L{}", block.line), kind);
        event.source = Some(self.source(block));
        event
    }

    pub(super) fn source(&self, block: &Block) -> Source {
        Source::line(self.file.clone(), block.line, block.bytes)
    }
}

/// The words of a reply: what an editor is told to do.
fn plan_of(reply: &Reply) -> String {
    let words = reply
        .events
        .iter()
        .filter(|event| event.kind == EventType::Assistant);
    words
        .filter_map(|event| event.text.as_deref())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Whether a block adds to what the last reading put out at its end: an output to
/// others, tokens to a reply.
fn joins(section: &Section, block: &Block) -> bool {
    let tokens = super::notes::counted(&block.text).is_some();
    block.kind == Kind::Output
        && (section.after == Some(Kind::Output) || (section.after == Some(Kind::Reply) && tokens))
}
