//! The map as text: a tree of folders, names of files on one line, outlined files on
//! lines of their own, and how many files there are where not all are shown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use rustc_hash::FxHashMap;

use super::File;
use crate::context::text_tokens;

/// So many folders at the top are shown even if none of their files is.
const TOP: usize = 30;

/// Something that is shown.
#[derive(Clone, Copy)]
pub(super) enum Shown {
    /// The name of a file.
    Name(usize),
    /// A definition of a file.
    Definition(usize, usize),
}

/// Shows as much as a budget of tokens allows of what `order` gives, from its beginning;
/// `order` is told whether the names of all files fit into half of it.
pub(super) fn within(
    files: &[File<'_>],
    order: impl Fn(bool) -> Vec<Shown>,
    budget: usize,
) -> String {
    let sizes = sizes(files);
    let text = |shown: &[Shown]| Drawn::new(files, &sizes, shown).text();
    let names: usize = files.iter().map(|file| file.path.len() / 2).sum();
    // What is surely too long need not be drawn.
    let all = || (0..files.len()).map(Shown::Name).collect::<Vec<_>>();
    let names_fit = names / 4 <= budget && text_tokens(&text(&all())) <= budget / 2;
    let order = order(names_fit);
    let (mut fits, mut least) = (String::new(), 0);
    let mut beyond = order.len() + 1;
    // Nothing that has no room has to be drawn: each takes a character at least.
    beyond = beyond.min(budget.saturating_mul(4) + 1);
    while least < beyond {
        let middle = least + (beyond - least) / 2;
        let drawn = text(&order[..middle]);
        if text_tokens(&drawn) <= budget {
            fits = drawn;
            least = middle + 1;
        } else {
            beyond = middle;
        }
    }
    fits
}

/// How many files lie below each folder.
fn sizes<'a>(files: &[File<'a>]) -> FxHashMap<&'a str, usize> {
    let mut sizes: FxHashMap<&str, usize> = FxHashMap::default();
    for file in files {
        *sizes.entry("").or_default() += 1;
        for (end, _) in file.path.match_indices('/') {
            *sizes.entry(&file.path[..=end]).or_default() += 1;
        }
    }
    sizes
}

/// What is to be drawn.
struct Drawn<'f, 'a> {
    files: &'f [File<'a>],
    sizes: &'f FxHashMap<&'a str, usize>,
    /// By path: the file, and its definitions that are shown.
    shown: BTreeMap<&'a str, (usize, BTreeSet<usize>)>,
}

impl<'f, 'a> Drawn<'f, 'a> {
    fn new(files: &'f [File<'a>], sizes: &'f FxHashMap<&'a str, usize>, shown: &[Shown]) -> Self {
        let mut by_path: BTreeMap<&str, (usize, BTreeSet<usize>)> = BTreeMap::new();
        for shown in shown {
            let (Shown::Name(at) | Shown::Definition(at, _)) = *shown;
            let file = &files[at];
            let (_, definitions) = by_path.entry(file.path).or_insert((at, BTreeSet::new()));
            let mut next = match shown {
                Shown::Name(_) => None,
                Shown::Definition(_, index) => Some(*index),
            };
            // With what it lies in.
            while let Some(index) = next {
                definitions.insert(index);
                next = file.outline.definitions[index].within;
            }
        }
        Self {
            files,
            sizes,
            shown: by_path,
        }
    }

    fn text(&self) -> String {
        let mut out = String::new();
        let paths: Vec<&str> = self.shown.keys().copied().collect();
        self.folder("", 0, &paths, &mut out);
        let untouched = |folder: &&&str| {
            let below = paths.partition_point(|path| path < *folder);
            let next = paths.get(below);
            next.is_none_or(|path| !path.starts_with(**folder))
        };
        let is_top = |folder: &&&str| folder.find('/') == folder.len().checked_sub(1);
        let tops = self.sizes.keys().filter(is_top).filter(untouched);
        let mut tops: Vec<&str> = tops.copied().filter(|top| !top.is_empty()).collect();
        tops.sort_unstable();
        if tops.len() <= TOP {
            for folder in tops {
                line(0, &self.counted(folder, folder, 0), &mut out);
            }
        }
        let all = self.sizes.get("").copied().unwrap_or_default();
        if all > paths.len() {
            line(0, &format!("({} of {all} files)", paths.len()), &mut out);
        }
        out
    }

    /// The line of a folder; if not all of it is shown, with how many files it has.
    fn counted(&self, name: &str, folder: &str, shown: usize) -> String {
        let name = plain(name);
        match self.sizes.get(folder).copied().unwrap_or_default() {
            size if size == shown => name,
            1 => format!("{name} (1 file)"),
            size => format!("{name} ({size} files)"),
        }
    }

    /// Draws what is shown in a folder: names, outlined files, folders.
    fn folder(&self, folder: &str, depth: usize, paths: &[&str], out: &mut String) {
        let is_file = |path: &&&str| !path[folder.len()..].contains('/');
        let files = paths.iter().filter(is_file).map(|path| &self.shown[path]);
        let name = |at: usize| plain(&self.files[at].path[folder.len()..]);
        let (plain_files, outlined): (Vec<_>, Vec<_>) =
            files.partition(|(_, definitions)| definitions.is_empty());
        if !plain_files.is_empty() {
            let names: Vec<String> = plain_files.iter().map(|(at, _)| name(*at)).collect();
            line(depth, &names.join(" "), out);
        }
        for (at, definitions) in outlined {
            line(depth, &name(*at), out);
            self.definitions(*at, definitions, depth + 1, out);
        }
        let mut rest: &[&str] = paths;
        while let Some(path) = rest.first() {
            let Some(end) = path[folder.len()..].find('/') else {
                rest = &rest[1..];
                continue;
            };
            let inner = &path[..=folder.len() + end];
            let same = rest.iter().position(|path| !path.starts_with(inner));
            let (within, after) = rest.split_at(same.unwrap_or(rest.len()));
            self.inner(folder, inner, depth, within, out);
            rest = after;
        }
    }

    /// Draws a folder within another; those that only lead to the next share its line.
    fn inner(&self, above: &str, folder: &str, depth: usize, paths: &[&str], out: &mut String) {
        let mut deepest = folder;
        while let Some(next) = paths[0][deepest.len()..].find('/') {
            let next = &paths[0][..=deepest.len() + next];
            if paths.iter().any(|path| !path.starts_with(next)) {
                break;
            }
            deepest = next;
        }
        let name = &deepest[above.len()..];
        if paths.len() == 1 && self.shown[paths[0]].1.is_empty() {
            // A single name shares the line too.
            return line(depth, &plain(&paths[0][above.len()..]), out);
        }
        line(depth, &self.counted(name, deepest, paths.len()), out);
        self.folder(deepest, depth + 1, paths, out);
    }

    fn definitions(&self, file: usize, shown: &BTreeSet<usize>, depth: usize, out: &mut String) {
        let all = &self.files[file].outline.definitions;
        for index in shown {
            let mut depth = depth;
            let mut at = all[*index].within;
            while let Some(within) = at {
                depth += 1;
                at = all[within].within;
            }
            let definition = &all[*index];
            line(
                depth,
                &format!("{}: {}", definition.line, definition.text),
                out,
            );
        }
    }
}

fn line(depth: usize, text: &str, out: &mut String) {
    let _ = writeln!(out, "{:depth$}{text}", "");
}

/// A name as one piece of one line: quoted if it has white space, and without what would
/// end the line.
fn plain(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect();
    if plain.contains(char::is_whitespace) {
        return format!("\"{plain}\"");
    }
    plain
}
