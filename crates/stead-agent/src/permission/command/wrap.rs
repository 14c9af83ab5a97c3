//! Programs that start others: which command, or which script, they are given.

use super::{Word, starter};

/// What a command starts.
#[derive(Debug)]
pub(super) enum Wrapped {
    /// Nothing that is told here.
    Nothing,
    /// Another command, with variables that are set for it.
    Command {
        set: Vec<Word>,
        words: Vec<Word>,
        /// Whether the program that starts it has to be allowed too.
        with_rights: bool,
    },
    /// Several.
    Commands(Vec<Vec<Word>>),
    /// A script for a shell.
    Script(String),
    /// Nothing, but what follows runs in another folder.
    Folder(String),
    /// Something that cannot be told.
    Unclear(&'static str),
}

impl Wrapped {
    /// Whether it is enough if what is started is allowed.
    pub(super) const fn is_enough(&self) -> bool {
        match self {
            Self::Command { with_rights, .. } => !*with_rights,
            Self::Script(_) => true,
            _ => false,
        }
    }
}

const SHELLS: [&str; 7] = ["ash", "bash", "dash", "ksh", "mksh", "sh", "zsh"];

/// Words that are no programs: where one stands in a program's place, the line was
/// not understood.
const RESERVED: [&str; 18] = [
    "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in",
    "select", "then", "until", "while", "{", "}",
];

/// Tells what a command starts.
pub(super) fn unwrap(words: &[Word]) -> Wrapped {
    let Some((first, rest)) = words.split_first() else {
        return Wrapped::Nothing;
    };
    let Some(value) = &first.value else {
        return Wrapped::Unclear("which program it runs is not known before it runs");
    };
    if first.is_bare && (RESERVED.contains(&value.as_str()) || value == "!") {
        return Wrapped::Unclear("its words cannot be told from the shell's own");
    }
    let name = value.rsplit('/').next().unwrap_or_default();
    if SHELLS.contains(&name) {
        return shell(rest);
    }
    match name {
        "cd" | "pushd" => folder(rest),
        "eval" => script(rest.iter()),
        "trap" => match rest.first().map(Word::plain) {
            None | Some("-" | "-l" | "-p" | "") => Wrapped::Nothing,
            Some(_) => script(rest.iter().take(1)),
        },
        "find" => found(rest),
        "command"
            if rest
                .first()
                .is_some_and(|word| ["-v", "-V"].contains(&word.plain())) =>
        {
            Wrapped::Nothing
        }
        _ => starter::started(name, rest),
    }
}

/// What a shell is told to run.
fn shell(words: &[Word]) -> Wrapped {
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let Some(value) = &word.value else {
            return Wrapped::Unclear("what the shell is given is not known before it runs");
        };
        if ["--version", "--help"].contains(&value.as_str()) {
            return Wrapped::Nothing;
        }
        let Some(letters) = value.strip_prefix('-') else {
            // A file with a script, and its arguments.
            return Wrapped::Nothing;
        };
        if letters.bytes().any(|b| !b"celuxil".contains(&b)) {
            return Wrapped::Unclear("it starts a shell with options that are not known");
        }
        if letters.contains('c') {
            return match rest.next() {
                Some(word) if !word.plain().starts_with(['-', '+']) => {
                    script(std::iter::once(word))
                }
                _ => Wrapped::Unclear("it starts a shell with options that are not known"),
            };
        }
    }
    // Without arguments a shell runs what comes in, from wherever that is.
    Wrapped::Unclear("a shell runs what it reads")
}

fn script<'a>(words: impl Iterator<Item = &'a Word>) -> Wrapped {
    let words: Option<Vec<&str>> = words.map(|word| word.value.as_deref()).collect();
    words.map_or(
        Wrapped::Unclear("the script that a shell is given is not known before it runs"),
        |words| Wrapped::Script(words.join(" ")),
    )
}

fn folder(words: &[Word]) -> Wrapped {
    let words: Vec<&Word> = words.iter().filter(|word| word.plain() != "--").collect();
    match words.as_slice() {
        [] => Wrapped::Folder("~".to_owned()),
        [word] if word.text == "~" || word.text.starts_with("~/") => {
            Wrapped::Folder(word.text.clone())
        }
        [word] => match &word.value {
            Some(value) if value == "-" => Wrapped::Nothing,
            Some(value) if !value.starts_with(['-', '+']) => Wrapped::Folder(value.clone()),
            _ => Wrapped::Unclear("which folder it goes to is not known before it runs"),
        },
        _ => Wrapped::Unclear("which folder it goes to is not known before it runs"),
    }
}

/// Commands that `find` runs for what it finds.
fn found(words: &[Word]) -> Wrapped {
    let mut commands = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if word.value.is_none() && word.known.starts_with('-') || word.known.is_empty() {
            // `$X` may be `-exec`; a pattern such as `*.rs` may not.
            if word.text.starts_with(['$', '"', '`']) {
                return Wrapped::Unclear("what `find` is to do is not known before it runs");
            }
        }
        if ["-exec", "-execdir", "-ok", "-okdir"].contains(&word.plain()) {
            let command = rest
                .by_ref()
                .take_while(|word| ![";", "+"].contains(&word.plain()));
            commands.push(command.cloned().collect::<Vec<_>>());
        }
    }
    commands.retain(|command| !command.is_empty());
    if commands.is_empty() {
        return Wrapped::Nothing;
    }
    Wrapped::Commands(commands)
}

/// The arguments of `git` from its subcommand on.
pub(super) fn without_gits_own_options<'a>(words: &'a [&'a str]) -> &'a [&'a str] {
    const VALUED: [&str; 7] = [
        "-C",
        "-c",
        "--exec-path",
        "--git-dir",
        "--namespace",
        "--work-tree",
        "--config-env",
    ];
    let mut rest = words;
    while let Some((first, after)) = rest.split_first() {
        rest = match *first {
            option if VALUED.contains(&option) => after.get(1..).unwrap_or_default(),
            option if option.starts_with('-') => after,
            _ => break,
        };
    }
    rest
}
