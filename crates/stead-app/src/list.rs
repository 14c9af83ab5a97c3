//! Lists of sessions.

use stead_index::{Filter, ProjectFilter};
use stead_usf::{Session, SessionId};

use crate::{App, AppError};

/// Which sessions are meant, in every command the same.
#[derive(Debug, Clone, Default)]
pub struct ListOptions {
    /// Agents by id; empty means all.
    pub agents: Vec<String>,
    /// Where the sessions worked.
    pub project: Option<ProjectFilter>,
    /// Changed at or after, in milliseconds since 1970.
    pub since_ms: Option<i64>,
    /// Changed before, in milliseconds since 1970.
    pub before_ms: Option<i64>,
    /// At most so many.
    pub limit: Option<usize>,
    /// Subagents and superseded copies too.
    pub all: bool,
}

impl ListOptions {
    pub(crate) fn filter(&self) -> Filter {
        Filter {
            agents: self.agents.clone(),
            project: self.project.clone(),
            since_ms: self.since_ms,
            before_ms: self.before_ms,
            limit: self.limit,
            all: self.all,
            parent: None,
        }
    }
}

impl App {
    /// Headers of sessions as JSON texts, the newest first.
    pub fn list_json(&self, options: &ListOptions) -> Result<Vec<String>, AppError> {
        Ok(self.catalog.headers(&options.filter())?)
    }

    /// Headers of sessions, the newest first.
    pub fn list(&self, options: &ListOptions) -> Result<Vec<Session>, AppError> {
        let texts = self.list_json(options)?;
        Ok(texts
            .iter()
            .filter_map(|json| serde_json::from_str(json).ok())
            .collect())
    }

    /// A beginning of the session's native id that names it and no other.
    pub fn short_id(&self, id: &SessionId) -> Result<String, AppError> {
        Ok(self.catalog.short_native(id.native())?)
    }

    /// How many sessions there are, the limit aside.
    pub fn count(&self, options: &ListOptions) -> Result<u64, AppError> {
        Ok(self.catalog.count(&options.filter())?)
    }

    /// Headers of the sessions that came from this one: subagents, forks, resumes.
    pub fn children(&self, parent: &SessionId) -> Result<Vec<Session>, AppError> {
        let filter = Filter {
            all: true,
            parent: Some(parent.clone()),
            ..Filter::default()
        };
        let texts = self.catalog.headers(&filter)?;
        Ok(texts
            .iter()
            .filter_map(|json| serde_json::from_str(json).ok())
            .collect())
    }
}
