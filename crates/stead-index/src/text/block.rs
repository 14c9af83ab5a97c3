//! A block: some tens of kilobytes of event texts that are compressed and
//! searched together. One event lies in one block, unless it is very long.

use stead_usf::{EventType, ToolKind};

use super::row::Mask;
use super::varint::{self, Reader};

/// One event as the index keeps it. `text` is masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The session's number in the catalogue.
    pub session: u64,
    /// The event's place in its session, from 0.
    pub sequence: u64,
    /// The event's id.
    pub id: &'a str,
    /// What it is.
    pub kind: EventType,
    /// The tool's kind, on calls.
    pub tool_kind: Option<ToolKind>,
    /// The tool's name, on calls.
    pub tool_name: &'a str,
    /// A failed result, or an error.
    pub failed: bool,
    /// Put in by the agent itself.
    pub injected: bool,
    /// When, in milliseconds since 1970.
    pub at_ms: Option<i64>,
    /// Files that the event touches.
    pub paths: Vec<&'a str>,
    /// What can be searched.
    pub text: &'a str,
}

const FAILED: u8 = 1;
const INJECTED: u8 = 2;
const TIMED: u8 = 4;

/// Collects the entries of one block.
#[derive(Debug, Default)]
pub(crate) struct BlockBuilder {
    heads: Vec<u8>,
    texts: Vec<u8>,
    count: u64,
    last_ms: i64,
    newest_ms: i64,
    mask: Mask,
    sessions: Option<(u32, u32)>,
}

/// A block that is ready to be compressed.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) bytes: Vec<u8>,
    pub(crate) newest_ms: i64,
    pub(crate) mask: Mask,
    /// Least and greatest number of a session in it.
    pub(crate) sessions: (u32, u32),
}

impl BlockBuilder {
    pub(crate) fn add(&mut self, entry: &Entry<'_>) {
        self.mask.add(Mask::of(entry));
        let session = u32::try_from(entry.session).unwrap_or(u32::MAX);
        let (first, last) = self.sessions.unwrap_or((session, session));
        self.sessions = Some((first.min(session), last.max(session)));
        let heads = &mut self.heads;
        varint::put(heads, entry.session);
        varint::put(heads, entry.sequence);
        let flags = if entry.failed { FAILED } else { 0 }
            | if entry.injected { INJECTED } else { 0 }
            | if entry.at_ms.is_some() { TIMED } else { 0 };
        let tool = entry.tool_kind.map_or(0, |kind| kind as u8 + 1);
        heads.extend_from_slice(&[entry.kind as u8, tool, flags]);
        if let Some(at) = entry.at_ms {
            varint::put_signed(heads, at.wrapping_sub(self.last_ms));
            self.last_ms = at;
            self.newest_ms = self.newest_ms.max(at);
        } else {
            // It takes its time from its session, which may go on.
            self.newest_ms = i64::MAX;
        }
        varint::put_bytes(heads, entry.id.as_bytes());
        varint::put_bytes(heads, entry.tool_name.as_bytes());
        varint::put(heads, entry.paths.len() as u64);
        for path in &entry.paths {
            varint::put_bytes(heads, path.as_bytes());
        }
        varint::put(heads, entry.text.len() as u64);
        self.texts.extend_from_slice(entry.text.as_bytes());
        self.count += 1;
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes so far.
    pub(crate) const fn len(&self) -> usize {
        self.heads.len() + self.texts.len()
    }

    /// Takes the block out and begins anew.
    pub(crate) fn finish(&mut self) -> Built {
        let mut bytes = Vec::with_capacity(self.len() + 10);
        varint::put(&mut bytes, self.count);
        varint::put(&mut bytes, self.heads.len() as u64);
        bytes.extend_from_slice(&self.heads);
        bytes.extend_from_slice(&self.texts);
        let built = Built {
            bytes,
            newest_ms: self.newest_ms,
            mask: std::mem::take(&mut self.mask),
            sessions: self.sessions.take().unwrap_or_default(),
        };
        self.heads.clear();
        self.texts.clear();
        (self.count, self.last_ms, self.newest_ms) = (0, 0, 0);
        built
    }
}

/// Reads the entries of a block back. Ends early if the block is damaged.
pub(crate) struct Entries<'a> {
    heads: Reader<'a>,
    texts: Reader<'a>,
    left: u64,
    last_ms: i64,
}

impl<'a> Entries<'a> {
    pub(crate) fn new(block: &'a [u8]) -> Self {
        let mut heads = Reader(block);
        let mut parse = || {
            let count = heads.number()?;
            let length = heads.number()?;
            let head = heads.take(usize::try_from(length).ok()?)?;
            Some((count, Reader(head)))
        };
        let (left, head) = parse().unwrap_or((0, Reader(&[])));
        Self {
            heads: head,
            texts: heads,
            left,
            last_ms: 0,
        }
    }

    fn read(&mut self) -> Option<Entry<'a>> {
        let session = self.heads.number()?;
        let sequence = self.heads.number()?;
        let &[kind, tool, flags] = self.heads.take(3)? else {
            return None;
        };
        let at_ms = if flags & TIMED == 0 {
            None
        } else {
            self.last_ms = self.last_ms.wrapping_add(self.heads.signed()?);
            Some(self.last_ms)
        };
        let id = self.heads.text()?;
        let tool_name = self.heads.text()?;
        let count = self.heads.number()?;
        let paths = (0..count)
            .map(|_| self.heads.text())
            .collect::<Option<_>>()?;
        let length = usize::try_from(self.heads.number()?).ok()?;
        Some(Entry {
            session,
            sequence,
            id,
            kind: *EventType::ALL.get(usize::from(kind))?,
            tool_kind: usize::from(tool)
                .checked_sub(1)
                .and_then(|tool| ToolKind::ALL.get(tool).copied()),
            tool_name,
            failed: flags & FAILED != 0,
            injected: flags & INJECTED != 0,
            at_ms,
            paths,
            text: std::str::from_utf8(self.texts.take(length)?).ok()?,
        })
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        self.left = self.left.checked_sub(1)?;
        let entry = self.read();
        if entry.is_none() {
            self.left = 0;
        }
        entry
    }
}
