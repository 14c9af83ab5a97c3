//! Text to be written, and changes of lines by number: the words of the
//! scripting language. Who makes the change is said elsewhere.

/// Lines to be written. `@` stands for a name that nothing else has.
#[derive(Debug, Clone)]
pub enum Draft {
    /// So many lines of code, each with a name of its own.
    Lines(usize),
    /// A function with so many lines in its body, and a blank line after it.
    Function(usize),
    /// These lines.
    Text(Vec<String>),
}

impl From<usize> for Draft {
    fn from(lines: usize) -> Self {
        Self::Lines(lines)
    }
}

impl<const N: usize> From<[&str; N]> for Draft {
    fn from(lines: [&str; N]) -> Self {
        Self::Text(lines.iter().map(|&line| line.to_owned()).collect())
    }
}

impl From<&str> for Draft {
    fn from(line: &str) -> Self {
        Self::Text(vec![line.to_owned()])
    }
}

impl From<Vec<String>> for Draft {
    fn from(lines: Vec<String>) -> Self {
        Self::Text(lines)
    }
}

/// A change of lines. Lines count from 1; in a list of changes, each counts
/// them as the ones before it left them.
#[derive(Debug, Clone)]
pub enum Op {
    /// New lines after this one; 0 is the top.
    After(usize, Draft),
    /// New lines at the end.
    Append(Draft),
    /// These lines, first and last, become others.
    Replace(usize, usize, Draft),
    /// A part of the line changes.
    Alter(usize),
    /// These lines go.
    Remove(usize, usize),
    /// These lines go after that one, counted without them.
    Move(usize, usize, usize),
    /// These lines are indented further, by four blanks.
    Indent(usize, usize),
    /// Every indentation by four blanks becomes a tab.
    Tabs,
}

/// New lines after a line; 0 is the top.
pub fn after(line: usize, draft: impl Into<Draft>) -> Op {
    Op::After(line, draft.into())
}

/// New lines at the end.
pub fn append(draft: impl Into<Draft>) -> Op {
    Op::Append(draft.into())
}

/// Lines become others.
pub fn replace(first: usize, last: usize, draft: impl Into<Draft>) -> Op {
    Op::Replace(first, last, draft.into())
}

/// A part of a line changes.
pub const fn alter(line: usize) -> Op {
    Op::Alter(line)
}

/// Lines go.
pub const fn remove(first: usize, last: usize) -> Op {
    Op::Remove(first, last)
}

/// Lines go to another place.
pub const fn relocate(first: usize, last: usize, after: usize) -> Op {
    Op::Move(first, last, after)
}

/// Lines are indented further.
pub const fn indent(first: usize, last: usize) -> Op {
    Op::Indent(first, last)
}

/// A function with so many lines in its body.
pub const fn function(lines: usize) -> Draft {
    Draft::Function(lines)
}

/// `line` with a part changed; `name` is unique.
pub(super) fn altered(line: &str, name: &str) -> String {
    let body = line.trim_end();
    let cut = body.trim_end_matches([';', ',', '{', '}', ' ', ')']).len();
    let (head, tail) = body.split_at(if cut == 0 { body.len() } else { cut });
    format!("{head} + {name}{tail}")
}
