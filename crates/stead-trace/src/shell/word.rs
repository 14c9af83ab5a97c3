//! Words of a command before and after expansion: what is known of their text.
//! Which words a command has, `lex` says; what variables hold, `expand`.

use super::parse::Node;

/// A word as written, in pieces.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Word(pub(super) Vec<Piece>);

/// A part of a word.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    /// Letters that stand for themselves; wildcards count where not quoted.
    Text { text: String, quoted: bool },
    /// A variable; its value is split at blanks where not quoted.
    Var { name: String, quoted: bool },
    /// What a command prints.
    Run(Box<Node>),
    /// Something else that only running it tells.
    Unknown,
}

impl Word {
    /// The text of a word without quotes or expansions, as keywords are.
    pub(super) fn bare(&self) -> Option<&str> {
        match self.0.as_slice() {
            [
                Piece::Text {
                    text,
                    quoted: false,
                },
            ] => Some(text),
            _ => None,
        }
    }

    /// The text of a word without expansions, and whether any of it is quoted.
    pub(super) fn literal(&self) -> Option<(String, bool)> {
        let mut whole = String::new();
        let mut any = false;
        for piece in &self.0 {
            let Piece::Text { text, quoted } = piece else {
                return None;
            };
            whole.push_str(text);
            any |= quoted;
        }
        Some((whole, any))
    }

    /// Adds letters, to the last piece where that is of the same kind.
    pub(super) fn push_text(&mut self, letters: &str, is_quoted: bool) {
        match self.0.last_mut() {
            Some(Piece::Text { text, quoted }) if *quoted == is_quoted => text.push_str(letters),
            _ => self.0.push(Piece::Text {
                text: letters.to_owned(),
                quoted: is_quoted,
            }),
        }
    }

    /// `NAME=value` as name and value, if this is an assignment.
    pub(super) fn assignment(&self) -> Option<(String, Self)> {
        let Some(Piece::Text {
            text,
            quoted: false,
        }) = self.0.first()
        else {
            return None;
        };
        let (name, rest) = text.split_once('=')?;
        let name = name.strip_suffix('+').unwrap_or(name);
        if !is_name(name) {
            return None;
        }
        let mut value = Self::default();
        value.push_text(rest, false);
        value.0.extend_from_slice(&self.0[1..]);
        // What was there before is not looked up.
        if text.contains("+=") {
            value.0.insert(0, Piece::Unknown);
        }
        Some((name.to_owned(), value))
    }
}

/// Whether this can be the name of a variable.
pub(super) fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// How much of an argument is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// All of it.
    Whole,
    /// It is a pattern for names of files.
    Glob,
    /// The text is only how it begins.
    Start,
}

/// An argument as the command gets it, as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Arg {
    pub(super) text: String,
    pub(super) known: Known,
}

impl Arg {
    /// An argument of which everything is known.
    pub(super) fn whole(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            known: Known::Whole,
        }
    }

    /// An argument of which nothing is known.
    pub(super) const fn unknown() -> Self {
        Self {
            text: String::new(),
            known: Known::Start,
        }
    }

    /// The text, if all of it is known.
    pub(super) fn exact(&self) -> Option<&str> {
        (self.known == Known::Whole).then_some(self.text.as_str())
    }

    /// The text, if it is written out: commands that match patterns themselves get
    /// it as it is where no file has such a name.
    pub(super) fn letters(&self) -> Option<&str> {
        (self.known != Known::Start).then_some(self.text.as_str())
    }

    /// The folder that it must be in, however it goes on.
    pub(super) fn folder(&self) -> &str {
        let sure = self.text.find(['*', '?', '[']).unwrap_or(self.text.len());
        let slash = self.text[..sure].rfind('/');
        slash.map_or("", |at| &self.text[..=at])
    }

    /// Whether it is an option rather than a name.
    pub(super) fn is_option(&self) -> bool {
        self.text.len() > 1 && self.text.starts_with('-')
    }
}
