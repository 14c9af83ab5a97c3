//! Walks the tree of a command line, and doubts what the parser may have got wrong.
//!
//! The parser is made for editors: it goes on where a shell would stop. So every byte has
//! to lie in something that is known, and what could start a command has to have been seen
//! as that.

use tree_sitter::{Node, Parser, Tree};

use super::word::{has_signs, is_live};
use super::{Line, Word};

/// Nodes that are understood: either below, or as they hold nothing but others.
const KNOWN: &[&str] = &[
    "ansi_c_string",
    "arithmetic_expansion",
    "array",
    "binary_expression",
    "brace_expression",
    "c_style_for_statement",
    "case_item",
    "case_statement",
    "command",
    "command_name",
    "command_substitution",
    "comment",
    "compound_statement",
    "concatenation",
    "declaration_command",
    "do_group",
    "elif_clause",
    "else_clause",
    "expansion",
    "extglob_pattern",
    "file_descriptor",
    "file_redirect",
    "for_statement",
    "function_definition",
    "heredoc_body",
    "heredoc_content",
    "heredoc_end",
    "heredoc_redirect",
    "heredoc_start",
    "herestring_redirect",
    "if_statement",
    "list",
    "negated_command",
    "number",
    "parenthesized_expression",
    "pipeline",
    "postfix_expression",
    "process_substitution",
    "program",
    "raw_string",
    "redirected_statement",
    "regex",
    "simple_expansion",
    "special_variable_name",
    "string",
    "string_content",
    "subscript",
    "subshell",
    "ternary_expression",
    "test_command",
    "test_operator",
    "unary_expression",
    "unset_command",
    "variable_assignment",
    "variable_assignments",
    "variable_name",
    "while_statement",
    "word",
];

/// Notes all that a script does in `line`.
pub(super) fn walk(source: &str, depth: usize, line: &mut Line) {
    let Some(tree) = parse(source) else {
        return line.doubt("the parser gave up");
    };
    let root = tree.root_node();
    if root.has_error() {
        return line.doubt("it is not what a shell would take, or not known to be");
    }
    let mut walk = Walk {
        source,
        depth,
        line,
    };
    let ends = [(0, root.start_byte()), (root.end_byte(), source.len())];
    for (from, to) in ends {
        walk.gap(from, to, false, false);
    }
    // No recursion: the line may be as deep as it is long.
    let mut open = vec![(root, Within::default())];
    while let Some((node, within)) = open.pop() {
        walk.node(node, within);
        let quoted = within.quoted || node.kind() == "heredoc_redirect" && walk.is_quoted(node);
        let again = matches!(
            node.kind(),
            "do_group" | "while_statement" | "function_definition"
        );
        let inner = Within {
            parent: node.kind(),
            quoted,
            repeats: within.repeats || again,
        };
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
        open.extend(children.into_iter().rev().map(|child| (child, inner)));
    }
}

/// What a node lies in. Asking the tree for parents takes as long as it is deep.
#[derive(Clone, Copy, Default)]
struct Within {
    parent: &'static str,
    /// Whether it is a here document that the shell leaves as it is.
    quoted: bool,
    /// Whether it may run more than once.
    repeats: bool,
}

fn parse(source: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_bash::LANGUAGE.into())
        .ok()?;
    parser.parse(source, None)
}

pub(super) struct Walk<'a> {
    pub(super) source: &'a str,
    depth: usize,
    pub(super) line: &'a mut Line,
}

