//! Expressions of which the value can be told without running anything: texts,
//! paths, what files hold with texts replaced.

use rustc_hash::FxHashMap;

use super::read::{string, unescaped};
use crate::step::Action;

/// What an expression gives.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// A text.
    Text(String),
    /// A number.
    Number(String),
    /// A path.
    Path(String),
    /// A file that was opened: it may be written, or added to.
    File {
        path: String,
        writes: bool,
        adds: bool,
    },
    /// What a file held, changed so.
    Held { path: String, changes: Vec<Action> },
    /// Something was done.
    Done,
}

/// So deep may expressions be in each other.
const DEEPEST: usize = 30;

/// An expression that is read from the left.
pub(super) struct Expression<'a, 'n> {
    rest: &'a str,
    names: &'n mut FxHashMap<String, Value>,
    depth: usize,
    /// What it changes.
    pub(super) changes: Vec<(String, Action)>,
}

impl<'a, 'n> Expression<'a, 'n> {
    pub(super) const fn new(text: &'a str, names: &'n mut FxHashMap<String, Value>) -> Self {
        Self {
            rest: text,
            names,
            depth: 0,
            changes: Vec::new(),
        }
    }

    /// The value of all of it.
    pub(super) fn whole(&mut self) -> Option<Value> {
        let value = self.sum()?;
        self.skip();
        self.rest.is_empty().then_some(value)
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r', '\\']);
    }

    fn take(&mut self, sign: &str) -> bool {
        self.skip();
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Values that are added, or paths that are joined.
    fn sum(&mut self) -> Option<Value> {
        self.depth += 1;
        let mut value = (self.depth <= DEEPEST).then(|| self.call()).flatten()?;
        loop {
            let adds = self.take("+");
            if !adds && !self.take("/") {
                break;
            }
            value = match (value, self.call()?, adds) {
                (Value::Text(a), Value::Text(b), true) => Value::Text(a + &b),
                (Value::Held { path, mut changes }, Value::Text(more), true) => {
                    changes.push(Action::Append(more));
                    Value::Held { path, changes }
                }
                (Value::Path(a), Value::Text(b), false) => Value::Path(format!("{a}/{b}")),
                _ => return None,
            };
        }
        self.depth -= 1;
        Some(value)
    }

    /// A value with what is called of it.
    fn call(&mut self) -> Option<Value> {
        let mut value = self.atom()?;
        while self.take(".") {
            let method = self.name()?;
            let args = self.arguments()?;
            value = self.done(value, method, &args)?;
        }
        Some(value)
    }

    fn name(&mut self) -> Option<&'a str> {
        self.skip();
        let length = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let (name, rest) = self.rest.split_at(length.unwrap_or(self.rest.len()));
        self.rest = rest;
        (!name.is_empty()).then_some(name)
    }

