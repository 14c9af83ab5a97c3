//! The projects that the sessions work on: source files that are read again
//! and again, and change a little with every edit.

use super::grammar::Grammars;
use super::rng::Rng;
use super::words::{Case, Names, Scope, Words};

/// Everything that all sessions share and that does not change.
#[derive(Debug)]
pub(super) struct World {
    pub(super) words: Words,
    pub(super) grammars: Grammars,
}

/// One file of a project.
#[derive(Debug)]
pub(super) struct SourceFile {
    /// Relative to the project.
    pub(super) path: String,
    pub(super) text: String,
}

/// A folder that sessions run in.
#[derive(Debug)]
pub(super) struct Project {
    pub(super) cwd: String,
    pub(super) branch: String,
    /// The commit that is checked out; OpenCode's project id is a commit too.
    pub(super) commit: String,
    pub(super) files: Vec<SourceFile>,
    /// The language of most files, an index into [`Grammars::code`].
    pub(super) language: usize,
    pub(super) names: Names,
}

/// One change to a file.
#[derive(Debug)]
pub(super) struct Edit {
    pub(super) old: String,
    pub(super) new: String,
    pub(super) before: String,
    /// Line of the change, from 1.
    pub(super) line: usize,
    /// Up to three lines before and after the change.
    pub(super) lead: Vec<String>,
    pub(super) trail: Vec<String>,
}

impl Project {
    pub(super) fn new(world: &World, rng: &mut Rng, number: usize) -> Self {
        let language = [0, 0, 1, 1, 1, 2, 2, 2, 3, 4][rng.below(10)];
        let lang = &world.grammars.code[language];
        let case = if matches!(lang.name, "rust" | "python") {
            Case::Snake
        } else {
            Case::Camel
        };
        let mut names = Names::new(&world.words, rng, case, 300);
        let w = |rng: &mut Rng| world.words.word(rng);
        let cwd = format!("/home/dev/work/{}-{}{number}", w(rng), w(rng));
        let n = 30 + rng.below(90);
        let mut files = Vec::with_capacity(n);
        for i in 0..n {
            let top = ["src", "src", "lib", "tests", "app", "internal"][rng.below(6)];
            let other = if rng.one_in(9) {
                rng.below(world.grammars.code.len())
            } else {
                language
            };
            let extension = if i == 0 {
                "md"
            } else {
                world.grammars.code[other].extension
            };
            let path = match rng.below(3) {
                0 => format!("{top}/{}_{}.{extension}", w(rng), w(rng)),
                1 => format!("{top}/{}/{}.{extension}", w(rng), w(rng)),
                _ => format!(
                    "{top}/{}/{}/{}_{}.{extension}",
                    w(rng),
                    w(rng),
                    w(rng),
                    w(rng)
                ),
            };
            names.paths.push(path);
        }
        for path in names.paths.clone() {
            let text = file_text(world, rng, &path);
            files.push(SourceFile { path, text });
        }
        let branch = if rng.one_in(3) {
            format!("{}/{}-{}", w(rng), w(rng), w(rng))
        } else {
            "main".to_owned()
        };
        Self {
            cwd,
            branch,
            commit: rng.hex(40),
            files,
            language,
            names,
        }
    }

    /// Changes a few lines of file `at`.
    pub(super) fn edit(&mut self, world: &World, rng: &mut Rng, at: usize) -> Edit {
        let before = self.files[at].text.clone();
        let lines: Vec<&str> = before.split_inclusive('\n').collect();
        let from = rng.below(lines.len().max(1));
        let to = (from + 1 + rng.below(7)).min(lines.len());
        let old = lines[from..to].concat();
        let indent = lines
            .get(from)
            .map_or(0, |l| l.len() - l.trim_start().len());
        let grammar = &world.grammars.code[self.language].grammar;
        let mut new = String::new();
        let mut cx = Scope {
            rng,
            words: &world.words,
            names: &self.names,
        };
        for line in &lines[from..to] {
            // A line is kept, changed or dropped, and new ones come between.
            match cx.rng.below(4) {
                0 => new.push_str(line),
                1 => {}
                _ => {
                    new.extend(std::iter::repeat_n(' ', indent));
                    grammar.expand(&mut cx, "stmt", indent, &mut new);
                    new.push('\n');
                }
            }
        }
        let start: usize = lines[..from].iter().map(|l| l.len()).sum();
        let own = |part: &[&str]| part.iter().map(|l| (*l).to_owned()).collect();
        let lead = own(&lines[from.saturating_sub(3)..from]);
        let trail = own(&lines[to..(to + 3).min(lines.len())]);
        // Files do not grow without end.
        if before.len() + new.len() < 80_000 || new.len() < old.len() {
            self.files[at]
                .text
                .replace_range(start..start + old.len(), &new);
        }
        Edit {
            old,
            new,
            before,
            line: from + 1,
            lead,
            trail,
        }
    }
}

/// A new source file; its length is log-normal around 3.5 kB.
pub(super) fn file_text(world: &World, rng: &mut Rng, path: &str) -> String {
    let target = (3_500.0 * (rng.normal() * 0.9).exp()).clamp(200.0, 50_000.0) as usize;
    let extension = path.rsplit('.').next().unwrap_or_default();
    let language = world
        .grammars
        .code
        .iter()
        .find(|l| l.extension == extension);
    let snake = matches!(extension, "rs" | "py");
    let case = if snake { Case::Snake } else { Case::Camel };
    let names = Names::new(&world.words, rng, case, 12 + target / 120);
    let mut cx = Scope {
        rng,
        words: &world.words,
        names: &names,
    };
    let mut out = String::with_capacity(target * 5 / 4);
    let Some(language) = language else {
        while out.len() < target {
            world.grammars.text.expand(&mut cx, "markdown", 0, &mut out);
        }
        return out;
    };
    language.grammar.expand(&mut cx, "file", 0, &mut out);
    while out.len() < target {
        out.extend(std::iter::repeat_n(' ', language.inner));
        language
            .grammar
            .expand(&mut cx, "top", language.inner, &mut out);
    }
    if language.name == "java" {
        out.push('}');
    }
    out.push('\n');
    out
}
