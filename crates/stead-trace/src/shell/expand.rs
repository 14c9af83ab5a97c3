//! Words as the arguments that they become: variables, braces, patterns.

use super::lex::DEEPEST;
use super::printed::Out;
use super::run::Shell;
use super::word::{Arg, Known, Piece, Word};

/// So many words may come of one with braces.
const WORDS: usize = 64;

impl Shell {
    /// The arguments that words become.
    pub(super) fn expand_all(&mut self, words: &[Word]) -> Vec<Arg> {
        let mut args = Vec::with_capacity(words.len());
        for word in words {
            let mut alternatives = Vec::new();
            if !braces(word, &mut alternatives, 0) {
                args.push(Arg::unknown());
                continue;
            }
            for word in alternatives {
                self.expand(&word, true, &mut args);
            }
        }
        args
    }

    /// The one value of a word that is not split.
    pub(super) fn value(&mut self, word: &Word) -> Arg {
        let mut args = Vec::new();
        self.expand(word, false, &mut args);
        args.pop().unwrap_or_else(|| Arg::whole(""))
    }

    fn expand(&mut self, word: &Word, split: bool, args: &mut Vec<Arg>) {
        let mut building = Building::default();
        for piece in &word.0 {
            match piece {
                Piece::Text { text, quoted } => {
                    building.started = true;
                    building.add(text, !quoted && split && is_pattern(text));
                }
                Piece::Var { name, quoted } => {
                    let value = self.variable(name);
                    building.started |= *quoted;
                    building.variable(&value, split && !quoted, args);
                }
                Piece::Run(node) => {
                    let out = self.apart(|shell| shell.node(node, &Out::unknown()));
                    building.started = true;
                    match out.known() {
                        Some(text) => building.add(text.trim_end_matches('\n'), false),
                        None => building.cut(),
                    }
                }
                Piece::Unknown => {
                    building.started = true;
                    building.cut();
                }
            }
        }
        if building.started {
            args.push(building.arg);
        }
        let cost = args.last().map_or(0, |arg| arg.text.len());
        if !self.spend(cost) {
            args.pop();
            args.push(Arg::unknown());
        }
    }

    fn variable(&self, name: &str) -> Arg {
        match (self.vars.get(name), name) {
            (Some(value), _) => value.clone(),
            (None, "HOME") => Arg::whole("~"),
            (None, "PWD") => self.cwd.clone().map_or_else(Arg::unknown, Arg::whole),
            (None, _) => Arg::unknown(),
        }
    }
}

/// An argument that grows.
struct Building {
    arg: Arg,
    started: bool,
}

impl Default for Building {
    fn default() -> Self {
        Self {
            arg: Arg::whole(""),
            started: false,
        }
    }
}

impl Building {
    fn add(&mut self, text: &str, is_pattern: bool) {
        if self.arg.known == Known::Start {
            return;
        }
        if is_pattern {
            self.arg.known = Known::Glob;
        }
        self.arg.text.push_str(text);
    }

    fn cut(&mut self) {
        self.arg.known = Known::Start;
    }

    fn variable(&mut self, value: &Arg, split: bool, args: &mut Vec<Arg>) {
        if value.known != Known::Whole {
            self.started = true;
            self.add(&value.text, value.known == Known::Glob);
            if value.known == Known::Start {
                self.cut();
            }
            return;
        }
        if !split {
            self.started |= !value.text.is_empty();
            return self.add(&value.text, false);
        }
        for (at, part) in value.text.split_ascii_whitespace().enumerate() {
            if at > 0 {
                args.push(std::mem::take(self).arg);
            }
            self.started = true;
            self.add(part, is_pattern(part));
        }
    }
}

fn is_pattern(text: &str) -> bool {
    let bracket = text.find('[').is_some_and(|at| text[at..].contains(']'));
    bracket || text.contains(['*', '?'])
}

/// The words that `a{b,c}` stands for; false if there are too many.
fn braces(word: &Word, words: &mut Vec<Word>, depth: usize) -> bool {
    let found = word.0.iter().enumerate().find_map(|(at, piece)| {
        let Piece::Text {
            text,
            quoted: false,
        } = piece
        else {
            return None;
        };
        let open = text.find('{')?;
        let close = open + text[open..].find('}')?;
        let inside = &text[open + 1..close];
        (inside.contains(',') && !inside.contains('{')).then_some((at, open, close))
    });
    let Some((at, open, close)) = found else {
        // `{1..9}` is left to the shell.
        let range = |piece: &Piece| {
            matches!(piece, Piece::Text { text, quoted: false }
            if text.contains('{') && text.contains("..") && text.contains('}'))
        };
        words.push(word.clone());
        return words.len() <= WORDS && !word.0.iter().any(range);
    };
    let Piece::Text { text, .. } = &word.0[at] else {
        return false;
    };
    if depth > DEEPEST {
        return false;
    }
    text[open + 1..close].split(',').all(|part| {
        let mut one = Word(word.0[..at].to_vec());
        one.push_text(
            &format!("{}{part}{}", &text[..open], &text[close + 1..]),
            false,
        );
        one.0.extend_from_slice(&word.0[at + 1..]);
        braces(&one, words, depth + 1)
    })
}
