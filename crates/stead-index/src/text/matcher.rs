//! Decides whether an entry answers a query, and how well.

use memchr::memmem::Finder;
use stead_usf::{EventType, ToolKind};

use super::block::Entry;
use super::fold::{fold, is_word};
use super::segment::Lane;
use super::{Facts, TITLE};
use crate::query::{Expr, Field, Flag, PathPattern, TextKind, TextTerm};

/// A query made ready for matching many entries.
pub(crate) struct Matcher {
    node: Node,
    terms: Vec<Term>,
}

enum Node {
    All,
    Term(usize),
    Field(Field),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
}

pub(crate) struct Term {
    pub(crate) needle: Vec<u8>,
    finder: Finder<'static>,
    prefix: bool,
    /// Not under a negation: it counts for the score and is highlighted.
    pub(crate) positive: bool,
}

/// How often and how well a term was found in an entry.
#[derive(Clone, Copy, Default)]
struct Found {
    count: u32,
    quality: f32,
}

/// An entry's text with its folded form.
pub(crate) struct Folded<'a> {
    pub(crate) entry: &'a Entry<'a>,
    pub(crate) text: &'a [u8],
}

impl Matcher {
    pub(crate) fn new(expr: &Expr) -> Self {
        let mut terms = Vec::new();
        let node = compile(expr, true, &mut terms);
        Self { node, terms }
    }

    pub(crate) fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The relevance of an entry from 0 to [`Matcher::most`], or `None` if it
    /// does not answer the query.
    pub(crate) fn relevance(&self, folded: &Folded<'_>, facts: &Facts) -> Option<f32> {
        let mut found = vec![None; self.terms.len()];
        if !self.holds(&self.node, folded, facts, &mut found) {
            return None;
        }
        let (mut sum, mut count) = (0.0, 0.0);
        for (term, found) in self.terms.iter().zip(found) {
            if term.positive {
                count += 1.0;
                sum += found.map_or(0.0, Found::score);
            }
        }
        // Where no text is asked for, all that fits is equally good.
        if count == 0.0 {
            return Some(1.0);
        }
        let length = 1.0 + 0.02 * (1.0 + folded.text.len() as f32 / 1000.0).ln();
        Some(sum / count * weight(folded.entry) / length)
    }

    fn holds(
        &self,
        node: &Node,
        folded: &Folded<'_>,
        facts: &Facts,
        found: &mut [Option<Found>],
    ) -> bool {
        match node {
            Node::All => true,
            Node::Term(index) => {
                let result = self.terms[*index].find(folded);
                found[*index] = Some(result);
                result.count > 0
            }
            Node::Field(field) => has_field(field, folded.entry, facts),
            Node::Not(inner) => !self.holds(inner, folded, facts, found),
            Node::And(all) => all
                .iter()
                .all(|node| self.holds(node, folded, facts, found)),
            Node::Or(any) => {
                // Every member is looked at, so that each match counts for the score.
                let mut held = false;
                for node in any {
                    held |= self.holds(node, folded, facts, found);
                }
                held
            }
        }
    }
}

impl Matcher {
    /// No entry of a block scores higher.
    pub(crate) fn most(&self, lane: Lane) -> f32 {
        if !self.terms.iter().any(|term| term.positive) {
            return 1.0;
        }
        MOST_PER_TERM
            * match lane {
                Lane::Title => TITLE_WEIGHT,
                Lane::Talk => TALK_WEIGHT,
                Lane::Rest => 1.0,
            }
    }
}

/// What a term that occurs very often scores.
const MOST_PER_TERM: f32 = 1.1;
const TITLE_WEIGHT: f32 = 2.5;
const TALK_WEIGHT: f32 = 2.0;

/// How much an entry of this kind says about its session.
const fn weight(entry: &Entry<'_>) -> f32 {
    if entry.sequence == TITLE {
        return TITLE_WEIGHT;
    }
    match entry.kind {
        _ if entry.injected => 0.3,
        EventType::User => TALK_WEIGHT,
        EventType::Assistant => 1.6,
        EventType::Summary => 1.3,
        EventType::Reasoning | EventType::ToolCall | EventType::Edit => 1.0,
        EventType::ToolResult | EventType::Error => 0.7,
        EventType::System | EventType::Unknown => 0.4,
    }
}

impl Found {
    fn score(self) -> f32 {
        if self.count == 0 {
            return 0.0;
        }
        self.quality * (1.0 + 0.025 * (self.count as f32).ln()).min(MOST_PER_TERM)
    }
}

impl Term {
    fn new(term: &TextTerm, positive: bool) -> Self {
        let needle = fold(&term.text);
        Self {
            finder: Finder::new(&needle).into_owned(),
            prefix: term.kind == TextKind::Prefix,
            needle,
            positive,
        }
    }

