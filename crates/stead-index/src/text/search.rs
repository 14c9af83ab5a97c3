//! Runs a query over segments: the filter names candidate blocks, the
//! newest are looked through first, and looking stops when nothing older can
//! still come among the best.

use std::io;
use std::ops::Range;
use std::path::Path;

use rustc_hash::FxHashMap;
use stead_usf::EventType;

use super::block::{Entries, Entry};
use super::fold::fold_into;
use super::grams::needed;
use super::matcher::{Folded, Matcher};
use super::segment::{Bits, Segment};
use super::snippet::{Snippet, snippet};
use super::{Facts, TITLE};
use crate::query::{Expr, Field};

/// What to look for.
pub struct Request<'a> {
    /// The query.
    pub expr: &'a Expr,
    /// At most so many sessions.
    pub limit: usize,
    /// The time from which age is counted, in milliseconds since 1970.
    pub now_ms: i64,
    /// Whether a session may be found at all (lists leave subagents out).
    pub admit: &'a dyn Fn(&Facts) -> bool,
}

/// A session that answers a query, shown by its best event.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The session's number in the catalogue.
    pub session: u64,
    /// The best event's place in its session; [`TITLE`] if it is the title.
    pub sequence: u64,
    /// The best event's id; empty for the title.
    pub event: String,
    /// The best event's type.
    pub kind: EventType,
    /// When, in milliseconds since 1970.
    pub at_ms: Option<i64>,
    /// Relevance and recency in one number; higher is better.
    pub score: f32,
    /// Events of the session that answer the query, as far as they were seen.
    pub matches: u64,
    /// Why it was found.
    pub snippet: Snippet,
}

/// What a search found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The best sessions, best first.
    pub hits: Vec<Hit>,
    /// Everything was looked through: counts are exact. Otherwise there may be
    /// more, none of them better.
    pub complete: bool,
}

/// Looks for the best sessions in the segment files. `facts` tells what the
/// catalogue knows of a session; `None` means that its text is dead.
pub fn search(
    segments: &[impl AsRef<Path>],
    request: &Request<'_>,
    facts: &mut dyn FnMut(u64) -> Option<Facts>,
) -> io::Result<Outcome> {
    let mut run = Run {
        matcher: Matcher::new(request.expr),
        request,
        facts,
        known: FxHashMap::default(),
        best: FxHashMap::default(),
        block: Vec::new(),
        folded: Vec::new(),
        decompressor: zstd::bulk::Decompressor::new()?,
    };
    let mut opened = Vec::with_capacity(segments.len());
    let mut candidates = Vec::new();
    let oldest = earliest(request.expr);
    for (number, path) in segments.iter().enumerate() {
        let mut segment = Segment::open(path.as_ref())?;
        for block in candidate_blocks(request.expr, &mut segment)?.iter() {
            let info = segment.blocks[block];
            if info.newest_ms >= oldest {
                candidates.push((info.lane, info.newest_ms, number, block));
            }
        }
        opened.push(segment);
    }
    // Titles, then talk, then the rest; in each the newest first.
    candidates.sort_unstable_by(|a, b| b.cmp(a));
    let mut complete = true;
    for lane in candidates.chunk_by(|a, b| a.0 == b.0) {
        for (lane, newest_ms, segment, block) in lane {
            let most = run.matcher.most(*lane) * recency(request.now_ms, *newest_ms);
            if run.is_beaten(most) {
                // The other blocks of the lane are older still.
                complete = false;
                break;
            }
            run.look_through(&mut opened[*segment], *block)?;
        }
    }
    let mut hits: Vec<Hit> = run.best.into_values().collect();
    hits.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| b.at_ms.cmp(&a.at_ms))
            .then(a.session.cmp(&b.session))
    });
    hits.truncate(request.limit);
    Ok(Outcome { hits, complete })
}

struct Run<'a> {
    matcher: Matcher,
    request: &'a Request<'a>,
    facts: &'a mut dyn FnMut(u64) -> Option<Facts>,
    known: FxHashMap<u64, Option<Facts>>,
    best: FxHashMap<u64, Hit>,
    block: Vec<u8>,
    folded: Vec<u8>,
    decompressor: zstd::bulk::Decompressor<'static>,
}

