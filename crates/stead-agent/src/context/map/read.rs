//! Reads what a map is drawn of: files near to what the task speaks of, few enough not to
//! make anybody wait.

use std::io::Read as _;

use super::focus::Focus;
use super::{language, parallel};
use crate::workspace::{Kind, Workspace};

/// So many files are read at most.
const MOST_FILES: usize = 300;

/// So many bytes are read in all: to parse them takes a tenth of a second of two cores.
const MOST_BYTES: u64 = 1 << 20;

/// Larger files are made by programs, or their outline would be long.
const LARGEST: u64 = 128 << 10;

/// Files that the task names may be so large.
const LARGEST_TARGET: u64 = 1 << 20;

/// Lines that are so long on average were written by a program.
const LONG_LINES: usize = 200;

/// What files hold, by their paths; empty for those that were not read.
#[derive(Debug, Default)]
pub struct Contents<'a>(Vec<(&'a str, Vec<u8>)>);

impl<'a> Contents<'a> {
    /// The files, as [`super::map`] takes them.
    pub fn files(&self) -> impl Iterator<Item = (&'a str, &[u8])> {
        self.0
            .iter()
            .map(|(path, content)| (*path, content.as_slice()))
    }
}

/// Reads those of the workspace's files that are nearest to the focus. Files that may not
/// be read, are no text, are huge or were written by a program go by their names only.
pub fn contents<'a>(
    workspace: &Workspace,
    files: &'a [String],
    focus: &[String],
    may_read: &dyn Fn(&str) -> bool,
) -> Contents<'a> {
    let focus = Focus::new(focus, files.iter().map(String::as_str));
    let mut left = MOST_BYTES;
    let mut chosen = Vec::new();
    for at in nearest(files, &focus) {
        if chosen.len() == MOST_FILES || left == 0 {
            break;
        }
        let path = files[at].as_str();
        let largest = if focus.is_target(path) {
            LARGEST_TARGET
        } else {
            LARGEST
        };
        let size = match workspace.kind(path) {
            Ok(Some(Kind::File(size))) if size <= largest.min(left) && may_read(path) => size,
            _ => continue,
        };
        left -= size;
        chosen.push((at, size));
    }
    let read = parallel::each(&chosen, |(at, size)| read(workspace, &files[*at], *size));
    let mut contents: Vec<(&str, Vec<u8>)> = files
        .iter()
        .map(|path| (path.as_str(), Vec::new()))
        .collect();
    for ((at, _), content) in chosen.into_iter().zip(read) {
        contents[at].1 = content.unwrap_or_default();
    }
    Contents(contents)
}

/// Files in languages that are known, the nearest to what the task speaks of first.
fn nearest(files: &[String], focus: &Focus<'_>) -> Vec<usize> {
    let folders = focus.folders();
    let key = |at: usize| {
        let path = files[at].as_str();
        let group = match () {
            () if focus.is_target(path) => 0,
            () if focus.names_file(path) => 1,
            () => 2,
        };
        let depth = path.matches('/').count();
        let steps = folders.iter().map(|target| steps(path, target)).min();
        (group, steps.unwrap_or(depth), depth, at)
    };
    let known = (0..files.len()).filter(|at| language::of(&files[*at]).is_some());
    let mut near: Vec<_> = known.map(key).collect();
    near.sort_unstable();
    near.into_iter().map(|(.., at)| at).collect()
}

/// How many folders one goes up and down from one path to another.
fn steps(path: &str, other: &str) -> usize {
    let shared = path.split('/').zip(other.split('/'));
    let shared = shared.take_while(|(a, b)| a == b).count();
    let count = |path: &str| path.split('/').count();
    count(path) + count(other) - 2 * shared
}

fn read(workspace: &Workspace, path: &str, size: u64) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    let file = workspace.file(path).ok()?;
    file.take(size).read_to_end(&mut content).ok()?;
    let lines = memchr::memchr_iter(b'\n', &content).count() + 1;
    let written = content.len() / lines <= LONG_LINES && !content.contains(&0);
    written.then_some(content)
}
