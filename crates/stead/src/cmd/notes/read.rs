//! `stead notes read`: shows what notes say, whoever wrote them.

use std::io::Write;

use serde::Serialize;
use stead_app::AppError;
use stead_app::trace::notes_of;
use stead_redact::terminal::escape;
use stead_trace::TraceError;
use stead_trace::notes::{Claim, Contributor, NoteSource, Notes};
use stead_trace::repo::{Commit, Git, History, Objects};

use super::super::tracing::{current, short_commit, write_json};
use super::commits;
use crate::cli::{GlobalArgs, NotesFormat, NotesReadArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;

/// So many commits are shown, if nothing else is asked for.
const MOST: usize = 20;

/// A claim as `--json` writes it.
#[derive(Serialize)]
struct View {
    commit: String,
    source: &'static str,
    path: String,
    lines: Option<String>,
    contributor: &'static str,
    agent: Option<String>,
    model: Option<String>,
    session: Option<String>,
    weight: f32,
}

pub(super) fn run(
    args: &NotesReadArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let trace = |error| AppError::from(TraceError::Git(error));
    let git = Git::at(&current(context)?).map_err(trace)?;
    let history = History::of(&git).map_err(trace)?;
    let mut objects = Objects::open(&git).map_err(trace)?;
    let mut notes = notes_of(&git)?;
    let chosen = chosen(args, global, &git, &history, &notes)?;
    let mut found = Vec::new();
    for commit in chosen {
        let mut claims = notes.claims(&mut objects, commit);
        claims.retain(|claim| is_wanted(args.format, claim.said.source));
        if !claims.is_empty() {
            found.push((commit, claims));
        }
    }
    if global.json {
        let views = found.into_iter().flat_map(|(commit, claims)| {
            let view = |claim| View::of(commit, claim);
            claims.into_iter().map(view)
        });
        write_json(&views.collect::<Vec<_>>())?;
    } else {
        show(&found, context)?;
    }
    for problem in notes.problems() {
        CommandError::failure(problem.as_str()).report();
    }
    Ok(Exit::Ok)
}

/// The commits to look at: those that were named, or the newest with notes.
fn chosen<'a>(
    args: &NotesReadArgs,
    global: &GlobalArgs,
    git: &Git,
    history: &'a History,
    notes: &Notes,
) -> Result<Vec<&'a Commit>, CommandError> {
    let known = |id: &str| history.commits.get(id);
    if !args.revisions.is_empty() {
        let named = commits(git, &args.revisions)?;
        return Ok(named.iter().filter_map(|id| known(id)).collect());
    }
    let mut with_notes: Vec<&Commit> = notes.commits().filter_map(known).collect();
    let named = |commit: &&Commit| {
        commit
            .trailers
            .to_lowercase()
            .contains("entire-checkpoint:")
    };
    with_notes.extend(history.commits.values().filter(named));
    with_notes.sort_by(|a, b| {
        let newest = b.committer_ms.cmp(&a.committer_ms);
        newest.then_with(|| a.id.cmp(&b.id))
    });
    with_notes.dedup_by(|a, b| a.id == b.id);
    match global.limit.unwrap_or(MOST) {
        0 => {}
        most => with_notes.truncate(most),
    }
    Ok(with_notes)
}

const fn is_wanted(format: Option<NotesFormat>, source: NoteSource) -> bool {
    match format {
        None => true,
        Some(NotesFormat::GitAi) => matches!(source, NoteSource::GitAi),
        Some(NotesFormat::AgentTrace) => matches!(source, NoteSource::AgentTrace),
    }
}

fn show(found: &[(&Commit, Vec<Claim>)], context: &Context) -> Result<(), CommandError> {
    let mut out = Output::paged(context);
    if found.is_empty() {
        writeln!(out, "no notes of git-ai, Agent Trace or Entire here")?;
    }
    for (commit, claims) in found {
        writeln!(
            out,
            "{} {}",
            short_commit(&commit.id),
            escape(&commit.subject)
        )?;
        for claim in claims {
            let lines = claim.lines.as_ref().map(ToString::to_string);
            let lines = lines.unwrap_or_else(|| "the file".to_owned());
            let said = &claim.said;
            let names = [&said.agent, &said.model, &said.session];
            let names: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
            let row = format!(
                "  {:<11}  {} {lines}: {} {}",
                said.source.name(),
                claim.path,
                who(said.contributor),
                names.join(" ")
            );
            writeln!(out, "{}", escape(row.trim_end()))?;
        }
    }
    Ok(out.finish()?)
}

/// Who wrote it, in one word.
const fn who(contributor: Contributor) -> &'static str {
    match contributor {
        Contributor::Agent => "agent",
        Contributor::Human => "human",
        Contributor::Mixed => "mixed",
    }
}

impl View {
    fn of(commit: &Commit, claim: Claim) -> Self {
        Self {
            commit: commit.id.clone(),
            source: claim.said.source.name(),
            path: claim.path,
            lines: claim.lines.map(|lines| lines.to_string()),
            contributor: who(claim.said.contributor),
            agent: claim.said.agent,
            model: claim.said.model,
            session: claim.said.session,
            weight: claim.said.weight,
        }
    }
}