    fn atom(&mut self) -> Option<Value> {
        if self.take("(") {
            let value = self.sum()?;
            return self.take(")").then_some(value);
        }
        if self.quoted().is_some() {
            return self.literal().map(Value::Text);
        }
        let mut name = self.name()?;
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Value::Number(name.to_owned()));
        }
        if matches!(name, "pathlib" | "io") && self.take(".") {
            name = self.name()?;
        }
        match name {
            "Path" => match self.arguments()?.as_slice() {
                [Value::Text(path) | Value::Path(path)] => Some(Value::Path(path.clone())),
                _ => None,
            },
            "open" => {
                let args = self.arguments()?;
                opened(&args)
            }
            name => self.names.get(name).cloned(),
        }
    }

    /// The letters before the quote of a string, if one stands here.
    fn quoted(&mut self) -> Option<&'static str> {
        const PREFIXES: [&str; 10] = ["", "r", "R", "u", "b", "f", "F", "rb", "fr", "rf"];
        self.skip();
        PREFIXES.into_iter().find(|prefix| {
            let rest = self.rest.strip_prefix(prefix);
            rest.is_some_and(|rest| rest.starts_with(['\'', '"']))
        })
    }

    /// Strings side by side, if their text can be told.
    fn literal(&mut self) -> Option<String> {
        let mut whole = String::new();
        while let Some(prefix) = self.quoted() {
            let (raw, length) = string(&self.rest[prefix.len()..])?;
            self.rest = &self.rest[prefix.len() + length..];
            whole += &match prefix {
                "" | "u" => unescaped(raw)?,
                "r" | "R" => raw.to_owned(),
                "f" | "F" if !raw.contains(['{', '}']) => unescaped(raw)?,
                _ => return None,
            };
        }
        Some(whole)
    }

    /// What is handed over, in brackets; the kind of letters and line ends makes no
    /// difference.
    fn arguments(&mut self) -> Option<Vec<Value>> {
        if !self.take("(") {
            return None;
        }
        let mut args = Vec::new();
        while !self.take(")") {
            let named = ["encoding", "newline", "errors"];
            let plain = named.iter().find(|name| {
                let rest = self.rest.strip_prefix(**name).map(str::trim_start);
                rest.is_some_and(|rest| rest.starts_with('='))
            });
            if let Some(name) = plain {
                self.rest = &self.rest[name.len()..];
                let _ = self.take("=");
                let rest = self.rest.trim_start();
                match rest.strip_prefix("None") {
                    Some(rest) => self.rest = rest,
                    None => drop(self.sum()?),
                }
            } else {
                args.push(self.sum()?);
            }
            if !self.take(",") && !self.rest.starts_with(')') {
                return None;
            }
        }
        Some(args)
    }

    fn done(&mut self, value: Value, method: &str, args: &[Value]) -> Option<Value> {
        Some(match (value, method, args) {
            (Value::Path(path), "read_text", [])
            | (
                Value::File {
                    path,
                    writes: false,
                    ..
                },
                "read",
                [],
            ) => held(path),
            (Value::Path(path), "open", args) => {
                let path = [&[Value::Text(path)], args].concat();
                opened(&path)?
            }
            (Value::Path(path), "write_text", [text]) => self.write(path, text, false)?,
            (
                Value::File {
                    path,
                    writes: true,
                    adds,
                },
                "write",
                [text],
            ) => {
                let done = self.write(path.clone(), text, adds)?;
                // What is written next comes behind it.
                for known in self.names.values_mut() {
                    if let Value::File {
                        path: of,
                        writes: true,
                        adds,
                    } = known
                    {
                        *adds |= *of == path;
                    }
                }
                done
            }
            (Value::File { .. }, "close", []) => Value::Done,
            (Value::Held { path, mut changes }, "replace", args) => {
                changes.push(replaced(args)?);
                Value::Held { path, changes }
            }
            (Value::Text(text), "strip", []) => Value::Text(text.trim().to_owned()),
            (Value::Text(text), "lstrip", []) => Value::Text(text.trim_start().to_owned()),
            (Value::Text(text), "rstrip", []) => Value::Text(text.trim_end().to_owned()),
            _ => return None,
        })
    }

    fn write(&mut self, path: String, text: &Value, adds: bool) -> Option<Value> {
        match text {
            Value::Text(text) if adds => self.changes.push((path, Action::Append(text.clone()))),
            Value::Text(text) => {
                let (before, after) = (None, text.clone());
                self.changes.push((path, Action::Write { before, after }));
            }
            Value::Held { path: of, changes } if *of == path && !adds => {
                let changes = changes.iter().cloned();
                self.changes
                    .extend(changes.map(|action| (path.clone(), action)));
            }
            _ => return None,
        }
        Some(Value::Done)
    }
}

const fn held(path: String) -> Value {
    Value::Held {
        path,
        changes: Vec::new(),
    }
}

fn opened(args: &[Value]) -> Option<Value> {
    let (path, mode) = match args {
        [Value::Text(path) | Value::Path(path)] => (path, "r"),
        [Value::Text(path) | Value::Path(path), Value::Text(mode)] => (path, mode.as_str()),
        _ => return None,
    };
    let (writes, adds) = match mode {
        "r" | "rt" => (false, false),
        "w" | "wt" | "x" => (true, false),
        "a" | "at" => (true, true),
        _ => return None,
    };
    Some(Value::File {
        path: path.clone(),
        writes,
        adds,
    })
}

fn replaced(args: &[Value]) -> Option<Action> {
    let (before, after, all) = match args {
        [Value::Text(before), Value::Text(after)] => (before, after, true),
        [Value::Text(before), Value::Text(after), Value::Number(most)] => {
            (before, after, if most == "1" { false } else { return None })
        }
        _ => return None,
    };
    if before.is_empty() {
        return None;
    }
    Some(Action::Replace {
        before: before.clone(),
        after: after.clone(),
        all,
    })
}