impl Run<'_> {
    /// Whether as many sessions as are wanted score above `most` already.
    fn is_beaten(&self, most: f32) -> bool {
        let better = self.best.values().filter(|hit| hit.score >= most).count();
        better >= self.request.limit
    }

    fn look_through(&mut self, segment: &mut Segment, block: usize) -> io::Result<()> {
        segment.read_block(block, &mut self.decompressor, &mut self.block)?;
        let bytes = std::mem::take(&mut self.block);
        for entry in Entries::new(&bytes) {
            self.consider(&entry);
        }
        self.block = bytes;
        Ok(())
    }

    fn consider(&mut self, entry: &Entry<'_>) {
        let (facts, admit) = (&mut *self.facts, self.request.admit);
        let known = self.known.entry(entry.session);
        let known = known.or_insert_with(|| facts(entry.session).filter(|facts| admit(facts)));
        let Some(facts) = known else { return };
        // A title that has changed since stays in its block.
        if entry.sequence == TITLE && entry.text != facts.title {
            return;
        }
        fold_into(entry.text, &mut self.folded);
        let folded = Folded {
            entry,
            text: &self.folded,
        };
        let Some(relevance) = self.matcher.relevance(&folded, facts) else {
            return;
        };
        let at_ms = entry.at_ms.or(facts.updated_ms);
        let score = relevance * recency(self.request.now_ms, at_ms.unwrap_or(0));
        let matches = self.best.get(&entry.session).map_or(0, |hit| hit.matches) + 1;
        if let Some(hit) = self.best.get_mut(&entry.session)
            && hit.score >= score
        {
            hit.matches = matches;
            return;
        }
        let hit = Hit {
            session: entry.session,
            sequence: entry.sequence,
            event: entry.id.to_owned(),
            kind: entry.kind,
            at_ms: entry.at_ms,
            score,
            matches,
            snippet: self.snippet(&folded),
        };
        self.best.insert(entry.session, hit);
    }

    fn snippet(&self, folded: &Folded<'_>) -> Snippet {
        let mut places: Vec<Range<usize>> = Vec::new();
        for term in self.matcher.terms().iter().filter(|term| term.positive) {
            let found = term.places(folded.text).take(20);
            places.extend(found.map(|start| start..start + term.needle.len()));
        }
        places.sort_by_key(|place| (place.start, place.end));
        if places.is_empty() && !folded.entry.paths.is_empty() && !self.matcher.terms().is_empty() {
            return snippet(&folded.entry.paths.join(" "), &[]);
        }
        snippet(folded.entry.text, &places)
    }
}

/// From 1 (now) down to 0.3 (long ago); half of the way in 60 days. It never
/// stands still, so that what is old enough need not be looked at.
fn recency(now_ms: i64, at_ms: i64) -> f32 {
    const HALF_WAY_DAYS: f32 = 60.0;
    let days = now_ms.saturating_sub(at_ms).max(0) as f32 / 86_400_000.0;
    0.3 + 0.7 / (1.0 + days / HALF_WAY_DAYS)
}

/// The blocks that can hold an answer.
fn candidate_blocks(expr: &Expr, segment: &mut Segment) -> io::Result<Bits> {
    let count = segment.blocks.len();
    match expr {
        Expr::Text(term) => blocks_with_text(&term.text, segment),
        Expr::Field(term) => match &term.field {
            Field::File(patterns) => {
                let mut any = Bits::none(count);
                for pattern in patterns {
                    any.or(&blocks_with_path(pattern.as_str(), segment)?);
                }
                Ok(any)
            }
            _ => Ok(Bits::all(count)),
        },
        Expr::And(members) => {
            let mut all = Bits::all(count);
            for member in members {
                all.and(&candidate_blocks(member, segment)?);
                if all.is_empty() {
                    break;
                }
            }
            Ok(all)
        }
        Expr::Or(members) => {
            let mut any = Bits::none(count);
            for member in members {
                any.or(&candidate_blocks(member, segment)?);
            }
            Ok(any)
        }
        Expr::All | Expr::Not(_) => Ok(Bits::all(count)),
    }
}

/// The blocks that hold every gram of a text.
fn blocks_with_text(text: &str, segment: &mut Segment) -> io::Result<Bits> {
    let mut bits = Bits::all(segment.blocks.len());
    let mut folded = Vec::new();
    fold_into(text, &mut folded);
    for gram in needed(&folded) {
        bits.and(&segment.blocks_with(gram)?);
        if bits.is_empty() {
            break;
        }
    }
    Ok(bits)
}

/// The blocks that hold the literal parts of a path pattern.
fn blocks_with_path(pattern: &str, segment: &mut Segment) -> io::Result<Bits> {
    let mut bits = Bits::all(segment.blocks.len());
    for part in pattern.split(['*', '?']) {
        // `**/` may stand for nothing, so its slash is not required.
        let part = part.trim_start_matches('/');
        bits.and(&blocks_with_text(part, segment)?);
    }
    Ok(bits)
}

/// The time before which no entry can answer the query.
fn earliest(expr: &Expr) -> i64 {
    match expr {
        Expr::Field(term) => match &term.field {
            Field::Since(from) => from.as_millisecond(),
            _ => i64::MIN,
        },
        Expr::And(members) => members.iter().map(earliest).max().unwrap_or(i64::MIN),
        _ => i64::MIN,
    }
}
