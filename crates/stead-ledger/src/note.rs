//! Signed notes as C2SP signed-note has them: a text, an empty line, and signatures. What the
//! text says is not looked at.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::key::VerifierKey;

/// A note longer than this is refused: nobody writes one, and it costs to look at.
const MOST_BYTES: usize = 1 << 20;
/// A note with more signatures than this is refused (the format asks for 16 at least).
const MOST_SIGNATURES: usize = 100;

/// A text with signatures. They are checked by [`Note::verify`], not by reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// One line below a note. Those of keys that we do not know are kept as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The key's name.
    pub name: String,
    /// The key's id: the first bytes of a hash of name and key.
    pub id: [u8; 4],
    /// What the key's algorithm made.
    pub bytes: Vec<u8>,
}

/// Why a note is none, or is not to be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is too long.
    #[error(
        "the note is longer than {MOST_BYTES} bytes or has more than {MOST_SIGNATURES} signatures"
    )]
    TooLong,
    /// It has bytes that no note has.
    #[error("the note is not UTF-8 or has control characters")]
    NotText,
    /// The text does not end with a line feed.
    #[error("the note's text does not end with a line feed")]
    Unended,
    /// There is no empty line with signatures after it.
    #[error("the note has no signatures: an empty line and lines that begin with `— ` are missing")]
    Unsigned,
    /// A line of the signatures is none.
    #[error("line {0} below the note's text is no signature")]
    BadSignatureLine(usize),
    /// None of the keys given has signed.
    #[error("none of the known keys has signed the note; it is signed by {0}")]
    NoKnownKey(String),
    /// A known key's signature does not fit the text.
    #[error("the signature of `{0}` does not fit: the text was changed after signing")]
    WrongSignature(String),
}

impl Note {
    /// A note without signatures yet. The text ends with a line feed.
    pub fn new(text: String) -> Result<Self, NoteError> {
        if text.len() > MOST_BYTES {
            return Err(NoteError::TooLong);
        }
        if has_control(&text) {
            return Err(NoteError::NotText);
        }
        if !text.ends_with('\n') {
            return Err(NoteError::Unended);
        }
        Ok(Self {
            text,
            signatures: Vec::new(),
        })
    }

    /// Reads a note with its signatures.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MOST_BYTES {
            return Err(NoteError::TooLong);
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| NoteError::NotText)?;
        if has_control(whole) {
            return Err(NoteError::NotText);
        }
        // The last empty line: texts may have empty lines of their own.
        let at = whole.rfind("\n\n").ok_or(NoteError::Unsigned)?;
        let (text, lines) = (&whole[..=at], &whole[at + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Unsigned)?;
        let mut signatures = Vec::new();
        for (number, line) in lines.split('\n').enumerate() {
            if number == MOST_SIGNATURES {
                return Err(NoteError::TooLong);
            }
            let signature = Signature::parse(line);
            signatures.push(signature.ok_or(NoteError::BadSignatureLine(number + 1))?);
        }
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }

    /// The text, with its last line feed: what the signatures are about.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All signatures, also of keys that nobody here knows.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Puts a signature below; one of the same key gives way.
    pub fn add(&mut self, signature: Signature) {
        let same = |old: &Signature| old.name == signature.name && old.id == signature.id;
        self.signatures.retain(|old| !same(old));
        self.signatures.push(signature);
    }

    /// The keys of `known` that have signed. It is an error if none has, or if one that has did
    /// not sign this text.
    pub fn verify<'a>(&self, known: &'a [VerifierKey]) -> Result<Vec<&'a VerifierKey>, NoteError> {
        let mut signers: Vec<&VerifierKey> = Vec::new();
        for signature in &self.signatures {
            let is_its =
                |key: &&VerifierKey| key.name() == signature.name && key.id() == signature.id;
            let Some(key) = known.iter().find(is_its) else {
                continue;
            };
            if !key.has_signed(self.text.as_bytes(), &signature.bytes) {
                return Err(NoteError::WrongSignature(signature.name.clone()));
            }
            if !signers.contains(&key) {
                signers.push(key);
            }
        }
        if signers.is_empty() {
            let names: Vec<_> = self
                .signatures
                .iter()
                .map(|one| format!("`{}`", one.name))
                .collect();
            return Err(NoteError::NoKnownKey(if names.is_empty() {
                "nobody".to_owned()
            } else {
                names.join(", ")
            }));
        }
        Ok(signers)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|one| writeln!(out, "{one}"))
    }
}

impl Signature {
    fn parse(line: &str) -> Option<Self> {
        let (name, data) = line.strip_prefix("— ")?.split_once(' ')?;
        let data = STANDARD.decode(data).ok()?;
        let (id, bytes) = data.split_first_chunk::<4>()?;
        let whole = is_key_name(name) && !bytes.is_empty();
        whole.then(|| Self {
            name: name.to_owned(),
            id: *id,
            bytes: bytes.to_vec(),
        })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = [&self.id, self.bytes.as_slice()].concat();
        write!(out, "— {} {}", self.name, STANDARD.encode(data))
    }
}

/// Whether a key may be called so: not empty, no space, no plus.
pub(crate) fn is_key_name(name: &str) -> bool {
    let odd =
        |character: char| character == '+' || character.is_whitespace() || character.is_control();
    !name.is_empty() && !name.contains(odd)
}

fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| byte < b' ' && byte != b'\n')
}
