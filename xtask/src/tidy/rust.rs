//! Just enough of Rust's grammar to tell code from comments and strings.

/// A piece of a Rust source file. Comments and spaces are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) line: usize,
    pub(super) kind: Kind,
    /// The text; of strings, without quotes and with escapes as written.
    pub(super) text: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An identifier, a keyword or a number.
    Word,
    /// A string of any sort.
    Text,
    /// One character of punctuation.
    Sign,
}

/// Cuts a source file into tokens.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut scanner = Scanner {
        source,
        at: 0,
        line: 1,
        tokens: Vec::new(),
    };
    while scanner.at < source.len() {
        scanner.step();
    }
    scanner.tokens
}

/// The tokens up to an inline module of tests, which stands at the end.
pub(super) fn code_tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = tokens(source);
    let start = ["cfg", "(", "test", ")", "]", "mod"];
    let is_start = |window: &[Token<'_>]| {
        window
            .iter()
            .zip(start)
            .all(|(token, text)| token.text == text)
            && window[start.len() + 1].text == "{"
    };
    if let Some(place) = tokens.windows(start.len() + 2).position(is_start) {
        tokens.truncate(place);
    }
    tokens
}

struct Scanner<'a> {
    source: &'a str,
    at: usize,
    line: usize,
    tokens: Vec<Token<'a>>,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    /// Goes on by `length` bytes and gives them.
    fn take(&mut self, length: usize) -> &'a str {
        let taken = &self.rest()[..length];
        self.line += taken.matches('\n').count();
        self.at += length;
        taken
    }

    fn push(&mut self, line: usize, kind: Kind, text: &'a str) {
        self.tokens.push(Token { line, kind, text });
    }

    fn step(&mut self) {
        let rest = self.rest();
        if rest.starts_with("//") {
            self.take(rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            self.block_comment();
        } else if let Some(hashes) = raw_string(rest) {
            self.raw_string(hashes);
        } else if rest.starts_with('"') || rest.starts_with("b\"") || rest.starts_with("c\"") {
            self.string();
        } else if rest.starts_with('\'') || rest.starts_with("b'") {
            self.quote();
        } else {
            let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            match word.unwrap_or(rest.len()) {
                0 => self.sign(),
                length => {
                    let line = self.line;
                    let text = self.take(length);
                    self.push(line, Kind::Word, text);
                }
            }
        }
    }

    fn sign(&mut self) {
        let line = self.line;
        let length = self.rest().chars().next().map_or(1, char::len_utf8);
        let text = self.take(length);
        if !text.trim().is_empty() {
            self.push(line, Kind::Sign, text);
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        loop {
            let rest = self.rest();
            if rest.starts_with("/*") {
                depth += 1;
                self.take(2);
            } else if rest.starts_with("*/") {
                depth -= 1;
                self.take(2);
            } else {
                let length = rest.chars().next().map_or(0, char::len_utf8);
                self.take(length);
            }
            if depth == 0 || self.rest().is_empty() {
                return;
            }
        }
    }

    fn raw_string(&mut self, hashes: usize) {
        let line = self.line;
        let open = self.rest().find('"').unwrap_or(0) + 1;
        self.take(open);
        let close = format!("\"{}", "#".repeat(hashes));
        let rest = self.rest();
        let length = rest.find(&close).unwrap_or(rest.len());
        let text = self.take(length);
        self.push(line, Kind::Text, text);
        self.take(close.len().min(self.rest().len()));
    }

    fn string(&mut self) {
        let line = self.line;
        let open = self.rest().find('"').unwrap_or(0) + 1;
        self.take(open);
        let rest = self.rest();
        let mut escaped = false;
        let end = rest.find(|c: char| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let text = self.take(end.unwrap_or(rest.len()));
        self.push(line, Kind::Text, text);
        self.take(1.min(self.rest().len()));
    }

    /// A character, or the sign of a lifetime.
    fn quote(&mut self) {
        let start = self.rest().find('\'').unwrap_or(0) + 1;
        self.take(start);
        let rest = self.rest();
        if rest.starts_with('\\') {
            let end = rest[2.min(rest.len())..]
                .find('\'')
                .map_or(rest.len(), |end| end + 3);
            self.take(end);
            return;
        }
        let mut characters = rest.chars();
        let first = characters.next().map_or(0, char::len_utf8);
        if characters.next() == Some('\'') {
            self.take(first + 1);
        }
    }
}

/// The number of hashes if a raw string begins here.
fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix('r').or_else(|| rest.strip_prefix("br"))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(hashes)
}

#[cfg(test)]
mod tests {
    use super::{Kind, code_tokens, tokens};

    fn texts(source: &str) -> Vec<&str> {
        tokens(source).iter().map(|token| token.text).collect()
    }

    #[test]
    fn comments_go_and_strings_stay_whole() {
        assert_eq!(texts("a // b\n/* c /* d */ */ e"), ["a", "e"]);
        assert_eq!(
            texts(r#"f("x \" // y", 1)"#),
            ["f", "(", r#"x \" // y"#, ",", "1", ")"]
        );
        assert_eq!(texts(r##"r#"a "b" c"# d"##), [r#"a "b" c"#, "d"]);
        assert_eq!(
            texts(r"'a' '\'' '\\' b'x' &'a str é"),
            ["&", "a", "str", "é"]
        );
        assert_eq!(tokens("\n\n\"a\nb\" c")[1].line, 4);
        assert_eq!(tokens("\"a\"")[0].kind, Kind::Text);
    }

    #[test]
    fn inline_tests_are_no_code() {
        let source = "fn a() {}\n#[cfg(test)]\nmod tests { fn b() {} }";
        assert!(code_tokens(source).iter().all(|token| token.text != "b"));
        let source = "#[cfg(test)]\nmod tests;\nfn c() {}";
        assert!(code_tokens(source).iter().any(|token| token.text == "c"));
    }
}
