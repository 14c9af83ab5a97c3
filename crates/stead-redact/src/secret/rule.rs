//! One rule: which literals wake it and how it decides.

use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use super::{assign, pem, url};

/// How far a pattern may look from its literal. A token that goes on beyond is
/// followed to its end once it is accepted.
const AHEAD: usize = 256;

/// The same for `Reach::Far`.
const FAR_AHEAD: usize = 4096;

/// What a rule found: a range and, if it knows better, another rule's id.
pub(super) struct Found {
    pub(super) range: Range<usize>,
    pub(super) rule: Option<&'static str>,
}

/// Where the pattern lies in relation to the literal that was found.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reach {
    /// It starts with the literal.
    Here,
    /// It starts with the literal, and no word may run into it from the left.
    WordStart,
    /// Like `WordStart`, with parts that may be long.
    Far,
    /// It starts up to this many bytes earlier and contains the literal.
    Behind(usize),
    /// Every match within this many bytes after the literal counts.
    Near(usize),
}

/// How a rule decides once a literal was found.
#[derive(Debug)]
enum Matcher {
    Pattern {
        source: &'static str,
        reach: Reach,
        compiled: OnceLock<Option<Regex>>,
    },
    Assignment,
    Pem,
    Url,
}

/// A row of the rule table.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) id: &'static str,
    pub(super) description: &'static str,
    /// Case-sensitive literals, at least three bytes each; without one of them
    /// in the text the rule does not run.
    pub(super) keywords: &'static [&'static str],
    matcher: Matcher,
    /// A last look at the secret value.
    check: fn(&[u8]) -> bool,
}

impl Rule {
    /// A rule with a pattern; group 1, if there is one, is the secret.
    pub(super) const fn pattern(
        id: &'static str,
        description: &'static str,
        keywords: &'static [&'static str],
        reach: Reach,
        source: &'static str,
    ) -> Self {
        let matcher = Matcher::Pattern {
            source,
            reach,
            compiled: OnceLock::new(),
        };
        Self {
            id,
            description,
            keywords,
            matcher,
            check: |_| true,
        }
    }

    /// A rule about `name = value` in its many spellings.
    pub(super) const fn assignment(
        id: &'static str,
        description: &'static str,
        keywords: &'static [&'static str],
    ) -> Self {
        Self {
            id,
            description,
            keywords,
            matcher: Matcher::Assignment,
            check: |_| true,
        }
    }

    /// The rule for private keys in PEM armour.
    pub(super) const fn pem(id: &'static str, description: &'static str) -> Self {
        Self {
            id,
            description,
            keywords: &["ATE KEY"],
            matcher: Matcher::Pem,
            check: |_| true,
        }
    }

    /// The rule for passwords in URLs.
    pub(super) const fn url(id: &'static str, description: &'static str) -> Self {
        Self {
            id,
            description,
            keywords: &["://"],
            matcher: Matcher::Url,
            check: |_| true,
        }
    }

    /// A table row without a body of its own: another rule reports it.
    pub(super) const fn reported(id: &'static str, description: &'static str) -> Self {
        Self {
            id,
            description,
            keywords: &[],
            matcher: Matcher::Assignment,
            check: |_| true,
        }
    }

    /// Adds a last look at the value.
    pub(super) const fn checked(mut self, check: fn(&[u8]) -> bool) -> Self {
        self.check = check;
        self
    }

    /// Whether the rule knows a value only by its name.
    pub(super) fn is_assignment(&self) -> bool {
        matches!(self.matcher, Matcher::Assignment)
    }

    /// Whether the pattern compiles; rules without one always do.
    #[cfg(test)]
    pub(super) fn compiles(&self) -> bool {
        match &self.matcher {
            Matcher::Pattern { source, reach, .. } => compile(source, *reach).is_some(),
            _ => true,
        }
    }

    /// Reports what this rule finds around the literal at `hit`.
    pub(super) fn find(&self, text: &str, hit: Range<usize>, report: &mut dyn FnMut(Found)) {
        match &self.matcher {
            Matcher::Pattern {
                source,
                reach,
                compiled,
            } => {
                let starts_word = matches!(reach, Reach::WordStart | Reach::Far);
                if starts_word && !at_word_start(text.as_bytes(), hit.start) {
                    return;
                }
                let regex = compiled.get_or_init(|| compile(source, *reach));
                if let Some(regex) = regex {
                    self.find_pattern(text.as_bytes(), regex, *reach, &hit, report);
                }
            }
            Matcher::Assignment => {
                if let Some(found) = assign::find(text.as_bytes(), hit) {
                    report(found);
                }
            }
            Matcher::Pem => report_range(pem::find(text.as_bytes(), hit), report),
            Matcher::Url => report_range(url::find(text.as_bytes(), hit), report),
        }
    }

    fn find_pattern(
        &self,
        text: &[u8],
        regex: &Regex,
        reach: Reach,
        hit: &Range<usize>,
        report: &mut dyn FnMut(Found),
    ) {
        let (back, ahead, all) = match reach {
            Reach::Here | Reach::WordStart => (0, AHEAD, false),
            Reach::Far => (0, FAR_AHEAD, false),
            Reach::Behind(back) => (back, AHEAD, false),
            Reach::Near(ahead) => (0, ahead, true),
        };
        let from = hit.start.saturating_sub(back);
        let window = &text[from..text.len().min(hit.start.saturating_add(ahead))];
        for captures in regex.captures_iter(window) {
            let Some(whole) = captures.get(0) else {
                continue;
            };
            if !all && (from + whole.start() > hit.start || from + whole.end() < hit.end) {
                continue;
            }
            let secret = captures.get(1).unwrap_or(whole);
            if (self.check)(secret.as_bytes()) {
                let cut = secret.end() == window.len();
                let more = if cut {
                    &text[from + secret.end()..]
                } else {
                    &[]
                };
                let rest = more.iter().take_while(|byte| goes_on(**byte)).count();
                let range = from + secret.start()..from + secret.end() + rest;
                report(Found { range, rule: None });
            }
            if !all {
                return;
            }
        }
    }
}

/// Bytes of tokens of every kind.
fn goes_on(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+' | b'/' | b'=')
}

/// Reports a range under the rule's own id.
fn report_range(range: Option<Range<usize>>, report: &mut dyn FnMut(Found)) {
    if let Some(range) = range {
        report(Found { range, rule: None });
    }
}

/// Compiles a pattern over bytes, tied to the literal where it starts there.
fn compile(source: &str, reach: Reach) -> Option<Regex> {
    let anchored = match reach {
        Reach::Here | Reach::WordStart | Reach::Far => format!("^(?:{source})"),
        Reach::Behind(_) | Reach::Near(_) => source.to_owned(),
    };
    RegexBuilder::new(&anchored).unicode(false).build().ok()
}

/// Whether a word may start at `at`: nothing word-like before it, where the
/// letter of an escape (`\n`) and a percent code (`%3D`) are not word-like.
fn at_word_start(text: &[u8], at: usize) -> bool {
    match &text[..at] {
        [.., b'\\', b'n' | b'r' | b't'] | [] => true,
        [.., b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => true,
        [.., last] => !(last.is_ascii_alphanumeric() || *last == b'_'),
    }
}
