//! What the head of a session says.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use stead_usf::{LinkKind, Session, Status, Time};

use super::words::{duration, first_line, grouped, short, tokens};

/// Longest title.
const TITLE_CHARS: usize = 120;
/// A day in milliseconds.
const DAY: u64 = 86_400_000;

/// How times are told.
#[derive(Debug, Clone)]
pub struct Clock {
    /// Where the reader is.
    pub timezone: TimeZone,
    /// When it is; absent for documents, which are read at any time.
    pub now: Option<Timestamp>,
}

impl Clock {
    /// `2026-11-21 10:14`, in the reader's time zone.
    pub fn day_and_minute(&self, time: Time) -> String {
        self.zoned(time).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// `10:14`.
    pub fn minute(&self, time: Time) -> String {
        self.zoned(time).strftime("%H:%M").to_string()
    }

    /// `2026-11-21`.
    pub fn day(&self, time: Time) -> String {
        self.zoned(time).strftime("%Y-%m-%d").to_string()
    }

    /// `3 d ago`; `None` if the time now is not known or lies before.
    pub fn ago(&self, time: Time) -> Option<String> {
        let past = self.now?.as_millisecond() - time.as_millis();
        let past = u64::try_from(past).ok()?;
        Some(match past {
            0..60_000 => "just now".to_owned(),
            60_000..3_600_000 => format!("{} ago", duration(past / 60_000 * 60_000)),
            3_600_000..DAY => format!("{} ago", duration(past / 3_600_000 * 3_600_000)),
            _ => format!("{} ago", duration(past / DAY * DAY)),
        })
    }

    fn zoned(&self, time: Time) -> jiff::Zoned {
        time.timestamp().to_zoned(self.timezone.clone())
    }
}

/// One line of the head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub label: &'static str,
    /// What is said.
    pub value: String,
}

/// The words of a session's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The title, else the beginning of the first prompt.
    pub title: String,
    /// The agent's name for people, and its version.
    pub agent: String,
    /// The models that answered.
    pub models: String,
    /// The rest, in the order in which it is shown.
    pub rest: Vec<Fact>,
}

impl Facts {
    /// The words of `header`.
    pub fn new(header: &Session, clock: &Clock) -> Self {
        let models: Vec<&str> = header
            .models
            .iter()
            .map(|model| model.id.as_str())
            .collect();
        let mut rest = Vec::new();
        let mut say = |label, value: Option<String>| {
            rest.extend(value.map(|value| Fact { label, value }));
        };
        say("project", header.cwd.clone());
        say("branch", branch(header));
        say("started", started(header, clock));
        say("tokens", used(header));
        say("cost", header.cost_usd.map(cost));
        say("parent", parent(header));
        say("status", status(header));
        say("issues", issues(header));
        say("id", Some(header.id.to_string()));
        Self {
            title: title(header),
            agent: agent(header),
            models: models.join(", "),
            rest,
        }
    }
}

fn title(header: &Session) -> String {
    let given = header
        .title
        .as_deref()
        .map(first_line)
        .filter(|title| !title.is_empty());
    let typed = || {
        header
            .first_prompt
            .as_deref()
            .map(first_line)
            .filter(|text| !text.is_empty())
    };
    short(
        given.or_else(typed).unwrap_or("Untitled session"),
        TITLE_CHARS,
    )
}

fn agent(header: &Session) -> String {
    let known = stead_adapters::adapter(header.agent.as_str());
    let name = known.map_or(header.agent.as_str(), |adapter| adapter.info().name);
    match &header.agent_version {
        Some(version) => format!("{name} {version}"),
        None => name.to_owned(),
    }
}

fn branch(header: &Session) -> Option<String> {
    let git = header.git.as_ref()?;
    let commit = git
        .commit
        .as_ref()
        .map(|commit| commit.chars().take(9).collect::<String>());
    let parts: Vec<String> = [git.branch.clone(), commit].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" @ "))
}

fn started(header: &Session, clock: &Clock) -> Option<String> {
    let created = header.created_at?;
    let mut words = clock.day_and_minute(created);
    if let Some(ago) = clock.ago(created) {
        words = format!("{words} ({ago})");
    }
    let span = header
        .updated_at
        .map_or(0, |updated| updated.as_millis() - created.as_millis());
    match u64::try_from(span) {
        Ok(span) if span >= 1_000 => {
            Some(format!("{words}, over {}", duration(span / 1_000 * 1_000)))
        }
        _ => Some(words),
    }
}

fn used(header: &Session) -> Option<String> {
    let usage = &header.usage;
    let parts: Vec<String> = [
        (usage.input, "in"),
        (usage.output, "out"),
        (usage.cache_read, "cache read"),
        (usage.cache_write, "cache written"),
    ]
    .into_iter()
    .filter(|(n, what)| !what.starts_with("cache") || *n != Some(0))
    .filter_map(|(n, what)| Some(format!("{} {what}", tokens(n?))))
    .collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// Cents, and more digits where the amount is below a cent.
fn cost(dollars: f64) -> String {
    if dollars > 0.0 && dollars < 0.01 {
        format!("${dollars:.4}")
    } else {
        format!("${dollars:.2}")
    }
}

fn parent(header: &Session) -> Option<String> {
    let parent = header.parent.as_ref()?;
    let kind = match parent.kind {
        LinkKind::Subagent => "subagent of",
        LinkKind::Fork => "forked from",
        LinkKind::Resume => "resumes",
    };
    Some(format!("{kind} {}", parent.id))
}

fn status(header: &Session) -> Option<String> {
    let aborted = header.status == Some(Status::Aborted);
    let words = [
        aborted.then_some("stopped in the middle of a turn"),
        header
            .archived
            .then_some("kept in the archive: the agent's own files are gone"),
    ];
    let words: Vec<&str> = words.into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join("; "))
}

fn issues(header: &Session) -> Option<String> {
    let first = header.issues.first()?;
    let message = short(first_line(&first.message), TITLE_CHARS);
    Some(match header.issues.len() {
        1 => message,
        n => format!("{message} (and {} more)", grouped(n as u64 - 1)),
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn the_head_says_what_is_recorded() {
        let clock = Clock {
            timezone: TimeZone::fixed(jiff::tz::offset(1)),
            now: Some("2026-11-24T09:00:00Z".parse().unwrap()),
        };
        let facts = Facts::new(&samples::header(), &clock);
        let lines: Vec<String> = facts
            .rest
            .iter()
            .map(|fact| format!("{}: {}", fact.label, fact.value))
            .collect();
        assert_eq!(facts.title, "Fix the flaky retry test");
        assert_eq!(
            lines,
            [
                "project: /home/ada/app",
                "branch: retry @ 1a2b3c4d5",
                "started: 2026-11-21 10:11 (2 d ago), over 4 min 32 s",
                "tokens: 12k in · 3.1k out · 1.2M cache read",
                "cost: $0.42",
                "parent: forked from demo:41",
                "status: stopped in the middle of a turn",
                "id: demo:42",
            ]
        );
    }

    #[test]
    fn little_is_invented() {
        let header = Session::new(stead_usf::AgentId::new("demo"), "1");
        let clock = Clock {
            timezone: TimeZone::UTC,
            now: None,
        };
        let facts = Facts::new(&header, &clock);
        assert_eq!(facts.title, "Untitled session");
        assert_eq!(facts.agent, "demo");
        assert_eq!(facts.rest.len(), 1);
    }
}
