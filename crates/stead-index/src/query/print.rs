//! Writes a tree as the canonical query, which reads back as the same tree.

use std::fmt::{self, Display, Write};

use super::ast::{Expr, Field, FieldTerm, TextKind, TextTerm};
use super::lexer;

impl Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&written(self, false))
    }
}

/// `grouped`: whether the text goes between parentheses, where a `)` closes.
fn written(expr: &Expr, grouped: bool) -> String {
    match expr {
        Expr::All => String::new(),
        Expr::Text(term) => text(term, grouped),
        Expr::Field(term) => term.to_string(),
        Expr::Not(inner) => negated(inner, grouped),
        Expr::And(members) => {
            let members = members.iter().map(|member| match member {
                Expr::And(_) | Expr::Or(_) => group(member),
                other => written(other, grouped),
            });
            members.collect::<Vec<_>>().join(" ")
        }
        Expr::Or(members) => {
            let members = members.iter().map(|member| match member {
                Expr::Or(_) => group(member),
                other => written(other, grouped),
            });
            members.collect::<Vec<_>>().join(" OR ")
        }
    }
}

fn group(expr: &Expr) -> String {
    let space = if ends_open(expr) { " " } else { "" };
    format!("({}{space})", written(expr, true))
}

/// Whether the last thing written is a word that would take the `)` after it for its own.
fn ends_open(expr: &Expr) -> bool {
    match expr {
        Expr::All | Expr::Field(_) => false,
        Expr::Text(term) => term.kind != TextKind::Phrase && lexer::swallows_close(&term.text),
        Expr::Not(inner) => ends_open(inner),
        Expr::And(members) | Expr::Or(members) => members.last().is_some_and(ends_open),
    }
}

fn negated(inner: &Expr, grouped: bool) -> String {
    let operand = match inner {
        Expr::And(_) | Expr::Or(_) => group(inner),
        other => written(other, grouped),
    };
    // After a `-` these would make `--flag`, `->` and `-=`, which are words.
    let sign = if operand.starts_with(['-', '>', '=']) {
        "NOT "
    } else {
        "-"
    };
    format!("{sign}{operand}")
}

/// A word that cannot be written bare is written as a phrase, which matches the same.
/// Only a tree made by hand has one.
fn text(term: &TextTerm, grouped: bool) -> String {
    let bare = match term.kind {
        TextKind::Word => term.text.clone(),
        TextKind::Prefix => format!("{}*", term.text),
        TextKind::Phrase => return quoted(&term.text),
    };
    if lexer::reads_as(&bare, &term.text, term.kind, grouped) {
        bare
    } else {
        quoted(&term.text)
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl Display for FieldTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.field.fmt(f)
    }
}

impl Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(values) => list(f, "agent", values.iter().map(String::as_str)),
            Self::Model(values) => list(f, "model", values.iter().map(String::as_str)),
            Self::Tool(values) => list(f, "tool", values.iter().map(String::as_str)),
            Self::File(values) => list(f, "file", values.iter().map(super::PathPattern::as_str)),
            Self::Project(values) => list(f, "project", values.iter().map(String::as_str)),
            Self::Title(values) => list(f, "title", values.iter().map(String::as_str)),
            Self::Id(values) => list(f, "id", values.iter().map(String::as_str)),
            Self::Branch(values) => list(f, "branch", values.iter().map(String::as_str)),
            Self::Since(at) => write!(f, "since:{at}"),
            Self::Before(at) => write!(f, "before:{at}"),
            Self::Is(flags) => list(f, "is", flags.iter().map(|flag| flag.name())),
        }
    }
}

fn list<'a>(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    values: impl Iterator<Item = &'a str>,
) -> fmt::Result {
    f.write_str(name)?;
    for (index, value) in values.enumerate() {
        f.write_char(if index == 0 { ':' } else { ',' })?;
        let value = if is_bare_value(value) {
            value.into()
        } else {
            quoted(value)
        };
        f.write_str(&value)?;
    }
    Ok(())
}

fn is_bare_value(value: &str) -> bool {
    let special = |c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '"');
    !value.is_empty()
        && !value.contains(special)
        && !value.starts_with(':')
        && !value.starts_with("//")
}
