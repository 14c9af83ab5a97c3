//! `name = value` in the spellings of code, configuration, JSON (also escaped
//! inside other JSON), headers, query strings, XML and command lines.
//!
//! Written by hand instead of as a pattern because words like `token` are
//! common: nearly all hits are dismissed after the byte that follows the name.

use std::ops::Range;

use super::context::{at_line_end, is_blank, run, starts_line};
use super::key::{self, KeyClass};
use super::rule::Found;
use super::rules::AWS_SECRET;
use super::value::{self, Style};

/// Longest name to either side of the literal.
const NAME: usize = 48;

/// Longest value.
const VALUE: usize = 2048;

/// What stands between the name and the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Between {
    /// `=` with nothing around it.
    Tight,
    /// `:`, `:=`, `=>`, or `=` with blanks.
    Loose,
    /// The blank after `--name`.
    Flag,
    /// Something after which only a quoted value counts (`==`, `,`).
    QuotedOnly,
    /// `(` of a call, which also takes a quoted value only.
    Call,
    /// `>` of `<name>`.
    Tag,
}

/// The secret assigned to the name that contains the literal at `hit`.
pub(super) fn find(text: &[u8], hit: Range<usize>) -> Option<Found> {
    let tail_end = hit.end + run(&text[hit.end..], NAME, is_name);
    let tail = &text[hit.end..tail_end];
    if key::runs_on(&text[hit.clone()], tail) {
        return None;
    }
    let (between, at) = separator(text, tail_end)?;
    if between == Between::Call && tail.contains(&b'.') {
        return None;
    }
    let start = name_start(text, hit.start);
    let between = between.in_context(text, start)?;
    let name = &text[start..tail_end];
    let class = key::classify(name, hit.start - start..hit.end - start)?;
    let (range, style) = match quoted(text, at)? {
        Quoted::Value(range) => (range, Style::Literal),
        Quoted::No if matches!(between, Between::QuotedOnly | Between::Call) => return None,
        Quoted::No => bare(text, at, between, start)?,
    };
    let secret = &text[range.clone()];
    if is_aws(name) && is_aws_secret(secret) {
        return Some(Found {
            range,
            rule: Some(AWS_SECRET),
        });
    }
    let shouted = !name.iter().any(u8::is_ascii_lowercase);
    if class == KeyClass::Weak && !shouted && value::is_identifier_number(secret) {
        return None;
    }
    value::is_secret(secret, class, style).then_some(Found { range, rule: None })
}

impl Between {
    /// Settles what only the text before the name can tell.
    fn in_context(self, text: &[u8], start: usize) -> Option<Self> {
        let is_tag = start > 0 && text[start - 1] == b'<';
        let is_flag = text[start..].starts_with(b"--");
        match self {
            Self::Tag if !is_tag => None,
            Self::Flag if !is_flag => None,
            other => Some(other),
        }
    }
}

/// Where the name begins, without the letter of an escape before it.
fn name_start(text: &[u8], at: usize) -> usize {
    let back = text[..at]
        .iter()
        .rev()
        .take(NAME)
        .take_while(|byte| is_name(**byte))
        .count();
    let start = at - back;
    let escape = start > 0 && text[start - 1] == b'\\' && matches!(text[start], b'n' | b'r' | b't');
    start + usize::from(escape && start < at)
}

/// What follows the name at `at`, and where the value would start.
fn separator(text: &[u8], at: usize) -> Option<(Between, usize)> {
    let mut i = at + run(&text[at..], 8, |byte| byte == b'\\');
    let closes = matches!(text.get(i), Some(b'"' | b'\'' | b'`'));
    i = if closes { i + 1 } else { at };
    i += usize::from(text.get(i) == Some(&b']'));
    let blanks = run(&text[i..], 24, is_blank);
    i += blanks;
    let next = |offset: usize| text.get(i + offset).copied();
    let (between, width) = match (next(0)?, next(1)) {
        (b':', Some(b':')) | (b'=', Some(b'~')) => return None,
        (b':', Some(b'=')) | (b'=', Some(b'>')) => (Between::Loose, 2),
        (b'=', Some(b'=')) => (Between::QuotedOnly, 2 + usize::from(next(2) == Some(b'='))),
        (b'=', after) => {
            let tight = blanks == 0 && !after.is_some_and(is_blank);
            (
                if tight {
                    Between::Tight
                } else {
                    Between::Loose
                },
                1,
            )
        }
        (b':', _) => (Between::Loose, 1 + annotation(&text[i + 1..])),
        (b'>', _) if blanks == 0 => (Between::Tag, 1),
        (b',', _) if closes => (Between::QuotedOnly, 1),
        (b'(', _) if blanks == 0 && !closes => (Between::Call, 1),
        _ if blanks > 0 && !closes => (Between::Flag, 0),
        _ => return None,
    };
    i += width;
    Some((between, i + run(&text[i..], 24, is_blank)))
}

