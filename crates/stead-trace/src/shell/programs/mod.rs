//! What programs do with their arguments: each known program's effects on files and
//! what it prints. Programs that are not known may do anything.

mod begin_patch;
mod diff;
mod files;
mod find;
mod formatters;
mod git;
mod harmless;
mod options;
mod pattern;
mod perl;
mod prefix;
mod print;
mod python;
mod script;
mod sed;
mod show;
mod tools;

use super::printed::Out;
use super::run::Shell;
use super::word::Arg;

/// Runs a program.
pub(super) fn run(shell: &mut Shell, name: &str, args: &[Arg], stdin: &Out) -> Out {
    let name = [
        "/bin/",
        "/usr/bin/",
        "/usr/local/bin/",
        "/opt/homebrew/bin/",
    ]
    .iter()
    .find_map(|folder| name.strip_prefix(folder))
    .unwrap_or(name);
    // Asking a program for its version or help changes nothing.
    if let [Arg { text, .. }] = args
        && matches!(text.as_str(), "--version" | "--help" | "-V")
    {
        return Out::unknown();
    }
    if let Some(out) = shown(shell, name, args, stdin)
        .or_else(|| changed(shell, name, args, stdin))
        .or_else(|| prefix::run(shell, name, args, stdin))
        .or_else(|| formatters::run(shell, name, args))
        .or_else(|| tools::run(shell, name, args))
    {
        return out;
    }
    harmless::printed(name).unwrap_or_else(|| shell.opaque())
}

/// Programs whose output matters.
fn shown(shell: &mut Shell, name: &str, args: &[Arg], stdin: &Out) -> Option<Out> {
    Some(match name {
        "echo" => print::echo(args),
        "printf" => print::printf(shell, args),
        "pwd" => shell
            .cwd
            .as_ref()
            .map_or_else(Out::unknown, |cwd| Out::text(&format!("{cwd}\n"))),
        "cat" | "nl" | "bat" => show::cat(shell, name, args, stdin),
        "head" | "tail" => show::ends(shell, name, args, stdin),
        "sed" | "gsed" => sed::run(shell, args, stdin),
        _ => return None,
    })
}

/// Programs that change files.
fn changed(shell: &mut Shell, name: &str, args: &[Arg], stdin: &Out) -> Option<Out> {
    match name {
        "cd" | "pushd" => {
            let folder = args.iter().find(|arg| !arg.is_option());
            shell.go(folder);
        }
        "popd" => shell.go(Some(&Arg::whole("-"))),
        "cp" | "install" | "mv" | "rm" | "unlink" | "touch" | "mkdir" | "rmdir" | "ln"
        | "truncate" | "dd" => files::run(shell, name, args),
        "tee" | "sponge" => return Some(files::tee(shell, args, stdin)),
        "patch" => diff::patch(shell, args, stdin),
        "apply_patch" | "applypatch" => begin_patch::run(shell, args, stdin),
        "perl" => return perl::run(shell, args),
        "python" | "python3" | "node" | "ruby" => return script::run(shell, name, args, stdin),
        "git" => return Some(git::run(shell, args, stdin)),
        "find" | "fd" => return Some(find::run(shell, args)),
        "export" | "declare" | "local" | "readonly" | "typeset" => set(shell, args),
        "unset" | "read" | "mapfile" | "readarray" => {
            for arg in args {
                shell.set(&arg.text, Arg::unknown());
            }
        }
        _ => return None,
    }
    Some(Out::default())
}

/// `export NAME=value`
fn set(shell: &mut Shell, args: &[Arg]) {
    for arg in args {
        if let Some((name, value)) = arg.text.split_once('=') {
            let value = Arg {
                text: value.to_owned(),
                known: arg.known,
            };
            shell.set(name, value);
        }
    }
}
