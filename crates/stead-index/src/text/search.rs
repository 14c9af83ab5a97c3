//! Runs a query over segments: blocks that can hold an answer are looked through,
//! those that can hold the best ones first, until nothing that is left can still
//! come among the best.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::ops::{Range, RangeInclusive};
use std::path::Path;

use rustc_hash::FxHashMap;
use stead_usf::EventType;

use super::best::Best;
use super::block::{Entries, Entry};
use super::candidates::Candidates;
use super::fold::Folded;
use super::matcher::{Found, Known, Matcher};
use super::segment::Segment;
use super::snippet::{Snippet, snippet};
use super::{Facts, TITLE};
use crate::query::Expr;

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
    let matcher = &Matcher::new(request.expr);
    let mut run = Run {
        matcher,
        sessions: Sessions {
            matcher,
            request,
            facts,
            known: FxHashMap::default(),
        },
        best: Best::new(request.limit),
        request,
        found: Vec::new(),
        folded: Folded::default(),
        bytes: Vec::new(),
        block: Vec::new(),
        decompressor: zstd::bulk::Decompressor::new()?,
    };
    let mut opened = Vec::with_capacity(segments.len());
    let mut candidates = Vec::new();
    for (number, path) in segments.iter().enumerate() {
        let mut segment = Segment::open(path.as_ref())?;
        run.collect(number as u32, &mut segment, &mut candidates)?;
        opened.push(segment);
    }
    // What can be best comes first, and nothing is sorted that is not looked at.
    let mut candidates = BinaryHeap::from(candidates);
    let mut complete = true;
    while let Some(candidate) = candidates.pop() {
        if run.best.beats(f32::from_bits(candidate.most)) {
            complete = false;
            break;
        }
        let segment = &mut opened[candidate.segment.0 as usize];
        run.look_through(segment, candidate.block.0 as usize)?;
    }
    Ok(Outcome {
        hits: run.best.into_hits(),
        complete,
    })
}

/// A block that can hold an answer; the greatest is looked through first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    /// Bits of the best score in it: they are in the order of the scores, which
    /// are positive.
    most: u32,
    newest_ms: i64,
    segment: Reverse<u32>,
    block: Reverse<u32>,
}

struct Run<'a> {
    request: &'a Request<'a>,
    matcher: &'a Matcher,
    sessions: Sessions<'a>,
    best: Best,
    found: Vec<Option<Found>>,
    folded: Folded,
    bytes: Vec<u8>,
    block: Vec<u8>,
    decompressor: zstd::bulk::Decompressor<'static>,
}

