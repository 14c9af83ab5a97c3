//! Programs whose arguments are options and then another command: `env`, `timeout`, `xargs`.

use super::Word;
use super::wrap::Wrapped;

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

/// The command after the options of a program that starts another.
pub(super) fn started(name: &str, words: &[Word]) -> Wrapped {
    match STARTERS.iter().find(|starter| starter.name == name) {
        Some(starter) => command_of(starter, words),
        None => Wrapped::Nothing,
    }
}

/// What stands after a starter's options.
fn command_of(starter: &Starter, words: &[Word]) -> Wrapped {
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
