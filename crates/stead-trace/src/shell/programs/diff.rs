//! Diffs of the unified form, as `patch` and `git apply` take them.

use stead_usf::Hunk;

use super::options::sort;
use super::show;
use crate::shell::printed::Out;
use crate::shell::run::Shell;
use crate::shell::word::Arg;
use crate::step::{Action, Patch};

/// What a diff says of one file.
#[derive(Debug, Default, PartialEq)]
struct Change {
    old: Option<String>,
    new: Option<String>,
    moved: Option<(String, String)>,
    hunks: Vec<Hunk>,
    /// The last line of the new file has no end.
    open_end: bool,
}

/// `patch -p1 < f`
pub(super) fn patch(shell: &mut Shell, args: &[Arg], stdin: &Out) {
    let valued = [
        "-p",
        "--strip",
        "-i",
        "--input",
        "-d",
        "--directory",
        "-o",
        "-F",
        "--fuzz",
    ];
    let sorted = sort(args, &valued);
    if sorted.has(&["--dry-run"]) {
        return;
    }
    let input = sorted
        .value(&["-i", "--input"])
        .or(sorted.names.get(1).copied());
    let text = match input {
        Some(input) => shell.held(input).known(),
        None => stdin.known(),
    };
    let folder = sorted.value(&["-d", "--directory"]).cloned();
    let strip = sorted
        .value(&["-p", "--strip"])
        .map(|strip| strip.text.parse().ok());
    let changes = text.and_then(|text| read(&text));
    let back = sorted.has(&["-R", "--reverse"]);
    shell.apart(|shell| {
        if let Some(folder) = &folder {
            shell.go(Some(folder));
        }
        match (changes, sorted.names.first(), strip) {
            (Some(changes), file, None | Some(Some(_))) => {
                let strip = strip.flatten().unwrap_or(usize::MAX);
                for change in changes {
                    apply(shell, change, strip, back, file.copied());
                }
            }
            (_, Some(file), _) => shell.change(file, Action::Opaque),
            _ => drop(shell.opaque()),
        }
        Out::default()
    });
}

/// `git apply`
pub(super) fn git_apply(shell: &mut Shell, args: &[Arg], stdin: &Out) {
    let sorted = sort(args, &["-p", "-C", "--directory", "--exclude", "--include"]);
    let only_looks = ["--check", "--stat", "--numstat", "--summary", "--cached"];
    if sorted.has(&only_looks) {
        return;
    }
    let text = show::read(shell, &sorted.names, stdin).known();
    let strip = sorted
        .value(&["-p"])
        .map_or(Some(1), |strip| strip.text.parse().ok());
    let odd = sorted
        .value(&["--directory", "--exclude", "--include"])
        .is_some();
    let changes = text.filter(|_| !odd).and_then(|text| read(&text));
    let (Some(changes), Some(strip)) = (changes, strip) else {
        shell.opaque();
        return;
    };
    let back = sorted.has(&["-R", "--reverse"]);
    for change in changes {
        apply(shell, change, strip, back, None);
    }
}

fn apply(shell: &mut Shell, change: Change, strip: usize, back: bool, file: Option<&Arg>) {
    let change = if back { turned(change) } else { change };
    let name = |name: &Option<String>| -> Option<Arg> {
        if let Some(file) = file {
            return Some(file.clone());
        }
        name.as_deref()
            .map(|name| Arg::whole(stripped(name, strip)))
    };
    if let Some((from, to)) = &change.moved {
        let (from, to) = (Arg::whole(from.as_str()), Arg::whole(to.as_str()));
        if let Some(to) = shell.path(&to) {
            shell.change(&from, Action::Move(to));
        }
    }
    match (name(&change.old), name(&change.new)) {
        (None, Some(new)) => {
            let mut text = String::new();
            for line in change.hunks.iter().flat_map(|hunk| &hunk.lines) {
                text.push_str(line.strip_prefix('+').unwrap_or_default());
                text.push('\n');
            }
            if change.open_end {
                text.pop();
            }
            shell.written(&new, false, Some(text));
        }
        (Some(old), None) => shell.change(&old, Action::Delete),
        (_, Some(new)) if !change.hunks.is_empty() => {
            let hunks = change.hunks;
            shell.change(&new, Action::Patch(Patch { hunks, after: None }));
        }
        _ => {}
    }
}