impl Run<'_> {
    /// Adds the candidates of a segment.
    fn collect(
        &mut self,
        number: u32,
        segment: &mut Segment,
        candidates: &mut Vec<Candidate>,
    ) -> io::Result<()> {
        let found = Candidates::find(self.request.expr, segment, &mut self.bytes)?;
        if found.blocks.is_empty() {
            return Ok(());
        }
        let table = segment.table(&mut self.bytes)?;
        for block in found.blocks.iter() {
            let row = &table[block].row;
            let most = self.matcher.most(row.mask, found.absent(block));
            candidates.push(Candidate {
                most: (most * recency(self.request.now_ms, row.newest_ms)).to_bits(),
                newest_ms: row.newest_ms,
                segment: Reverse(number),
                block: Reverse(block as u32),
            });
        }
        Ok(())
    }

    fn look_through(&mut self, segment: &mut Segment, block: usize) -> io::Result<()> {
        let placed = segment.table(&mut self.bytes)?[block];
        if let Some(sessions) = placed.row.sessions()
            && self.sessions.none_fits(sessions)
        {
            return Ok(());
        }
        let (bytes, block) = (&mut self.bytes, &mut self.block);
        segment.read_block(&placed, &mut self.decompressor, bytes, block)?;
        let block = std::mem::take(&mut self.block);
        for entry in Entries::new(&block) {
            self.consider(&entry);
        }
        self.block = block;
        self.best.settle();
        Ok(())
    }

    /// Takes an entry in if it answers the query: what is cheap to know is looked
    /// at first.
    fn consider(&mut self, entry: &Entry<'_>) {
        let matcher = self.matcher;
        self.found.clear();
        let mut known = Known {
            entry: Some(entry),
            ..Known::default()
        };
        if self.sessions.is_out(entry.session)
            || matcher.answers(known, &mut self.found) == Some(false)
        {
            return;
        }
        self.folded.set(entry);
        known.text = Some(&self.folded);
        let answer = matcher.answers(known, &mut self.found);
        if answer == Some(false) {
            return;
        }
        let relevance = matcher.relevance(entry, &self.folded, &self.found);
        // A title that has changed since stays in its block, so its session is asked.
        if answer == Some(true)
            && entry.sequence != TITLE
            && let Some(at) = entry.at_ms
            && self.best.beats(relevance * self.recency(at))
            && !self.sessions.is_known(entry.session)
        {
            self.best.count_only(entry.session);
            return;
        }
        let Some(facts) = self.sessions.facts(entry.session) else {
            return;
        };
        known.facts = Some(facts);
        if entry.sequence == TITLE && entry.text != facts.title
            || matcher.answers(known, &mut self.found) != Some(true)
        {
            return;
        }
        let at_ms = entry.at_ms.or(facts.updated_ms).unwrap_or(0);
        let score = relevance * self.recency(at_ms);
        if self.best.count(entry, score) {
            let snippet = self.snippet(entry);
            self.best.insert(entry, score, snippet);
        }
    }

    fn recency(&self, at_ms: i64) -> f32 {
        recency(self.request.now_ms, at_ms)
    }

    fn snippet(&self, entry: &Entry<'_>) -> Snippet {
        let terms = self.matcher.terms();
        let mut places: Vec<Range<usize>> = Vec::new();
        for term in terms.iter().filter(|term| term.positive) {
            let found = term.places(&self.folded.text).take(20);
            places.extend(found.map(|start| start..start + term.needle.len()));
        }
        places.sort_by_key(|place| (place.start, place.end));
        if places.is_empty() && !entry.paths.is_empty() && !terms.is_empty() {
            return snippet(&entry.paths.join(" "), &[]);
        }
        snippet(entry.text, &places)
    }
}

/// What is known of sessions: each is asked for once, and only when it matters.
struct Sessions<'a> {
    matcher: &'a Matcher,
    request: &'a Request<'a>,
    facts: &'a mut dyn FnMut(u64) -> Option<Facts>,
    /// `None` for sessions in which nothing can be found.
    known: FxHashMap<u64, Option<Facts>>,
}

impl Sessions<'_> {
    /// It is known that nothing can be found in it.
    fn is_out(&self, session: u64) -> bool {
        matches!(self.known.get(&session), Some(None))
    }

    fn is_known(&self, session: u64) -> bool {
        self.known.contains_key(&session)
    }

    /// What is known of a session, or `None` if nothing can be found in it.
    fn facts(&mut self, session: u64) -> Option<&Facts> {
        let (facts, request, matcher) = (&mut *self.facts, self.request, self.matcher);
        let known = self.known.entry(session).or_insert_with(|| {
            let facts = facts(session).filter(|facts| (request.admit)(facts))?;
            let known = Known {
                facts: Some(&facts),
                ..Known::default()
            };
            let answer = matcher.answers(known, &mut Vec::new());
            (answer != Some(false)).then_some(facts)
        });
        known.as_ref()
    }

    /// Whether nothing can be found in any of these sessions. If the query asks
    /// for sessions, a few are looked up for that; so a block need not be unpacked.
    fn none_fits(&mut self, mut sessions: RangeInclusive<u64>) -> bool {
        const FEW: u64 = 32;
        if sessions.end().saturating_sub(*sessions.start()) >= FEW {
            return false;
        }
        if self.matcher.asks_sessions {
            sessions.all(|session| self.facts(session).is_none())
        } else {
            sessions.all(|session| self.is_out(session))
        }
    }
}

/// From 1 (now) down to 0.3 (long ago); half of the way in 60 days. It never
/// stands still, so that what is old enough need not be looked at.
fn recency(now_ms: i64, at_ms: i64) -> f32 {
    const HALF_WAY_DAYS: f32 = 60.0;
    let days = now_ms.saturating_sub(at_ms).max(0) as f32 / 86_400_000.0;
    0.3 + 0.7 / (1.0 + days / HALF_WAY_DAYS)
}
