//! `find`, which changes nothing unless told to.

use crate::shell::printed::Out;
use crate::shell::run::Shell;
use crate::shell::word::Arg;
use crate::step::Action;

pub(super) fn run(shell: &mut Shell, args: &[Arg]) -> Out {
    let is_root = |arg: &&Arg| !arg.is_option() && !matches!(arg.text.as_str(), "(" | "!");
    let roots: Vec<Arg> = args.iter().take_while(is_root).cloned().collect();
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        at += 1;
        match arg.text.as_str() {
            "-exec" | "-execdir" | "-ok" | "-okdir" | "-x" | "-X" => {
                let rest = &args[at..];
                let length = rest
                    .iter()
                    .position(|arg| matches!(arg.text.as_str(), ";" | "+"))
                    .unwrap_or(rest.len());
                exec(shell, &rest[..length], &roots);
                at += length;
            }
            "-delete" => opaque(shell, &roots),
            "-fprint" | "-fprintf" | "-fls" => {
                if let Some(file) = args.get(at) {
                    shell.change(file, Action::Opaque);
                }
            }
            _ => {}
        }
    }
    Out::unknown()
}

/// A program that runs on each file that is found.
fn exec(shell: &mut Shell, words: &[Arg], roots: &[Arg]) {
    let found = |arg: &Arg| {
        if !arg.text.contains("{}") {
            return arg.clone();
        }
        let mut below = Arg::unknown();
        if let [root] = roots {
            below.text = format!("{}/", root.text.trim_end_matches('/'));
        }
        below
    };
    let words: Vec<Arg> = words.iter().map(found).collect();
    if let Some((name, args)) = words.split_first() {
        shell.perhaps(|shell| shell.program(name, args, &Out::unknown()));
    }
}

fn opaque(shell: &mut Shell, roots: &[Arg]) {
    let here = [Arg::whole(".")];
    for root in if roots.is_empty() { &here[..] } else { roots } {
        shell.change(root, Action::Opaque);
    }
}