/// A name without its first folders; without all where no number is given.
fn stripped(name: &str, strip: usize) -> &str {
    if strip == usize::MAX {
        return name.rsplit('/').next().unwrap_or(name);
    }
    let mut rest = name;
    for _ in 0..strip {
        match rest.split_once('/') {
            Some((_, after)) => rest = after.trim_start_matches('/'),
            None => break,
        }
    }
    rest
}

/// The change that undoes this one.
fn turned(change: Change) -> Change {
    let sign = |line: String| match line.chars().next() {
        Some('+') => line.replacen('+', "-", 1),
        Some('-') => line.replacen('-', "+", 1),
        _ => line,
    };
    let hunk = |hunk: Hunk| Hunk {
        old_start: hunk.new_start,
        new_start: hunk.old_start,
        anchor: hunk.anchor,
        lines: hunk.lines.into_iter().map(sign).collect(),
    };
    Change {
        old: change.new,
        new: change.old,
        moved: change.moved.map(|(from, to)| (to, from)),
        hunks: change.hunks.into_iter().map(hunk).collect(),
        open_end: change.open_end,
    }
}

/// Reads a diff; nothing if it has no change in this form.
fn read(text: &str) -> Option<Vec<Change>> {
    let mut changes: Vec<Change> = Vec::new();
    let mut lines = text.lines().peekable();
    let mut from = None;
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("rename from ") {
            from = Some(name.to_owned());
        } else if let Some(name) = line.strip_prefix("rename to ") {
            let moved = from.take().map(|from| (from, name.to_owned()));
            changes.push(Change {
                moved,
                ..Change::default()
            });
        } else if let Some(old) = line.strip_prefix("--- ")
            && let Some(new) = lines.next_if(|line| line.starts_with("+++ "))
        {
            let was_moved = changes
                .last()
                .is_some_and(|last| last.moved.is_some() && last.new.is_none());
            if !was_moved {
                changes.push(Change::default());
            }
            if let Some(change) = changes.last_mut() {
                change.old = name(old);
                change.new = name(&new[4..]);
            }
        } else if line.starts_with("@@ ") {
            let (mut hunk, old, new) = header(line)?;
            let change = changes.last_mut()?;
            change.open_end |= body(&mut lines, &mut hunk, old, new)?;
            change.hunks.push(hunk);
        } else if line.starts_with("GIT binary patch") || line.starts_with("copy from ") {
            return None;
        }
    }
    (!changes.is_empty()).then_some(changes)
}

/// A file's name, without the time that may follow it.
fn name(text: &str) -> Option<String> {
    let name = text.split('\t').next().unwrap_or(text).trim_end();
    (name != "/dev/null").then(|| name.trim_matches('"').to_owned())
}

/// `@@ -1,3 +1,4 @@ anchor`: the hunk, and how many lines it has on each side.
fn header(line: &str) -> Option<(Hunk, u64, u64)> {
    let (ranges, anchor) = line.strip_prefix("@@ -")?.split_once(" @@")?;
    let (old, new) = ranges.split_once(" +")?;
    let range = |range: &str| -> Option<(u64, u64)> {
        let (start, count) = range.split_once(',').unwrap_or((range, "1"));
        Some((start.parse().ok()?, count.trim().parse().ok()?))
    };
    let (old_start, old) = range(old)?;
    let (new_start, new) = range(new)?;
    let anchor = anchor.trim();
    let hunk = Hunk {
        old_start: Some(old_start),
        new_start: Some(new_start),
        anchor: (!anchor.is_empty()).then(|| anchor.to_owned()),
        lines: Vec::new(),
    };
    Some((hunk, old, new))
}

/// The lines of a hunk; whether the new file's last one has no end.
fn body<'a>(
    lines: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>,
    hunk: &mut Hunk,
    mut old: u64,
    mut new: u64,
) -> Option<bool> {
    while old > 0 || new > 0 {
        let line = lines.next()?;
        match line.chars().next() {
            Some('+') => new = new.checked_sub(1)?,
            Some('-') => old = old.checked_sub(1)?,
            Some(' ') | None => (old, new) = (old.checked_sub(1)?, new.checked_sub(1)?),
            Some('\\') => continue,
            Some(_) => return None,
        }
        hunk.lines.push(if line.is_empty() {
            " ".to_owned()
        } else {
            line.to_owned()
        });
    }
    let is_note = lines.next_if(|line| line.starts_with('\\')).is_some();
    Some(is_note && hunk.lines.last().is_some_and(|line| !line.starts_with('-')))
}
