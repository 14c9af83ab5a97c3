//! Which sessions a list shows.

use stead_usf::SessionId;

/// Which sessions a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Ids of agents; empty means all.
    pub agents: Vec<String>,
    /// Where the sessions worked.
    pub project: Option<ProjectFilter>,
    /// Last change at or after, in milliseconds since 1970.
    pub since_ms: Option<i64>,
    /// Last change before, in milliseconds since 1970.
    pub before_ms: Option<i64>,
    /// At most so many, newest first.
    pub limit: Option<usize>,
    /// Subagents and superseded copies too.
    pub all: bool,
    /// Only children of this session.
    pub parent: Option<SessionId>,
}

/// Where sessions must have worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProjectFilter {
    /// The path of folder or project holds this, in small letters.
    Part(String),
    /// The project is this folder or lies below it.
    Folder(String),
}

impl ProjectFilter {
    /// The path of folder or project holds this text, whatever its case.
    pub fn part(text: &str) -> Self {
        Self::Part(text.to_lowercase())
    }

    fn text(&self) -> &str {
        match self {
            Self::Part(text) | Self::Folder(text) => text,
        }
    }

    /// Whether a session is meant that worked in `cwd`, which lies in `project`.
    pub fn admits(&self, cwd: &str, project: &str) -> bool {
        match self {
            Self::Part(part) => {
                cwd.to_lowercase().contains(part) || project.to_lowercase().contains(part)
            }
            Self::Folder(folder) => {
                let below = project.strip_prefix(folder.as_str());
                below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
        }
    }
}

impl Filter {
    /// The SQL condition on `session s` and its values.
    pub(super) fn condition(&self) -> (String, Vec<rusqlite::types::Value>) {
        let mut parts = vec!["NOT s.duplicate".to_owned()];
        let mut values: Vec<rusqlite::types::Value> = Vec::new();
        let mut with = |part: &str, value: rusqlite::types::Value| {
            values.push(value);
            parts.push(part.replace('?', &format!("?{}", values.len())));
        };
        if let Some(project) = &self.project {
            let sql = match project {
                ProjectFilter::Part(_) => {
                    "(instr(lower(cwd), ?) > 0 OR instr(lower(project), ?) > 0)"
                }
                ProjectFilter::Folder(_) => {
                    "(project = ? OR substr(project, 1, length(?) + 1) = ? || '/')"
                }
            };
            with(sql, project.text().to_owned().into());
        }
        if let Some(since) = self.since_ms {
            with("updated >= ?", since.into());
        }
        if let Some(before) = self.before_ms {
            with("updated < ?", before.into());
        }
        if let Some(parent) = &self.parent {
            with("parent = ?", parent.as_str().to_owned().into());
        }
        if !self.agents.is_empty() {
            let list: Vec<String> = (0..self.agents.len())
                .map(|place| format!("?{}", values.len() + place + 1))
                .collect();
            parts.push(format!("agent IN ({})", list.join(", ")));
            values.extend(self.agents.iter().map(|agent| agent.clone().into()));
        }
        if !self.all {
            parts.push("coalesce(link, '') <> 'subagent'".into());
            // A session that was copied to go on elsewhere is shown there.
            parts.push(
                "s.id NOT IN (SELECT parent FROM session
                              WHERE link = 'resume' AND parent IS NOT NULL)"
                    .into(),
            );
        }
        (parts.join(" AND "), values)
    }
}
