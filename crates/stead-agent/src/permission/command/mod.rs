//! Command lines, taken apart into the simple commands that a shell would run.
//!
//! Nothing is run and nothing is expanded. What is not understood for sure is said
//! (`unclear`), never passed over: who judges has to take it for the worst.

mod redirect;
mod starter;
mod tree;
mod word;
mod wrap;

pub(super) use word::Word;

/// The longest command line that is taken apart, in bytes: Linux takes no longer one
/// as an argument of a shell (MAX_ARG_STRLEN, with its final zero).
pub const LONGEST: usize = 131_071;

/// So deep may shells lie in shells (`sh -c "sh -c …"`).
const DEEPEST: usize = 8;

/// A command line, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Every simple command, also those within others.
    pub commands: Vec<Simple>,
    /// Files that redirections read, as they are written.
    pub reads: Vec<String>,
    /// Files that redirections write, as they are written.
    pub writes: Vec<String>,
    /// Folders that `cd` goes to, in the order of the line.
    pub folders: Vec<String>,
    /// What could not be taken apart for sure, each as a clause.
    pub unclear: Vec<String>,
}

/// A simple command: a program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simple {
    /// Its words without their quotes, with a space in between. Words with white space
    /// stay in quotes; variables that are set for it stand before it, but for those that
    /// are known to be harmless.
    pub text: String,
    /// Other texts for the same: what denies or asks for one of them holds for it too.
    pub also: Vec<String>,
    /// How it begins, up to the first word that only the shell will know (`$X`, `*`);
    /// none if all of it is known.
    pub known: Option<String>,
    /// Whether it only starts another that is listed too (`env`, `timeout`, `sh -c`), so
    /// that it is enough if that one is allowed.
    pub starts_another: bool,
}

/// Takes a command line apart.
///
/// One longer than [`LONGEST`] is unclear as a whole.
pub fn take_apart(text: &str) -> Line {
    let mut line = Line::default();
    take_apart_into(text, 0, &mut line);
    line.unclear.sort();
    line.unclear.dedup();
    line
}

/// Adds what a script within a line runs.
fn take_apart_into(text: &str, depth: usize, line: &mut Line) {
    if text.len() > LONGEST {
        line.unclear.push("it is too long".to_owned());
    } else if text.contains(|c: char| c.is_control() && !"\n\t".contains(c)) {
        // The parser does not come back from a zero byte.
        line.unclear
            .push("there are control characters in it".to_owned());
    } else if depth > DEEPEST {
        line.unclear
            .push("shells lie too deep in shells".to_owned());
    } else {
        tree::walk(text, depth, line);
    }
}

impl Line {
    /// Notes a command, and those that it starts.
    fn add(&mut self, assigned: &[Word], words: &[Word], depth: usize) {
        let mut at = words.to_vec();
        let mut assigned = assigned.to_vec();
        let mut rounds = 0;
        while !at.is_empty() {
            rounds += 1;
            if rounds > DEEPEST {
                return self.doubt("too many commands start one another");
            }
            let wrapped = wrap::unwrap(&at);
            let starts_another = wrapped.is_enough();
            self.commands
                .push(Simple::new(&assigned, &at, starts_another));
            match wrapped {
                wrap::Wrapped::Nothing => return,
                wrap::Wrapped::Command { set, words, .. } => {
                    assigned.extend(set);
                    at = words;
                }
                wrap::Wrapped::Commands(all) => {
                    for words in all {
                        self.commands.push(Simple::new(&assigned, &words, false));
                        if !matches!(wrap::unwrap(&words), wrap::Wrapped::Nothing) {
                            self.doubt("it starts a command that starts another");
                        }
                    }
                    return;
                }
                wrap::Wrapped::Script(script) => {
                    return take_apart_into(&script, depth + 1, self);
                }
                wrap::Wrapped::Folder(folder) => return self.folders.push(folder),
                wrap::Wrapped::Unclear(why) => return self.doubt(why),
            }
        }
        if !assigned.is_empty() {
            self.assign(&assigned);
        }
    }

    /// Notes variables that are set for the rest of the line.
    fn assign(&mut self, assigned: &[Word]) {
        // The shell's own variables reach no program unless they are exported, and by
        // custom those that are have names in capitals.
        let quiet = |word: &&Word| {
            let name = word.name();
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        };
        let loud: Vec<Word> = assigned
            .iter()
            .filter(|word| !quiet(word))
            .cloned()
            .collect();
        if loud.iter().any(|word| !word.is_harmless()) {
            self.commands.push(Simple::new(&loud, &[], false));
        }
    }

    fn doubt(&mut self, why: &str) {
        self.unclear.push(why.to_owned());
    }
}

impl Simple {
    fn new(assigned: &[Word], words: &[Word], starts_another: bool) -> Self {
        let set: Vec<&Word> = assigned.iter().filter(|word| !word.is_harmless()).collect();
        let all: Vec<&Word> = set.iter().copied().chain(words).collect();
        let text = joined(all.iter().map(|word| word.text.as_str()));
        let mut also = vec![joined(words.iter().map(Word::plain))];
        if let Some((first, rest)) = words.split_first() {
            let program = first.plain().rsplit('/').next().unwrap_or_default();
            let rest: Vec<&str> = rest.iter().map(Word::plain).collect();
            also.push(joined([program].into_iter().chain(rest.iter().copied())));
            if program == "git" {
                let rest = wrap::without_gits_own_options(&rest);
                also.push(joined([program].into_iter().chain(rest.iter().copied())));
            }
        }
        also.retain(|other| *other != text);
        also.dedup();
        Self {
            known: known(words),
            text,
            also,
            starts_another,
        }
    }
}

/// How a command begins, up to the first word that is not known.
fn known(words: &[Word]) -> Option<String> {
    let open = words.iter().position(|word| word.value.is_none())?;
    let mut known = joined(words[..open].iter().map(Word::plain));
    if open > 0 {
        known.push(' ');
    }
    known.push_str(&words[open].known);
    let program = words[0].plain();
    // A program's folder is as little part of its name here as in `also`.
    let folder = program.rfind('/').map_or(0, |at| at + 1).min(known.len());
    Some(known.split_off(if open == 0 { 0 } else { folder }))
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(" ")
}
