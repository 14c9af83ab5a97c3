//! Programs that copy, move, remove and make files.

use super::options::{Sorted, sort};
use crate::shell::printed::Out;
use crate::shell::run::Shell;
use crate::shell::word::Arg;
use crate::step::Action;

pub(super) fn run(shell: &mut Shell, name: &str, args: &[Arg]) {
    match name {
        "cp" | "install" | "mv" => carry(shell, name, args),
        "rm" | "unlink" => {
            for name in sort(args, &[]).names {
                shell.change(name, Action::Delete);
            }
        }
        "ln" => link(shell, args),
        "truncate" => truncate(shell, args),
        "dd" => {
            let output = args.iter().find_map(|arg| arg.text.strip_prefix("of="));
            if let Some(output) = output {
                shell.change(&Arg::whole(output), Action::Opaque);
            }
        }
        // Empty files and folders have no lines.
        _ => {}
    }
}

/// `cp`, `mv`, `git mv`
pub(super) fn carry(shell: &mut Shell, name: &str, args: &[Arg]) {
    let valued = [
        "-t",
        "--target-directory",
        "-S",
        "--suffix",
        "-m",
        "-o",
        "-g",
    ];
    let sorted = sort(
        args,
        if name == "install" {
            &valued
        } else {
            &valued[..4]
        },
    );
    if name == "install" && sorted.has(&["-d"]) {
        return;
    }
    let folder = sorted.value(&["-t", "--target-directory"]);
    let (from, to): (&[&Arg], Arg) = match (folder, sorted.names.as_slice()) {
        (Some(folder), from) => (from, folder.clone()),
        (None, [from @ .., to]) => (from, (*to).clone()),
        (None, []) => return,
    };
    let several =
        folder.is_some() || from.len() > 1 || from.iter().any(|arg| arg.exact().is_none());
    let into = several || is_folder(&to.text);
    for from in from {
        let target = if into { inside(&to, from) } else { to.clone() };
        one(shell, name == "mv", from, &target);
    }
}

/// Names that can only be folders.
fn is_folder(name: &str) -> bool {
    name.ends_with('/') || matches!(name.rsplit('/').next(), Some("." | ".." | "~"))
}

/// Where a file comes to be that goes into a folder.
fn inside(folder: &Arg, file: &Arg) -> Arg {
    let name = file.text.trim_end_matches('/');
    let name = name.rsplit('/').next().unwrap_or(name);
    let known = if folder.exact().is_some() {
        file.known
    } else {
        folder.known
    };
    Arg {
        text: format!("{}/{name}", folder.text.trim_end_matches('/')),
        known,
    }
}

fn one(shell: &mut Shell, is_move: bool, from: &Arg, to: &Arg) {
    let (Some(source), Some(target)) = (shell.path(from), shell.path(to)) else {
        if is_move {
            shell.change(from, Action::Opaque);
        }
        return shell.change(to, Action::Opaque);
    };
    // What was written here is written there: its lines may be another's, who had
    // them in the file that gives way.
    if let Some(made) = shell.made(&source).cloned() {
        shell.written(to, false, made);
        if is_move {
            shell.put(source, Action::Delete);
        }
        return;
    }
    let carried = if is_move {
        Action::Move(target)
    } else {
        Action::Copy(target)
    };
    shell.put(source, carried);
}

fn link(shell: &mut Shell, args: &[Arg]) {
    let sorted: Sorted<'_> = sort(args, &["-t", "-S"]);
    if let [_, to] = sorted.names.as_slice() {
        shell.change(to, Action::Opaque);
    }
}

fn truncate(shell: &mut Shell, args: &[Arg]) {
    let sorted = sort(args, &["-s", "--size", "-r"]);
    let empties = sorted
        .value(&["-s", "--size"])
        .is_some_and(|size| size.text == "0");
    for name in &sorted.names {
        shell.written(name, false, empties.then(String::new));
    }
}

/// `tee f` and `sponge f`
pub(super) fn tee(shell: &mut Shell, args: &[Arg], stdin: &Out) -> Out {
    let sorted = sort(args, &[]);
    let append = sorted.has(&["-a", "--append"]);
    for name in &sorted.names {
        shell.written(name, append, stdin.known());
    }
    stdin.clone()
}
