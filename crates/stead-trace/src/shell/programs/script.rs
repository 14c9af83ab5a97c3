//! Interpreters with a program on the command line or on their input: harmless if
//! it has no word by which files are written.

use super::{harmless, python};
use crate::shell::printed::Out;
use crate::shell::run::Shell;
use crate::shell::word::Arg;
use crate::step::Action;

/// Words by which a short program writes files or runs others.
const WRITING: [&str; 34] = [
    "write",
    "'w",
    "\"w",
    "'a'",
    "\"a\"",
    "'r+",
    "\"r+",
    "'x'",
    "\"x\"",
    "os.",
    "shutil",
    "subprocess",
    "unlink",
    "rename",
    "remove",
    "rmtree",
    "mkdir",
    "touch",
    "dump(",
    "save",
    "exec",
    "eval",
    "system",
    "popen",
    "to_csv",
    "to_json",
    "append(",
    "copy",
    "spawn",
    "require('fs",
    "require(\"fs",
    "FileUtils",
    "File.",
    "IO.",
];

/// Modules of Python that are programs which change no kept file.
const MODULES: [&str; 18] = [
    "pytest",
    "unittest",
    "doctest",
    "mypy",
    "flake8",
    "pylint",
    "pyright",
    "py_compile",
    "compileall",
    "pip",
    "venv",
    "timeit",
    "json.tool",
    "http.server",
    "tox",
    "nox",
    "coverage",
    "ast",
];

pub(super) fn run(shell: &mut Shell, name: &str, args: &[Arg], stdin: &Out) -> Option<Out> {
    let flag = args.iter().position(|arg| {
        matches!(
            arg.text.as_str(),
            "-c" | "-e" | "-p" | "--eval" | "--print" | "-m" | "--check" | "--test"
        )
    });
    let is_first = |at: usize| args[..at].iter().all(Arg::is_option);
    if let Some(at) = flag.filter(|at| is_first(*at)) {
        let rest = args.get(at + 1..).unwrap_or_default();
        return match (name, args[at].text.as_str()) {
            ("python" | "python3", "-m") => module(shell, rest),
            ("node", "-c" | "--check" | "--test") | ("ruby", "-c") => Some(Out::unknown()),
            _ => Some(program(shell, name, rest.first().and_then(Arg::exact))),
        };
    }
    let from_input = args.iter().all(|arg| arg.text.starts_with('-'));
    let text = stdin.known().filter(|text| from_input && !text.is_empty());
    text.map(|text| program(shell, name, Some(&text)))
}

fn module(shell: &mut Shell, words: &[Arg]) -> Option<Out> {
    let (name, rest) = words.split_first()?;
    if MODULES.contains(&name.exact()?) || harmless::printed(&name.text).is_some() {
        return Some(Out::unknown());
    }
    Some(shell.program(name, rest, &Out::default()))
}

fn program(shell: &mut Shell, name: &str, text: Option<&str>) -> Out {
    let Some(text) = text else {
        return shell.opaque();
    };
    if name.starts_with("python")
        && let Some(changes) = python::changes(text)
    {
        python::put(shell, changes);
        return Out::unknown();
    }
    if !WRITING.iter().any(|word| text.contains(word)) {
        return Out::unknown();
    }
    match only_file(text) {
        Some(file) => shell.change(&Arg::whole(file), Action::Opaque),
        None => drop(shell.opaque()),
    }
    Out::unknown()
}

/// The one file that a program opens, where it opens only one and runs nothing.
fn only_file(text: &str) -> Option<&str> {
    let runs = [
        "subprocess",
        "system",
        "exec",
        "popen",
        "spawn",
        "shutil",
        "os.",
        "glob",
        "walk",
    ];
    if runs.iter().any(|word| text.contains(word)) {
        return None;
    }
    let mut file = None;
    for (opener, after) in openers(text) {
        let quote = after.chars().next().filter(|quote| "'\"".contains(*quote));
        // What is opened by another name is not known.
        let Some(quote) = quote else {
            let is_known = opener == "open(" && file.is_some() && opens_known(text, after);
            if is_known {
                continue;
            }
            return None;
        };
        let name = after[1..].split(quote).next()?;
        if file.is_some_and(|file| file != name) {
            return None;
        }
        file = Some(name);
    }
    file.filter(|name| !name.is_empty() && !name.contains(['{', '*', '\n']))
}

/// Whether `open(p` is of a variable that holds the name of the only file.
fn opens_known(text: &str, after: &str) -> bool {
    let length = after.find(|c: char| !c.is_alphanumeric() && c != '_');
    let name = &after[..length.unwrap_or(after.len())];
    let set = |sign: &str| {
        let setting = format!("{name}{sign}");
        text.matches(&setting).count()
    };
    !name.is_empty() && set(" = ") + set("=") == 1
}

/// Where files are named to be opened, with what follows.
fn openers(text: &str) -> impl Iterator<Item = (&'static str, &str)> {
    const OPENERS: [&str; 5] = ["Path(", "open(", "FileSync(", "File.read(", "File.write("];
    let mut found: Vec<(usize, &'static str)> = Vec::new();
    for opener in OPENERS {
        found.extend(text.match_indices(opener).map(|(at, _)| (at, opener)));
    }
    found.sort_unstable();
    found
        .into_iter()
        .map(|(at, opener)| (opener, text[at + opener.len()..].trim_start()))
}
