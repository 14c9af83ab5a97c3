//! Where notes lie, and putting them there. This alone writes into a repository,
//! when somebody asks for it: a note's object and the ref of notes, or a line of a
//! file of traces. Nothing else is changed.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use super::agent_trace::Record;
use super::authorship::Log;
use crate::repo::{Git, GitError};

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

/// Hangs a log on a commit. `before` is what hangs there, if anything does.
pub fn keep_log(
    git: &Git,
    commit: &str,
    log: &Log,
    before: Option<&[u8]>,
    force: bool,
) -> Result<Kept, GitError> {
    let text = log.to_string();
    let program = log.about.git_ai_version.as_deref();
    let kept = match before {
        None => Kept::New,
        Some(before) if before == text.as_bytes() => return Ok(Kept::Same),
        Some(before) if is_own(before, program) => Kept::Replaced,
        Some(_) if force => Kept::Overwritten,
        Some(_) => return Ok(Kept::Foreign),
    };
    // `-C` keeps the bytes as they are; text that git is handed is tidied up.
    let object = store(git, text.as_bytes())?;
    let object = object.trim_end();
    git.ask([
        "notes", "--ref", AI_NOTES, "add", "--force", "-C", object, commit,
    ])?;
    Ok(kept)
}

/// Whether the same program wrote a note, in whatever version.
fn is_own(note: &[u8], program: Option<&str>) -> bool {
    let name = |version: &str| version.split(' ').next().map(str::to_owned);
    let wrote = Log::parse(note)
        .ok()
        .and_then(|log| log.about.git_ai_version);
    wrote.is_some() && wrote.as_deref().and_then(name) == program.and_then(name)
}

/// Puts an object into the repository; its id.
fn store(git: &Git, bytes: &[u8]) -> Result<String, GitError> {
    let failed = |_| GitError::Form {
        command: "hash-object",
    };
    let mut command = git.command(["hash-object", "-w", "--stdin"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(GitError::Missing)?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(bytes).map_err(failed)?;
    }
    let output = child.wait_with_output().map_err(failed)?;
    let id = String::from_utf8(output.stdout).unwrap_or_default();
    if !output.status.success() || id.trim().is_empty() {
        return Err(GitError::Refused {
            command: "hash-object".to_owned(),
            message: "the note could not be stored".to_owned(),
        });
    }
    Ok(id)
}

/// Adds a record to the file of traces. One with the same id is replaced; those of
/// others are never taken away.
pub fn keep_record(root: &Path, record: &Record, force: bool) -> std::io::Result<Kept> {
    let path = root.join(TRACES);
    let before = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read?,
    };
    let parsed = |line: &str| serde_json::from_str::<Record>(line).ok();
    let same_commit = |other: &Record| other.commit() == record.commit();
    let own = before
        .lines()
        .find(|line| parsed(line).is_some_and(|other| other.id == record.id));
    let foreign = before
        .lines()
        .filter_map(parsed)
        .any(|other| same_commit(&other) && other.id != record.id);
    if let Some(old) = own.and_then(parsed) {
        let again = Record {
            timestamp: old.timestamp.clone(),
            ..record.clone()
        };
        if again == old {
            return Ok(Kept::Same);
        }
    } else if foreign && !force {
        return Ok(Kept::Foreign);
    }
    let mut text: String = before
        .split_inclusive('\n')
        .filter(|line| own.is_none_or(|own| line.trim_end() != own.trim_end()))
        .collect();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&serde_json::to_string(record)?);
    text.push('\n');
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    replace(&path, text.as_bytes())?;
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
