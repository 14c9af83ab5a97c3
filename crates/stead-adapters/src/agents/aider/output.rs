//! What the program says by itself: facts, outcomes, commits, outputs of commands.

use serde_json::json;
use stead_usf::{Event, EventType, Raw, Tool, ToolKind};

use super::blocks::Block;
use super::map::Mapper;
use super::notes::{self, Counted, Fact};
use super::partly::made;
use super::section::{Changes, Section};
use super::{edits, extra};
use crate::{Amendment, Output, Slot};

impl Mapper {
    /// An output of the program.
    pub(super) fn output(
        &mut self,
        output: &mut Output<'_>,
        slot: Slot,
        section: &mut Section,
        block: Block,
    ) {
        let counted = notes::counted(&block.text);
        if let (Some(counted), Some(reply)) = (&counted, &mut self.held) {
            if let Some(main) = reply.main() {
                count(main, counted, &block.text);
            }
            self.release(output, slot);
            return;
        }
        self.release(output, slot);
        for line in block.text.lines() {
            Self::learn(output, slot, section, line);
        }
        if let Some(commit) = notes::commit(&block.text) {
            self.close_group(output, slot, section);
            let mut event = self.event(EventType::System, &block);
            event.parent.clone_from(&section.turn.last);
            let made = self
                .reflog
                .find(commit.hash, &section.start, section.end.as_deref())
                .filter(|_| commit.what == "commit");
            event.at = made.and_then(|(_, made)| made.time());
            extra::add_commit(&mut event, commit, made);
            event.text = Some(block.text);
            output.event(slot, event);
        } else if let Some(counted) = counted {
            self.close_group(output, slot, section);
            let mut event = self.event(EventType::System, &block);
            event.model = section.answering();
            event.message = Some(format!("{}/{}", section.name, event.id));
            count(&mut event, &counted, &block.text);
            event.text = Some(block.text);
            output.event(slot, event);
        } else if let Some(command) = self.run(&block) {
            self.close_group(output, slot, section);
            output.event(slot, command);
        } else if self.group.is_empty() && block.text.trim().is_empty() {
            // The blank beginning of an output of several lines.
        } else {
            let waits = section.turn.command.is_some() || section.turn.changes.is_some();
            let other =
                |first: &Block| notes::is_error(&first.text) != notes::is_error(&block.text);
            if !waits && self.group.first().is_some_and(other) {
                self.close_group(output, slot, section);
            }
            self.group.push(block);
        }
    }

    /// Takes facts out of a line.
    fn learn(output: &mut Output<'_>, slot: Slot, section: &mut Section, line: &str) {
        match line {
            _ if notes::goes_on(line) || line.starts_with("The LLM did not conform") => {
                section.open = Some(true);
            }
            _ if notes::is_error(line) && section.open.is_some() => section.open = Some(false),
            _ => {}
        }
        if !section.announcing {
            return;
        }
        match notes::fact(line) {
            Some(Fact::Version(version)) => {
                output.header(slot).agent_version = Some(version.to_owned());
            }
            Some(Fact::Model(model, format)) => {
                section.model = Some(model.to_owned());
                section.format = format.map(str::to_owned);
            }
            Some(Fact::Editor(model, format)) => {
                section.editor = Some((model.to_owned(), format.map(str::to_owned)));
            }
            None => {}
        }
    }

    /// A command that the model proposed and the user let run.
    fn run(&self, block: &Block) -> Option<Event> {
        let command = block.text.strip_prefix("Running ")?;
        let asked = self
            .group
            .iter()
            .any(|before| before.text.starts_with("Run shell command"));
        if !asked {
            return None;
        }
        let mut event = self.event(EventType::ToolCall, block);
        event.tool = Some(Tool::new("shell", ToolKind::Shell));
        event.call_id = Some(event.id.clone());
        event.input = Raw::of(&json!({ "command": command })).ok();
        Some(event)
    }

    /// Puts the reply out that waited for its tokens.
    pub(super) fn release(&mut self, output: &mut Output<'_>, slot: Slot) {
        if let Some(reply) = self.held.take() {
            for event in reply.events {
                output.event(slot, event);
            }
        }
    }

    /// Puts the outputs out that stand together.
    pub(super) fn close_group(
        &mut self,
        output: &mut Output<'_>,
        slot: Slot,
        section: &mut Section,
    ) {
        let group = std::mem::take(&mut self.group);
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            return;
        };
        let text: Vec<&str> = group.iter().map(|block| block.text.as_str()).collect();
        let text = text.join("\n");
        let bytes = [first.bytes[0], last.bytes[1]];
        let whole = Block {
            text,
            bytes,
            ..first.clone()
        };
        let outcome = outcome(&whole.text).filter(|_| section.turn.changes.is_some());
        let event = if let Some(call) = section.turn.command.take() {
            self.result(output, slot, &whole, &call)
        } else if let Some(ok) = outcome {
            return self.changed(output, slot, section, &whole, ok);
        } else {
            let error = notes::is_error(&whole.text);
            let kind = if error {
                EventType::Error
            } else {
                EventType::System
            };
            let mut event = self.event(kind, &whole);
            event.text = Some(whole.text);
            event
        };
        output.event(slot, event);
    }

    /// The outcome of the changes that a reply asked for.
    fn changed(
        &self,
        output: &mut Output<'_>,
        slot: Slot,
        section: &mut Section,
        block: &Block,
        ok: bool,
    ) {
        let Some(Changes { call, edits }) = section.turn.changes.take() else {
            return;
        };
        let created = created(&block.text);
        if let Some(edits) = edits::with_created(&edits, &created).filter(|_| ok) {
            output.amend(slot, &call, &Amendment::Edits(edits));
        }
        let mut event = self.result(output, slot, block, &call);
        event.ok = Some(ok);
        let id = event.id.clone();
        output.event(slot, event);
        // Some of the changes may have been made before another one failed.
        let made = if ok {
            Vec::new()
        } else {
            made(edits, &created, &block.text)
        };
        if !made.is_empty() {
            let mut event = self.event(EventType::Edit, block);
            event.id = format!("{id}.2");
            event.parent = Some(id.clone());
            event.edits = made;
            output.event(slot, event);
        }
        section.turn.last = Some(id);
    }

    /// What the program answered to a call.
    fn result(&self, output: &mut Output<'_>, slot: Slot, block: &Block, call: &str) -> Event {
        let mut event = self.event(EventType::ToolResult, block);
        event.parent = Some(call.to_owned());
        event.call_id = Some(call.to_owned());
        event.output = Some(block.text.clone());
        output.amend(slot, call, &Amendment::Result(event.id.clone()));
        event
    }
}

/// Puts tokens and cost on an event, with the line that tells them: the numbers in
/// it are rounded.
fn count(event: &mut Event, counted: &Counted, line: &str) {
    event.usage = (!counted.usage.is_empty()).then_some(counted.usage);
    event.cost_usd = counted.cost;
    extra::add(event, "report", &line);
}

/// Whether all changes were made, if the text tells of changes at all.
fn outcome(text: &str) -> Option<bool> {
    let outcomes = text.lines().filter_map(notes::outcome);
    outcomes.reduce(|all, ok| all && ok)
}

/// The files that the user let the agent make.
fn created(text: &str) -> Vec<String> {
    let mut before = None;
    let mut files = Vec::new();
    for line in text.lines() {
        files.extend(notes::created(before, line).map(str::to_owned));
        before = Some(line);
    }
    files
}
