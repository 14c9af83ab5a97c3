//! Which lines commits added, as `git log -p -w` has it.

use std::io::{BufRead, BufReader, Read};
use std::ops::RangeInclusive;
use std::process::Stdio;

use super::blame::name_of;
use super::{Git, GitError};

/// What one commit added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Added {
    /// The commit's id.
    pub commit: String,
    /// Files by their path in the commit, with runs of added lines counted from 1.
    /// Files that only lost lines have none and are left out.
    pub files: Vec<(String, Vec<RangeInclusive<usize>>)>,
}

/// Renames are followed, and nothing that a
/// configuration says changes the form. Merges add nothing by themselves.
const FIXED: [&str; 17] = [
    "log",
    "--format=%x01%H",
    "--patch",
    "--unified=0",
    "--inter-hunk-context=0",
    "--find-renames",
    "--no-diff-merges",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--no-notes",
    "--no-decorate",
    "--no-show-signature",
    "--submodule=short",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--no-indent-heuristic",
];

impl Added {
    /// Asks git for commits, the newest first; `which` are arguments of `git log`
    /// that say which commits and paths. White space does not count.
    pub fn of(git: &Git, which: &[String]) -> Result<Vec<Self>, GitError> {
        Self::ask(git, &["--ignore-all-space"], which)
    }

    /// The same with lines whose white space alone is new.
    pub fn exactly(git: &Git, which: &[String]) -> Result<Vec<Self>, GitError> {
        Self::ask(git, &[], which)
    }

    fn ask(git: &Git, how: &[&str], which: &[String]) -> Result<Vec<Self>, GitError> {
        let form = || GitError::Form { command: "log" };
        let arguments = FIXED.iter().chain(how).copied();
        let arguments = arguments.chain(which.iter().map(String::as_str));
        let mut command = git.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(GitError::Missing)?;
        let answer = child.stdout.take().ok_or_else(form)?;
        let mut words = child.stderr.take().ok_or_else(form)?;
        // Who waits for one of the two must not keep git waiting with the other.
        let (read, words) = std::thread::scope(|scope| {
            let words = scope.spawn(move || {
                let mut text = Vec::new();
                let _ = words.read_to_end(&mut text);
                text
            });
            let read = read(BufReader::new(answer));
            (read, words.join().unwrap_or_default())
        });
        let status = child.wait().map_err(GitError::Missing)?;
        if !status.success() {
            let words = String::from_utf8_lossy(&words);
            return Err(GitError::Refused {
                command: "log".to_owned(),
                message: Git::reason(&words),
            });
        }
        read.ok().flatten().ok_or_else(form)
    }
}

/// Reads patches; `None` if they are not of the expected form.
fn read(mut from: impl BufRead) -> std::io::Result<Option<Vec<Added>>> {
    let mut all: Vec<Added> = Vec::new();
    let mut row = Vec::new();
    let mut path = None;
    loop {
        row.clear();
        if from.read_until(b'\n', &mut row)? == 0 {
            return Ok(Some(all));
        }
        let text = row.strip_suffix(b"\n").unwrap_or(&row);
        if let Some(id) = text.strip_prefix(b"\x01") {
            all.push(Added {
                commit: String::from_utf8_lossy(id).into_owned(),
                files: Vec::new(),
            });
        } else if let Some(name) = text.strip_prefix(b"+++ ") {
            // A name with blanks in it ends with a tab.
            let name = name_of(name.strip_suffix(b"\t").unwrap_or(name));
            path = name.strip_prefix("b/").map(str::to_owned);
        } else if text.starts_with(b"@@ ") {
            let Some((old, new, first)) = hunk(text) else {
                return Ok(None);
            };
            // What a file holds may look like a head; its lines are counted.
            for _ in 0..old + new {
                row.clear();
                from.read_until(b'\n', &mut row)?;
            }
            if new > 0 {
                let (Some(path), Some(added)) = (&path, all.last_mut()) else {
                    return Ok(None);
                };
                let run = first..=first + new - 1;
                match added.files.last_mut() {
                    Some((last, runs)) if last == path => runs.push(run),
                    _ => added.files.push((path.clone(), vec![run])),
                }
            }
        }
    }
}

/// `@@ -old,count +new,count @@`: the counts, and where the new lines begin.
fn hunk(text: &[u8]) -> Option<(usize, usize, usize)> {
    let text = String::from_utf8_lossy(text);
    let mut words = text.split(' ').skip(1);
    let mut side = |sign| {
        let side = words.next()?.strip_prefix(sign)?;
        let (first, count) = side.split_once(',').unwrap_or((side, "1"));
        Some((first.parse::<usize>().ok()?, count.parse::<usize>().ok()?))
    };
    let (_, old) = side('-')?;
    let (first, new) = side('+')?;
    Some((old, new, first))
}

#[cfg(test)]
mod tests {
    use super::{Added, read};

    #[test]
    fn lines_that_look_like_heads_are_text() {
        let answer = "\u{1}c1\n\ndiff --git a/a b/a\nindex 1..2 100644\n--- a/a\n+++ b/a\n\
                      @@ -1 +1,2 @@ fn x\n--- a/b\n++++ b/b\n+@@ -1 +1 @@\n@@ -9,2 +9,0 @@\n-x\n-y\n\
                      \\ No newline at end of file\n\u{1}c2\n\ndiff --git a/e b/e\n--- a/e\n\
                      +++ /dev/null\n@@ -1 +0,0 @@\n-gone\ndiff --git a/d b/d\n\
                      --- /dev/null\n+++ \"b/\\303\\251\"\n@@ -0,0 +1 @@\n+z\n";
        let added = read(answer.as_bytes()).unwrap().unwrap();
        let file = |path: &str, lines| vec![(path.to_owned(), vec![lines])];
        let expected = [("c1", file("a", 1..=2)), ("c2", file("\u{e9}", 1..=1))];
        assert_eq!(
            added,
            expected.map(|(commit, files)| Added {
                commit: commit.to_owned(),
                files
            })
        );
    }
}
