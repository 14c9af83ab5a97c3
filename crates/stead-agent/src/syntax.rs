//! What the pieces of a text in a programming language are, to show them in colours.
//!
//! Told from the leaves of the tree that the map of a repository is made of too. The
//! grammars have queries for this, which see more; to make one ready takes 20 to 35 ms and
//! 10 MB, for a diff of ten lines.

use std::ops::Range;

use tree_sitter::{Node, TreeCursor};

use crate::context::map::parsed;

/// A text beyond so many bytes has no pieces.
const LONGEST: usize = 1 << 20;

/// What a piece of code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// It is for people.
    Comment,
    /// A text or a character, with its quotes and all that is in it.
    Text,
    /// A number.
    Number,
    /// A word of the language.
    Keyword,
    /// A type's name.
    Type,
}

/// The pieces of a text in their order, by their bytes; what lies between them is nothing
/// of these. There are none if the language is not known, which the file's name says. The
/// text need not be whole: a hunk of a diff is read as far as it makes sense.
pub fn pieces(path: &str, text: &str) -> Vec<(Range<usize>, Piece)> {
    let mut pieces = Vec::new();
    if text.len() > LONGEST {
        return pieces;
    }
    let Some(tree) = parsed(path, text) else {
        return pieces;
    };
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        let piece = of(node, node.child_count() == 0);
        if let Some(piece) = piece.filter(|_| !node.byte_range().is_empty()) {
            pieces.push((node.byte_range(), piece));
        }
        let inside = piece.is_none() && cursor.goto_first_child();
        if !inside && !next(&mut cursor) {
            return pieces;
        }
    }
}

/// Goes to the next node that does not lie in this one.
fn next(cursor: &mut TreeCursor<'_>) -> bool {
    loop {
        if cursor.goto_next_sibling() {
            return true;
        }
        if !cursor.goto_parent() {
            return false;
        }
    }
}

/// What a node is. Grammars of different languages use much the same words.
fn of(node: Node<'_>, is_leaf: bool) -> Option<Piece> {
    const TEXTS: [&str; 8] = [
        "char_literal",
        "character_literal",
        "heredoc_body",
        "interpreted_string_literal",
        "raw_string_literal",
        "rune_literal",
        "simple_symbol",
        "template_string",
    ];
    const NUMBERS: [&str; 4] = ["number", "integer", "float", "number_literal"];
    const WORDS: [&str; 12] = [
        "crate",
        "false",
        "mutable_specifier",
        "nil",
        "none",
        "null",
        "null_literal",
        "self",
        "super",
        "this",
        "true",
        "undefined",
    ];
    let kind = node.kind();
    if !node.is_named() {
        let is_word = kind.len() > 1 && kind.bytes().all(|byte| byte.is_ascii_lowercase());
        return is_word.then_some(Piece::Keyword);
    }
    let is_number = |kind: &str| {
        let kinds = [
            "int_literal",
            "integer_literal",
            "float_literal",
            "point_literal",
        ];
        NUMBERS.contains(&kind) || kinds.iter().any(|end| kind.ends_with(end))
    };
    if kind.ends_with("comment") {
        Some(Piece::Comment)
    } else if kind == "string" || kind == "string_literal" || TEXTS.contains(&kind) {
        Some(Piece::Text)
    } else if is_number(kind) {
        Some(Piece::Number)
    } else if WORDS.contains(&kind) {
        Some(Piece::Keyword)
    } else if kind == "type_identifier" || (is_leaf && kind.ends_with("_type")) {
        Some(Piece::Type)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Piece, pieces};

    /// The pieces of one sort, as they stand in the text.
    fn texts<'a>(path: &str, text: &'a str, wanted: Piece) -> Vec<&'a str> {
        let all = pieces(path, text).into_iter();
        all.filter(|(_, piece)| *piece == wanted)
            .map(|(range, _)| &text[range])
            .collect()
    }

    #[test]
    fn pieces_of_each_language() {
        use Piece::{Comment, Keyword, Number, Text};
        let samples = [
            (
                "a.rs",
                "// so\nfn f() -> u8 { let s = \"a{}\"; 12 }",
                "// so",
                "fn let",
                "\"a{}\"",
                "12",
            ),
            (
                "a.py",
                "# so\ndef f():\n    return 'a' + 12",
                "# so",
                "def return",
                "'a'",
                "12",
            ),
            (
                "a.js",
                "// so\nfunction f() { return 'a' + 12 }",
                "// so",
                "function return",
                "'a'",
                "12",
            ),
            (
                "a.ts",
                "// so\nfunction f() { return `a` + 12 }",
                "// so",
                "function return",
                "`a`",
                "12",
            ),
            (
                "a.go",
                "// so\nfunc f() { return \"a\" + 12 }",
                "// so",
                "func return",
                "\"a\"",
                "12",
            ),
            (
                "a.java",
                "// so\nclass A { int f() { return 12 + \"a\"; } }",
                "// so",
                "class int return",
                "\"a\"",
                "12",
            ),
            (
                "a.c",
                "// so\nint f() { return \"a\"[12]; }",
                "// so",
                "return",
                "\"a\"",
                "12",
            ),
            (
                "a.cpp",
                "// so\nint f() { return \"a\"[12]; }",
                "// so",
                "return",
                "\"a\"",
                "12",
            ),
            (
                "a.rb",
                "# so\ndef f\n  \"a\" + 12\nend",
                "# so",
                "def end",
                "\"a\"",
                "12",
            ),
        ];
        for (path, text, comment, keywords, string, number) in samples {
            assert_eq!(texts(path, text, Comment).join(" "), comment, "{path}");
            assert_eq!(texts(path, text, Keyword).join(" "), keywords, "{path}");
            assert_eq!(texts(path, text, Text).join(" "), string, "{path}");
            assert_eq!(texts(path, text, Number).join(" "), number, "{path}");
        }
        assert_eq!(
            texts("a.rs", "fn f(a: Foo) -> u8 {}", Piece::Type),
            ["Foo", "u8"]
        );
    }

    #[test]
    fn a_hunk_that_is_no_whole_text_has_pieces() {
        let text = "    return total / 2  # half\n\ndef next():";
        assert_eq!(texts("a.py", text, Piece::Comment), ["# half"]);
        assert_eq!(texts("a.py", text, Piece::Keyword), ["return", "def"]);
        assert!(pieces("a.unknown", text).is_empty());
        assert!(pieces("a.py", "").is_empty());
    }
}
