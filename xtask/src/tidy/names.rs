//! T9: one word for one thing: types and modules are named by the terms of
//! ARCHITECTURE.md.

use super::Finding;
use super::rust::{Kind, code_tokens};
use super::tree::Tree;

/// Words that types and modules do not use, each with what we say.
const NOT: &[(&str, &str)] = &[
    ("backend", "adapter, container or provider"),
    ("common", "the thing that it owns"),
    ("connector", "adapter"),
    ("conversation", "session"),
    ("core", "the thing that it owns"),
    ("helper", "the thing that it does"),
    ("helpers", "the thing that it does"),
    ("importer", "adapter"),
    ("manager", "the thing that it owns"),
    ("misc", "the thing that it owns"),
    ("preset", "adapter"),
    ("util", "the thing that it does"),
    ("utils", "the thing that it does"),
    ("warning", "issue"),
    ("watermark", "checkpoint"),
];

/// Adapters may speak their vendor's language about the vendor's records.
const FOREIGN: &str = "crates/stead-adapters/src/agents/";

/// Finds types and modules that are named by a word of the list.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (file, text) in tree.rust() {
        if file.path.starts_with(FOREIGN) || file.is_test() {
            continue;
        }
        let tokens = code_tokens(text);
        for pair in tokens.windows(2) {
            let [keyword, name] = pair else { continue };
            let declares = keyword.kind == Kind::Word
                && name.kind == Kind::Word
                && matches!(
                    keyword.text,
                    "struct" | "enum" | "trait" | "type" | "mod" | "union"
                );
            if !declares {
                continue;
            }
            for word in words(name.text) {
                if let Some((_, instead)) = NOT.iter().find(|(not, _)| *not == word) {
                    let message = format!("`{}`: not `{word}` but {instead}", name.text);
                    found.push(Finding::new("T9", &file.path, name.line, message));
                }
            }
        }
    }
    found
}

/// The words of a name in either style, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for character in name.chars() {
        if character == '_' || character.is_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| character != '_') {
            word.extend(character.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::{check, words};

    #[test]
    fn forbidden_words_are_found() {
        let source = "mod utils;\npub struct SessionManager;\nstruct Chatty;\nlet backend = 1;";
        let found = check(&Tree::of(&[("a/src/lib.rs", source)]));
        let lines: Vec<_> = found.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [1, 2]);
        assert!(found[0].message.contains("not `utils`"), "{}", found[0]);
    }

    #[test]
    fn names_fall_into_words() {
        assert_eq!(words("SessionManager"), ["session", "manager"]);
        assert_eq!(words("web_utils"), ["web", "utils"]);
    }
}