    fn find(&self, folded: &Folded<'_>) -> Found {
        let mut found = self.find_in(folded.text);
        let entry = folded.entry;
        for other in entry.paths.iter().copied().chain([entry.tool_name]) {
            if other.len() >= self.needle.len() {
                let also = self.find_in(&fold(other));
                found.count += also.count;
                found.quality = found.quality.max(also.quality);
            }
        }
        found
    }

    /// Counts at most so many matches as change the score.
    fn find_in(&self, text: &[u8]) -> Found {
        let mut found = Found::default();
        for place in self.places(text).take(64) {
            found.count += 1;
            let starts = starts_word(text, place);
            let ends = ends_word(text, place + self.needle.len());
            let quality = match (starts, ends) {
                (true, true) => 1.0,
                (true, false) => 0.8,
                _ => 0.6,
            };
            found.quality = found.quality.max(quality);
        }
        found
    }

    /// Where the term occurs in folded text.
    pub(crate) fn places<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        self.finder
            .find_iter(text)
            .filter(move |place| !self.prefix || starts_word(text, *place))
    }
}

fn starts_word(text: &[u8], place: usize) -> bool {
    place == 0 || !is_word(text[place - 1]) || !is_word(text[place])
}

fn ends_word(text: &[u8], end: usize) -> bool {
    end >= text.len() || !is_word(text[end]) || !is_word(text[end - 1])
}

fn compile(expr: &Expr, positive: bool, terms: &mut Vec<Term>) -> Node {
    let mut list = |members: &[Expr]| {
        members
            .iter()
            .map(|e| compile(e, positive, terms))
            .collect()
    };
    match expr {
        Expr::All => Node::All,
        Expr::And(members) => Node::And(list(members)),
        Expr::Or(members) => Node::Or(list(members)),
        Expr::Field(term) => Node::Field(term.field.clone()),
        Expr::Not(inner) => Node::Not(Box::new(compile(inner, !positive, terms))),
        Expr::Text(term) => {
            terms.push(Term::new(term, positive));
            Node::Term(terms.len() - 1)
        }
    }
}

fn has_field(field: &Field, entry: &Entry<'_>, facts: &Facts) -> bool {
    let any = |values: &[String], text: &str| values.iter().any(|value| contains(text, value));
    match field {
        Field::Agent(names) => any(names, &facts.agent),
        Field::Model(names) => facts.models.iter().any(|model| any(names, model)),
        Field::Tool(names) => names.iter().any(|name| has_tool(entry, name)),
        Field::File(patterns) => patterns
            .iter()
            .any(|pattern| entry.paths.iter().any(|path| matches_path(pattern, path))),
        Field::Project(names) => any(names, &facts.cwd) || any(names, &facts.project),
        Field::Title(texts) => any(texts, &facts.title),
        Field::Id(ids) => ids.iter().any(|id| facts.has_id(id)),
        Field::Branch(names) => any(names, &facts.branch),
        Field::Since(from) => time(entry, facts).is_some_and(|at| at >= from.as_millisecond()),
        Field::Before(to) => time(entry, facts).is_some_and(|at| at < to.as_millisecond()),
        Field::Is(flags) => flags.iter().any(|flag| is(*flag, entry, facts)),
    }
}

/// When the entry was recorded; the session's last time where it was not.
const fn time(entry: &Entry<'_>, facts: &Facts) -> Option<i64> {
    match entry.at_ms {
        Some(at) => Some(at),
        None => facts.updated_ms,
    }
}

fn has_tool(entry: &Entry<'_>, name: &str) -> bool {
    entry
        .tool_kind
        .is_some_and(|kind| kind.as_str().eq_ignore_ascii_case(name))
        || contains(entry.tool_name, name)
}

fn is(flag: Flag, entry: &Entry<'_>, facts: &Facts) -> bool {
    match flag {
        Flag::Error => entry.failed,
        Flag::Edit => {
            entry.kind == EventType::Edit
                || entry.kind == EventType::ToolCall
                    && matches!(entry.tool_kind, Some(ToolKind::Edit | ToolKind::Write))
        }
        Flag::User => entry.kind == EventType::User && !entry.injected,
        Flag::Assistant => entry.kind == EventType::Assistant,
        Flag::Reasoning => entry.kind == EventType::Reasoning,
        Flag::Tool => matches!(entry.kind, EventType::ToolCall | EventType::ToolResult),
        Flag::Subagent => facts.subagent,
        Flag::Archived => facts.archived,
    }
}

fn matches_path(pattern: &PathPattern, path: &str) -> bool {
    match pattern {
        PathPattern::Substring(text) => contains(path, text),
        PathPattern::Glob(glob) => {
            let (glob, path) = (glob.to_lowercase(), path.to_lowercase());
            // A relative pattern may begin at any folder.
            super::glob::matches(&glob, &path)
                || !glob.starts_with('/') && super::glob::matches(&format!("**/{glob}"), &path)
        }
    }
}

/// Whether `text` holds `part`, whatever their case.
fn contains(text: &str, part: &str) -> bool {
    memchr::memmem::find(&fold(text), &fold(part)).is_some()
}
