//! Rules, and in which order they count.

use super::call::Places;
use super::pattern::Pattern;
use super::privacy::Private;
use super::read::{self, PolicyError};

/// What a rule says, from the mildest to the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// It may be done.
    Allow,
    /// Somebody has to be asked.
    Ask,
    /// It may not be done.
    Deny,
}

impl Decision {
    /// The word in policies.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Ask => "ask",
            Self::Deny => "deny",
        }
    }
}

/// Whose rules they are. Later ones count more, but a project's only add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// stead's own.
    BuiltIn,
    /// The user's.
    User,
    /// Those of the project that is worked in, whoever wrote it.
    Project,
    /// Answers that the user gave in this session; no text is of this kind.
    Session,
}

/// A policy's text.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// What it is called in verdicts and errors: its path.
    pub name: &'a str,
    /// Whose it is.
    pub kind: Kind,
    /// TOML.
    pub text: &'a str,
}

/// Which accesses a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// One rule.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// What its source is called.
    pub(super) source: String,
    pub(super) kind: Kind,
    /// Which of its source, from 1.
    pub(super) number: usize,
    /// Where it begins, from 1.
    pub(super) line: usize,
    pub(super) tool: Option<Pattern>,
    pub(super) command: Option<Pattern>,
    pub(super) path: Option<Pattern>,
    pub(super) host: Option<Pattern>,
    pub(super) access: Option<Access>,
    pub(super) decision: Decision,
    pub(super) reason: Option<String>,
}

/// All rules that hold in a workspace.
#[derive(Debug, Clone)]
pub struct Policy {
    pub(super) places: Places,
    pub(super) rules: Vec<Rule>,
    pub(super) private: Vec<Private>,
    /// Whether the user trusts the project to allow things.
    pub(super) trusted: bool,
}

/// The rules that hold before anybody writes one.
const BUILT_IN: &str = include_str!("defaults.toml");

impl Policy {
    /// Reads policies; those that are built in come first by themselves, then the user's
    /// and then the project's, whatever the order of `sources`.
    pub fn read(places: Places, sources: &[Source<'_>]) -> Result<Self, PolicyError> {
        let built_in = Source {
            name: "built in",
            kind: Kind::BuiltIn,
            text: BUILT_IN,
        };
        let mut sources = [&[built_in], sources].concat();
        sources.sort_by_key(|source| source.kind);
        let mut policy = Self {
            places,
            rules: Vec::new(),
            private: Vec::new(),
            trusted: false,
        };
        for source in &sources {
            let text = read::read(source, &policy.places)?;
            policy.rules.extend(text.rules);
            policy.private.extend(text.private);
            let root = policy.places.root();
            policy.trusted |= text.trust.iter().any(|folder| folder.is(&root));
        }
        Ok(policy)
    }

    /// Whether the user trusts the project, so that its rules count like their own.
    pub const fn is_trusted(&self) -> bool {
        self.trusted
    }

    /// Whether the user allows this very host for a tool by its name: a rule that allows
    /// many hosts does not speak of those on this machine or in a private network.
    pub fn names_host(&self, tool: &str, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        self.rules.iter().any(|rule| {
            let users = rule.kind == Kind::User || rule.kind == Kind::Project && self.trusted;
            let named = rule
                .host
                .as_ref()
                .map(|host| host.text.trim_end_matches('.'));
            users
                && rule.decision == Decision::Allow
                && rule.tool.as_ref().is_none_or(|pattern| pattern.is(tool))
                && named.is_some_and(|named| named.eq_ignore_ascii_case(host))
        })
    }

    /// The folders that paths are understood by.
    pub const fn places(&self) -> &Places {
        &self.places
    }

    /// The rules that are built in, as TOML: to be shown.
    pub const fn built_in() -> &'static str {
        BUILT_IN
    }
}