impl Walk<'_> {
    pub(super) fn text(&self, node: Node<'_>) -> &str {
        self.source.get(node.byte_range()).unwrap_or_default()
    }

    fn node(&mut self, node: Node<'_>, within: Within) {
        let kind = node.kind();
        if node.is_named() && !KNOWN.contains(&kind) {
            self.line.doubt("the shell's grammar is not known so far");
        }
        self.between(node, within.quoted);
        match kind {
            "command" => self.command(node, within.repeats),
            "declaration_command" | "unset_command" => self.declaration(node),
            "variable_assignment" => self.assignment(node, within.parent),
            "for_statement" => self.variable(node),
            "file_redirect" => self.redirect(node),
            "heredoc_redirect" => self.heredoc(node),
            "function_definition" => self.function(node),
            _ if node.child_count() == 0 => self.leaf(node, within.quoted),
            _ => {}
        }
    }

    /// Between the parts of a node there is nothing but white space, or text.
    fn between(&mut self, node: Node<'_>, quoted: bool) {
        let is_text = matches!(node.kind(), "string" | "heredoc_body" | "expansion");
        let mut at = node.start_byte();
        if node.child_count() == 0 {
            return;
        }
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            self.gap(at, child.start_byte(), is_text, quoted);
            at = child.end_byte().max(at);
        }
        self.gap(at, node.end_byte(), is_text, quoted);
    }

    fn gap(&mut self, from: usize, to: usize, is_text: bool, quoted: bool) {
        let gap = self.source.get(from..to).unwrap_or_default();
        let blank = gap.replace("\\\n", "");
        if !blank.bytes().all(|b| b" \t\n".contains(&b)) && !(is_text && (quoted || !is_live(gap)))
        {
            self.line.doubt("parts of it were not read");
        }
    }

    fn leaf(&mut self, node: Node<'_>, quoted: bool) {
        let text = self.text(node);
        let doubtful = match node.kind() {
            "raw_string" => text.len() < 2 || text.matches('\'').count() != 2,
            "ansi_c_string" | "heredoc_start" | "heredoc_end" => false,
            "comment" => text.contains('\n') || !self.may_comment(node.start_byte()),
            "word" => is_live(text) || has_signs(text),
            "heredoc_body" | "heredoc_content" => !quoted && is_live(text),
            _ if node.is_named() => is_live(text),
            _ => false,
        };
        if doubtful {
            self.line
                .doubt("quotes and signs in it may mean something else");
        }
    }

    fn may_comment(&self, at: usize) -> bool {
        let before = self.source.as_bytes()[..at].last();
        before.is_none_or(|b| b" \t\n;&|()".contains(b))
    }

    fn command(&mut self, node: Node<'_>, repeats: bool) {
        let (mut assigned, mut words) = (Vec::new(), Vec::new());
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            match child.kind() {
                "variable_assignment" => assigned.push(self.set(child)),
                "file_redirect" | "herestring_redirect" => {}
                "subshell" => self
                    .line
                    .doubt("its words cannot be told from the shell's own"),
                _ => words.push(Word::read(child, self.source)),
            }
        }
        let known = self.line.folders.len();
        self.line.add(&assigned, &words, self.depth);
        let moved = self.line.folders.iter().skip(known);
        if repeats && moved.into_iter().any(|folder| !folder.starts_with('/')) {
            self.line
                .doubt("which folder it goes to is not known before it runs");
        }
    }

    /// `export`, `declare`, `unset` and their like.
    fn declaration(&mut self, node: Node<'_>) {
        let mut words = Vec::new();
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            words.push(match child.kind() {
                "variable_assignment" => self.set(child),
                _ if !child.is_named() => Word::anonymous(self.text(child)),
                _ => Word::read(child, self.source),
            });
        }
        self.line.add(&[], &words, self.depth);
    }

    fn assignment(&mut self, node: Node<'_>, parent: &str) {
        if !matches!(parent, "command" | "declaration_command") {
            let word = self.set(node);
            self.line.assign(&[word]);
        }
    }

    /// `NAME=VALUE` as a word.
    fn set(&self, node: Node<'_>) -> Word {
        let text = self.text(node);
        let value = node.child_by_field_name("value");
        let raw = value.map_or("", |value| self.text(value));
        let name = text.strip_suffix(raw).unwrap_or(text);
        match value.map(|value| Word::read(value, self.source)) {
            Some(word) => word.after(name),
            None => Word::anonymous(text),
        }
    }

    /// A loop sets a variable too.
    fn variable(&mut self, node: Node<'_>) {
        if let Some(name) = node.child_by_field_name("variable") {
            let word = Word::anonymous(&format!("{}=…", self.text(name)));
            self.line.assign(&[word]);
        }
        if node.child(0).is_none_or(|first| self.text(first) != "for") {
            self.line.doubt("the shell's grammar is not known so far");
        }
    }

    /// A function is judged by what it holds. What is called like it is not that.
    fn function(&mut self, node: Node<'_>) {
        let name = node.child_by_field_name("name");
        let word = name.map(|name| Word::read(name, self.source));
        if word.is_none_or(|word| word.value.is_none()) {
            self.line.doubt("a function has a name that is not known");
        }
    }
}
