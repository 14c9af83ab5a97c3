//! Notes for other tools: what was traced of a commit's lines, in their forms.

use std::ops::RangeInclusive;

use rustc_hash::FxHashMap;
use stead_adapters::adapters;
use stead_trace::notes::{Author, Credit, Credits, Kept, Notes, SURE, keep_logs, keep_records};
use stead_trace::repo::Added;
use stead_trace::{Origin, TraceError, TracedLine, Tracer};

use crate::AppError;

/// The forms that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteForm {
    /// git-ai's logs, on `refs/notes/ai`.
    GitAi,
    /// Agent Trace's records, in `.agent-trace/traces.jsonl`.
    AgentTrace,
}

/// What became of the notes of one commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noted {
    /// Lines that the note is about.
    pub lines: u64,
    /// How it ended; `None` if there is nothing to write.
    pub kept: Option<Kept>,
}

/// Writes notes of commits.
#[derive(Debug)]
pub struct NoteWriter<'a> {
    /// What traces the lines.
    pub tracer: &'a mut Tracer,
    /// The form.
    pub form: NoteForm,
    /// Notes of other programs are written over, or beside.
    pub force: bool,
    /// stead's version.
    pub version: &'static str,
    /// Now, as RFC 3339 has it.
    pub now: String,
}

impl NoteWriter<'_> {
    /// Writes the notes of commits, all at once; how each ended, in their order.
    pub fn write(&mut self, commits: &[String]) -> Result<Vec<Noted>, AppError> {
        let mut new = added(self.tracer, commits)?;
        let mut credited = Vec::new();
        for commit in commits {
            credited.push(credits(self.tracer, commit, new.remove(commit))?);
        }
        let kept = match self.form {
            NoteForm::GitAi => self.logs(commits, &credited)?,
            NoteForm::AgentTrace => self.records(commits, &credited)?,
        };
        let noted = credited.iter().zip(kept);
        let noted = noted.map(|(credits, kept)| Noted {
            lines: kept.map_or(0, |_| credits.count()),
            kept,
        });
        Ok(noted.collect())
    }

    fn logs(&self, commits: &[String], all: &[Credits]) -> Result<Vec<Option<Kept>>, AppError> {
        let program = format!("stead {}", self.version);
        let log = |(commit, credits): (&String, &Credits)| {
            let log = credits.log(commit, &program);
            log.map(|log| (commit.clone(), log))
        };
        let logs: Vec<_> = commits.iter().zip(all).map(log).collect();
        let new: Vec<_> = logs.iter().flatten().cloned().collect();
        let kept = keep_logs(self.tracer.git(), &new, self.force).map_err(TraceError::Git)?;
        Ok(spread(logs.iter().map(Option::is_some), kept))
    }

    fn records(&self, commits: &[String], all: &[Credits]) -> Result<Vec<Option<Kept>>, AppError> {
        let record = |(commit, credits): (&String, &Credits)| {
            credits.record(commit, self.version, &self.now)
        };
        let records: Vec<_> = commits.iter().zip(all).map(record).collect();
        let new: Vec<_> = records.iter().flatten().cloned().collect();
        let kept = keep_records(self.tracer.root(), &new, self.force)?;
        Ok(spread(records.iter().map(Option::is_some), kept))
    }
}

/// What became of those that there were, each in its place.
fn spread(there: impl Iterator<Item = bool>, kept: Vec<Kept>) -> Vec<Option<Kept>> {
    let mut kept = kept.into_iter();
    let next = |is_there: bool| if is_there { kept.next() } else { None };
    there.map(next).collect()
}

/// So many commits are asked for at once: command lines have an end.
const AT_ONCE: usize = 500;

/// The files that commits added or changed, by commit, with the lines that are new
/// in them. Merges have none.
fn added(tracer: &Tracer, commits: &[String]) -> Result<FxHashMap<String, Vec<Changed>>, AppError> {
    let mut all: FxHashMap<String, Vec<Changed>> = FxHashMap::default();
    for some in commits.chunks(AT_ONCE) {
        let mut which = vec!["--no-walk=unsorted".to_owned()];
        which.extend_from_slice(some);
        let added = Added::exactly(tracer.git(), &which).map_err(TraceError::Git)?;
        for added in added {
            let files = added.files.into_iter();
            let files = files.map(|(path, runs)| (path, Some(runs)));
            all.insert(added.commit, files.collect());
        }
    }
    Ok(all)
}

