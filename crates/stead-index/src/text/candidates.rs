//! Which blocks of a segment can hold an answer, without unpacking any: by their
//! grams and by what the block table says of them.

use std::io;

use stead_usf::{EventType, ToolKind};

use super::fold::fold_into;
use super::grams::needed;
use super::postings::Bits;
use super::row::Mask;
use super::segment::Segment;
use crate::query::{Expr, Field, Flag};

/// The candidates of one segment.
pub(crate) struct Candidates {
    /// The blocks that can hold an answer.
    pub(crate) blocks: Bits,
    /// For terms that count for the score, the blocks that can hold them. Not
    /// every term is here.
    terms: Vec<Bits>,
}

impl Candidates {
    /// Looks for the blocks that can answer `expr`.
    pub(crate) fn find(
        expr: &Expr,
        segment: &mut Segment,
        buffer: &mut Vec<u8>,
    ) -> io::Result<Self> {
        let mut finder = Finder {
            segment,
            buffer,
            folded: Vec::new(),
            terms: Vec::new(),
        };
        let blocks = finder.blocks(expr)?;
        let terms = finder.terms;
        Ok(Self { blocks, terms })
    }

    /// How many of the terms that count for the score cannot be in a block.
    pub(crate) fn absent(&self, block: usize) -> usize {
        let absent = self.terms.iter().filter(|bits| !bits.contains(block));
        absent.count()
    }
}

struct Finder<'a> {
    segment: &'a mut Segment,
    buffer: &'a mut Vec<u8>,
    folded: Vec<u8>,
    terms: Vec<Bits>,
}

impl Finder<'_> {
    fn blocks(&mut self, expr: &Expr) -> io::Result<Bits> {
        match expr {
            Expr::Text(term) => {
                let bits = self.with_text(&term.text)?;
                self.terms.push(bits.clone());
                Ok(bits)
            }
            Expr::Field(term) => self.with_field(&term.field),
            Expr::And(members) => {
                let mut all = self.all();
                for member in members {
                    all.and(&self.blocks(member)?);
                    if all.is_empty() {
                        break;
                    }
                }
                Ok(all)
            }
            Expr::Or(members) => {
                let mut any = Bits::none(self.segment.count);
                for member in members {
                    any.or(&self.blocks(member)?);
                }
                Ok(any)
            }
            Expr::All | Expr::Not(_) => Ok(self.all()),
        }
    }

    fn all(&self) -> Bits {
        Bits::all(self.segment.count)
    }

    fn with_field(&mut self, field: &Field) -> io::Result<Bits> {
        match field {
            Field::File(patterns) => {
                let mut any = Bits::none(self.segment.count);
                for pattern in patterns {
                    any.or(&self.with_path(pattern.as_str())?);
                }
                Ok(any)
            }
            Field::Tool(names) => {
                let mut any = Bits::none(self.segment.count);
                for name in names {
                    any.or(&self.with_tool(name)?);
                }
                Ok(any)
            }
            Field::Is(flags) => self.which(|mask, _| flags.iter().any(|flag| can_be(*flag, mask))),
            Field::Since(from) => self.which(|_, newest_ms| newest_ms >= from.as_millisecond()),
            _ => Ok(self.all()),
        }
    }

    /// The blocks whose mask and newest time fit.
    fn which(&mut self, fits: impl Fn(Mask, i64) -> bool) -> io::Result<Bits> {
        let table = self.segment.table(self.buffer)?;
        Ok(Bits::which(table.len(), |block| {
            let row = &table[block].row;
            fits(row.mask, row.newest_ms)
        }))
    }

    /// The blocks that hold every gram of a text.
    fn with_text(&mut self, text: &str) -> io::Result<Bits> {
        let mut bits = self.all();
        fold_into(text, &mut self.folded);
        for gram in needed(&self.folded) {
            bits.and(&self.segment.blocks_with(gram, self.buffer)?);
            if bits.is_empty() {
                break;
            }
        }
        Ok(bits)
    }

    /// The blocks that hold the literal parts of a path pattern.
    fn with_path(&mut self, pattern: &str) -> io::Result<Bits> {
        let mut bits = self.all();
        for part in pattern.split(['*', '?']) {
            // `**/` may stand for nothing, so its slash is not required.
            let part = part.trim_start_matches('/');
            bits.and(&self.with_text(part)?);
        }
        Ok(bits)
    }

    /// The blocks with tools of this kind, or with this in a tool's name.
    fn with_tool(&mut self, name: &str) -> io::Result<Bits> {
        let mut named = self.with_text(name)?;
        named.and(&self.which(|mask, _| mask.meets(Mask::NAMED))?);
        let kind = ToolKind::ALL
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(name));
        if let Some(kind) = kind {
            named.or(&self.which(|mask, _| mask.meets(Mask::tool(kind)))?);
        }
        Ok(named)
    }
}

/// Whether a block with this mask can hold something that a flag asks for.
const fn can_be(flag: Flag, mask: Mask) -> bool {
    let calls = mask.meets(Mask::kind(EventType::ToolCall));
    match flag {
        Flag::Error => mask.meets(Mask::FAILED),
        Flag::Edit => {
            let changes =
                mask.meets(Mask::tool(ToolKind::Edit)) || mask.meets(Mask::tool(ToolKind::Write));
            mask.meets(Mask::kind(EventType::Edit)) || calls && changes
        }
        Flag::User => mask.meets(Mask::TYPED),
        Flag::Assistant => mask.meets(Mask::kind(EventType::Assistant)),
        Flag::Reasoning => mask.meets(Mask::kind(EventType::Reasoning)),
        Flag::Tool => calls || mask.meets(Mask::kind(EventType::ToolResult)),
        // What the session is does not stand here.
        Flag::Subagent | Flag::Archived => true,
    }
}
