//! Where notes lie, and putting them there. This alone writes into a repository,
//! when somebody asks for it: a note's object and the ref of notes, or a line of a
//! file of traces. Nothing else is changed.

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use rustc_hash::FxHashMap;

use super::agent_trace::Record;
use super::authorship::Log;
use crate::repo::{Git, GitError, Objects};

/// The ref that git-ai's logs hang on.
pub const AI_NOTES: &str = "refs/notes/ai";

/// The file of Agent Trace's records, from the top of the work tree.
pub const TRACES: &str = ".agent-trace/traces.jsonl";

/// How storing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// There was none, and now there is one.
    New,
    /// One of the same program's was replaced.
    Replaced,
    /// One that somebody else wrote was replaced, or stands beside the new one.
    Overwritten,
    /// The same is there already.
    Same,
    /// Somebody else's is there, and stays.
    Foreign,
}

/// All logs: the commit and the note's object.
pub fn logs(git: &Git) -> Result<Vec<(String, String)>, GitError> {
    let listed = git.ask(["notes", "--ref", AI_NOTES, "list"])?;
    let pairs = listed.lines().filter_map(|line| line.split_once(' '));
    Ok(pairs
        .map(|(object, commit)| (commit.to_owned(), object.to_owned()))
        .collect())
}

/// All records of a work tree, and how many lines cannot be read.
pub fn records(root: &Path) -> (Vec<Record>, usize) {
    std::fs::read(root.join(TRACES))
        .map_or_else(|_| (Vec::new(), 0), |bytes| Record::parse_all(&bytes))
}

/// Hangs logs on commits, all in one commit on the ref of notes; how each ended.
pub fn keep_logs(git: &Git, new: &[(String, Log)], force: bool) -> Result<Vec<Kept>, GitError> {
    let there: FxHashMap<String, String> = logs(git)?.into_iter().collect();
    let mut objects = Objects::open(git)?;
    let (mut kept, mut changed) = (Vec::new(), Vec::new());
    for (commit, log) in new {
        let before = match there.get(commit) {
            Some(object) => objects.get(object)?,
            None => None,
        };
        let text = log.to_string();
        let how = how(&text, log, before.as_deref(), force);
        if !matches!(how, Kept::Same | Kept::Foreign) {
            changed.push((commit.as_str(), text));
        }
        kept.push(how);
    }
    if !changed.is_empty() {
        store(git, &changed)?;
    }
    Ok(kept)
}

fn how(text: &str, log: &Log, before: Option<&[u8]>, force: bool) -> Kept {
    let program = log.about.git_ai_version.as_deref();
    match before {
        None => Kept::New,
        Some(before) if before == text.as_bytes() => Kept::Same,
        Some(before) if is_own(before, program) => Kept::Replaced,
        Some(_) if force => Kept::Overwritten,
        Some(_) => Kept::Foreign,
    }
}

/// Whether the same program wrote a note, in whatever version.
fn is_own(note: &[u8], program: Option<&str>) -> bool {
    let name = |version: &str| version.split(' ').next().map(str::to_owned);
    let wrote = Log::parse(note)
        .ok()
        .and_then(|log| log.about.git_ai_version);
    wrote.is_some() && wrote.as_deref().and_then(name) == program.and_then(name)
}

/// Hangs texts on commits. They are handed to `git fast-import`, which keeps their
/// bytes as they are and starts once, however many there are.
fn store(git: &Git, notes: &[(&str, String)]) -> Result<(), GitError> {
    let who = git.ask(["var", "GIT_COMMITTER_IDENT"])?;
    let words = "Notes added by stead\n";
    let mut stream = format!(
        "feature done\ncommit {AI_NOTES}\ncommitter {}\ndata {}\n{words}",
        who.trim_end(),
        words.len()
    );
    if git.commit(AI_NOTES).is_some() {
        let _ = writeln!(stream, "from {AI_NOTES}^0");
    }
    for (commit, text) in notes {
        let _ = writeln!(stream, "N inline {commit}\ndata {}\n{text}", text.len());
    }
    stream.push_str("done\n");
    import(git, stream.as_bytes())
}

fn import(git: &Git, stream: &[u8]) -> Result<(), GitError> {
    let form = |_| GitError::Form {
        command: "fast-import",
    };
    let mut command = git.command(["fast-import", "--quiet", "--done"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(GitError::Missing)?;
    if let Some(mut input) = child.stdin.take() {
        // If it stops reading, its own words say why.
        let _ = input.write_all(stream);
    }
    let output = child.wait_with_output().map_err(form)?;
    if output.status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(&output.stderr);
    Err(GitError::Refused {
        command: "fast-import".to_owned(),
        message: Git::reason(&message),
    })
}

/// Adds records to the file of traces; how each ended. One with the same id is
/// replaced; those of others are never taken away.
pub fn keep_records(root: &Path, new: &[Record], force: bool) -> std::io::Result<Vec<Kept>> {
    let path = root.join(TRACES);
    let before = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read?,
    };
    let row = |text: &str| Row {
        record: serde_json::from_str(text).ok(),
        text: text.to_owned(),
    };
    let mut rows: Vec<Row> = before.lines().map(row).collect();
    let mut kept = Vec::new();
    for record in new {
        kept.push(keep_record(&mut rows, record, force)?);
    }
    if kept
        .iter()
        .all(|how| matches!(how, Kept::Same | Kept::Foreign))
    {
        return Ok(kept);
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let text: String = rows
        .iter()
        .flat_map(|row| [row.text.as_str(), "\n"])
        .collect();
    replace(&path, text.as_bytes())?;
    Ok(kept)
}

/// A row of the file of traces.
struct Row {
    text: String,
    /// None if it is no record: it stays as it is.
    record: Option<Record>,
}

fn keep_record(rows: &mut Vec<Row>, record: &Record, force: bool) -> std::io::Result<Kept> {
    let known = |row: &Row, is_own| {
        let other = row.record.as_ref();
        other.is_some_and(|other| {
            (other.id == record.id) == is_own && (is_own || other.commit() == record.commit())
        })
    };
    let own = rows.iter().position(|row| known(row, true));
    let foreign = rows.iter().any(|row| known(row, false));
    let old = own.and_then(|at| rows[at].record.as_ref());
    if let Some(old) = old {
        let again = Record {
            timestamp: old.timestamp.clone(),
            ..record.clone()
        };
        if again == *old {
            return Ok(Kept::Same);
        }
    } else if foreign && !force {
        return Ok(Kept::Foreign);
    }
    if let Some(at) = own {
        rows.remove(at);
    }
    rows.push(Row {
        text: serde_json::to_string(record)?,
        record: Some(record.clone()),
    });
    Ok(match (own.is_some(), foreign) {
        (true, _) => Kept::Replaced,
        (false, true) => Kept::Overwritten,
        (false, false) => Kept::New,
    })
}

/// Writes beside the file and renames: a file of traces is never half written.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("jsonl.new");
    std::fs::write(&beside, bytes)?;
    std::fs::rename(&beside, path)
}
