//! Quotes, escapes and expansions within a word. What they stand for in the end is
//! not known here.

use super::lex::{Lexer, Odd};
use super::parse;
use super::word::{Piece, Word, is_name};

impl Lexer<'_> {
    /// One piece of a word that is not in double quotes.
    pub(super) fn piece(&mut self, byte: u8, word: &mut Word) -> Result<(), Odd> {
        match byte {
            b'\\' => self.escape(word),
            b'\'' => {
                self.at += 1;
                let end = self.rest().find('\'').ok_or(Odd)?;
                word.push_text(&self.rest()[..end], true);
                self.at += end + 1;
            }
            b'"' => {
                self.at += 1;
                word.push_text("", true);
                self.expansions(word, Some(b'"'))?;
            }
            b'$' if self.rest().starts_with("$'") => {
                self.at += 2;
                self.ansi(word)?;
            }
            b'$' if self.rest().starts_with("$\"") => self.at += 1,
            b'$' => self.dollar(word, false)?,
            b'`' => self.backquote(word)?,
            _ => {
                let special = |c: char| " \t\r\n;&|<>()\\'\"$`".contains(c);
                let rest = self.rest();
                // A lone carriage return is a letter.
                let length = self.letter();
                let end = rest[length..].find(special);
                let end = end.map_or(rest.len(), |at| at + length);
                word.push_text(&rest[..end], false);
                self.at += end;
            }
        }
        Ok(())
    }

    /// The length of the next character.
    fn letter(&self) -> usize {
        self.rest().chars().next().map_or(1, char::len_utf8)
    }

    fn escape(&mut self, word: &mut Word) {
        self.at += 1;
        if self.take("\n") {
            return;
        }
        let length = if self.rest().is_empty() {
            0
        } else {
            self.letter()
        };
        let text = &self.rest()[..length];
        word.push_text(if length == 0 { "\\" } else { text }, true);
        self.at += length;
    }

    /// What is in double quotes, up to `end`; or a heredoc, up to the end of the text.
    pub(super) fn expansions(&mut self, word: &mut Word, end: Option<u8>) -> Result<(), Odd> {
        while let Some(byte) = self.peek() {
            if Some(byte) == end {
                self.at += 1;
                return Ok(());
            }
            match byte {
                b'\\' => {
                    let escaped = self.text.as_bytes().get(self.at + 1).copied();
                    self.at += 1;
                    match escaped {
                        Some(b'\n') => self.at += 1,
                        Some(next @ (b'$' | b'`' | b'\\')) => self.letter_of(next, word),
                        Some(b'"') if end.is_some() => self.letter_of(b'"', word),
                        _ => word.push_text("\\", true),
                    }
                }
                b'$' => self.dollar(word, true)?,
                b'`' => self.backquote(word)?,
                _ => {
                    let special = |c: char| c == '\\' || c == '$' || c == '`' || c == '"';
                    let rest = self.rest();
                    let length = self.letter();
                    let more = rest[length..].find(special);
                    let length = more.map_or(rest.len(), |at| at + length);
                    word.push_text(&rest[..length], true);
                    self.at += length;
                }
            }
        }
        if end.is_none() { Ok(()) } else { Err(Odd) }
    }

    fn letter_of(&mut self, byte: u8, word: &mut Word) {
        self.at += 1;
        word.push_text(char::from(byte).encode_utf8(&mut [0; 4]), true);
    }

    /// `$name`, `${…}`, `$(…)`, `$((…))` and their kin.
    fn dollar(&mut self, word: &mut Word, quoted: bool) -> Result<(), Odd> {
        self.at += 1;
        if self.rest().starts_with("((")
            && let Some(length) = arithmetic(self.rest())
        {
            self.at += length;
            word.0.push(Piece::Unknown);
        } else if self.take("(") {
            word.0.push(self.inner()?);
        } else if self.take("{") {
            let inside = self.braces()?;
            word.0.push(if is_name(inside) {
                let name = inside.to_owned();
                Piece::Var { name, quoted }
            } else {
                Piece::Unknown
            });
        } else {
            let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
            let length = self.rest().bytes().take_while(is_part).count();
            let name = &self.rest()[..length];
            if is_name(name) {
                let name = name.to_owned();
                self.at += length;
                word.0.push(Piece::Var { name, quoted });
            } else if self
                .rest()
                .starts_with(|c: char| "@*#?-$!0123456789".contains(c))
            {
                self.at += 1;
                word.0.push(Piece::Unknown);
            } else {
                word.push_text("$", quoted);
            }
        }
        Ok(())
    }

    /// What is in `${`, up to the `}` that ends it.
    fn braces(&mut self) -> Result<&str, Odd> {
        let start = self.at;
        let mut open = 1;
        let mut quote = None;
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at).copied() {
            self.at += 1;
            match (byte, quote) {
                (b'\\', None | Some(b'"')) => self.at += 1,
                (b'\'' | b'"', None) => quote = Some(byte),
                (_, Some(end)) if end == byte => quote = None,
                (b'{', None) => open += 1,
                (b'}', None) => open -= 1,
                _ => {}
            }
            if open == 0 {
                return self.text.get(start..self.at - 1).ok_or(Odd);
            }
        }
        Err(Odd)
    }

    fn backquote(&mut self, word: &mut Word) -> Result<(), Odd> {
        self.at += 1;
        let mut inside = String::new();
        let mut letters = self.rest().char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '`' => {
                    self.at += at + 1;
                    let depth = self.depth + 1;
                    let tokens = Lexer::new(&inside, depth).tokens(false)?;
                    word.0
                        .push(Piece::Run(Box::new(parse::program(tokens, depth)?)));
                    return Ok(());
                }
                '\\' => match letters.next() {
                    Some((_, escaped @ ('`' | '\\' | '$'))) => inside.push(escaped),
                    Some((_, other)) => inside.extend(['\\', other]),
                    None => return Err(Odd),
                },
                _ => inside.push(letter),
            }
        }
        Err(Odd)
    }

    /// The rest of `$'…'`.
    fn ansi(&mut self, word: &mut Word) -> Result<(), Odd> {
        let mut raw = String::new();
        let mut letters = self.rest().char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\'' => {
                    self.at += at + 1;
                    match unescaped(&raw) {
                        Some(text) => word.push_text(&text, true),
                        None => word.0.push(Piece::Unknown),
                    }
                    return Ok(());
                }
                '\\' => {
                    raw.push('\\');
                    raw.extend(letters.next().map(|(_, letter)| letter));
                }
                _ => raw.push(letter),
            }
        }
        Err(Odd)
    }
}

/// How long the `((…))` is that this begins with.
fn arithmetic(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => open += 1,
            b')' => open = open.saturating_sub(1),
            // No arithmetic that people write goes over lines or has quotes.
            b'\n' | b'\'' | b'"' => return None,
            _ => {}
        }
        if open == 0 {
            return text[..at].ends_with(')').then_some(at + 1);
        }
    }
    None
}

/// Text with the escapes of `echo -e`, `printf` and `$'…'`; nothing if there is one
/// that we do not know.
pub(super) fn unescaped(text: &str) -> Option<String> {
    let mut whole = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            whole.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => whole.push('\n'),
            Some('t') => whole.push('\t'),
            Some('r') => whole.push('\r'),
            Some(same @ ('\\' | '\'' | '"')) => whole.push(same),
            Some('0'..='9' | 'x' | 'u' | 'U' | 'c' | 'e' | 'E' | 'a' | 'b' | 'f' | 'v') => {
                return None;
            }
            Some(other) => whole.extend(['\\', other]),
            None => whole.push('\\'),
        }
    }
    Some(whole)
}
