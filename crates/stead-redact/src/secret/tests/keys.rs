//! Private keys, in every dress they come in.

use super::super::Redactor;
use super::{BASE64, noise};

/// Twelve lines of base64 and a short one.
fn key_lines() -> Vec<String> {
    let mut lines: Vec<String> = (0..12).map(|seed| noise(BASE64, 64, 70 + seed)).collect();
    lines.push(format!("{}==", noise(BASE64, 22, 90)));
    lines
}

#[test]
fn private_keys_are_masked_in_every_dress() {
    let begin = format!("-----BEGIN {}PRIVATE {}-----", "RSA ", "KEY");
    let end = format!("-----END {}PRIVATE {}-----", "RSA ", "KEY");
    let mask = "[redacted:private-key]";
    for newline in [
        "\n",
        "\r\n",
        "\\n",
        "\\\\n",
        "\\r\\n",
        "\n    ",
        "\n> ",
        "\\n\" +\n  \"",
    ] {
        let body = key_lines().join(newline);
        let text = format!("a {begin}{newline}{body}{newline}{end} b");
        let masked = Redactor::default_rules().mask(&text).into_owned();
        assert_eq!(masked, format!("a {begin}{newline}{mask}{newline}{end} b"));
        let cut = format!("{begin}{newline}{body}{newline}");
        let masked = Redactor::default_rules().mask(&cut).into_owned();
        assert!(
            masked.starts_with(&format!("{begin}{newline}{mask}")),
            "{masked}"
        );
        assert!(
            masked.len() < begin.len() + mask.len() + 2 * newline.len() + 8,
            "{masked}"
        );
    }
}

#[test]
fn private_keys_with_headers_numbers_or_one_line_are_masked() {
    let begin = format!("-----BEGIN {}PRIVATE {}-----", "", "KEY");
    let lines = key_lines();
    let numbered: Vec<String> = lines
        .iter()
        .enumerate()
        .map(|(n, line)| format!("{:>6}\u{2192}{line}", n + 2))
        .collect();
    let headed = format!(
        "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n{}",
        lines.join("\n")
    );
    for body in [numbered.join("\n"), headed, lines.join(" "), lines.concat()] {
        let text = format!("{begin}\n{body}\nand then prose goes on.");
        let masked = Redactor::default_rules().mask(&text).into_owned();
        assert!(masked.contains("and then prose goes on."), "{masked}");
        assert!(
            lines.iter().all(|line| !masked.contains(&line[..12])),
            "{masked}"
        );
    }
}
