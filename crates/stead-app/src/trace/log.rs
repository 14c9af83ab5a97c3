//! Commits with the share of each writer in the lines that they brought.

use serde::Serialize;
use stead_trace::repo::Added;
use stead_trace::{TraceError, Tracer};

use super::{Share, Writer};
use crate::AppError;

/// Which commits are listed.
#[derive(Debug, Clone, Default)]
pub struct LogOptions {
    /// From this revision backwards; else from the head.
    pub revision: Option<String>,
    /// Only commits that changed this file or folder, by its path from the top.
    pub path: Option<String>,
    /// The path is a file: it is followed through renames.
    pub follow: bool,
    /// At most so many.
    pub limit: Option<usize>,
    /// Committed at or after, in milliseconds since 1970.
    pub since_ms: Option<i64>,
    /// Committed before, in milliseconds since 1970.
    pub before_ms: Option<i64>,
}

/// A commit and whose lines it brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoggedCommit {
    /// Its id.
    pub commit: String,
    /// When it was written, in milliseconds since 1970.
    pub at_ms: i64,
    /// The author's name.
    pub author: String,
    /// The message's first line.
    pub subject: String,
    /// It joins others and brings no lines by itself.
    pub merge: bool,
    /// The lines that it added, white space aside.
    #[serde(flatten)]
    pub share: Share,
    /// Sessions that wrote some of them, those with the most first.
    pub sessions: Vec<String>,
}

/// The commits, the newest first.
pub fn log(tracer: &mut Tracer, options: &LogOptions) -> Result<Vec<LoggedCommit>, AppError> {
    let revision = options.revision.as_deref().unwrap_or("HEAD");
    let commit = match tracer.commit(revision) {
        // A repository without a commit has no head, and nothing to list.
        Err(TraceError::NoRevision { .. }) if options.revision.is_none() => return Ok(Vec::new()),
        commit => commit?,
    };
    let added = Added::of(tracer.git(), &arguments(options, commit)).map_err(TraceError::Git)?;
    added
        .iter()
        .map(|added| logged(tracer, added))
        .collect::<Result<_, _>>()
}

fn arguments(options: &LogOptions, commit: String) -> Vec<String> {
    let mut arguments = Vec::new();
    let seconds = |at_ms: i64| at_ms.div_euclid(1000);
    if let Some(limit) = options.limit {
        arguments.push(format!("--max-count={limit}"));
    }
    if let Some(since) = options.since_ms {
        arguments.push(format!("--since=@{}", seconds(since)));
    }
    if let Some(before) = options.before_ms {
        arguments.push(format!("--until=@{}", seconds(before) - 1));
    }
    if options.follow {
        arguments.push("--follow".into());
    }
    arguments.extend([commit, "--".into()]);
    // Signs that git would take for a pattern are part of the name.
    arguments.extend(options.path.as_ref().map(|path| match path.as_str() {
        "" => ".".to_owned(),
        path => format!(":(literal){path}"),
    }));
    arguments
}

fn logged(tracer: &mut Tracer, added: &Added) -> Result<LoggedCommit, AppError> {
    let mut share = Share::default();
    let mut sessions: Vec<(String, u64)> = Vec::new();
    for (path, runs) in &added.files {
        let lines: Vec<usize> = runs.iter().cloned().flatten().collect();
        let found = tracer.brought(&added.commit, path, &lines);
        for (_, finding) in found.map_err(TraceError::Git)? {
            let writer = Writer::of(&finding, tracer.evidence());
            share.add(&writer);
            let Some(id) = writer.session_id() else {
                continue;
            };
            match sessions.iter_mut().find(|(known, _)| *known == id) {
                Some((_, lines)) => *lines += 1,
                None => sessions.push((id, 1)),
            }
        }
    }
    sessions.sort_by_key(|(_, lines)| std::cmp::Reverse(*lines));
    let facts = tracer.history().commits.get(&added.commit);
    Ok(LoggedCommit {
        commit: added.commit.clone(),
        at_ms: facts.map_or(0, |facts| facts.author_ms),
        author: facts.map_or_else(String::new, |facts| facts.author.0.clone()),
        subject: facts.map_or_else(String::new, |facts| facts.subject.clone()),
        merge: facts.is_some_and(|facts| facts.parents.len() > 1),
        share,
        sessions: sessions.into_iter().map(|(id, _)| id).collect(),
    })
}
