//! What holds for every text.

use proptest::prelude::*;

use super::super::Redactor;
use super::{ALNUM, BASE64, HEX, noise};

/// Pieces that rules wait for, glued together in any order.
fn pieces() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "ghp_",
        "AKIA",
        "sk-",
        "sk-ant-",
        "hf_",
        "xoxb-",
        "eyJ",
        ".eyJ",
        ":AA",
        "://",
        "user:",
        "@host",
        "password",
        "PASSWORD",
        "api_key",
        "token",
        "secret",
        "credential",
        "Bearer ",
        "Basic ",
        "=",
        ": ",
        "\"",
        "'",
        "\\\"",
        "\\n",
        "\n",
        " ",
        "é",
        "\u{10ffff}",
        "[redacted:",
        "]",
        "-----BEGIN PRIVATE ",
        "KEY-----",
        "-----END ",
        "$",
        "<",
        "--",
        "sig=",
        "%3D",
        "SG.",
        ".",
        "cio",
        "npm_",
        "discord",
        "1234567890",
    ];
    let piece = prop_oneof![
        6 => (0..WORDS.len()).prop_map(|at| WORDS[at].to_owned()),
        2 => (0..90_usize, 0..9_u64).prop_map(|(length, seed)| noise(ALNUM, length, seed)),
        1 => (0..90_usize, 0..9_u64).prop_map(|(length, seed)| noise(HEX, length, seed)),
        1 => (0..200_usize, 0..9_u64).prop_map(|(length, seed)| noise(BASE64, length, seed)),
        1 => any::<String>(),
    ];
    proptest::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let redactor = Redactor::default_rules();
    let found = redactor.find(text);
    for finding in &found {
        prop_assert!(
            text.get(finding.range.clone())
                .is_some_and(|secret| !secret.is_empty())
        );
    }
    for pair in found.windows(2) {
        prop_assert!(pair[0].range.end <= pair[1].range.start, "{:?}", pair);
    }
    let masked = redactor.mask(text).into_owned();
    prop_assert_eq!(masked == text, found.is_empty());
    let again = redactor.mask(&masked).into_owned();
    prop_assert_eq!(&again, &masked, "masking again changed something");
    let mut out = String::new();
    redactor.mask_into(text, &mut out);
    prop_assert_eq!(out, masked);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn telling_pieces_in_any_order(text in pieces()) {
        check(&text)?;
    }

    #[test]
    fn any_text(text in any::<String>()) {
        check(&text)?;
    }
}

/// Hostile repetition is masked to its end, and masking again changes nothing. How
/// fast it is shows `examples/throughput.rs`.
#[test]
fn repeated_literals_come_to_an_end() {
    for piece in [
        "token=",
        "password=\"",
        "://a:",
        "eyJ",
        "-----BEGIN PRIVATE KEY-----\n",
        "sk-",
        "token",
    ] {
        let redactor = Redactor::default_rules();
        let masked = redactor.mask(&piece.repeat(20_000)).into_owned();
        assert_eq!(redactor.mask(&masked), masked, "{piece:?}");
    }
}

/// The shape checks may not lose more than a few random values.
#[test]
fn random_values_are_taken_for_secrets() {
    for (alphabet, length) in [(ALNUM, 20), (ALNUM, 32), (HEX, 32), (BASE64, 40)] {
        let missed = (0..1000_u64)
            .map(|seed| format!("API_KEY={}\n", noise(alphabet, length, seed + 1)))
            .filter(|text| Redactor::default_rules().find(text).is_empty())
            .count();
        assert!(
            missed <= 20,
            "{missed} of 1000 random values of length {length} were missed"
        );
    }
}
