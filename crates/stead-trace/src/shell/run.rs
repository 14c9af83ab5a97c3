//! Goes through commands as a shell would, and notes what they do. What a program
//! does with its arguments is in `programs`.

mod changes;

use rustc_hash::{FxHashMap, FxHashSet};

use super::lex::{DEEPEST, Redirect};
use super::parse::{self, Node};
use super::printed::Out;
use super::programs;
use super::word::{Arg, Known, Word};
use crate::step::Action;

/// So much may be written and expanded, in bytes; a person's commands need a
/// hundredth.
const BUDGET: usize = 4 << 20;

/// What one command costs beside its text.
const COMMAND: usize = 512;

/// So deep may shells be in shells.
const SHELLS: usize = 8;

/// A shell, as far as it is known.
pub(super) struct Shell {
    /// The folder that commands run in, unless it is not known.
    pub(super) cwd: Option<String>,
    /// The folder that the first command ran in.
    start: String,
    before: Option<String>,
    pub(super) vars: FxHashMap<String, Arg>,
    functions: FxHashSet<String>,
    /// What files hold that were written here.
    files: FxHashMap<String, Option<String>>,
    pub(super) actions: Vec<(String, Action)>,
    /// What runs now runs for sure.
    sure: bool,
    shells: usize,
    /// So many programs run one within the other (`sudo env …`).
    programs: usize,
    pub(super) budget: usize,
}

impl Shell {
    pub(super) fn new(cwd: &str) -> Self {
        Self {
            cwd: Some(cwd.to_owned()),
            start: cwd.to_owned(),
            before: None,
            vars: FxHashMap::default(),
            functions: FxHashSet::default(),
            files: FxHashMap::default(),
            actions: Vec::new(),
            sure: true,
            shells: 0,
            programs: 0,
            budget: BUDGET,
        }
    }

    /// Takes from what may be spent; false if nothing is left.
    pub(super) const fn spend(&mut self, cost: usize) -> bool {
        self.budget = self.budget.saturating_sub(cost);
        self.budget > 0
    }

    /// Runs a text in this shell.
    pub(super) fn text(&mut self, text: &str, stdin: &Out) -> Out {
        self.shells += 1;
        let parsed = parse::text(text).ok().filter(|_| self.shells <= SHELLS);
        let out = match parsed {
            Some(node) => self.node(&node, stdin),
            None => self.opaque(),
        };
        self.shells -= 1;
        out
    }

    pub(super) fn node(&mut self, node: &Node, stdin: &Out) -> Out {
        match node {
            Node::Simple { words, redirects } => self.simple(words, redirects, stdin),
            Node::Pipe(stages) => {
                let mut carried = stdin.clone();
                for stage in stages {
                    carried = self.apart(|shell| shell.node(stage, &carried));
                    self.spend(carried.size());
                }
                carried
            }
            Node::List(list) => {
                let mut out = Out::default();
                for linked in list {
                    let printed = if linked.otherwise {
                        self.perhaps(|shell| shell.node(&linked.node, stdin))
                    } else {
                        self.node(&linked.node, stdin)
                    };
                    out.extend(printed);
                }
                out
            }
            Node::Group {
                body,
                subshell,
                redirects,
            } => self.group(body, *subshell, redirects, stdin),
            Node::For { name, words, body } => self.each(name, words, body, stdin),
            Node::Maybe(parts) => {
                let mut out = Out::default();
                let (first, others) = parts.split_at(1.min(parts.len()));
                for part in first {
                    out.extend(self.node(part, stdin));
                }
                for part in others {
                    out.extend(self.perhaps(|shell| shell.node(part, stdin)));
                }
                out
            }
            Node::Function(name) => {
                self.functions.insert(name.clone());
                Out::default()
            }
        }
    }

    /// Runs something whose folder and variables end with it.
    pub(super) fn apart(&mut self, run: impl FnOnce(&mut Self) -> Out) -> Out {
        let size: usize = self.vars.values().map(|value| value.text.len()).sum();
        if !self.spend(COMMAND + size) {
            return self.opaque();
        }
        let kept = (self.cwd.clone(), self.before.clone(), self.vars.clone());
        let out = run(self);
        (self.cwd, self.before, self.vars) = kept;
        out
    }