/// What is known of the lines that a commit brought.
fn credits(
    tracer: &mut Tracer,
    commit: &str,
    new: Option<Vec<Changed>>,
) -> Result<Credits, AppError> {
    let mut credits = Credits::default();
    for (path, added) in changed(tracer, commit, new)? {
        let lines = match tracer.file(&path, Some(commit)) {
            Ok(lines) => lines,
            // Links, submodules and pictures have no lines.
            Err(TraceError::Binary { .. } | TraceError::NoFile { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        let is_own = |line: &TracedLine| match &added {
            Some(runs) => runs.iter().any(|run| run.contains(&line.number)),
            None => line.commit.as_deref() == Some(commit) && *line.path == *path,
        };
        for line in lines.iter().filter(|line| is_own(line)) {
            if let Some(author) = author(line, tracer) {
                credits.add(Credit {
                    path: path.clone(),
                    line: line.number as u64,
                    author,
                });
            }
        }
    }
    Ok(credits)
}

/// The files that a commit added or changed, with the lines that are new in it.
/// Other programs ask git without looking for moved lines and through no white
/// space, so those count as well, with whoever wrote them first. A merge brings
/// only what is in no parent: its lines are told by blame.
fn changed(
    tracer: &Tracer,
    commit: &str,
    new: Option<Vec<Changed>>,
) -> Result<Vec<Changed>, AppError> {
    let parents = tracer.history().commits.get(commit);
    if parents.is_some_and(|commit| commit.parents.len() > 1) {
        let paths = changed_by_merge(tracer, commit)?;
        return Ok(paths.into_iter().map(|path| (path, None)).collect());
    }
    Ok(new.unwrap_or_default())
}

/// A file, and the runs of lines that are new in it, if they are known.
type Changed = (String, Option<Vec<RangeInclusive<usize>>>);

/// The files in which a merge differs from its first parent.
fn changed_by_merge(tracer: &Tracer, commit: &str) -> Result<Vec<String>, AppError> {
    let answer = tracer.git().ask([
        "log",
        "-1",
        "-m",
        "--first-parent",
        "--name-only",
        "--no-renames",
        "--diff-filter=AMT",
        "--no-show-signature",
        "--format=",
        "-z",
        commit,
    ]);
    let answer = answer.map_err(TraceError::Git)?;
    let paths = answer.split('\0').map(|path| path.trim_start_matches('\n'));
    Ok(paths
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect())
}

/// Who wrote a line; nobody if it is more guess than knowledge, or rests on a
/// mark that is there already.
fn author(line: &TracedLine, tracer: &Tracer) -> Option<Author> {
    let finding = &line.finding;
    if finding.confidence < SURE {
        return None;
    }
    let changed = match finding.origin {
        Origin::Human => {
            let commit = tracer.history().commits.get(line.commit.as_deref()?)?;
            let (name, address) = &commit.author;
            return Some(Author::Person(format!("{name} <{address}>")));
        }
        Origin::Agent { .. } => false,
        Origin::Mixed { .. } => true,
        Origin::Marked { .. } | Origin::Unknown => return None,
    };
    let evidence = tracer.evidence();
    let step = evidence.steps.get(finding.step()? as usize)?;
    let session = evidence.sessions.get(step.session as usize)?;
    let (_, id) = session.id.split_once(':')?;
    let model = step.model.as_ref();
    Some(Author::Session {
        tool: tool(&session.agent),
        id: id.to_owned(),
        model: model.map(|model| model.id.clone()),
        full_model: model.and_then(|model| full(&model.id, model.provider.as_deref())),
        changed,
    })
}

/// What other tools call an agent: the first word of its name.
fn tool(agent: &str) -> String {
    let adapter = adapters()
        .iter()
        .find(|one| one.info().id.as_str() == agent);
    let word = adapter.and_then(|adapter| adapter.info().name.split_whitespace().next());
    word.map_or_else(|| agent.to_owned(), str::to_lowercase)
}

/// `provider/model`, if the provider is recorded, or the model is only to be had
/// from whoever made it.
fn full(model: &str, provider: Option<&str>) -> Option<String> {
    if model.contains('/') {
        return Some(model.to_owned());
    }
    let vendor = || {
        let facts = stead_models::facts(model, None).filter(|facts| !facts.open_weights)?;
        Some(facts.vendor.split(' ').next()?.to_lowercase())
    };
    let provider = provider.map(str::to_owned).or_else(vendor)?;
    Some(format!("{provider}/{model}"))
}

/// The notes of a repository, for looking at.
pub fn notes_of(git: &stead_trace::repo::Git) -> Result<Notes, AppError> {
    Ok(Notes::of(git).map_err(TraceError::Git)?)
}

#[cfg(test)]
mod tests {
    use super::{full, tool};

    #[test]
    fn agents_and_models_are_called_as_others_do() {
        assert_eq!(tool("claude-code"), "claude");
        assert_eq!(tool("no-such-agent"), "no-such-agent");
        let of = |model, provider| full(model, provider).unwrap_or_default();
        assert_eq!(of("claude-opus-4-5", None), "anthropic/claude-opus-4-5");
        assert_eq!(of("gpt-5", Some("azure")), "azure/gpt-5");
        assert_eq!(of("openai/gpt-5", Some("openrouter")), "openai/gpt-5");
        assert_eq!(of("qwen3:8b", None), "");
    }
}