/// The length of a type and its `=` after a colon: `: &str = "…"`.
fn annotation(text: &[u8]) -> usize {
    let is_type = |b: u8| {
        b.is_ascii_alphanumeric() || matches!(b, b'_' | b'<' | b'>' | b'&' | b'[' | b']' | b'.')
    };
    let blanks = run(text, 4, is_blank);
    let name = run(&text[blanks..], 32, |b| {
        is_type(b) || b == b'\'' || b == b'|' || is_blank(b)
    });
    let equals = blanks + name;
    let rest = text.get(equals + 1..).unwrap_or_default();
    let quoted = rest
        .iter()
        .find(|byte| !is_blank(**byte))
        .is_some_and(|b| matches!(b, b'"' | b'\''));
    let typed =
        name > 0 && text[blanks].is_ascii_punctuation() | text[blanks].is_ascii_alphabetic();
    if typed && !matches!(text[blanks], b'\'') && text.get(equals) == Some(&b'=') && quoted {
        equals + 1
    } else {
        0
    }
}

/// Whether a quoted value starts somewhere.
enum Quoted {
    Value(Range<usize>),
    No,
}

/// The quoted value at `at`. `None` if a quote opens but no value comes of it.
fn quoted(text: &[u8], at: usize) -> Option<Quoted> {
    let prefixed = matches!(
        text.get(at),
        Some(b'b' | b'r' | b'u' | b'f' | b'@' | b'$' | b'L')
    ) && matches!(text.get(at + 1), Some(b'"' | b'\''));
    let at = at + usize::from(prefixed);
    let slashes = run(&text[at.min(text.len())..], 16, |byte| byte == b'\\');
    let open = at + slashes;
    let Some(quote @ (b'"' | b'\'' | b'`')) = text.get(open).copied() else {
        return Some(Quoted::No);
    };
    let start = open + 1;
    let limit = text.len().min(start + VALUE);
    let mut i = start;
    loop {
        let Some(offset) = memchr::memchr2(quote, b'\n', &text[i..limit]) else {
            // Cut off in the middle: what there is of it counts.
            return (limit == text.len()).then_some(Quoted::Value(start..limit));
        };
        let end = i + offset;
        if text[end] == b'\n' {
            return None;
        }
        let before = text[start..end]
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\\')
            .count();
        let closes = if slashes == 0 {
            before % 2 == 0
        } else {
            before <= slashes
        };
        if closes {
            let escapes = if slashes == 0 { 0 } else { before };
            return Some(Quoted::Value(start..end - escapes));
        }
        i = end + 1;
    }
}

/// The bare value at `at`, and how much its surroundings speak for it.
fn bare(
    text: &[u8],
    at: usize,
    between: Between,
    name_start: usize,
) -> Option<(Range<usize>, Style)> {
    let line = between == Between::Tight && starts_line(&text[..name_start]);
    let ends = |byte: u8| {
        byte <= b' '
            || matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b'<' | 0x7f)
            || !line
                && matches!(
                    byte,
                    b'&' | b';' | b',' | b')' | b']' | b'}' | b'|' | b'>' | b'#'
                )
    };
    let end = at + run(&text[at.min(text.len())..], VALUE, |byte| !ends(byte));
    let secret = text.get(at..end)?;
    let code = secret.iter().any(|byte| matches!(byte, b'(' | b'[' | b'{'));
    if code && (!line || secret.ends_with(b")") || secret.ends_with(b"]")) {
        return None;
    }
    let closed =
        at_line_end(&text[end..]) || (between == Between::Tag && text.get(end) == Some(&b'<'));
    let linked = between == Between::Tight
        && name_start > 0
        && matches!(text[name_start - 1], b'?' | b'&' | b';')
        && text
            .get(end)
            .is_none_or(|byte| *byte != b')' && *byte != b',');
    let literal = match between {
        Between::Tight => line || linked || closed,
        Between::Loose => closed && is_plain_colon(text, at),
        Between::Flag | Between::Tag => true,
        Between::QuotedOnly | Between::Call => false,
    };
    Some((at..end, if literal { Style::Literal } else { Style::Bare }))
}

/// Whether the value follows `: `, as in YAML and in headers.
fn is_plain_colon(text: &[u8], at: usize) -> bool {
    text[..at].iter().rev().find(|byte| !is_blank(**byte)) == Some(&b':')
}

fn is_aws(name: &[u8]) -> bool {
    let squashed: Vec<u8> = name
        .iter()
        .filter(|b| b.is_ascii_alphanumeric())
        .copied()
        .collect();
    let squashed = squashed.to_ascii_lowercase();
    memchr::memmem::find(&squashed, b"secretaccesskey").is_some()
        || squashed.starts_with(b"aws") && memchr::memmem::find(&squashed, b"secret").is_some()
}

fn is_aws_secret(value: &[u8]) -> bool {
    value.len() == 40
        && value
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'+' | b'='))
        && value.iter().any(u8::is_ascii_uppercase)
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}
