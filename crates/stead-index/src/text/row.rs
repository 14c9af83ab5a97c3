//! What a segment's table says of one block: enough to know without unpacking it
//! that it cannot hold an answer, or none that is good enough.

use stead_usf::{EventType, ToolKind};

use super::TITLE;
use super::block::Entry;

/// A row of the block table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    /// Bytes of the compressed block, which follows the one before it.
    pub(crate) length: u32,
    /// Bytes of the unpacked block.
    pub(crate) raw_length: u32,
    /// Newest time in it; the largest number if an entry has none of its own.
    pub(crate) newest_ms: i64,
    /// What kinds of entries stand in it.
    pub(crate) mask: Mask,
    /// Least and greatest number of a session in it.
    pub(crate) sessions: (u32, u32),
}

impl Row {
    pub(crate) const SIZE: usize = 28;

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.length.to_le_bytes());
        out.extend_from_slice(&self.raw_length.to_le_bytes());
        out.extend_from_slice(&self.newest_ms.to_le_bytes());
        out.extend_from_slice(&self.mask.0.to_le_bytes());
        out.extend_from_slice(&self.sessions.0.to_le_bytes());
        out.extend_from_slice(&self.sessions.1.to_le_bytes());
    }

    pub(crate) fn read(bytes: &[u8; Self::SIZE]) -> Self {
        let (words, _) = bytes.as_chunks::<4>();
        let word = |place: usize| u32::from_le_bytes(words[place]);
        Self {
            length: word(0),
            raw_length: word(1),
            newest_ms: (u64::from(word(2)) | u64::from(word(3)) << 32) as i64,
            mask: Mask(word(4)),
            sessions: (word(5), word(6)),
        }
    }

    /// The numbers of the sessions that may stand in it; `None` if there is no
    /// telling.
    pub(crate) fn sessions(&self) -> Option<std::ops::RangeInclusive<u64>> {
        let (first, last) = self.sessions;
        (last < u32::MAX).then(|| u64::from(first)..=u64::from(last))
    }
}

/// What kinds of entries stand in a block, one bit each.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mask(pub(crate) u32);

const _: () = assert!(EventType::ALL.len() <= 10 && 14 + ToolKind::ALL.len() <= 32);

impl Mask {
    /// What a user has typed.
    pub(crate) const TYPED: Self = Self(1 << 10);
    /// Failed results, and errors.
    pub(crate) const FAILED: Self = Self(1 << 11);
    /// Entries with the name of a tool.
    pub(crate) const NAMED: Self = Self(1 << 12);
    /// Titles of sessions.
    pub(crate) const TITLE: Self = Self(1 << 13);

    /// Entries of a type.
    pub(crate) const fn kind(kind: EventType) -> Self {
        Self(1 << kind as u32)
    }

    /// Entries with a tool of a kind.
    pub(crate) const fn tool(kind: ToolKind) -> Self {
        Self(1 << (14 + kind as u32))
    }

    pub(crate) fn of(entry: &Entry<'_>) -> Self {
        let mut mask = Self::kind(entry.kind);
        let typed = entry.kind == EventType::User && !entry.injected;
        for (holds, bit) in [
            (typed, Self::TYPED),
            (entry.failed, Self::FAILED),
            (!entry.tool_name.is_empty(), Self::NAMED),
            (entry.sequence == TITLE, Self::TITLE),
        ] {
            if holds {
                mask.add(bit);
            }
        }
        if let Some(tool) = entry.tool_kind {
            mask.add(Self::tool(tool));
        }
        mask
    }

    pub(crate) const fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether the two share a bit.
    pub(crate) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// What kind of block an entry goes into. Each lane fills blocks of its own, so
/// that a search passes over whole blocks of what cannot be among the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Tools' results and machinery.
    Results,
    /// Tool calls, edits and reasoning.
    Calls,
    /// What people and models said to each other.
    Talk,
    /// Titles of sessions.
    Titles,
}

impl Lane {
    pub(crate) const ALL: [Self; 4] = [Self::Results, Self::Calls, Self::Talk, Self::Titles];

    pub(crate) const fn of(entry: &Entry<'_>) -> Self {
        match entry.kind {
            _ if entry.sequence == TITLE => Self::Titles,
            _ if entry.injected => Self::Results,
            EventType::User | EventType::Assistant | EventType::Summary => Self::Talk,
            EventType::Reasoning | EventType::ToolCall | EventType::Edit => Self::Calls,
            EventType::ToolResult | EventType::Error | EventType::System | EventType::Unknown => {
                Self::Results
            }
        }
    }
}
