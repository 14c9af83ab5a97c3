//! Counts the lines of files for the report.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use stead_trace::{TracedLine, Tracer};

use super::{ModelRow, Newer, Report, SessionRow, Skipped};
use crate::trace::{Kind, NO_MODEL, Share, Writer, licence};

/// Who brought lines that no commit has.
const UNCOMMITTED: &str = "(not committed)";

/// Lines of some files, counted.
#[derive(Debug, Default)]
pub(super) struct Count {
    files: u64,
    pub(super) skipped: Skipped,
    /// Notes that could not be read; each thread may meet the same.
    pub(super) problems: BTreeSet<String>,
    total: Share,
    /// By agent, model and provider.
    models: FxHashMap<(String, String, Option<String>), u64>,
    directories: FxHashMap<String, Share>,
    authors: FxHashMap<String, Share>,
    /// By session: lines as it left them, and lines that were changed.
    sessions: FxHashMap<String, (u64, u64)>,
}

impl Count {
    /// Counts a file.
    pub(super) fn file(
        &mut self,
        path: &str,
        lines: &[TracedLine],
        tracer: &Tracer,
        newer: Option<&Newer>,
    ) {
        self.files += 1;
        let mut whole = Share::default();
        for line in lines {
            let commit = line.commit.as_deref();
            let facts = commit.and_then(|id| tracer.history().commits.get(id));
            let at_ms = facts.map(|facts| facts.committer_ms);
            if newer.is_some_and(|newer| !newer.has(commit, at_ms)) {
                continue;
            }
            let writer = Writer::of(&line.finding, tracer.evidence());
            whole.add(&writer);
            let author = facts.map_or(UNCOMMITTED, |facts| facts.author.0.as_str());
            entry(&mut self.authors, author).add(&writer);
            self.names(&writer);
        }
        let folder = path.split_once('/').map_or(".", |(folder, _)| folder);
        entry(&mut self.directories, folder).absorb(&whole);
        self.total.absorb(&whole);
    }

    fn names(&mut self, writer: &Writer<'_>) {
        if writer.kind == Kind::Agent {
            let name = |name: Option<&str>| name.unwrap_or(NO_MODEL).to_owned();
            let provider = writer.provider.map(str::to_owned);
            let model = (name(writer.agent), name(writer.model), provider);
            *self.models.entry(model).or_default() += 1;
        }
        let Some(id) = writer.session_id() else {
            return;
        };
        let (lines, mixed) = self.sessions.entry(id).or_default();
        match writer.kind {
            Kind::Mixed => *mixed += 1,
            _ => *lines += 1,
        }
    }

    /// Adds what another thread counted.
    pub(super) fn absorb(&mut self, other: Self) {
        self.files += other.files;
        self.skipped.binary += other.skipped.binary;
        self.skipped.unreadable += other.skipped.unreadable;
        self.problems.extend(other.problems);
        self.total.absorb(&other.total);
        for (model, lines) in other.models {
            *self.models.entry(model).or_default() += lines;
        }
        for (folder, share) in &other.directories {
            entry(&mut self.directories, folder).absorb(share);
        }
        for (author, share) in &other.authors {
            entry(&mut self.authors, author).absorb(share);
        }
        for (id, (lines, mixed)) in other.sessions {
            let known = self.sessions.entry(id).or_default();
            *known = (known.0 + lines, known.1 + mixed);
        }
    }

    /// The rows, those with the most lines first.
    pub(super) fn report(self, tracer: &Tracer) -> Report {
        let mut rows: FxHashMap<_, u64> = FxHashMap::default();
        for ((agent, model, provider), lines) in self.models {
            let license = licence(&model, provider.as_deref());
            *rows.entry((agent, model, license)).or_default() += lines;
        }
        let models = rows
            .into_iter()
            .map(|((agent, model, license), lines)| ModelRow {
                agent,
                model,
                license: license.map(str::to_owned),
                lines,
            });
        let mut models: Vec<ModelRow> = models.collect();
        models.sort_by(|a, b| {
            let names = (&a.agent, &a.model).cmp(&(&b.agent, &b.model));
            b.lines.cmp(&a.lines).then(names)
        });
        let mut licenses: FxHashMap<String, u64> = FxHashMap::default();
        for row in &models {
            let name = row.license.clone().unwrap_or_else(|| NO_MODEL.to_owned());
            *licenses.entry(name).or_default() += row.lines;
        }
        let mut licenses: Vec<(String, u64)> = licenses.into_iter().collect();
        licenses.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Report {
            files: self.files,
            skipped: self.skipped,
            total: self.total,
            models,
            licenses,
            directories: by_lines(self.directories),
            authors: by_lines(self.authors),
            sessions: sessions(self.sessions, tracer),
            problems: self.problems.into_iter().collect(),
            ..Report::default()
        }
    }
}

fn sessions(counted: FxHashMap<String, (u64, u64)>, tracer: &Tracer) -> Vec<SessionRow> {
    let known = &tracer.evidence().sessions;
    let row = |(session, (lines, mixed)): (String, (u64, u64))| {
        let facts = known.iter().find(|facts| facts.id == session);
        SessionRow {
            title: facts.and_then(|facts| facts.title.clone()),
            at_ms: facts.and_then(|facts| facts.to_ms),
            session,
            lines,
            mixed,
        }
    };
    let mut rows: Vec<SessionRow> = counted.into_iter().map(row).collect();
    rows.sort_by(|a, b| {
        let most = (b.lines, b.mixed).cmp(&(a.lines, a.mixed));
        most.then_with(|| a.session.cmp(&b.session))
    });
    rows
}

fn by_lines(shares: FxHashMap<String, Share>) -> Vec<(String, Share)> {
    let shares = shares.into_iter().filter(|(_, share)| share.lines > 0);
    let mut shares: Vec<(String, Share)> = shares.collect();
    shares.sort_by(|a, b| b.1.lines.cmp(&a.1.lines).then_with(|| a.0.cmp(&b.0)));
    shares
}

fn entry<'a>(shares: &'a mut FxHashMap<String, Share>, name: &str) -> &'a mut Share {
    if !shares.contains_key(name) {
        shares.insert(name.to_owned(), Share::default());
    }
    shares.entry(name.to_owned()).or_default()
}
