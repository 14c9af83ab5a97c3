//! Builds the tree from the tokens.
//!
//! ```text
//! query   = [ any ]
//! any     = all { "OR" all }
//! all     = unary { [ "AND" ] unary }
//! unary   = { "NOT" | "-" } primary
//! primary = "(" any ")" | text | field
//! ```
//!
//! Only groups recurse, and the lexer bounds how deep they nest.

use std::iter::Peekable;
use std::vec::IntoIter;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::ast::{Expr, Field, FieldTerm, Flag, PathPattern, TextTerm};
use super::error::{QueryError, Span, shown};
use super::field::{FieldName, nearest};
use super::lexer::{Token, TokenKind, Value};
use super::time;

/// Reads tokens; see [`Parser::query`].
pub(super) struct Parser<'a> {
    tokens: Peekable<IntoIter<Token>>,
    end: usize,
    now: Timestamp,
    tz: &'a TimeZone,
}

impl<'a> Parser<'a> {
    /// A parser over the tokens of a query that is `end` bytes long.
    pub(super) fn new(tokens: Vec<Token>, end: usize, now: Timestamp, tz: &'a TimeZone) -> Self {
        Self {
            tokens: tokens.into_iter().peekable(),
            end,
            now,
            tz,
        }
    }

    /// The whole query.
    pub(super) fn query(mut self) -> Result<Expr, QueryError> {
        if self.tokens.peek().is_none() {
            return Ok(Expr::All);
        }
        // The lexer lets no `)` through that closes nothing, so this reads to the end.
        self.any(None)
    }

    /// `before` is the operator or parenthesis that asked for a term, for the error.
    fn any(&mut self, before: Option<&Token>) -> Result<Expr, QueryError> {
        let mut members = vec![self.all(before)?];
        while let Some(or) = self.tokens.next_if(|token| token.kind == TokenKind::Or) {
            members.push(self.all(Some(&or))?);
        }
        Ok(Expr::any_of(members))
    }

    fn all(&mut self, before: Option<&Token>) -> Result<Expr, QueryError> {
        let mut members = vec![self.unary(before)?];
        loop {
            let and = self.tokens.next_if(|token| token.kind == TokenKind::And);
            match self.tokens.peek().map(|token| &token.kind) {
                None | Some(TokenKind::Or | TokenKind::Close) if and.is_none() => break,
                _ => members.push(self.unary(and.as_ref())?),
            }
        }
        Ok(Expr::all_of(members))
    }

    fn unary(&mut self, before: Option<&Token>) -> Result<Expr, QueryError> {
        let mut negative = false;
        let mut last = None;
        while let Some(not) = self.tokens.next_if(|token| token.kind == TokenKind::Not) {
            negative = !negative;
            last = Some(not);
        }
        let expr = self.primary(last.as_ref().or(before))?;
        Ok(if negative { expr.negate() } else { expr })
    }

    fn primary(&mut self, before: Option<&Token>) -> Result<Expr, QueryError> {
        let Some(token) = self.tokens.next() else {
            return Err(self.missing(None, before));
        };
        match token.kind {
            TokenKind::Open => {
                let group = self.any(Some(&token))?;
                if self
                    .tokens
                    .next_if(|next| next.kind == TokenKind::Close)
                    .is_none()
                {
                    return Err(never_closed(token.span));
                }
                Ok(group)
            }
            TokenKind::Text { text, kind } => Ok(Expr::Text(TextTerm {
                text,
                kind,
                span: token.span,
            })),
            TokenKind::Field { name, values } => {
                let field = self.field(name, &values)?;
                Ok(Expr::Field(FieldTerm {
                    field,
                    span: token.span,
                }))
            }
            TokenKind::Or | TokenKind::And | TokenKind::Close | TokenKind::Not => {
                Err(self.missing(Some(&token), before))
            }
        }
    }

    /// The error for a term that should stand between `before` and `found`.
    fn missing(&self, found: Option<&Token>, before: Option<&Token>) -> QueryError {
        match (before, found) {
            (
                Some(Token {
                    kind: TokenKind::Open,
                    span,
                }),
                None,
            ) => never_closed(*span),
            (
                Some(Token {
                    kind: TokenKind::Open,
                    span,
                }),
                Some(close),
            ) if close.kind == TokenKind::Close => {
                QueryError::new("the group is empty", Span::new(span.start, close.span.end))
            }
            (Some(operator), _) if operator.kind != TokenKind::Open => lonely(operator, "after"),
            (_, Some(operator)) => lonely(operator, "before"),
            (_, None) => QueryError::new("a term is missing", Span::new(self.end, self.end)),
        }
    }

    fn field(&self, name: FieldName, values: &[Value]) -> Result<Field, QueryError> {
        let texts = || values.iter().map(|value| value.text.clone()).collect();
        Ok(match name {
            FieldName::Agent => Field::Agent(texts()),
            FieldName::Model => Field::Model(texts()),
            FieldName::Tool => Field::Tool(texts()),
            FieldName::Project => Field::Project(texts()),
            FieldName::Title => Field::Title(texts()),
            FieldName::Id => Field::Id(texts()),
            FieldName::Branch => Field::Branch(texts()),
            FieldName::File => Field::File(
                values
                    .iter()
                    .map(|value| PathPattern::new(&*value.text))
                    .collect(),
            ),
            FieldName::Is => Field::Is(values.iter().map(flag).collect::<Result<_, _>>()?),
            FieldName::Since => Field::Since(self.date(name, values)?),
            FieldName::Before => Field::Before(self.date(name, values)?),
        })
    }

    fn date(&self, name: FieldName, values: &[Value]) -> Result<Timestamp, QueryError> {
        match values {
            [value] => time::resolve(&value.text, value.span, self.now, self.tz),
            [_, second, ..] => Err(QueryError::new(
                format!("`{}:` takes one date", name.name()),
                second.span,
            )),
            [] => Err(QueryError::new(
                "a date is missing",
                Span::new(self.end, self.end),
            )),
        }
    }
}

fn never_closed(span: Span) -> QueryError {
    QueryError::new("`(` is never closed", span)
        .hint("add the closing `)`, or put quotes around the text to search for it")
}

/// The error for an operator that has no term `side` it.
fn lonely(operator: &Token, side: &str) -> QueryError {
    let sign = match operator.kind {
        TokenKind::Or => "OR",
        TokenKind::And => "AND",
        _ => "NOT",
    };
    if operator.kind == TokenKind::Not && operator.span.end - operator.span.start == 1 {
        return QueryError::new("`-` needs a term after it", operator.span);
    }
    QueryError::new(format!("`{sign}` needs a term {side} it"), operator.span)
        .hint(format!("to search for the word, write `\"{sign}\"`"))
}

fn flag(value: &Value) -> Result<Flag, QueryError> {
    let text = &value.text;
    let known = Flag::ALL
        .into_iter()
        .find(|flag| flag.name().eq_ignore_ascii_case(text));
    known.ok_or_else(|| {
        let names = || Flag::ALL.into_iter().map(Flag::name);
        let hint = match nearest(text, names()) {
            Some(near) => format!("did you mean `is:{near}`?"),
            None => format!("the values are {}", names().collect::<Vec<_>>().join(", ")),
        };
        QueryError::new(
            format!("unknown value `{}` of `is:`", shown(text)),
            value.span,
        )
        .hint(hint)
    })
}
