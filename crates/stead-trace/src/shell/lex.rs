//! A command's text as tokens, with the bodies of heredocs where they belong. What
//! the tokens mean together, `parse` says; quotes and expansions are in `quote`.

use super::parse;
use super::word::{Piece, Word, is_name};

/// So deep may commands stand in commands: a person's stay below ten.
pub(super) const DEEPEST: usize = 40;

/// So far is looked for the end of `((`.
const ARITHMETIC: usize = 512;

/// Signs between commands, the longer ones first.
const OPS: [(&str, Op); 11] = [
    ("&&", Op::And),
    ("||", Op::Or),
    ("|&", Op::Pipe),
    ("|", Op::Pipe),
    (";;&", Op::Arm),
    (";;", Op::Arm),
    (";&", Op::Arm),
    (";", Op::End),
    ("&", Op::End),
    ("(", Op::Open),
    (")", Op::Close),
];

/// The text is no command that we understand.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Odd;

/// A part of a command.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Word(Word),
    Op(Op),
    Redirect(Redirect),
}

/// What stands between commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    /// `;`, `&` or the end of a line.
    End,
    And,
    Or,
    Pipe,
    Open,
    Close,
    /// `;;` and its kin in `case`.
    Arm,
}

/// Where input comes from or output goes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Redirect {
    /// `< file`
    From(Word),
    /// A heredoc or `<<< word`.
    Text(Word),
    /// `> file`, of the stream with this number.
    To { fd: u8, append: bool, file: Word },
    /// `&> file`
    Both { append: bool, file: Word },
    /// `>&2`: output goes to another stream.
    Away,
    /// `2>&1` and whatever else touches no file.
    None,
}

/// A heredoc whose body comes after the line.
struct Waiting {
    token: usize,
    end: String,
    quoted: bool,
    strip: bool,
}

