//! Finding and masking secrets: a literal prefilter, then one matcher per hit.

mod assign;
mod checks;
mod context;
mod key;
mod pem;
mod prefilter;
mod rule;
mod rules;
mod url;
mod value;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use prefilter::Prefilter;
use rule::{Found, Rule};
use rules::RULES;

/// What every mask starts with; also how existing masks are recognised.
const MASK_OPEN: &str = "[redacted:";

/// How often `mask` looks again at its own output. One more look is what
/// ordinary text needs; more only where secrets of different kinds touch.
const MAX_PASSES: usize = 8;

/// The prefilter over the static rule table, built when the first text comes.
static PREFILTER: LazyLock<Prefilter> = LazyLock::new(|| Prefilter::new(&RULES));

/// One secret in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The bytes of the secret value alone, without the name before it. Always
    /// on character boundaries.
    pub range: Range<usize>,
    /// The id of the rule that found it, as [`rules()`] lists it.
    pub rule: &'static str,
}

/// What a rule is called and what it looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleInfo {
    /// Stable, lower-case, hyphenated; appears in the mask.
    pub id: &'static str,
    /// One line for people.
    pub description: &'static str,
}

/// All built-in rules, the more specific first.
pub fn rules() -> impl Iterator<Item = RuleInfo> {
    RULES.iter().map(|rule| RuleInfo {
        id: rule.id,
        description: rule.description,
    })
}

/// Finds secrets and masks them. Free to create and to copy: the tables behind
/// it are static and are compiled when a text first needs them.
#[derive(Debug, Clone, Copy)]
pub struct Redactor {
    table: &'static [Rule],
}

impl Default for Redactor {
    fn default() -> Self {
        Self::default_rules()
    }
}

impl Redactor {
    /// The built-in rules.
    #[must_use]
    pub const fn default_rules() -> Self {
        Self { table: &RULES }
    }

    /// The secrets in `text`, in order and without overlaps. Where two rules
    /// claim overlapping bytes, one finding covers both and carries the id of
    /// the more specific rule.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<Finding> {
        let mut raw: Vec<(Range<usize>, usize)> = Vec::new();
        PREFILTER.for_each_hit(text.as_bytes(), |hit, rule_indices| {
            let mut resume = None;
            for &index in rule_indices {
                let Some(rule) = self.table.get(index) else {
                    continue;
                };
                rule.find(text, hit.clone(), &mut |found: Found| {
                    let index = found.rule.map_or(index, rules::index_of);
                    if is_usable(text, &found.range) {
                        // Within an assigned value a specific rule may know more.
                        if !rule.is_assignment() {
                            resume = resume.max(Some(found.range.end));
                        }
                        raw.push((found.range, index));
                    }
                });
            }
            resume
        });
        if raw.is_empty() {
            Vec::new()
        } else {
            self.merge(raw)
        }
    }

    /// `text` with every secret replaced by `[redacted:RULE]`; borrowed when
    /// there is none. Masking a second time changes nothing.
    #[must_use]
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let findings = self.find(text);
        if findings.is_empty() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(self.mask_found(text, &findings))
    }

    /// Appends [`mask`](Self::mask) of `text` to `out` without an intermediate
    /// copy of clean text.
    pub fn mask_into(&self, text: &str, out: &mut String) {
        let findings = self.find(text);
        if findings.is_empty() {
            out.push_str(text);
        } else {
            out.push_str(&self.mask_found(text, &findings));
        }
    }

    /// Masks until nothing more is found: a secret that touched another one may
    /// be recognisable only when the other is gone.
    fn mask_found(&self, text: &str, findings: &[Finding]) -> String {
        let mut masked = replace(text, findings);
        for _ in 1..MAX_PASSES {
            let again = self.find(&masked);
            if again.is_empty() {
                break;
            }
            masked = replace(&masked, &again);
        }
        masked
    }

    /// Sorts, and joins what overlaps so that no byte of either stays.
    fn merge(&self, mut raw: Vec<(Range<usize>, usize)>) -> Vec<Finding> {
        raw.sort_by_key(|(range, index)| (range.start, *index));
        let mut merged: Vec<(Range<usize>, usize)> = Vec::with_capacity(raw.len());
        for (range, index) in raw {
            match merged.last_mut() {
                Some((last, last_index)) if range.start < last.end => {
                    last.end = last.end.max(range.end);
                    *last_index = index.min(*last_index);
                }
                _ => merged.push((range, index)),
            }
        }
        let name = |(range, index): (Range<usize>, usize)| {
            self.table.get(index).map(|rule| Finding {
                range,
                rule: rule.id,
            })
        };
        merged.into_iter().filter_map(name).collect()
    }
}

/// Not empty, on character boundaries, and not touching an existing mask.
fn is_usable(text: &str, range: &Range<usize>) -> bool {
    text.get(range.clone()).is_some_and(|secret| {
        !secret.is_empty() && !secret.contains(MASK_OPEN) && !inside_mask(text, range.start)
    })
}

/// Whether `at` lies within the brackets of a mask. Ids are short, so a short
/// look behind is enough.
fn inside_mask(text: &str, at: usize) -> bool {
    let from = at.saturating_sub(MASK_OPEN.len() + 48);
    let before = &text.as_bytes()[from..at];
    memchr::memrchr2(b'[', b']', before)
        .is_some_and(|bracket| before[bracket..].starts_with(MASK_OPEN.as_bytes()))
}

/// `text` with each finding replaced by its mask.
fn replace(text: &str, findings: &[Finding]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for Finding { range, rule } in findings {
        out.push_str(&text[from..range.start]);
        out.push_str(MASK_OPEN);
        out.push_str(rule);
        out.push(']');
        from = range.end;
    }
    out.push_str(&text[from..]);
    out
}
