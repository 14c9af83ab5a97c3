//! Redirections and here documents: which files they read and write, and where they may
//! end elsewhere than the parser believes.

use tree_sitter::Node;

use super::Word;
use super::tree::Walk;

impl Walk<'_> {
    pub(super) fn redirect(&mut self, node: Node<'_>) {
        let mut sign = "";
        let mut words = Vec::new();
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            match child.kind() {
                "file_descriptor" => {}
                _ if !child.is_named() && words.is_empty() && sign.is_empty() => {
                    sign = self.source.get(child.byte_range()).unwrap_or_default();
                }
                _ => words.push(Word::read(child, self.source)),
            }
        }
        match words.as_slice() {
            [] if sign.ends_with('-') => {}
            [word] => self.target(sign.trim(), word),
            // The parser takes a command's words after a file for files too.
            _ => self.line.doubt("it is not sure where its output goes"),
        }
    }

    fn target(&mut self, sign: &str, word: &Word) {
        let at_home = word.text == "~" || word.text.starts_with("~/");
        let path = match &word.value {
            Some(path) => path.clone(),
            None if at_home && !word.text.contains(|c| "*?[{$`\\'\"".contains(c)) => {
                word.text.clone()
            }
            None => {
                return self
                    .line
                    .doubt("which file it is redirected to is not known");
            }
        };
        let is_number = path.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if matches!(sign, ">&" | "<&") && is_number {
            return;
        }
        if path.starts_with("/dev/tcp/") || path.starts_with("/dev/udp/") {
            return self
                .line
                .doubt("the shell itself connects to another machine");
        }
        if ["/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr"].contains(&path.as_str()) {
            return;
        }
        match sign {
            "<" | "<&" => self.line.reads.push(path),
            _ => self.line.writes.push(path),
        }
    }

    /// What stands in a here document is text, unless a shell reads it.
    pub(super) fn heredoc(&mut self, node: Node<'_>) {
        let mut cursor = node.walk();
        let (mut start, mut body, mut end) = ("", "", "");
        let mut odd = false;
        for child in node.children(&mut cursor) {
            let text = self.source.get(child.byte_range()).unwrap_or_default();
            match child.kind() {
                "heredoc_start" => start = text,
                "heredoc_body" => body = text,
                "heredoc_end" => end = text.trim_matches(['\t', '\n']),
                "<<" | "<<-" | "file_redirect" | "file_descriptor" => {}
                // More words of the command, which the parser keeps here.
                _ => odd = true,
            }
        }
        let name = bare_name(start);
        let ends_early = body
            .lines()
            .any(|line| line.trim_start_matches('\t') == name);
        if odd || name.is_empty() || name != end || ends_early {
            self.line
                .doubt("it is not sure where its here document ends");
        }
    }

    pub(super) fn is_quoted(&self, node: Node<'_>) -> bool {
        let mut cursor = node.walk();
        let mut children = node.children(&mut cursor);
        let start = children.find(|child| child.kind() == "heredoc_start");
        start.is_some_and(|start| self.text(start).starts_with(['\'', '"', '\\']))
    }
}

/// The word that ends a here document, if it is a plain one.
fn bare_name(start: &str) -> &str {
    let quoted = |quote: char| start.strip_prefix(quote)?.strip_suffix(quote);
    let name = quoted('\'').or_else(|| quoted('"'));
    let name = name.or_else(|| start.strip_prefix('\\')).unwrap_or(start);
    let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if is_plain { name } else { "" }
}
