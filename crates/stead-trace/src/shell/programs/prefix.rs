//! Programs that run other programs: `sudo`, `env`, `bash -c`, `xargs`, `npx`.

use super::harmless;
use crate::shell::printed::Out;
use crate::shell::run::Shell;
use crate::shell::word::{Arg, Known, is_name};

/// Programs that run what follows them, with the options that take a value and how
/// many words of their own come first.
const PREFIXES: [(&str, &[&str], usize); 19] = [
    ("sudo", &["-u", "-g", "-C", "-h", "-p"], 0),
    ("doas", &["-u"], 0),
    ("env", &["-u", "-C", "-S"], 0),
    ("time", &["-f", "-o"], 0),
    ("nice", &["-n"], 0),
    ("nohup", &[], 0),
    ("setsid", &[], 0),
    ("timeout", &["-k", "-s", "--signal", "--kill-after"], 1),
    ("gtimeout", &["-k", "-s"], 1),
    ("stdbuf", &["-i", "-o", "-e"], 0),
    ("command", &[], 0),
    ("builtin", &[], 0),
    ("exec", &["-a"], 0),
    ("busybox", &[], 0),
    ("npx", &["-p", "--package"], 0),
    ("bunx", &[], 0),
    ("uvx", &["--from", "--with"], 0),
    ("pnpx", &[], 0),
    ("pipx", &["--spec"], 1),
];

/// The same for programs with a command that does so.
const COMMANDS: [(&str, &[&str]); 9] = [
    ("uv", &["run"]),
    ("poetry", &["run"]),
    ("pipenv", &["run"]),
    ("pdm", &["run"]),
    ("rye", &["run"]),
    ("hatch", &["run"]),
    ("bundle", &["exec"]),
    ("pnpm", &["exec", "dlx"]),
    ("yarn", &["exec", "dlx"]),
];

pub(super) fn run(shell: &mut Shell, name: &str, args: &[Arg], stdin: &Out) -> Option<Out> {
    let found = PREFIXES.iter().find(|(prefix, ..)| *prefix == name);
    if let Some((_, valued, own)) = found {
        if name == "command" && args.first().is_some_and(|arg| arg.text.starts_with(['-'])) {
            return Some(Out::unknown());
        }
        let rest = skip(args, valued, *own);
        return Some(inner(shell, rest, stdin));
    }
    let has_command = |(prefix, commands): &&(&str, &[&str])| {
        let command = args.first().map(|arg| arg.text.as_str());
        *prefix == name && command.is_some_and(|command| commands.contains(&command))
    };
    if COMMANDS.iter().any(|entry| has_command(&entry)) {
        let valued = [
            "--with",
            "-p",
            "--python",
            "--extra",
            "--group",
            "--project",
        ];
        return Some(inner(shell, skip(&args[1..], &valued, 0), stdin));
    }
    match name {
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "fish" => Some(script(shell, args, stdin)),
        "eval" => {
            let words: Option<Vec<&str>> = args.iter().map(Arg::exact).collect();
            Some(match words {
                Some(words) => shell.text(&words.join(" "), stdin),
                None => shell.opaque(),
            })
        }
        "xargs" | "parallel" => Some(each(shell, args)),
        _ => None,
    }
}

/// What follows options, settings (`A=1`) and so many own words.
fn skip<'a>(args: &'a [Arg], valued: &[&str], own: usize) -> &'a [Arg] {
    let mut rest = args;
    let mut own = own;
    while let Some((first, after)) = rest.split_first() {
        let is_setting = first
            .text
            .split_once('=')
            .is_some_and(|(name, _)| is_name(name));
        if first.text == "--" {
            return after;
        } else if valued.contains(&first.text.as_str()) {
            rest = after.get(1..).unwrap_or_default();
        } else if first.is_option() || is_setting {
            rest = after;
        } else if own > 0 {
            own -= 1;
            rest = after;
        } else {
            break;
        }
    }
    rest
}

fn inner(shell: &mut Shell, words: &[Arg], stdin: &Out) -> Out {
    match words.split_first() {
        None => Out::unknown(),
        Some((name, args)) => shell.apart(|shell| {
            // A package's program is asked for with its version.
            let name = Arg {
                text: name.text.split('@').next().unwrap_or_default().to_owned(),
                known: name.known,
            };
            shell.program(&name, args, stdin)
        }),
    }
}

/// `bash -lc TEXT`, or with the text on its input.
fn script(shell: &mut Shell, args: &[Arg], stdin: &Out) -> Out {
    let is_c = |arg: &Arg| {
        let letters = arg.text.strip_prefix('-').unwrap_or_default();
        !letters.starts_with('-') && letters.contains('c')
    };
    if let Some(at) = args.iter().position(is_c) {
        let text = args.get(at + 1).and_then(Arg::exact).map(str::to_owned);
        return shell.apart(|shell| match &text {
            Some(text) => shell.text(text, stdin),
            None => shell.opaque(),
        });
    }
    let only_checks = args.iter().any(|arg| arg.text == "-n");
    let from_input = args.iter().all(Arg::is_option);
    match stdin.known() {
        _ if only_checks => Out::unknown(),
        Some(text) if from_input && !text.is_empty() => {
            shell.apart(|shell| shell.text(&text, &Out::default()))
        }
        _ => shell.opaque(),
    }
}

/// A program that runs on names that come in.
fn each(shell: &mut Shell, args: &[Arg]) -> Out {
    let valued = ["-I", "-n", "-P", "-L", "-d", "-a", "-s", "-j"];
    let words = skip(args, &valued, 0);
    let Some((name, rest)) = words.split_first() else {
        return Out::unknown();
    };
    let changes_nothing = name
        .exact()
        .is_some_and(|name| harmless::printed(name).is_some());
    if changes_nothing {
        return Out::unknown();
    }
    let mut rest: Vec<Arg> = rest
        .iter()
        .map(|arg| {
            if arg.text.contains("{}") {
                Arg::unknown()
            } else {
                arg.clone()
            }
        })
        .collect();
    rest.push(Arg {
        text: String::new(),
        known: Known::Start,
    });
    shell.perhaps(|shell| shell.program(name, &rest, &Out::unknown()))
}
