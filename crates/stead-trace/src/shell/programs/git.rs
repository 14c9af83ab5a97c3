//! `git`: most of it changes no file; the rest sets files to what git has.

use super::options::{Sorted, sort};
use super::{diff, files};
use crate::shell::printed::{File, Out, Part};
use crate::shell::run::Shell;
use crate::shell::word::Arg;
use crate::step::Action;

pub(super) fn run(shell: &mut Shell, args: &[Arg], stdin: &Out) -> Out {
    let mut rest = args;
    let mut folder = None;
    loop {
        match rest {
            [option, value, after @ ..] if option.text == "-C" => {
                folder = Some(value);
                rest = after;
            }
            [option, _, after @ ..]
                if ["-c", "--git-dir", "--work-tree"].contains(&&*option.text) =>
            {
                rest = after;
            }
            [option, after @ ..] if option.is_option() => rest = after,
            _ => break,
        }
    }
    let Some((command, rest)) = rest.split_first() else {
        return Out::unknown();
    };
    shell.apart(|shell| {
        if folder.is_some() {
            shell.go(folder);
        }
        let name = command.exact().unwrap_or_default();
        run_in(shell, name, rest, stdin)
    })
}

fn run_in(shell: &mut Shell, command: &str, args: &[Arg], stdin: &Out) -> Out {
    match command {
        "mv" => files::carry(shell, "mv", args),
        "rm" => remove(shell, args),
        "apply" => diff::git_apply(shell, args, stdin),
        "show" => return show(shell, args),
        "checkout" | "switch" | "restore" => check_out(shell, command, args),
        "reset" => {
            let hard = ["--hard", "--merge", "--keep"];
            if sort(args, &[]).has(&hard) {
                restore(shell, None);
            }
        }
        "stash" => stash(shell, args),
        "pull" | "merge" | "rebase" | "cherry-pick" | "revert" | "am" | "clean" | "bisect"
        | "read-tree" | "checkout-index" | "sparse-checkout" => restore(shell, None),
        "add" | "config" => {}
        "status" | "log" | "diff" | "commit" | "push" | "fetch" | "branch" | "tag" | "remote"
        | "rev-parse" | "ls-files" | "blame" | "annotate" | "grep" | "describe" | "shortlog"
        | "reflog" | "cat-file" | "rev-list" | "ls-tree" | "ls-remote" | "for-each-ref"
        | "merge-base" | "name-rev" | "notes" | "count-objects" | "fsck" | "gc" | "init"
        | "clone" | "worktree" | "archive" | "bundle" | "check-ignore" | "check-attr"
        | "diff-tree" | "diff-index" | "diff-files" | "format-patch" | "hash-object" | "help"
        | "show-ref" | "symbolic-ref" | "update-index" | "update-ref" | "var" | "verify-commit"
        | "version" | "whatchanged" | "write-tree" | "commit-tree" | "show-branch" | "cherry"
        | "range-diff" | "interpret-trailers" | "maintenance" | "prune" | "repack"
        | "pack-refs" => return Out::unknown(),
        // Aliases, submodules and hooks may do anything.
        _ => return shell.opaque(),
    }
    Out::default()
}

fn remove(shell: &mut Shell, args: &[Arg]) {
    let sorted = sort(args, &[]);
    if sorted.has(&["--cached", "--dry-run"]) {
        return;
    }
    for name in &sorted.names {
        shell.change(name, Action::Delete);
    }
}

/// Sets a file to what git has, or the whole folder.
fn restore(shell: &mut Shell, file: Option<&Arg>) {
    let here = Arg::whole(".");
    shell.went_over(file.unwrap_or(&here), Action::Restore);
}

fn check_out(shell: &mut Shell, command: &str, args: &[Arg]) {
    let valued = ["-b", "-B", "-c", "-C", "--orphan", "-s", "--source"];
    let dashes = args.iter().position(|arg| arg.text == "--");
    let (before, after) = args.split_at(dashes.unwrap_or(args.len()));
    let sorted: Sorted<'_> = sort(before, &valued);
    let named: Vec<&Arg> = after.iter().skip(1).collect();
    let makes_branch = sorted.value(&valued[..5]).is_some();
    if command == "restore" {
        if sorted.has(&["--staged", "-S"]) && !sorted.has(&["--worktree", "-W"]) {
            return;
        }
        sorted
            .names
            .iter()
            .chain(&named)
            .for_each(|file| restore(shell, Some(file)));
        return;
    }
    if makes_branch && sorted.names.is_empty() {
        // A new branch begins with what is there.
        return;
    }
    if !named.is_empty() {
        return named.iter().for_each(|file| restore(shell, Some(file)));
    }
    let is_file = |name: &Arg| {
        let last = name.text.rsplit('/').next().unwrap_or_default();
        name.text == "." || last.contains('.') && !last.starts_with(|c: char| c.is_ascii_digit())
    };
    match sorted.names.as_slice() {
        // `git checkout COMMIT FILE…`
        [_, files @ ..] if !files.is_empty() && command == "checkout" && !makes_branch => {
            for file in files {
                restore(shell, Some(file));
            }
        }
        [name] if command == "checkout" && !makes_branch && is_file(name) => {
            restore(shell, Some(name));
        }
        [] => {}
        _ => restore(shell, None),
    }
}

fn stash(shell: &mut Shell, args: &[Arg]) {
    match args.first().map_or("push", |arg| arg.text.as_str()) {
        "list" | "show" | "drop" | "clear" | "create" | "store" => {}
        // What was put away comes back: no commit has it.
        "pop" | "apply" | "branch" => drop(shell.opaque()),
        _ => restore(shell, None),
    }
}

/// `git show HEAD:file` prints what the last commit has of it.
fn show(shell: &mut Shell, args: &[Arg]) -> Out {
    let [Arg { text, .. }] = args else {
        return Out::unknown();
    };
    let file = text.strip_prefix("HEAD:").or(text.strip_prefix(':'));
    let path = file.and_then(|file| shell.path(&Arg::whole(file)));
    let after = shell.actions.len();
    path.map_or_else(Out::unknown, |path| {
        Out(vec![Part::File(File {
            path,
            after,
            first: 1,
            // The file itself may hold something else.
            whole: false,
            numbered: false,
        })])
    })
}
