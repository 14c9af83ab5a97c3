//! Cuts a query into tokens. Each term is read on its own: what it means does not
//! depend on the text after it, so a term printed elsewhere reads the same.

use super::MAX_DEPTH;
use super::ast::TextKind;
use super::error::{QueryError, Span, shown};
use super::field::{self, FieldName, Shape};

/// A token and its place.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

/// What a token is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Open,
    Close,
    Or,
    And,
    /// `NOT`, or the `-` in front of a term.
    Not,
    Text {
        text: String,
        kind: TextKind,
    },
    Field {
        name: FieldName,
        values: Vec<Value>,
    },
}

/// One value of a field, without its quotes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) span: Span,
}

/// All tokens of a query. Groups nest at most [`MAX_DEPTH`] deep, and every
/// [`TokenKind::Close`] has its [`TokenKind::Open`].
pub(super) fn lex(input: &str) -> Result<Vec<Token>, QueryError> {
    Lexer {
        input,
        pos: 0,
        depth: 0,
        tokens: Vec::new(),
    }
    .run()
}

/// Whether `written`, as a whole, reads as the one text token `text` of this kind,
/// at the top level or inside a group.
pub(super) fn reads_as(written: &str, text: &str, kind: TextKind, grouped: bool) -> bool {
    let lexer = Lexer {
        input: written,
        pos: 0,
        depth: usize::from(grouped),
        tokens: Vec::new(),
    };
    let Ok(tokens) = lexer.run() else {
        return false;
    };
    let [
        Token {
            kind:
                TokenKind::Text {
                    text: read,
                    kind: read_kind,
                },
            span,
        },
    ] = &*tokens
    else {
        return false;
    };
    read == text && *read_kind == kind && span.of(written).len() == written.len()
}

