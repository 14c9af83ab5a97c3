//! Programs that start others: which command, or which script, they are given.

use super::Word;

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

/// A program whose arguments are options, words of its own, and then a command.
struct Starter {
    name: &'static str,
    /// Letters of options without a value.
    flags: &'static str,
    /// Letters of options with one, attached or as the next word.
    valued: &'static str,
    /// Words before the command.
    words: usize,
    /// Whether `A=b` before the command sets a variable.
    sets: bool,
}

const fn starter(name: &'static str, flags: &'static str, valued: &'static str) -> Starter {
    Starter {
        name,
        flags,
        valued,
        words: 0,
        sets: false,
    }
}

/// After the manuals of GNU coreutils 9, findutils 4, util-linux 2, sudo 1.9 and bash 5.
const STARTERS: [Starter; 15] = [
    Starter {
        sets: true,
        ..starter("env", "i0v", "u")
    },
    Starter {
        sets: true,
        ..starter("sudo", "EnHSkKAbP", "ugpCThr")
    },
    Starter {
        sets: true,
        ..starter("doas", "n", "u")
    },
    Starter {
        words: 1,
        ..starter("timeout", "fpv", "ks")
    },
    starter("nohup", "", ""),
    starter("setsid", "cfw", ""),
    starter("nice", "", "n"),
    starter("ionice", "t", "cn"),
    starter("stdbuf", "", "ioe"),
    starter("time", "pv", "fo"),
    starter("exec", "cl", "a"),
    starter("builtin", "", ""),
    starter("command", "p", ""),
    starter("busybox", "", ""),
    starter("xargs", "0rtpx", "nPLIdsaE"),
];

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
        _ => match STARTERS.iter().find(|starter| starter.name == name) {
            Some(starter) => started(starter, rest),
            None => Wrapped::Nothing,
        },
    }
}

/// The command after a starter's options.
fn started(starter: &Starter, words: &[Word]) -> Wrapped {
    const UNKNOWN: Wrapped =
        Wrapped::Unclear("it starts a command with options that are not known");
    let mut rest = words;
    let mut own = starter.words;
    let mut set = Vec::new();
    while let Some((first, after)) = rest.split_first() {
        let value = match &first.value {
            Some(value) => value.as_str(),
            None if starter.sets && !first.name().is_empty() && first.known.contains('=') => {
                set.push(first.clone());
                rest = after;
                continue;
            }
            None => return UNKNOWN,
        };
        rest = match option(starter, value) {
            Some(Step::One) => after,
            Some(Step::Two) => after.get(1..).unwrap_or_default(),
            Some(Step::End) => {
                rest = after;
                break;
            }
            None if value.len() > 1 && value.starts_with('-') => return UNKNOWN,
            None if starter.sets && value.contains('=') => {
                set.push(first.clone());
                after
            }
            None if own > 0 => {
                own -= 1;
                after
            }
            None => break,
        };
    }
    let mut words = rest.to_vec();
    if words.is_empty() {
        return Wrapped::Nothing;
    }
    if starter.name == "xargs" {
        words.push(Word::anything());
    }
    Wrapped::Command {
        set,
        words,
        with_rights: ["sudo", "doas"].contains(&starter.name),
    }
}

/// How many words an option takes.
enum Step {
    One,
    Two,
    End,
}

fn option(starter: &Starter, value: &str) -> Option<Step> {
    let letters = value.strip_prefix('-')?;
    if letters == "-" {
        return Some(Step::End);
    }
    if letters.is_empty() {
        // `env -` is `env -i`.
        return (starter.name == "env").then_some(Step::One);
    }
    if starter.name == "nice" && letters.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Step::One);
    }
    for (at, letter) in letters.char_indices() {
        if starter.valued.contains(letter) {
            let is_last = at + letter.len_utf8() == letters.len();
            return Some(if is_last { Step::Two } else { Step::One });
        }
        if !starter.flags.contains(letter) {
            return None;
        }
    }
    Some(Step::One)
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
