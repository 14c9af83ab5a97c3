//! Programs that print files or parts of them: `cat`, `nl`, `head`, `tail`.

use super::options::sort;
use crate::shell::printed::{File, Out, Part};
use crate::shell::run::Shell;
use crate::shell::word::Arg;

/// What these files hold, or what comes in where none is named.
pub(super) fn read(shell: &Shell, names: &[&Arg], stdin: &Out) -> Out {
    if names.is_empty() {
        return stdin.clone();
    }
    let mut out = Out::default();
    for name in names {
        out.extend(match name.text.as_str() {
            "-" => stdin.clone(),
            _ => shell.held(name),
        });
    }
    out
}

pub(super) fn cat(shell: &mut Shell, name: &str, args: &[Arg], stdin: &Out) -> Out {
    let sorted = sort(args, &["-v", "-w", "-s", "-r", "--line-range"]);
    let sorted = if name == "cat" {
        sort(args, &[])
    } else {
        sorted
    };
    let out = read(shell, &sorted.names, stdin);
    let all_lines = sorted.has(&["-a"]) || args.iter().any(|arg| arg.text == "-ba");
    let is_numbered = match name {
        "cat" => sorted.has(&["-n", "--number"]),
        "nl" => all_lines,
        _ => return Out::unknown(),
    };
    let is_plain = name == "cat" && args.len() == sorted.names.len();
    match out.file() {
        _ if is_plain => out,
        Some(file) if is_numbered => Out(vec![Part::File(File {
            numbered: true,
            ..file.clone()
        })]),
        _ => Out::unknown(),
    }
}

/// `head` and `tail`
pub(super) fn ends(shell: &mut Shell, name: &str, args: &[Arg], stdin: &Out) -> Out {
    let sorted = sort(args, &["-n", "--lines", "-c", "--bytes"]);
    let out = read(shell, &sorted.names, stdin);
    let by_bytes = sorted.value(&["-c", "--bytes"]).is_some();
    let lines = sorted.value(&["-n", "--lines"]);
    let from = lines.and_then(|lines| lines.text.strip_prefix('+')?.parse().ok());
    let Some(file) = out.file().filter(|_| !by_bytes) else {
        return Out::unknown();
    };
    match (name, from) {
        ("head", _) => part(file, 1, false),
        (_, Some(from)) => part(file, from, false),
        _ => Out::unknown(),
    }
}

/// The lines of a file from this one of those that are printed.
pub(super) fn part(file: &File, from: u64, whole: bool) -> Out {
    Out(vec![Part::File(File {
        first: file.first.saturating_add(from.saturating_sub(1)),
        whole: file.whole && whole,
        ..file.clone()
    })])
}
