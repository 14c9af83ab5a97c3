//! Short programs in Python that change files by what they show: texts that are
//! read, replaced and written. Every statement must be understood, or nothing is.

mod read;
mod value;

use rustc_hash::FxHashMap;

use self::read::{Line, statements};
use self::value::{Expression, Value};
use crate::shell::run::Shell;
use crate::shell::word::Arg;
use crate::step::Action;

/// Longer programs do more than to change a text here and there.
const LONGEST: usize = 64 << 10;

/// What a program that does nothing else changes: files and how, in order; none if
/// there is something that is not understood, or nothing that changes a file.
pub(super) fn changes(text: &str) -> Option<Vec<(String, Action)>> {
    if text.len() > LONGEST {
        return None;
    }
    let mut program = Program::default();
    let lines = statements(text)?;
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        if is_check(line.text) {
            at += only_complains(line, &lines[at..])?;
            continue;
        }
        program.statement(line.text)?;
    }
    (!program.changes.is_empty()).then_some(program.changes)
}

/// Carries the changes out.
pub(super) fn put(shell: &mut Shell, changes: Vec<(String, Action)>) {
    for (path, action) in changes {
        let file = Arg::whole(path);
        match action {
            Action::Write { after, .. } => shell.written(&file, false, Some(after)),
            action => shell.change(&file, action),
        }
    }
}

fn is_check(text: &str) -> bool {
    text.starts_with("if ") && text.ends_with(':')
}

/// How many lines below a check do nothing but complain; none if one does more.
fn only_complains(check: &Line<'_>, below: &[Line<'_>]) -> Option<usize> {
    let body: Vec<&Line<'_>> = below
        .iter()
        .take_while(|line| line.indent > check.indent)
        .collect();
    let words = ["raise ", "sys.exit(", "exit(", "print(", "pass"];
    let complains = |line: &&&Line<'_>| words.iter().any(|word| line.text.starts_with(word));
    (body.iter().filter(complains).count() == body.len()).then_some(body.len())
}

/// What is known while a program is gone through.
#[derive(Default)]
struct Program {
    names: FxHashMap<String, Value>,
    changes: Vec<(String, Action)>,
}

impl Program {
    fn statement(&mut self, text: &str) -> Option<()> {
        let idle = ["import ", "from ", "assert ", "print(", "pass", "sys.exit("];
        if idle.iter().any(|word| text.starts_with(word)) && !text.contains(".write") {
            return Some(());
        }
        if let Some(rest) = text.strip_prefix("with ") {
            return self.with(rest);
        }
        if let Some((name, value)) = assigned(text) {
            let value = self.value(value)?;
            self.names.insert(name.to_owned(), value);
            return Some(());
        }
        match self.value(text)? {
            Value::Done => Some(()),
            _ => None,
        }
    }

    /// `open(…) as f:`, and what may stand behind it.
    fn with(&mut self, text: &str) -> Option<()> {
        let (opened, rest) = text.split_once(" as ")?;
        let (name, body) = rest.split_once(':')?;
        let handle = self.value(opened)?;
        if !matches!(handle, Value::File { .. }) {
            return None;
        }
        self.names.insert(name.trim().to_owned(), handle);
        match body.trim() {
            "" => Some(()),
            body => self.statement(body),
        }
    }

    fn value(&mut self, text: &str) -> Option<Value> {
        let mut expression = Expression::new(text, &mut self.names);
        let value = expression.whole()?;
        self.changes.append(&mut expression.changes);
        Some(value)
    }
}

/// `name = value`
fn assigned(text: &str) -> Option<(&str, &str)> {
    let length = text.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    let (name, rest) = text.split_at(length);
    let value = rest.trim_start().strip_prefix('=')?;
    (!name.is_empty() && !value.starts_with('=')).then(|| (name, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::changes;
    use crate::step::Action;

    fn told(program: &str) -> Option<Vec<String>> {
        let row = |(path, action)| match action {
            Action::Write { after, .. } => format!("write {path} {after:?}"),
            Action::Append(text) => format!("append {path} {text:?}"),
            Action::Replace { before, after, all } => {
                let all = if all { " all" } else { "" };
                format!("{path} {before:?} -> {after:?}{all}")
            }
            Action::Copy(to) => format!("copy {path} {to}"),
            action => format!("{action:?}"),
        };
        changes(program).map(|changes| changes.into_iter().map(row).collect())
    }

    #[test]
    fn programs_that_replace_text_are_followed() {
        for (program, expected) in [
            (
                "from pathlib import Path\np = Path('a.py')\ns = p.read_text()\n\
                 s = s.replace('x', \"y\\n\")\np.write_text(s)\n",
                &["a.py \"x\" -> \"y\\n\" all"][..],
            ),
            (
                "import re\npath = 'a.py'\nwith open(path) as f:\n    s = f.read()\n\
                 assert 'x' in s\ns = s.replace('''x\ny''', '''z''', 1).replace('a', 'b')\n\
                 with open(path, 'w', encoding='utf-8') as f:\n    f.write(s)\nprint('done')\n",
                &["a.py \"x\\ny\" -> \"z\"", "a.py \"a\" -> \"b\" all"],
            ),
            (
                "s = open('a').read()\nif 'x' not in s:\n    raise SystemExit('no')\n\
                 old = 'x'\nnew = ('one\\n'\n       'two\\n')\n\
                 open('a', 'w').write(s.replace(old, new))",
                &["a \"x\" -> \"one\\ntwo\\n\" all"],
            ),
            ("import pathlib\npathlib.Path(\"d\") / 'x'\n", &[]),
            (
                "open('n', 'w').write('a\\n' + 'b\\n')\nwith open('n', 'a') as f: f.write(\"c\\n\")",
                &["write n \"a\\nb\\n\"", "append n \"c\\n\""],
            ),
            (
                "from pathlib import Path\nroot = Path('d')\n(root / 'n').write_text(r'\\d' 'e')",
                &["write d/n \"\\\\de\""],
            ),
        ] {
            let expected: Vec<String> = expected.iter().map(|row| (*row).to_owned()).collect();
            let expected = (!expected.is_empty()).then_some(expected);
            assert_eq!(told(program), expected, "{program}");
        }
    }

    #[test]
    fn what_is_not_understood_is_not_guessed() {
        for program in [
            "import re\ns = open('a').read()\ns = re.sub('a', 'b', s)\nopen('a','w').write(s)",
            "for p in ['a', 'b']:\n    open(p, 'w').write('x')",
            "s = open('a').read()\nif 'x' in s:\n    s = s.replace('x', 'y')\nopen('a','w').write(s)",
            "open('a','w').write(f'{x}')",
            "open('a','w').write(s)",
            "import os\nos.remove('a')\nopen('b','w').write('x')",
            "s = open('a').read()\nopen('b','w').write(s.upper())",
            "print('x')",
            "print(open('a','w').write('x'))",
            "open('a','w').write('x' * 3)",
            "open('a','w').write('''x",
        ] {
            assert_eq!(told(program), None, "{program}");
        }
    }
}
