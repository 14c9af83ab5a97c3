//! The tree a query becomes.

use jiff::Timestamp;

use super::error::Span;

/// What has to hold for something to match.
///
/// The parser builds normal trees only: [`Expr::And`] and [`Expr::Or`] have two or
/// more members and never one of their own kind, [`Expr::Not`] never holds another
/// `Not`, and [`Expr::All`] stands at the root or nowhere. [`Expr::all_of`],
/// [`Expr::any_of`] and [`Expr::negate`] keep trees normal.
///
/// `Display` prints the canonical query of a normal tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// Matches everything: the empty query.
    All,
    /// Text that occurs.
    Text(TextTerm),
    /// A field that has one of some values.
    Field(FieldTerm),
    /// The opposite.
    Not(Box<Self>),
    /// Every one of these.
    And(Vec<Self>),
    /// At least one of these.
    Or(Vec<Self>),
}

impl Expr {
    /// Every one of `members`, as a normal tree: nested `And`s are merged, `All` is
    /// dropped, one member stands for itself, and none is `All`.
    #[must_use]
    pub fn all_of(members: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(members.len());
        for member in members {
            match member {
                Self::All => {}
                Self::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        Self::single(flat, Self::And)
    }

    /// At least one of `members`, as a normal tree: nested `Or`s are merged and one
    /// member stands for itself. With `All` among them, or with none, it is `All`.
    #[must_use]
    pub fn any_of(members: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(members.len());
        for member in members {
            match member {
                Self::All => return Self::All,
                Self::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        Self::single(flat, Self::Or)
    }

    fn single(mut flat: Vec<Self>, join: fn(Vec<Self>) -> Self) -> Self {
        match (flat.len(), flat.pop()) {
            (1, Some(only)) => only,
            (_, Some(last)) => {
                flat.push(last);
                join(flat)
            }
            (_, None) => Self::All,
        }
    }

    /// The opposite; a double negation goes away.
    ///
    /// The language cannot say "nothing": `All` negated has no canonical query.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// The text terms that are not under a negation, in the order of the query: what
    /// to highlight in a match. Members of an [`Expr::Or`] are among them, so not each
    /// of them has to occur.
    #[must_use]
    pub fn positive_terms(&self) -> Vec<&TextTerm> {
        let mut terms = Vec::new();
        self.collect_positive(&mut terms);
        terms
    }

    fn collect_positive<'a>(&'a self, terms: &mut Vec<&'a TextTerm>) {
        match self {
            Self::All | Self::Field(_) | Self::Not(_) => {}
            Self::Text(term) => terms.push(term),
            Self::And(members) | Self::Or(members) => {
                for member in members {
                    member.collect_positive(terms);
                }
            }
        }
    }
}

/// Text to look for, compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextTerm {
    /// The text itself: no quotes, no escapes, no `*` of a prefix. Never empty.
    pub text: String,
    /// How it was written, and so how it matches.
    pub kind: TextKind,
    /// Where it stands in the query.
    pub span: Span,
}

/// How a [`TextTerm`] was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextKind {
    /// `word`: occurs anywhere. Holds no whitespace.
    Word,
    /// `word*`: occurs at the start of a word. Holds no whitespace.
    Prefix,
    /// `"some words"`: occurs anywhere, exactly so.
    Phrase,
}

/// A field with the values that are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldTerm {
    /// The field and its values.
    pub field: Field,
    /// Where the term stands in the query, from the name to the end of the last value.
    pub span: Span,
}

/// A field and its values. A list means "any of these" and is never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// `agent:`, the agent that wrote the session.
    Agent(Vec<String>),
    /// `model:`, the model that answered.
    Model(Vec<String>),
    /// `tool:`, a kind of tool or the name of one.
    Tool(Vec<String>),
    /// `file:`, a path that was touched.
    File(Vec<PathPattern>),
    /// `project:`, the project the session ran in.
    Project(Vec<String>),
    /// `title:`, the title of the session.
    Title(Vec<String>),
    /// `id:`, the id of the session.
    Id(Vec<String>),
    /// `branch:`, the git branch the session ran on.
    Branch(Vec<String>),
    /// `since:`, at this instant or later.
    Since(Timestamp),
    /// `before:`, earlier than this instant.
    Before(Timestamp),
    /// `is:`, a property.
    Is(Vec<Flag>),
}

/// A value of `file:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathPattern {
    /// Occurs in the path. Holds no `*` and no `?`.
    Substring(String),
    /// A glob: `?` is one character, `*` any number within a path component, `**` any
    /// number of components.
    Glob(String),
}

impl PathPattern {
    /// Reads a pattern: a glob when it has a `*` or a `?`, else a substring.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.contains(['*', '?']) {
            Self::Glob(text)
        } else {
            Self::Substring(text)
        }
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Substring(text) | Self::Glob(text) => text,
        }
    }
}

/// A value of `is:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flag {
    /// Something failed.
    Error,
    /// A file was changed.
    Edit,
    /// Said by the user.
    User,
    /// Said by the assistant.
    Assistant,
    /// The assistant's reasoning.
    Reasoning,
    /// A tool call or its result.
    Tool,
    /// In a subagent's session.
    Subagent,
    /// In an archived session.
    Archived,
}

impl Flag {
    /// Every flag, in the order help texts list them.
    pub const ALL: [Self; 8] = [
        Self::Error,
        Self::Edit,
        Self::User,
        Self::Assistant,
        Self::Reasoning,
        Self::Tool,
        Self::Subagent,
        Self::Archived,
    ];

    /// The value as it is written after `is:`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Edit => "edit",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Reasoning => "reasoning",
            Self::Tool => "tool",
            Self::Subagent => "subagent",
            Self::Archived => "archived",
        }
    }
}
