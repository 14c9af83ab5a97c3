//! Outlines of files. No text takes long or breaks anything: the work is bounded by the
//! text's length, and what cannot be parsed has no outline.

use std::ops::ControlFlow;

use rustc_hash::FxHashMap;
use tree_sitter::{Node, ParseOptions, Parser, Tree};

use super::language::{self, Kind, Language, Named, Role};

/// A signature is shown up to so many characters.
const LONGEST: usize = 100;

/// So far before its name a line is looked at: not all of a line of a megabyte.
const BEFORE: usize = 120;

/// What a file defines and uses.
#[derive(Default)]
pub(super) struct Outline<'a> {
    /// In the order of the file.
    pub(super) definitions: Vec<Definition<'a>>,
    /// Names that it uses, sorted, with how often.
    pub(super) names: Vec<(&'a str, u32)>,
}

/// Something that others may use by its name.
pub(super) struct Definition<'a> {
    pub(super) name: &'a str,
    pub(super) kind: Kind,
    /// Its line, from 1.
    pub(super) line: usize,
    /// The first line of its signature.
    pub(super) text: String,
    /// The definition that it lies in.
    pub(super) within: Option<usize>,
    /// Whether other files cannot use it.
    pub(super) is_hidden: bool,
}

/// The outline of a file; empty if its language is not known.
pub(super) fn outline<'a>(path: &str, content: &'a [u8]) -> Outline<'a> {
    let Some(language) = language::of(path).filter(|_| !content.is_empty()) else {
        return Outline::default();
    };
    let Ok(text) = std::str::from_utf8(content) else {
        return Outline::default();
    };
    match parse(language, text) {
        Some(tree) => Walk::new(language, text).over(&tree),
        None => Outline::default(),
    }
}

pub(super) fn parse(language: &Language, text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&(language.grammar)()).ok()?;
    // The parser asks after each hundred steps, of which ordinary code needs fewer than
    // it has bytes.
    let mut left = 1_000 + text.len() / 10;
    let mut go_on = |_: &_| {
        left = left.saturating_sub(1);
        if left == 0 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let options = ParseOptions::new().progress_callback(&mut go_on);
    let bytes = text.as_bytes();
    parser.parse_with_options(
        &mut |at, _| bytes.get(at..).unwrap_or_default(),
        None,
        Some(options),
    )
}

/// Goes over a tree, the outer before the inner.
struct Walk<'a> {
    language: &'a Language,
    text: &'a str,
    names: FxHashMap<&'a str, u32>,
    definitions: Vec<Definition<'a>>,
    open: Vec<Open>,
}

/// A definition that is not over yet.
struct Open {
    end: usize,
    kind: Kind,
    /// Its place; none for what is in a function, which is its own.
    at: Option<usize>,
}

impl<'a> Walk<'a> {
    fn new(language: &'a Language, text: &'a str) -> Self {
        Self {
            language,
            text,
            names: FxHashMap::default(),
            definitions: Vec::new(),
            open: Vec::new(),
        }
    }

    fn over(mut self, tree: &Tree) -> Outline<'a> {
        let roles = self.language.roles();
        let mut cursor = tree.walk();
        'walk: loop {
            let node = cursor.node();
            match roles.get(usize::from(node.kind_id())) {
                Some(Role::Name) => {
                    if let Some(name) = self.text.get(node.byte_range()) {
                        *self.names.entry(name).or_default() += 1;
                    }
                }
                Some(Role::Defines(kind, named)) => self.defines(node, *kind, *named),
                _ => {}
            }
            if cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    break 'walk;
                }
            }
        }
        let mut names: Vec<(&str, u32)> = self.names.into_iter().collect();
        names.sort_unstable();
        Outline {
            definitions: self.definitions,
            names,
        }
    }

    fn defines(&mut self, node: Node<'_>, kind: Kind, named: Named) {
        let name = named.of(node);
        if name.is_none() && !matches!(named, Named::Nowhere) {
            return;
        }
        while self
            .open
            .last()
            .is_some_and(|open| open.end <= node.start_byte())
        {
            self.open.pop();
        }
        let above = self.open.last();
        let is_own = above.is_some_and(|above| above.kind == Kind::Function || above.at.is_none());
        let at = name.filter(|_| !is_own).map(|name| {
            let within = above.and_then(|above| above.at);
            let of_type = above.is_some_and(|above| above.kind == Kind::Type);
            let text = signature(node, name, self.text);
            let name_text = self.text.get(name.byte_range()).unwrap_or_default();
            self.definitions.push(Definition {
                is_hidden: (self.language.is_hidden)(name_text, &text, of_type),
                name: name_text,
                kind,
                line: name.start_position().row + 1,
                text,
                within,
            });
            self.definitions.len() - 1
        });
        let end = node.end_byte();
        self.open.push(Open { end, kind, at });
    }
}

/// The signature of a definition: what stands on its line and before its body.
fn signature(node: Node<'_>, name: Node<'_>, text: &str) -> String {
    let mut start = name.start_byte().saturating_sub(BEFORE);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let before = text.get(start..name.start_byte()).unwrap_or_default();
    let start = before.rfind('\n').map_or(start, |at| start + at + 1);
    // Not what stands before it on its line, unless that is of it (`pub`, `export`).
    let before = text.get(start..node.start_byte()).unwrap_or_default();
    let start = before
        .rfind(['{', '}', ';'])
        .map_or(start, |at| start + at + 1);
    let end = body(node).map_or(node.end_byte(), |body| body.start_byte());
    let end = end.max(name.end_byte());
    let whole = text.get(start..end).unwrap_or_default();
    // Its arguments may stand on lines of their own.
    let mut open = 0_usize;
    let last = whole.char_indices().find(|(_, c)| {
        match c {
            '(' | '[' => open += 1,
            ')' | ']' => open = open.saturating_sub(1),
            _ => {}
        }
        *c == '\n' && open == 0
    });
    short(last.map_or(whole, |(end, _)| &whole[..end]))
}

/// The body of a definition, or of the function that it gives a name to.
fn body(node: Node<'_>) -> Option<Node<'_>> {
    let mut value = ["value", "right"].iter();
    let value = value.find_map(|field| node.child_by_field_name(field));
    value.unwrap_or(node).child_by_field_name("body")
}

/// A signature on one line, without what opens its body.
fn short(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        // Arguments that stand on lines of their own.
        if !line.is_empty() && !line.ends_with('(') && !word.starts_with(')') {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > LONGEST * 4 {
            break;
        }
    }
    let line = line.trim_end_matches([' ', '{', ':', '=', ';', ',', '\\']);
    let line = line.strip_suffix("=>").unwrap_or(line).trim_end();
    let plain = line.chars().map(|c| if c.is_control() { '?' } else { c });
    let mut line: String = plain.collect();
    if let Some((end, _)) = line.char_indices().nth(LONGEST) {
        line.truncate(end);
        line.push('…');
    }
    line
}
