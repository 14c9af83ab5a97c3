//! Commands are run by a real shell in a folder of their own, and the files that
//! result are compared with what the effects say. The effects are carried out here
//! in the plainest way, by nothing of the code under test.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use stead_usf::Hunk;

use super::cases::CASES;
use crate::shell::{Effects, effects};
use crate::step::Action;

type Files = BTreeMap<String, String>;

const BEGIN: [(&str, &str); 5] = [
    ("a.txt", "one\ntwo\nthree\n"),
    (
        "b.txt",
        "alpha beta\nalpha (beta) alpha\n$HOME [x] a.b a+b\n",
    ),
    ("src/m.py", "import os\n\n\ndef f(x):\n    return x\n"),
    ("src/n.py", "foo = 1\nbar = foo\n"),
    ("no_end", "last"),
];

/// What only GNU's tools take: elsewhere these commands fail, and say nothing.
const GNU: [&str; 5] = ["sed -", "mv -t", "dd if", "truncate", "nl -ba"];

fn has_gnu() -> bool {
    let version = Command::new("sed").arg("--version").output().unwrap();
    String::from_utf8_lossy(&version.stdout).contains("GNU")
}

#[test]
fn files_are_as_the_effects_say() {
    let mut wrong = Vec::new();
    let others = !has_gnu();
    for (command, unseen) in CASES {
        if others && GNU.iter().any(|words| command.contains(words)) {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (name, text) in BEGIN {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let before = read(root);
        let output = Command::new("bash")
            .args(["-c", command])
            .current_dir(root)
            .env("LC_ALL", "C.UTF-8")
            .env("GIT_CEILING_DIRECTORIES", root.parent().unwrap())
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let cwd = root.to_str().unwrap().replace('\\', "/");
        let found = effects(command, &cwd, Some(&printed));
        if let Err(what) = check(command, unseen, &cwd, before, &read(root), &found) {
            wrong.push(format!("{command}\n    {what}\n    {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn check(
    command: &str,
    unseen: &[&str],
    cwd: &str,
    before: Files,
    after: &Files,
    found: &Effects,
) -> Result<(), String> {
    let mut said = before;
    let mut opaque = Vec::new();
    let name = |path: &str| {
        let rest = path.strip_prefix(cwd).unwrap_or(path);
        match rest.trim_start_matches('/') {
            "" => ".".to_owned(),
            rest => rest.to_owned(),
        }
    };
    for (path, action) in &found.actions {
        let path = name(path);
        match action {
            Action::Opaque => opaque.push(path),
            Action::Move(to) => carry(&mut said, &path, Some(&name(to)), false),
            Action::Copy(to) => carry(&mut said, &path, Some(&name(to)), true),
            Action::Delete => carry(&mut said, &path, None, false),
            action => carry_out(&mut said, &path, action, after)?,
        }
    }
    if found.opaque {
        opaque.push(".".to_owned());
    }
    if opaque != unseen {
        return Err(format!("opaque is {opaque:?}, not {unseen:?}"));
    }
    let is_open = |name: &str| {
        let holds =
            |open: &String| open == "." || open == name || name.starts_with(&format!("{open}/"));
        opaque.iter().any(holds)
    };
    for name in said
        .keys()
        .chain(after.keys())
        .filter(|name| !is_open(name))
    {
        // A file that is empty and one that is not there have the same lines.
        let text = |files: &Files| files.get(name).cloned().unwrap_or_default();
        if text(&said) != text(after) {
            return Err(format!("{name} after {command} is {:?}", text(after)));
        }
    }
    Ok(())
}

fn carry_out(files: &mut Files, name: &str, action: &Action, after: &Files) -> Result<(), String> {
    let text = files.get(name).cloned().unwrap_or_default();
    let text = match action {
        Action::Write { after, .. } => after.clone(),
        Action::Append(more) => text + more,
        Action::Patch(patch) => patch
            .hunks
            .iter()
            .fold(text, |text, hunk| patched(&text, hunk)),
        Action::Substitute { pattern, with, all } => {
            let pattern = regex::Regex::new(pattern).unwrap();
            let most = usize::from(!all);
            let lines = text.lines();
            let lines = lines.map(|line| pattern.replacen(line, most, with.as_str()));
            let end = if text.ends_with('\n') { "\n" } else { "" };
            lines.collect::<Vec<_>>().join("\n") + end
        }
        Action::Replace {
            before,
            after,
            all: true,
        } => text.replace(before, after),
        Action::Replace { before, after, .. } => text.replacen(before, after, 1),
        Action::Stream(commands) => {
            let streamed = crate::replay::streamed(&text, commands);
            streamed.ok_or_else(|| format!("{commands:?}"))?.0
        }
        Action::Show { text, first, whole } => {
            let held = after.get(name).cloned().unwrap_or_default();
            let from = held.split_inclusive('\n').skip(*first as usize - 1);
            let is_there = from.collect::<String>().starts_with(text.trim_end());
            if is_there && (!whole || held.trim_end() == text.trim_end()) {
                return Ok(());
            }
            return Err(format!("{name} is not {text:?}"));
        }
        action => return Err(format!("{action:?}")),
    };
    files.insert(name.to_owned(), text);
    Ok(())
}

/// Copies or moves a file, or all files of a folder; without a place to go to they
/// are gone.
fn carry(files: &mut Files, from: &str, to: Option<&str>, keep: bool) {
    let inside = format!("{from}/");
    let names: Vec<String> = files.keys().cloned().collect();
    let carried = names
        .iter()
        .filter(|name| *name == from || name.starts_with(&inside));
    for name in carried {
        let text = files[name].clone();
        if !keep {
            files.remove(name);
        }
        if let Some(to) = to {
            files.insert(format!("{to}{}", &name[from.len()..]), text);
        }
    }
}

fn patched(text: &str, hunk: &Hunk) -> String {
    let side = |sign: char| -> String {
        let lines = hunk
            .lines
            .iter()
            .filter(|line| line.starts_with([' ', sign]));
        lines.flat_map(|line| [&line[1..], "\n"]).collect()
    };
    let (old, new) = (side('-'), side('+'));
    if old.is_empty() {
        let before = hunk.old_start.unwrap() as usize;
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        lines.insert(before, &new);
        return lines.concat();
    }
    text.replacen(&old, &new, 1)
}

fn read(root: &Path) -> Files {
    let mut files = Files::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            files.insert(
                name,
                String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned(),
            );
        }
    }
    files
}
