//! Decides whether an entry answers a query, and how well.

use memchr::memmem::Finder;
use stead_usf::{EventType, ToolKind};

use super::block::Entry;
use super::fold::{Folded, fold, is_word};
use super::row::Mask;
use super::{Facts, TITLE};
use crate::query::{Expr, Field, Flag, PathPattern, TextKind, TextTerm};

/// A query made ready for matching many entries.
pub(crate) struct Matcher {
    node: Node,
    terms: Vec<Term>,
    /// Terms that count for the score.
    positive: usize,
    /// Something of a session is asked for.
    pub(crate) asks_sessions: bool,
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
pub(crate) struct Found {
    count: u32,
    quality: f32,
}

/// What is known of an entry by now. The cheap things are looked at first; what
/// depends on the others stays open.
#[derive(Clone, Copy, Default)]
pub(crate) struct Known<'a> {
    pub(crate) entry: Option<&'a Entry<'a>>,
    pub(crate) text: Option<&'a Folded>,
    pub(crate) facts: Option<&'a Facts>,
}

impl Matcher {
    pub(crate) fn new(expr: &Expr) -> Self {
        let mut terms = Vec::new();
        let node = compile(expr, true, &mut terms);
        Self {
            asks_sessions: asks_sessions(&node),
            positive: terms.iter().filter(|term| term.positive).count(),
            node,
            terms,
        }
    }

    pub(crate) fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Whether the query is answered, or `None` if that depends on what is not
    /// known yet. More knowledge never turns an answer over.
    ///
    /// `found` keeps what was found in the entry's text from one call to the next;
    /// it is cleared for each entry.
    pub(crate) fn answers(&self, known: Known<'_>, found: &mut Vec<Option<Found>>) -> Option<bool> {
        found.resize(self.terms.len(), None);
        self.holds(&self.node, known, found)
    }

    fn holds(&self, node: &Node, known: Known<'_>, found: &mut [Option<Found>]) -> Option<bool> {
        match node {
            Node::All => Some(true),
            Node::Term(index) => {
                if found[*index].is_none() {
                    found[*index] = Some(self.terms[*index].find(known.text?));
                }
                found[*index].map(|found| found.count > 0)
            }
            Node::Field(field) => has_field(field, known),
            Node::Not(inner) => self.holds(inner, known, found).map(|held| !held),
            Node::And(members) => {
                any_is(false, members.iter(), |node| self.holds(node, known, found))
            }
            Node::Or(members) => {
                any_is(true, members.iter(), |node| self.holds(node, known, found))
            }
        }
    }

    /// How well an entry answers the query: from 0 to [`Matcher::most`]. Each term
    /// counts that occurs, whether the query needs it or not.
    pub(crate) fn relevance(
        &self,
        entry: &Entry<'_>,
        text: &Folded,
        found: &[Option<Found>],
    ) -> f32 {
        // Where no text is asked for, all that fits is equally good.
        if self.positive == 0 {
            return 1.0;
        }
        let mut sum = 0.0;
        for (term, found) in self.terms.iter().zip(found) {
            if term.positive {
                sum += found.unwrap_or_else(|| term.find(text)).score();
            }
        }
        let length = 1.0 + 0.02 * (1.0 + entry.text.len() as f32 / 1000.0).ln();
        sum / self.positive as f32 * weight(entry) / length
    }

    /// No entry of a block scores higher. `absent` is the number of terms that are
    /// known not to occur in it.
    pub(crate) fn most(&self, mask: Mask, absent: usize) -> f32 {
        /// Sums may be rounded up.
        const ROUNDING: f32 = 1.0001;
        if self.positive == 0 {
            return 1.0;
        }
        let share = self.positive.saturating_sub(absent) as f32 / self.positive as f32;
        ROUNDING * MOST_PER_TERM * share * most_weight(mask)
    }
}

/// `wanted` as soon as one member is that, its opposite if all are that.
fn any_is<T>(
    wanted: bool,
    members: impl Iterator<Item = T>,
    mut holds: impl FnMut(T) -> Option<bool>,
) -> Option<bool> {
    let mut open = false;
    for member in members {
        match holds(member) {
            Some(held) if held == wanted => return Some(wanted),
            Some(_) => {}
            None => open = true,
        }
    }
    (!open).then_some(!wanted)
}

/// What a term that occurs very often scores. The less this is above 1, the
/// sooner a search may stop.
const MOST_PER_TERM: f32 = 1.02;
/// More matches than this do not change the score.
const MOST_MATCHES: usize = 8;
const TITLE_WEIGHT: f32 = 2.5;
const TYPED_WEIGHT: f32 = 2.0;

/// How much an entry of this kind says about its session.
const fn weight(entry: &Entry<'_>) -> f32 {
    match entry.kind {
        _ if entry.sequence == TITLE => TITLE_WEIGHT,
        _ if entry.injected => 0.3,
        EventType::User => TYPED_WEIGHT,
        kind => kind_weight(kind),
    }
}

