//! Reads one history with the files beside it.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use stead_usf::{Issue, Raw, Severity, Source};

use super::blocks::Blocks;
use super::locate::{CHAT, HEAD, INPUT, LLM, REFLOG, archived, worked_in};
use super::map::Mapper;
use super::reflog::Reflog;
use super::section::State;
use super::survey::Survey;
use super::times::{Times, Which};
use crate::container::lines::{self, Extent, Line, Lines};
use crate::{Checkpoint, Output, Position, ReadError, Unit};

/// Changes whenever the same files would be read differently.
pub(super) const VERSION: u32 = 2;

/// What is remembered between two readings.
#[derive(Default, Serialize, Deserialize)]
struct Memory {
    blocks: Blocks,
    state: State,
    typed: Times,
    asked: Times,
    reflog: Reflog,
}

/// Reads a unit from `since` on.
pub(super) fn read(
    unit: &Unit,
    since: Option<&Checkpoint>,
    output: &mut Output<'_>,
) -> Result<Checkpoint, ReadError> {
    let rewritten = || ReadError::Rewritten {
        path: unit.path.clone(),
    };
    let memory = match since {
        None => Memory::default(),
        Some(checkpoint) => recall(checkpoint).ok_or_else(rewritten)?,
    };
    // What is typed and asked stands beside the chat before it stands in it. So the
    // chat is read up to where it ends now, and the other files after that.
    let state = std::fs::metadata(&unit.path).map_err(|error| io_error(&unit.path, error))?;
    let begin = since.map_or(0, |checkpoint| offset_of(&checkpoint.position));
    let survey = Survey::of(&unit.path, begin, state.len());
    let survey = survey.map_err(|error| io_error(&unit.path, error))?;
    let mut reader = Reader::new(unit, memory, survey);
    if let Some(checkpoint) = since {
        reader.resume(checkpoint, output);
    }
    for part in &unit.parts {
        reader.load(&unit.path, part, output)?;
    }
    let extent = Extent {
        path: &unit.path,
        archive: &archived(&unit.path, CHAT),
        since: since.map(|checkpoint| &checkpoint.position),
        until: Some(state.len()),
    };
    let position = lines::read(extent, output, &mut reader)?;
    reader.finish(output);
    if since.is_some() && (reader.blocks.broken || reader.mapper.broken) {
        return Err(rewritten());
    }
    let header = reader.mapper.slot.map(|slot| output.header(slot).clone());
    reader.report_cut(output);
    Ok(Checkpoint {
        version: VERSION,
        position,
        state: Raw::of(&reader.memory()).ok(),
        sessions: header.into_iter().collect(),
    })
}

fn recall(checkpoint: &Checkpoint) -> Option<Memory> {
    let state = checkpoint
        .state
        .as_ref()
        .filter(|_| checkpoint.version == VERSION);
    let memory: Memory = state?.to().ok()?;
    // The last session goes on, so its header must be there.
    (memory.state.section.is_some() == (checkpoint.sessions.len() == 1)).then_some(memory)
}

const fn offset_of(position: &Position) -> u64 {
    match position {
        Position::Bytes { offset, .. } => *offset,
        Position::Whole => 0,
    }
}

fn io_error(path: &Path, source: io::Error) -> ReadError {
    ReadError::Io {
        path: path.to_owned(),
        source,
    }
}

struct Reader {
    blocks: Blocks,
    mapper: Mapper,
    /// The last line has no end.
    cut: Option<Issue>,
}

impl Reader {
    fn new(unit: &Unit, memory: Memory, survey: Survey) -> Self {
        let mut state = memory.state;
        if let Some(section) = &mut state.section {
            // All that was surveyed lies behind its heading.
            section.end = survey.end_of(0, &section.start).map(str::to_owned);
        }
        Self {
            blocks: memory.blocks,
            mapper: Mapper {
                file: unit.path.to_string_lossy().into(),
                cwd: worked_in(&unit.path),
                state,
                survey,
                typed: memory.typed,
                asked: memory.asked,
                reflog: memory.reflog,
                slot: None,
                held: None,
                group: Vec::new(),
                resumed: false,
                broken: false,
            },
            cut: None,
        }
    }

    /// Takes up the session that the last reading ended with.
    fn resume(&mut self, checkpoint: &Checkpoint, output: &mut Output<'_>) {
        self.mapper.resumed = true;
        let header = checkpoint.sessions.first();
        self.mapper.slot = header.map(|header| output.begin(header.clone(), true));
    }

    /// Reads a file beside the chat.
    fn load(&mut self, chat: &Path, part: &Path, output: &mut Output<'_>) -> Result<(), ReadError> {
        if part.ends_with(HEAD) {
            let archive = archived(chat, REFLOG);
            return self.mapper.reflog.load(part, &archive, output);
        }
        let mut head = Vec::new();
        let file = match File::open(part) {
            // It was there a moment ago, and the chat does not need it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other.map_err(|error| io_error(part, error))?,
        };
        let read = file.take(64).read_to_end(&mut head);
        read.map_err(|error| io_error(part, error))?;
        let Some(which) = Which::of(&String::from_utf8_lossy(&head)) else {
            return Ok(());
        };
        let (times, name) = match which {
            Which::Typed => (&mut self.mapper.typed, INPUT),
            Which::Asked => (&mut self.mapper.asked, LLM),
        };
        times.load(which, part, &archived(chat, name), output)
    }

    fn finish(&mut self, output: &mut Output<'_>) {
        let Self { blocks, mapper, .. } = self;
        blocks.finish(&mut |block| mapper.block(output, block));
        mapper.finish(output);
    }

    fn report_cut(&mut self, output: &mut Output<'_>) {
        if let Some(issue) = self.cut.take() {
            match self.mapper.slot {
                Some(slot) => output.issue(slot, issue),
                None => output.unplaced_issue(issue),
            }
        }
    }

    fn memory(self) -> Memory {
        let mut mapper = self.mapper;
        mapper.typed.settle();
        mapper.asked.settle();
        mapper.reflog.settle();
        Memory {
            blocks: self.blocks,
            state: mapper.state,
            typed: mapper.typed,
            asked: mapper.asked,
            reflog: mapper.reflog,
        }
    }
}

impl Lines for Reader {
    fn line(&mut self, output: &mut Output<'_>, line: &Line<'_>) {
        let Self { blocks, mapper, .. } = self;
        blocks.line(line, &mut |block| mapper.block(output, block));
        if !line.ended {
            let message = "the last line is not complete";
            let issue = Issue::new(Severity::Info, "cut-line", message);
            let source = Source::line(mapper.file.clone(), line.number, line.bytes);
            self.cut = Some(issue.at(source));
        }
    }

    fn damaged(&mut self, output: &mut Output<'_>, issue: Issue) {
        match self.mapper.slot {
            Some(slot) => output.issue(slot, issue),
            None => output.unplaced_issue(issue),
        }
    }
}
