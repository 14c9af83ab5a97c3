//! `*** Begin Patch`: the form in which Codex's models write patches.

use stead_usf::Hunk;

use crate::shell::printed::Out;
use crate::shell::run::Shell;
use crate::shell::word::Arg;
use crate::step::{Action, Patch};

/// `apply_patch PATCH`, or with the patch on its input.
pub(super) fn run(shell: &mut Shell, args: &[Arg], stdin: &Out) {
    let text = match args.first() {
        Some(arg) => arg.exact().map(str::to_owned),
        None => stdin.known(),
    };
    let is_patch = |text: &String| text.contains("*** Begin Patch");
    let Some(text) = text.filter(is_patch) else {
        shell.opaque();
        return;
    };
    let mut sections = text.split("\n*** ").skip(1).peekable();
    while let Some(section) = sections.next() {
        let (head, body) = section.split_once('\n').unwrap_or((section, ""));
        let Some((what, file)) = head.split_once(": ") else {
            continue;
        };
        let file = Arg::whole(file.trim());
        match what {
            "Add File" => add(shell, &file, body),
            "Delete File" => shell.change(&file, Action::Delete),
            "Update File" => {
                let moved = sections.next_if(|next| next.starts_with("Move to: "));
                let Some(moved) = moved else {
                    update(shell, &file, body);
                    continue;
                };
                let (to, body) = moved.split_once('\n').unwrap_or((moved, ""));
                let to = Arg::whole(to.trim_start_matches("Move to: ").trim());
                if let Some(path) = shell.path(&to) {
                    shell.change(&file, Action::Move(path));
                }
                update(shell, &to, body);
            }
            _ => {}
        }
    }
}

fn add(shell: &mut Shell, file: &Arg, body: &str) {
    let mut text = String::new();
    for line in body.lines().filter_map(|line| line.strip_prefix('+')) {
        text.push_str(line);
        text.push('\n');
    }
    shell.written(file, false, Some(text));
}

fn update(shell: &mut Shell, file: &Arg, body: &str) {
    let mut hunks: Vec<Hunk> = Vec::new();
    for line in body.lines() {
        let anchor = line.strip_prefix("@@");
        if anchor.is_some() || hunks.is_empty() {
            let anchor = anchor.map(str::trim).filter(|text| !text.is_empty());
            hunks.push(Hunk {
                old_start: None,
                new_start: None,
                anchor: anchor.map(str::to_owned),
                lines: Vec::new(),
            });
        }
        let is_line = line.is_empty() || line.starts_with([' ', '+', '-']);
        if let Some(hunk) = hunks.last_mut().filter(|_| is_line) {
            hunk.lines.push(if line.is_empty() {
                " ".to_owned()
            } else {
                line.to_owned()
            });
        }
    }
    hunks.retain(|hunk| !hunk.lines.is_empty());
    if !hunks.is_empty() {
        shell.change(file, Action::Patch(Patch { hunks, after: None }));
    }
}
