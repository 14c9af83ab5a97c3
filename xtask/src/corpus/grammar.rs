//! Text from a grammar: `grammar/*.txt` hold the shapes of source files, of
//! shell output and of what people and agents write.
//!
//! `:name` starts a symbol, `---` its next alternative (the first one is taken
//! when expansions get deep, so it must be short). `~name~` expands a symbol,
//! `~name*9~` one to nine times, each on its own line at the same indentation.
//! Names that [`Words::slot`] knows are words, identifiers and numbers.

use std::collections::HashMap;

use super::words::{Scope, Slot, Words};

#[derive(Debug)]
enum Piece {
    Text(String),
    /// A line break, and the indentation of the template's line.
    Line(usize),
    Slot(Slot),
    /// A symbol, how often at most, and the indentation of its line.
    Symbol(usize, usize, usize),
}

/// One language.
#[derive(Debug)]
pub(super) struct Grammar {
    symbols: Vec<Vec<Vec<Piece>>>,
    names: HashMap<String, usize>,
    tabs: bool,
}

impl Grammar {
    pub(super) fn new(source: &str, tabs: bool) -> Self {
        let mut raw: Vec<Vec<Vec<&str>>> = Vec::new();
        let mut names = HashMap::new();
        for line in source.lines() {
            if let Some(name) = line.strip_prefix(':') {
                names.insert(name.to_owned(), raw.len());
                raw.push(vec![Vec::new()]);
            } else if let Some(alternatives) = raw.last_mut() {
                if line == "---" {
                    alternatives.push(Vec::new());
                } else if let Some(lines) = alternatives.last_mut() {
                    lines.push(line);
                }
            }
        }
        let symbols = raw
            .iter()
            .map(|alternatives| {
                alternatives
                    .iter()
                    .map(|lines| parse(lines, &names))
                    .collect()
            })
            .collect();
        Self {
            symbols,
            names,
            tabs,
        }
    }

    /// Appends an expansion of `symbol`.
    pub(super) fn expand(&self, cx: &mut Scope<'_>, symbol: &str, indent: usize, out: &mut String) {
        let Some(&at) = self.names.get(symbol) else {
            debug_assert!(false, "no symbol {symbol}");
            return;
        };
        self.symbol(cx, at, indent, 0, out);
    }

    fn symbol(&self, cx: &mut Scope<'_>, at: usize, indent: usize, depth: usize, out: &mut String) {
        let alternatives = &self.symbols[at];
        let which = if depth > 9 {
            0
        } else {
            cx.rng.below(alternatives.len())
        };
        for piece in &alternatives[which] {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Line(own) => self.line(indent + own, out),
                Piece::Slot(slot) => cx.slot(*slot, out),
                Piece::Symbol(at, most, own) => {
                    let times = if *most > 1 {
                        1 + cx.rng.below(*most)
                    } else {
                        1
                    };
                    for i in 0..times {
                        if i > 0 {
                            self.line(indent + own, out);
                        }
                        self.symbol(cx, *at, indent + own, depth + 1, out);
                    }
                }
            }
        }
    }

    fn line(&self, indent: usize, out: &mut String) {
        out.push('\n');
        if self.tabs {
            (0..indent / 4).for_each(|_| out.push('\t'));
        } else {
            (0..indent).for_each(|_| out.push(' '));
        }
    }
}

fn parse(lines: &[&str], names: &HashMap<String, usize>) -> Vec<Piece> {
    let mut out = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        let body = line.trim_start_matches(' ');
        let own = line.len() - body.len();
        if i > 0 {
            out.push(Piece::Line(if body.is_empty() { 0 } else { own }));
        } else if own > 0 {
            out.push(Piece::Text(" ".repeat(own)));
        }
        for (j, part) in body.split('~').enumerate() {
            if j % 2 == 0 {
                if !part.is_empty() {
                    out.push(Piece::Text(part.to_owned()));
                }
                continue;
            }
            let (name, most) = part.split_once('*').unwrap_or((part, "1"));
            let most = most.parse().unwrap_or(1);
            if let Some(&at) = names.get(name) {
                out.push(Piece::Symbol(at, most, own));
            } else if let Some(slot) = Words::slot(name) {
                out.push(Piece::Slot(slot));
            } else {
                debug_assert!(false, "neither symbol nor slot: {name}");
            }
        }
    }
    out
}

/// All languages of the corpus.
#[derive(Debug)]
pub(super) struct Grammars {
    /// Prose and shell output.
    pub(super) text: Grammar,
    /// Source code.
    pub(super) code: Vec<Language>,
}

/// A programming language.
#[derive(Debug)]
pub(super) struct Language {
    pub(super) name: &'static str,
    pub(super) extension: &'static str,
    pub(super) grammar: Grammar,
    /// The indentation of what stands at the top of a file.
    pub(super) inner: usize,
}

impl Grammars {
    pub(super) fn new() -> Self {
        let language = |name, extension, source, inner| Language {
            name,
            extension,
            grammar: Grammar::new(source, name == "go"),
            inner,
        };
        Self {
            text: Grammar::new(include_str!("grammar/text.txt"), false),
            code: vec![
                language("rust", "rs", include_str!("grammar/rust.txt"), 0),
                language(
                    "typescript",
                    "ts",
                    include_str!("grammar/typescript.txt"),
                    0,
                ),
                language("python", "py", include_str!("grammar/python.txt"), 0),
                language("go", "go", include_str!("grammar/go.txt"), 0),
                language("java", "java", include_str!("grammar/java.txt"), 4),
            ],
        }
    }
}