pub(super) struct Lexer<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) depth: usize,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(text: &'a str, depth: usize) -> Self {
        Self { text, at: 0, depth }
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Takes these letters, if they are next.
    pub(super) fn take(&mut self, letters: &str) -> bool {
        let is_next = self.rest().starts_with(letters);
        if is_next {
            self.at += letters.len();
        }
        is_next
    }

    /// The tokens up to the end, or up to the `)` that ends what is inside `$(`.
    pub(super) fn tokens(&mut self, inside: bool) -> Result<Vec<Token>, Odd> {
        if self.depth > DEEPEST {
            return Err(Odd);
        }
        let mut tokens = Vec::new();
        let mut waiting = Vec::new();
        let mut open = 0_usize;
        loop {
            self.blanks();
            let Some(byte) = self.peek() else { break };
            if byte == b')' && inside && open == 0 {
                self.at += 1;
                return Ok(tokens);
            }
            if byte == b'\n' {
                self.at += 1;
                self.bodies(&mut tokens, &mut waiting)?;
                tokens.push(Token::Op(Op::End));
            } else if let Some(redirect) = self.redirect(tokens.len(), &mut waiting)? {
                tokens.push(Token::Redirect(redirect));
            } else if let Some(token) = self.op() {
                match token {
                    Token::Op(Op::Open) => open += 1,
                    Token::Op(Op::Close) => open = open.saturating_sub(1),
                    _ => {}
                }
                tokens.push(token);
            } else {
                tokens.push(Token::Word(self.word()?));
            }
        }
        if inside { Err(Odd) } else { Ok(tokens) }
    }

    /// What is inside `$(`, `<(` and the like.
    pub(super) fn inner(&mut self) -> Result<Piece, Odd> {
        self.depth += 1;
        let tokens = self.tokens(true)?;
        let node = parse::program(tokens, self.depth)?;
        self.depth -= 1;
        Ok(Piece::Run(Box::new(node)))
    }

    fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'\\') if self.rest().starts_with("\\\n") => self.at += 2,
                Some(b'\\') if self.rest().starts_with("\\\r\n") => self.at += 3,
                Some(b'#') => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                _ => return,
            }
        }
    }

    fn op(&mut self) -> Option<Token> {
        if let Some(end) = self.arithmetic() {
            self.at += end;
            let mut word = Word::default();
            word.push_text("((", false);
            return Some(Token::Word(word));
        }
        let found = OPS.iter().find(|(letters, _)| self.take(letters));
        found.map(|(_, op)| Token::Op(*op))
    }

    /// How long `((…))` is that stands here.
    fn arithmetic(&self) -> Option<usize> {
        let rest = self.rest().strip_prefix("((")?;
        let line = rest.split('\n').next().unwrap_or_default();
        let mut near = line.len().min(ARITHMETIC);
        while !line.is_char_boundary(near) {
            near -= 1;
        }
        line[..near].find("))").map(|at| at + 4)
    }

    fn redirect(
        &mut self,
        token: usize,
        waiting: &mut Vec<Waiting>,
    ) -> Result<Option<Redirect>, Odd> {
        let start = self.at;
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let fd = self.rest()[..digits].parse().ok();
        self.at += digits;
        let found = if digits > 0 && fd.is_none() {
            None
        } else {
            self.arrow(fd, token, waiting)?
        };
        if found.is_none() {
            self.at = start;
        }
        Ok(found)
    }

    fn arrow(
        &mut self,
        fd: Option<u8>,
        token: usize,
        waiting: &mut Vec<Waiting>,
    ) -> Result<Option<Redirect>, Odd> {
        if self.rest().starts_with("<(") || self.rest().starts_with(">(") {
            return Ok(None);
        }
        if self.take("<<<") {
            let mut word = self.target()?;
            word.push_text("\n", true);
            return Ok(Some(Redirect::Text(word)));
        }
        if self.take("<<") {
            let strip = self.take("-");
            let (end, quoted) = self.target()?.literal().ok_or(Odd)?;
            waiting.push(Waiting {
                token,
                end,
                quoted,
                strip,
            });
            return Ok(Some(Redirect::Text(Word::default())));
        }
        if fd.is_none() && self.take("&>") {
            let append = self.take(">");
            let file = self.target()?;
            return Ok(Some(Redirect::Both { append, file }));
        }
        if self.take("<&") {
            self.target()?;
            return Ok(Some(Redirect::None));
        }
        if self.take(">&") {
            return self.duplicate(fd).map(Some);
        }
        if self.take("<>") {
            let file = self.target()?;
            let fd = 9;
            let append = true;
            return Ok(Some(Redirect::To { fd, append, file }));
        }
        if self.take("<") {
            return Ok(Some(Redirect::From(self.target()?)));
        }
        let append = self.take(">>");
        if !append && !self.take(">|") && !self.take(">") {
            return Ok(None);
        }
        let file = self.target()?;
        let fd = fd.unwrap_or(1);
        Ok(Some(Redirect::To { fd, append, file }))
    }

    /// `>&2` names a stream, `>& file` a file.
    fn duplicate(&mut self, fd: Option<u8>) -> Result<Redirect, Odd> {
        let file = self.target()?;
        let is_stream = file.bare().is_some_and(|text| {
            text.bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'-')
        });
        Ok(match (is_stream, fd) {
            (true, None | Some(1)) => Redirect::Away,
            (true, _) => Redirect::None,
            (false, _) => Redirect::Both {
                append: false,
                file,
            },
        })
    }

    fn target(&mut self) -> Result<Word, Odd> {
        self.blanks();
        match self.peek() {
            None | Some(b'\n' | b';' | b'&' | b'|' | b')' | b'(') => Err(Odd),
            Some(_) => self.word(),
        }
    }

    /// Reads the bodies that wait, in the order of their heredocs.
    fn bodies(&mut self, tokens: &mut [Token], waiting: &mut Vec<Waiting>) -> Result<(), Odd> {
        for heredoc in waiting.drain(..) {
            let body = self.body(&heredoc)?;
            if let Some(Token::Redirect(Redirect::Text(word))) = tokens.get_mut(heredoc.token) {
                *word = body;
            }
        }
        Ok(())
    }

    fn body(&mut self, heredoc: &Waiting) -> Result<Word, Odd> {
        let mut text = String::new();
        // Without its end it goes on to the end of the text, as in a shell.
        for line in self.rest().split_inclusive('\n') {
            self.at += line.len();
            let kept = if heredoc.strip {
                line.trim_start_matches('\t')
            } else {
                line
            };
            if kept.trim_end_matches(['\n', '\r']) == heredoc.end {
                break;
            }
            text.push_str(kept);
        }
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        let mut word = Word::default();
        if heredoc.quoted {
            word.push_text(&text, true);
            return Ok(word);
        }
        Lexer::new(&text, self.depth + 1).expansions(&mut word, None)?;
        Ok(word)
    }

    fn word(&mut self) -> Result<Word, Odd> {
        let mut word = Word::default();
        let start = self.at;
        if self.take("<(") || self.take(">(") {
            word.0.push(self.inner()?);
        }
        while let Some(byte) = self.peek() {
            match byte {
                b'(' if self.is_array(&word) => {
                    self.at += 1;
                    word.0.push(self.inner()?);
                }
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => break,
                b'\r' if self.rest().starts_with("\r\n") => break,
                _ => self.piece(byte, &mut word)?,
            }
        }
        if self.at == start {
            return Err(Odd);
        }
        Ok(word)
    }

    /// Whether `(` begins the values of an array.
    fn is_array(&self, word: &Word) -> bool {
        let name = word.bare().and_then(|text| text.strip_suffix('='));
        name.is_some_and(|name| is_name(name.strip_suffix('+').unwrap_or(name)))
            && self.peek() == Some(b'(')
    }
}