/// Whether a word has a `(` of its own that would swallow a `)` put right after it.
pub(super) fn swallows_close(word: &str) -> bool {
    let mut open = 0_usize;
    for c in word.chars() {
        match c {
            '(' => open += 1,
            ')' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    open > 0
}

struct Lexer<'a> {
    input: &'a str,
    pos: usize,
    /// How many groups are open.
    depth: usize,
    tokens: Vec<Token>,
}

impl<'a> Lexer<'a> {
    fn run(mut self) -> Result<Vec<Token>, QueryError> {
        loop {
            let rest = self.rest(self.pos);
            self.pos += rest.len() - rest.trim_start().len();
            if self.pos == self.input.len() {
                return Ok(self.tokens);
            }
            self.term()?;
        }
    }

    fn rest(&self, at: usize) -> &'a str {
        &self.input[at..]
    }

    /// Takes the input up to `end` as one token.
    fn push(&mut self, kind: TokenKind, end: usize) {
        self.tokens.push(Token {
            kind,
            span: Span::new(self.pos, end),
        });
        self.pos = end;
    }

    fn term(&mut self) -> Result<(), QueryError> {
        let rest = self.rest(self.pos);
        let here = Span::new(self.pos, self.pos + 1);
        if rest.starts_with('(') && !rest.starts_with("()") {
            if self.depth == MAX_DEPTH {
                return Err(QueryError::new(
                    format!("groups nest deeper than {MAX_DEPTH} levels"),
                    here,
                ));
            }
            self.depth += 1;
            self.push(TokenKind::Open, here.end);
        } else if rest.starts_with(')') {
            if self.depth == 0 {
                return Err(QueryError::new("`)` closes nothing", here)
                    .hint("put quotes around it to search for text: `\")\"`"));
            }
            self.depth -= 1;
            self.push(TokenKind::Close, here.end);
        } else if rest.starts_with('"') {
            self.phrase()?;
        } else if negates(rest) {
            self.push(TokenKind::Not, here.end);
        } else {
            self.bare()?;
        }
        Ok(())
    }

    /// A phrase, or text that starts with a quoted part: `"key":1`.
    fn phrase(&mut self) -> Result<(), QueryError> {
        let (mut text, mut end) = self.quoted(self.pos)?;
        if !self.ends_term(end) {
            end = self.word_end(end);
            self.input[self.pos..end].clone_into(&mut text);
        }
        if text.is_empty() {
            return Err(
                QueryError::new("the phrase is empty", Span::new(self.pos, end))
                    .hint("to search for quotes, write `\"\\\"\\\"\"`"),
            );
        }
        self.push(
            TokenKind::Text {
                text,
                kind: TextKind::Phrase,
            },
            end,
        );
        Ok(())
    }

    fn bare(&mut self) -> Result<(), QueryError> {
        let end = self.word_end(self.pos);
        let chunk = &self.input[self.pos..end];
        match field::classify(chunk) {
            Shape::Text => {
                self.push(word(chunk), end);
                Ok(())
            }
            Shape::Known(name) => self.field(name),
            Shape::Unknown(name) => Err(field::unknown_field(name, self.pos)),
        }
    }

    fn field(&mut self, name: FieldName) -> Result<(), QueryError> {
        let mut end = self.pos + name.name().len();
        let mut values = Vec::new();
        while values.is_empty() || self.rest(end).starts_with(',') {
            let value = self.value(name, end + 1)?;
            end = value.span.end;
            values.push(value);
        }
        self.push(TokenKind::Field { name, values }, end);
        Ok(())
    }

    fn value(&self, name: FieldName, start: usize) -> Result<Value, QueryError> {
        let (text, end) = if self.rest(start).starts_with('"') {
            let (text, end) = self.quoted(start)?;
            if !self.ends_term(end) && !self.rest(end).starts_with(',') {
                let glued = Span::new(end, self.word_end(end));
                let message = format!(
                    "unexpected `{}` after the quotes",
                    shown(glued.of(self.input))
                );
                return Err(QueryError::new(message, glued).hint("put a space before it"));
            }
            (text, end)
        } else {
            let word = &self.input[start..self.word_end(start)];
            let text = word.split(',').next().unwrap_or_default();
            (text.to_owned(), start + text.len())
        };
        let span = Span::new(start, end);
        if text.is_empty() {
            let message = format!("a value of `{}:` is empty", name.name());
            return Err(QueryError::new(message, span));
        }
        Ok(Value { text, span })
    }

    /// Reads quoted text from the quote at `start`; gives it unescaped, and the place
    /// after the closing quote.
    fn quoted(&self, start: usize) -> Result<(String, usize), QueryError> {
        let mut text = String::new();
        let mut chars = self.rest(start).char_indices().skip(1).peekable();
        while let Some((at, c)) = chars.next() {
            match (c, chars.peek()) {
                ('"', _) => return Ok((text, start + at + 1)),
                ('\\', Some(&(_, escaped @ ('"' | '\\')))) => {
                    text.push(escaped);
                    chars.next();
                }
                _ => text.push(c),
            }
        }
        Err(
            QueryError::new("`\"` is never closed", Span::new(start, start + 1)).hint(
                "add the closing `\"`; inside quotes, `\\\"` is a quote and `\\\\` a backslash",
            ),
        )
    }

    /// Where the word that goes on at `from` ends: before whitespace, or before the
    /// `)` of a group. A `)` whose `(` is in the word belongs to the word.
    fn word_end(&self, from: usize) -> usize {
        let mut open = 0_usize;
        for (at, c) in self.rest(from).char_indices() {
            match c {
                '(' => open += 1,
                ')' if open > 0 => open -= 1,
                ')' if self.depth > 0 => return from + at,
                c if c.is_whitespace() => return from + at,
                _ => {}
            }
        }
        self.input.len()
    }

    fn ends_term(&self, at: usize) -> bool {
        self.word_end(at) == at
    }
}

/// Whether `rest` starts with a `-` that negates: not alone, and not the start of
/// `--flag`, `->` or `-=`.
fn negates(rest: &str) -> bool {
    let after = rest
        .strip_prefix('-')
        .and_then(|after| after.chars().next());
    after.is_some_and(|c| !c.is_whitespace() && !matches!(c, '-' | '>' | '=' | ')'))
}

fn word(chunk: &str) -> TokenKind {
    match chunk {
        "OR" => return TokenKind::Or,
        "AND" => return TokenKind::And,
        "NOT" => return TokenKind::Not,
        _ => {}
    }
    let prefix = chunk
        .strip_suffix('*')
        .filter(|stem| stem.ends_with(|c: char| c == '_' || !c.is_ascii_punctuation()));
    let (text, kind) = match prefix {
        Some(stem) => (stem, TextKind::Prefix),
        None => (chunk, TextKind::Word),
    };
    TokenKind::Text {
        text: text.to_owned(),
        kind,
    }
}