    /// Runs something that may not have run.
    pub(super) fn perhaps(&mut self, run: impl FnOnce(&mut Self) -> Out) -> Out {
        let sure = std::mem::replace(&mut self.sure, false);
        let cwd = self.cwd.clone();
        let out = run(self);
        self.sure = sure;
        if self.cwd != cwd {
            self.cwd = None;
        }
        if out.is_empty() { out } else { Out::unknown() }
    }

    fn group(&mut self, body: &Node, subshell: bool, redirects: &[Redirect], stdin: &Out) -> Out {
        let own = self.input(redirects);
        let stdin = own.as_ref().unwrap_or(stdin);
        let out = if subshell {
            self.apart(|shell| shell.node(body, stdin))
        } else {
            self.node(body, stdin)
        };
        self.output(redirects, out)
    }

    fn each(&mut self, name: &str, words: &[Word], body: &Node, stdin: &Out) -> Out {
        let mut out = Out::default();
        for arg in self.expand_all(words) {
            if !self.spend(COMMAND) {
                return self.opaque();
            }
            let known = arg.known == Known::Whole;
            self.vars.insert(name.to_owned(), arg);
            out.extend(if known {
                self.node(body, stdin)
            } else {
                self.perhaps(|shell| shell.node(body, stdin))
            });
        }
        out
    }

    fn simple(&mut self, words: &[Word], redirects: &[Redirect], stdin: &Out) -> Out {
        if !self.spend(COMMAND) {
            return self.opaque();
        }
        let own = self.input(redirects);
        let stdin = own.as_ref().unwrap_or(stdin);
        let settings: Vec<_> = words.iter().map_while(Word::assignment).collect();
        let is_setting = settings.len() == words.len();
        for (name, value) in &settings {
            let value = self.value(value);
            // Before a command it is that command's own.
            if is_setting {
                self.set(name, value);
            }
        }
        let args = self.expand_all(&words[settings.len()..]);
        let out = match args.split_first() {
            None => Out::default(),
            Some((name, args)) => self.program(name, args, stdin),
        };
        self.output(redirects, out)
    }

    /// Runs a program by its name.
    pub(super) fn program(&mut self, name: &Arg, args: &[Arg], stdin: &Out) -> Out {
        self.programs += 1;
        let out = match name.exact() {
            Some(exact) if self.programs <= DEEPEST && !self.functions.contains(exact) => {
                programs::run(self, exact, args, stdin)
            }
            _ => self.opaque(),
        };
        self.programs -= 1;
        out
    }

    pub(super) fn set(&mut self, name: &str, value: Arg) {
        let value = if self.sure { value } else { Arg::unknown() };
        self.vars.insert(name.to_owned(), value);
    }

    /// What is read instead of what comes from before.
    fn input(&mut self, redirects: &[Redirect]) -> Option<Out> {
        let mut input = None;
        for redirect in redirects {
            match redirect {
                Redirect::Text(word) => {
                    let value = self.value(word);
                    input = Some(value.exact().map_or_else(Out::unknown, Out::text));
                }
                Redirect::From(word) => {
                    let file = self.value(word);
                    input = Some(self.held(&file));
                }
                _ => {}
            }
        }
        input
    }

    /// Something ran that may have changed anything in its folder.
    pub(super) fn opaque(&mut self) -> Out {
        let folder = self.cwd.clone().unwrap_or_else(|| self.start.clone());
        self.put(folder, Action::Opaque);
        Out::unknown()
    }

    /// Goes to another folder.
    pub(super) fn go(&mut self, folder: Option<&Arg>) {
        let to = match folder.map(|folder| (folder.text.as_str(), folder)) {
            None => Some("~".to_owned()),
            Some(("-", _)) => self.before.clone(),
            Some((_, folder)) => self.path(folder),
        };
        self.before = self.cwd.take();
        self.cwd = to;
    }
}
