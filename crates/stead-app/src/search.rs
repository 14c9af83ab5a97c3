//! Search, as front ends see it.

use serde::Serialize;
use stead_index::IndexError;
use stead_index::query::{self, Expr};
use stead_index::text::{Facts, Outcome, Request, Snippet, TITLE, search};
use stead_usf::{Session, Time};

use crate::{App, AppError, ListOptions};

/// What to look for, beyond the query itself.
#[derive(Debug, Clone, Default)]
pub struct SearchOptions {
    /// Which sessions are meant.
    pub list: ListOptions,
}

/// A session that was found.
#[derive(Debug, Clone, Serialize)]
pub struct SearchHit {
    /// The session's header.
    pub session: Session,
    /// A beginning of the session's native id that names it and no other.
    pub short_id: String,
    /// The event that fits best; absent if the title does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Its type (`title` if it is the title).
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// When it was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    /// Why it was found; secrets are masked.
    pub snippet: Snippet,
    /// Events of the session that fit, as far as they were looked at.
    pub matches: u64,
    /// Relevance and recency in one number.
    pub score: f32,
}

/// What a search found.
#[derive(Debug, Clone, Serialize)]
pub struct SearchReport {
    /// The best sessions, best first.
    pub hits: Vec<SearchHit>,
    /// Nothing was left out: every match was counted.
    pub complete: bool,
}

impl App {
    /// Runs a query on the index as it is. `AppError::Query` says where a wrong
    /// one is wrong.
    pub fn search(&self, text: &str, options: &SearchOptions) -> Result<SearchReport, AppError> {
        let query = query::parse(text, self.settings.now, &self.settings.time_zone)?;
        match self.answer(&query.expr, options) {
            // Another stead has put segments together since the list was read.
            Err(AppError::Index(IndexError::Io { source, .. }))
                if source.kind() == std::io::ErrorKind::NotFound =>
            {
                self.answer(&query.expr, options)
            }
            other => other,
        }
    }

    fn answer(&self, expr: &Expr, options: &SearchOptions) -> Result<SearchReport, AppError> {
        self.catalog.snapshot(|| {
            let outcome = self.run(expr, options)?;
            let mut hits = Vec::with_capacity(outcome.hits.len());
            for hit in outcome.hits {
                let Some(session) = self.catalog.header(hit.session)? else {
                    continue;
                };
                let short_id = self.catalog.short_native(&session.native_id)?;
                let is_title = hit.sequence == TITLE;
                hits.push(SearchHit {
                    session,
                    short_id,
                    event: (!is_title).then_some(hit.event),
                    kind: if is_title { "title" } else { hit.kind.as_str() },
                    at: hit.at_ms.and_then(|at| Time::from_millis(at).ok()),
                    snippet: hit.snippet,
                    matches: hit.matches,
                    score: hit.score,
                });
            }
            Ok(SearchReport {
                hits,
                complete: outcome.complete,
            })
        })
    }

    fn run(&self, expr: &Expr, options: &SearchOptions) -> Result<Outcome, IndexError> {
        let list = &options.list;
        let admit = |facts: &Facts| admits(list, facts);
        let request = Request {
            expr,
            limit: list.limit.unwrap_or(usize::MAX),
            now_ms: self.settings.now.as_millisecond(),
            admit: &admit,
        };
        let mut failure = None;
        let mut facts = |number| {
            self.catalog.facts(number).unwrap_or_else(|error| {
                failure = Some(error);
                None
            })
        };
        let segments = self.catalog.segments()?;
        let outcome = search(&segments, &request, &mut facts)
            .map_err(|error| IndexError::of_io(self.settings.index_dir(), error));
        failure.map_or(outcome, Err)
    }
}

/// Whether a session is among those that are meant.
fn admits(list: &ListOptions, facts: &Facts) -> bool {
    (list.agents.is_empty() || list.agents.contains(&facts.agent))
        && list
            .project
            .as_ref()
            .is_none_or(|project| project.admits(&facts.cwd, &facts.project))
        && list
            .since_ms
            .is_none_or(|since| facts.updated_ms.is_some_and(|at| at >= since))
        && list
            .before_ms
            .is_none_or(|before| facts.updated_ms.is_some_and(|at| at < before))
}
