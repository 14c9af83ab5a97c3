use std::borrow::Cow;
use std::collections::HashSet;

use super::prefilter::Prefilter;
use super::rules::RULES;
use super::{Redactor, rules};

mod cases;
mod keys;
mod negatives;
mod properties;

/// Characters as random as a test can have them: a fixed walk over `alphabet`.
pub(super) fn noise(alphabet: &str, length: usize, seed: u64) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        letters[(state >> 33) as usize % letters.len()]
    };
    (0..length).map(|_| next()).collect()
}

pub(super) const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
pub(super) const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
pub(super) const HEX: &str = "0123456789abcdef";
pub(super) const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

#[test]
fn every_pattern_compiles_and_ids_are_unique() {
    let mut ids = HashSet::new();
    for rule in &RULES {
        assert!(rule.compiles(), "{}", rule.id);
        assert!(ids.insert(rule.id), "{} twice", rule.id);
        assert!(
            rule.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
            "{}",
            rule.id
        );
    }
    assert_eq!(rules().count(), RULES.len());
}

#[test]
fn no_literal_hides_another() {
    let all: HashSet<&str> = RULES
        .iter()
        .flat_map(|rule| rule.keywords)
        .copied()
        .collect();
    for a in &all {
        assert!(a.len() >= 3, "{a} is too short for the searcher");
        for b in &all {
            assert!(a == b || !b.starts_with(a), "{a} is the beginning of {b}");
        }
    }
}

#[test]
fn findings_cover_the_value_alone() {
    let secret = noise(ALNUM, 24, 5);
    let text = format!("é API_TOKEN={secret} # ü");
    let found = Redactor::default_rules().find(&text);
    assert_eq!(found.len(), 1);
    assert_eq!(&text[found[0].range.clone()], secret);
    assert_eq!(found[0].rule, "secret");
}

#[test]
fn masks_are_stable_and_clean_text_is_borrowed() {
    let redactor = Redactor::default_rules();
    let token = format!("{}{}", "ghp_", noise(ALNUM, 36, 1));
    let masked = redactor.mask(&token).into_owned();
    assert_eq!(masked, "[redacted:github-token]");
    assert!(matches!(redactor.mask(&masked), Cow::Borrowed(_)));
    let mut out = String::from("> ");
    redactor.mask_into(&token, &mut out);
    redactor.mask_into(" and text", &mut out);
    assert_eq!(out, "> [redacted:github-token] and text");
}

#[test]
fn overlapping_claims_become_one_finding_of_the_specific_rule() {
    let token = format!("{}{}", "glpat-", noise(ALNUM, 20, 3));
    let text = format!("GITLAB_TOKEN={token}!tail9\n");
    assert_eq!(
        Redactor::default_rules().mask(&text),
        "GITLAB_TOKEN=[redacted:gitlab-token]\n"
    );
}

#[test]
fn a_mask_in_an_assignment_stays_as_it_is() {
    for text in [
        "password=[redacted:password]",
        "\"token\": \"[redacted:secret]\"",
        "[redacted:x9]",
    ] {
        assert!(Redactor::default_rules().find(text).is_empty(), "{text}");
    }
}

#[test]
fn the_searchers_with_and_without_vectors_agree() {
    let text = format!("a token, API_KEY=x, {}{} and sk-ant- :AA://", "gh", "p_");
    let hits = |prefilter: &Prefilter| {
        let mut hits = Vec::new();
        prefilter.for_each_hit(text.as_bytes(), |hit, rules| {
            hits.push((hit, rules.to_vec()));
            None
        });
        hits
    };
    let vectors = hits(&Prefilter::new(&RULES));
    assert_eq!(vectors.len(), 6, "{vectors:?}");
    assert_eq!(vectors, hits(&Prefilter::without_vectors(&RULES)));
}