/// The weight of entries of a type, typed prompts aside.
const fn kind_weight(kind: EventType) -> f32 {
    match kind {
        EventType::User => 0.3,
        EventType::Assistant => 1.6,
        EventType::Summary => 1.3,
        EventType::Reasoning | EventType::ToolCall | EventType::Edit => 1.0,
        EventType::ToolResult | EventType::Error => 0.7,
        EventType::System | EventType::Unknown => 0.4,
    }
}

/// The greatest weight of an entry in a block.
fn most_weight(mask: Mask) -> f32 {
    let special = [(Mask::TITLE, TITLE_WEIGHT), (Mask::TYPED, TYPED_WEIGHT)];
    let kinds = EventType::ALL.map(|kind| (Mask::kind(kind), kind_weight(kind)));
    let weights = special.into_iter().chain(kinds);
    let there = weights.filter(|(bit, _)| mask.meets(*bit));
    there.fold(0.0, |most, (_, weight)| most.max(weight))
}

impl Found {
    fn score(self) -> f32 {
        if self.count == 0 {
            return 0.0;
        }
        self.quality * (1.0 + 0.01 * (self.count as f32).ln()).min(MOST_PER_TERM)
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

    fn find(&self, folded: &Folded) -> Found {
        let mut found = self.find_in(&folded.text);
        for other in folded.others() {
            let also = self.find_in(other);
            found.count += also.count;
            found.quality = found.quality.max(also.quality);
        }
        found
    }

    /// Counts at most so many matches as change the score.
    fn find_in(&self, text: &[u8]) -> Found {
        let mut found = Found::default();
        for place in self.places(text).take(MOST_MATCHES) {
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

/// Whether something of a session is asked for.
fn asks_sessions(node: &Node) -> bool {
    match node {
        Node::All | Node::Term(_) => false,
        Node::Not(inner) => asks_sessions(inner),
        Node::And(members) | Node::Or(members) => members.iter().any(asks_sessions),
        Node::Field(field) => match field {
            Field::Tool(_) | Field::File(_) | Field::Since(_) | Field::Before(_) => false,
            Field::Is(flags) => flags
                .iter()
                .any(|flag| matches!(flag, Flag::Subagent | Flag::Archived)),
            _ => true,
        },
    }
}

fn has_field(field: &Field, known: Known<'_>) -> Option<bool> {
    let any = |values: &[String], text: &str| values.iter().any(|value| contains(text, value));
    Some(match field {
        Field::Agent(names) => any(names, &known.facts?.agent),
        Field::Model(names) => known.facts?.models.iter().any(|model| any(names, model)),
        Field::Tool(names) => {
            let entry = known.entry?;
            names.iter().any(|name| has_tool(entry, name))
        }
        Field::File(patterns) => {
            let paths = &known.entry?.paths;
            let fits = |pattern| paths.iter().any(|path| matches_path(pattern, path));
            patterns.iter().any(fits)
        }
        Field::Project(names) => {
            let facts = known.facts?;
            any(names, &facts.cwd) || any(names, &facts.project)
        }
        Field::Title(texts) => any(texts, &known.facts?.title),
        Field::Id(ids) => {
            let facts = known.facts?;
            ids.iter().any(|id| facts.has_id(id))
        }
        Field::Branch(names) => any(names, &known.facts?.branch),
        Field::Since(from) => return is_timed(known, |at| at >= from.as_millisecond()),
        Field::Before(to) => return is_timed(known, |at| at < to.as_millisecond()),
        Field::Is(flags) => return any_is(true, flags.iter(), |flag| is(*flag, known)),
    })
}

/// Whether the time fits when the entry was recorded; the session's last time where
/// it was not. Without any it does not fit.
fn is_timed(known: Known<'_>, fits: impl Fn(i64) -> bool) -> Option<bool> {
    let at = match known.entry?.at_ms {
        None => known.facts?.updated_ms,
        at => at,
    };
    Some(at.is_some_and(fits))
}

fn has_tool(entry: &Entry<'_>, name: &str) -> bool {
    entry
        .tool_kind
        .is_some_and(|kind| kind.as_str().eq_ignore_ascii_case(name))
        || contains(entry.tool_name, name)
}

fn is(flag: Flag, known: Known<'_>) -> Option<bool> {
    let kind = known.entry.map(|entry| entry.kind);
    Some(match flag {
        Flag::Error => known.entry?.failed,
        Flag::Edit => {
            let changes = matches!(
                known.entry?.tool_kind,
                Some(ToolKind::Edit | ToolKind::Write)
            );
            kind? == EventType::Edit || kind? == EventType::ToolCall && changes
        }
        Flag::User => kind? == EventType::User && !known.entry?.injected,
        Flag::Assistant => kind? == EventType::Assistant,
        Flag::Reasoning => kind? == EventType::Reasoning,
        Flag::Tool => matches!(kind?, EventType::ToolCall | EventType::ToolResult),
        Flag::Subagent => known.facts?.subagent,
        Flag::Archived => known.facts?.archived,
    })
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
    if part.len() > text.len() {
        return false;
    }
    memchr::memmem::find(&fold(text), &fold(part)).is_some()
}
