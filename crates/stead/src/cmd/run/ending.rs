//! How a task ended: what is said at its end, and the exit code.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use stead_agent::machine::{Checked, Failure, Outcome};
use stead_agent::task::TaskSpec;
use stead_redact::terminal::escape;
use stead_usf::Usage;

use super::front::used;
use crate::cmd::styled;
use crate::exit_code::Exit;
use crate::text::counted;

/// All that is known at the end.
#[derive(Debug)]
pub(in crate::cmd) struct Ending {
    /// What the task was taken apart into.
    pub(super) plan: Option<TaskSpec>,
    /// The session's id.
    pub(super) session: String,
    /// How the task ended.
    pub(super) outcome: Outcome,
    /// Checks before any change.
    pub(super) before: Vec<Checked>,
    /// Checks after the last change; none if they did not run.
    pub(super) after: Vec<Checked>,
    /// What changed, as a unified diff.
    pub(super) diff: String,
    /// Paths that changed.
    pub(super) files: Vec<String>,
    /// The changes are in the user's own files.
    pub(super) applied: bool,
    /// Why they are not, although that was wanted.
    pub(super) not_applied: Option<String>,
    /// Tokens of all requests.
    pub(super) usage: Usage,
    /// What they cost, in US dollars; absent if a price is not known.
    pub(super) cost: Option<f64>,
    /// Requests.
    pub(super) requests: u64,
}

impl Default for Ending {
    fn default() -> Self {
        Self {
            plan: None,
            session: String::new(),
            outcome: Outcome::Interrupted,
            before: Vec::new(),
            after: Vec::new(),
            diff: String::new(),
            files: Vec::new(),
            applied: false,
            not_applied: None,
            usage: Usage::default(),
            cost: None,
            requests: 0,
        }
    }
}

impl Ending {
    /// What the program ends with.
    pub(super) const fn exit(&self) -> Exit {
        match &self.outcome {
            Outcome::Done { .. } if self.not_applied.is_some() => Exit::Failure,
            Outcome::Done { .. } => Exit::Ok,
            Outcome::Blocked { .. } => Exit::Blocked,
            Outcome::Interrupted => Exit::Interrupted,
            Outcome::Failed(Failure::NoChange { .. } | Failure::Checks { .. }) => Exit::NotDone,
            Outcome::Failed(_) => Exit::Failure,
        }
    }

    /// One word for it, and why.
    fn words(&self) -> (&'static str, String) {
        match &self.outcome {
            Outcome::Done { checked: true, .. } => ("done", "the checks ended well".to_owned()),
            Outcome::Done { checked: false, .. } => ("done", String::new()),
            Outcome::Failed(failure) => ("failed", failure.to_string()),
            Outcome::Blocked { reason } => ("blocked", reason.clone()),
            Outcome::Interrupted => ("interrupted", "the session can go on".to_owned()),
        }
    }

    /// What may be typed next.
    fn next(&self) -> Vec<String> {
        let id = short(&self.session);
        let mut next = Vec::new();
        if !self.applied && !self.files.is_empty() {
            next.push(format!(
                "stead apply {id}        put these changes into your files"
            ));
        }
        match &self.outcome {
            Outcome::Blocked { .. } => {
                next.push(format!(
                    "stead run --resume {id} --yes 'go on'   allow what no rule denies"
                ));
            }
            Outcome::Interrupted | Outcome::Failed(_) => {
                next.push(format!("stead run --resume {id} 'go on'"));
            }
            Outcome::Done { .. } => {}
        }
        next.push(format!("stead show {id}         all that happened"));
        next
    }

    /// For programs.
    pub(super) fn as_json(&self) -> Value {
        let (word, why) = self.words();
        let checks = |checks: &[Checked]| -> Vec<Value> {
            let each = checks.iter();
            each.map(
                |check| json!({"command": check.command, "ok": check.ok, "output": check.output}),
            )
            .collect()
        };
        json!({
            "type": "end",
            "session": format!("stead:{}", self.session),
            "outcome": word,
            "why": why,
            "summary": self.summary(),
            "checks_before": checks(&self.before),
            "checks_after": checks(&self.after),
            "files": self.files,
            "diff": self.diff,
            "applied": self.applied,
            "not_applied": self.not_applied,
            "usage": self.usage,
            "cost_usd": self.cost,
            "requests": self.requests,
            "exit_code": self.exit().number(),
        })
    }

    fn summary(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::Done { summary, .. } | Outcome::Failed(Failure::NoChange { summary }) => {
                Some(summary)
            }
            _ => None,
        }
    }

    /// For people.
    pub(super) fn as_text(&self, out: &mut dyn Write, colour: bool) -> io::Result<()> {
        let paint = |style: Style| styled(style, colour);
        if !self.diff.is_empty() {
            writeln!(out)?;
            crate::render::patch(out, &self.diff, colour)?;
        }
        writeln!(out)?;
        self.checks(out, colour)?;
        let (word, why) = self.words();
        let bold = paint(match self.exit() {
            Exit::Ok => AnsiColor::Green.on_default().bold(),
            Exit::Interrupted | Exit::Blocked => AnsiColor::Yellow.on_default().bold(),
            _ => AnsiColor::Red.on_default().bold(),
        });
        let why = if why.is_empty() {
            why
        } else {
            format!(": {}", escape(&why))
        };
        let files = counted(self.files.len() as u64, "file");
        let place = if self.applied {
            "changed, applied"
        } else {
            "changed"
        };
        writeln!(out, "{bold}{word}{bold:#}{why}")?;
        writeln!(
            out,
            "{files} {place} · {}",
            used(self.requests, &self.usage, self.cost)
        )?;
        if let Some(why) = &self.not_applied {
            writeln!(out, "not applied: {}", escape(why))?;
        }
        let dim = paint(Style::new().dimmed());
        for next in self.next() {
            writeln!(out, "  {dim}{next}{dim:#}")?;
        }
        Ok(())
    }

    fn checks(&self, out: &mut dyn Write, colour: bool) -> io::Result<()> {
        let word = |check: Option<&Checked>| match check {
            None => "did not run",
            Some(check) if check.ok => "ended well",
            Some(_) => "failed",
        };
        let all = if self.after.is_empty() {
            &self.before
        } else {
            &self.after
        };
        let dim = styled(Style::new().dimmed(), colour);
        for check in all {
            let same = |other: &&Checked| other.command == check.command;
            let before = word(self.before.iter().find(same));
            let after = word(self.after.iter().find(same));
            let command = escape(&check.command);
            writeln!(
                out,
                "{command}  {dim}before:{dim:#} {before}  {dim}after:{dim:#} {after}"
            )?;
        }
        Ok(())
    }
}

/// So much of an id is typed.
pub(in crate::cmd) fn short(id: &str) -> &str {
    // The first half of these ids is the time: sessions of one day differ at its end.
    id.get(..13).unwrap_or(id)
}
