//! The query language: what a person types into `stead search`, as a typed tree.
//!
//! [`parse`] is pure: it reads no clock and no disk, so the same text, instant and
//! time zone give the same tree. The rules are numbered in `docs/specs/query.md`.
//!
//! The steps, one module each:
//! `lexer` cuts the text into tokens, `field` decides what `name:value` means,
//! `parser` builds the tree, `time` resolves dates, and `print` writes a tree
//! back as the canonical query.

mod ast;
mod error;
mod field;
mod lexer;
mod parser;
mod print;
mod time;

#[cfg(test)]
mod tests;

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use ast::{Expr, Field, FieldTerm, Flag, PathPattern, TextKind, TextTerm};
pub use error::{QueryError, Span};

/// The longest query that is read, in bytes.
pub const MAX_QUERY_BYTES: usize = 4096;

/// How deep groups may nest. It bounds every recursion over an [`Expr`].
pub const MAX_DEPTH: usize = 64;

/// A query that has been read.
///
/// `Display` prints the canonical query, which reads back as the same tree in any
/// time zone and at any time: dates are printed as the instants they stood for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// What has to hold for an event to match.
    pub expr: Expr,
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expr.fmt(f)
    }
}

/// Reads a moment as `since:` and `before:` take it.
pub fn parse_time(text: &str, now: Timestamp, tz: &TimeZone) -> Result<Timestamp, QueryError> {
    time::resolve(text, Span::new(0, text.len()), now, tz)
}

/// Reads a query. `now` and `tz` give relative dates (`3d`, `today`) and local
/// dates (`2026-11-21`) their meaning.
///
/// An empty query, or one of spaces only, is [`Expr::All`].
pub fn parse(input: &str, now: Timestamp, tz: &TimeZone) -> Result<Query, QueryError> {
    if input.len() > MAX_QUERY_BYTES {
        let message = format!(
            "the query is {} bytes long, the limit is {MAX_QUERY_BYTES}",
            input.len()
        );
        let start = input.floor_char_boundary(MAX_QUERY_BYTES);
        return Err(QueryError::new(message, Span::new(start, input.len()))
            .hint("search for a shorter part of the text"));
    }
    let tokens = lexer::lex(input)?;
    let expr = parser::Parser::new(tokens, input.len(), now, tz).query()?;
    Ok(Query { expr })
}
