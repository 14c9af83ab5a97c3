//! A repository with a long history, made at once by `git fast-import`, and a home
//! with the sessions that wrote a part of it.

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::sessions::{Edit, Sessions};
use crate::corpus::rng::Rng;

/// The file with most of the lines.
pub(super) const LARGE_FILE: &str = "src/large.rs";

/// When the first commit was made, in seconds since 1970: 9 October 2025.
const START: i64 = 1_760_000_000;

/// How much is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// Lines of the large file.
    pub(super) lines: usize,
    /// Files beside it.
    pub(super) files: usize,
    pub(super) commits: usize,
    pub(super) sessions: usize,
    /// Edits of all sessions; each is committed.
    pub(super) edits: usize,
}

impl Size {
    /// So many times smaller.
    pub(super) fn divided(self, by: usize) -> Self {
        let part = |number: usize| (number / by).max(10);
        Self {
            lines: part(self.lines),
            files: part(self.files),
            commits: part(self.commits),
            sessions: part(self.sessions),
            edits: part(self.edits),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} files, one of them with {} lines; {} commits; {} edits by {} sessions",
            self.files + 1,
            self.lines,
            self.commits,
            self.edits,
            self.sessions
        )
    }
}

/// A repository and a home.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) repository: PathBuf,
    pub(super) home: PathBuf,
    pub(super) size: Size,
}

impl Made {
    /// Makes both below a folder, the same each time.
    pub(super) fn new(below: &Path, size: &Size) -> Result<Self> {
        let made = Self {
            repository: below.join("repo"),
            home: below.join("home"),
            size: *size,
        };
        fs_err::create_dir_all(&made.repository)?;
        made.git(&["init", "--quiet", "-b", "main"])?;
        let mut import = made.command(&["fast-import", "--quiet"]);
        let mut child = import.stdin(Stdio::piped()).spawn()?;
        let sessions = made.history(&mut child);
        let ended = child.wait()?;
        let sessions = sessions?;
        ensure!(ended.success(), "git fast-import failed");
        made.git(&["reset", "--quiet", "--hard"])?;
        made.git(&["commit-graph", "write", "--reachable"])?;
        sessions.write(&made.home)?;
        Ok(made)
    }

    /// Writes the history, and gives the sessions that made it.
    fn history(&self, import: &mut Child) -> Result<Sessions> {
        let pipe = import.stdin.take().context("it is piped")?;
        let mut writer = Writer {
            to: std::io::BufWriter::new(pipe),
            files: self.files(),
            commits: 0,
        };
        let mut rng = Rng::new(7);
        let mut sessions = Sessions::new(&self.repository, self.size.sessions, &mut rng);
        writer.commit(0..writer.files.len(), START)?;
        let (commits, edits) = (self.size.commits, self.size.edits);
        let mut edited = 0;
        for number in 1..commits {
            // Every fourth change is one of the large file.
            let file = match rng.below(4) {
                0 => 0,
                _ => rng.below(writer.files.len()),
            };
            let time = START + number as i64 * 600;
            let edit = writer.change(file, number, &mut rng);
            // Evenly over the whole time; the rest is typed by a person.
            if edited * commits < number * edits {
                let session = edited * self.size.sessions / edits.max(1);
                sessions.add(session, time - 120, &edit);
                edited += 1;
            }
            writer.commit(file..file + 1, time)?;
        }
        writer.to.flush()?;
        Ok(sessions)
    }

    /// The files as they begin; the large one is the first.
    fn files(&self) -> Vec<(String, Vec<String>)> {
        let line = |file: usize, number: usize| match number % 7 {
            0 => "}".to_owned(),
            _ => format!(
                "    let value_{file}_{number} = call({});",
                (file + 3) * 7919 + number
            ),
        };
        let lines = |file, count| (0..count).map(|number| line(file, number)).collect();
        let large = (LARGE_FILE.to_owned(), lines(0, self.size.lines));
        let others = (1..=self.size.files).map(|file| {
            let path = format!("src/part_{}/file_{file}.rs", file / 40);
            (path, lines(file, 60 + file % 180))
        });
        std::iter::once(large).chain(others).collect()
    }

    /// A person changes a file and commits.
    pub(super) fn commit_once_more(&self, number: usize) -> Result<()> {
        let path = self.repository.join(LARGE_FILE);
        let mut file = fs_err::OpenOptions::new().append(true).open(path)?;
        writeln!(file, "    let more_{number} = by_hand({number});")?;
        self.git(&["commit", "--quiet", "--all", "-m", "one more"])
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .args(["-c", "user.name=Dev", "-c", "user.email=dev@example.com"])
            .args(["-c", "gc.auto=0", "-c", "maintenance.auto=false"])
            .args(arguments)
            .current_dir(&self.repository)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("HOME", &self.home);
        command
    }

    fn git(&self, arguments: &[&str]) -> Result<()> {
        let ended = self.command(arguments).status()?;
        ensure!(ended.success(), "git {} failed", arguments.join(" "));
        Ok(())
    }
}

/// Gives a file another time, as an editor does that saves what was there.
pub(super) fn touch(file: &Path) -> Result<()> {
    let text = fs_err::read(file)?;
    Ok(fs_err::write(file, text)?)
}

/// What `git fast-import` reads.
struct Writer<W> {
    to: W,
    files: Vec<(String, Vec<String>)>,
    commits: usize,
}

impl<W: Write> Writer<W> {
    /// Two lines of a file give way to others.
    fn change(&mut self, file: usize, number: usize, rng: &mut Rng) -> Edit {
        let (path, lines) = &mut self.files[file];
        let at = rng.below(lines.len() - 2);
        let count = 2 + rng.below(3);
        let new = (0..count).map(|n| {
            let value = rng.below(9_999_999);
            format!("    let new_{number}_{n} = step({value});")
        });
        let new: Vec<String> = new.collect();
        let old: Vec<String> = lines.splice(at..at + 2, new.iter().cloned()).collect();
        Edit {
            path: path.clone(),
            first: at + 1,
            old,
            new,
        }
    }

    fn commit(&mut self, files: std::ops::Range<usize>, time: i64) -> Result<()> {
        self.commits += 1;
        let (mark, to) = (self.commits, &mut self.to);
        let words = format!("change {mark}");
        writeln!(to, "commit refs/heads/main\nmark :{mark}")?;
        for role in ["author", "committer"] {
            writeln!(to, "{role} Dev <dev@example.com> {time} +0000")?;
        }
        writeln!(to, "data {}\n{words}", words.len())?;
        if mark > 1 {
            writeln!(to, "from :{}", mark - 1)?;
        }
        for (path, lines) in &self.files[files] {
            let text = lines.join("\n") + "\n";
            writeln!(to, "M 100644 inline {path}\ndata {}\n{text}", text.len())?;
        }
        Ok(writeln!(to)?)
    }
}
