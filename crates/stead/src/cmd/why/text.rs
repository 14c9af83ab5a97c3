//! The chain behind a line, for people.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use stead_agent::prompt::generator;
use stead_app::export::view::{Clock, Fact, Facts};
use stead_app::trace::{Account, Kind, StepName, Why};
use stead_redact::terminal::escape;
use stead_usf::Time;

use super::super::styled;
use super::super::tracing::{ShortIds, Traced, short_commit};
use super::sure;
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::render::{Excerpt, RenderOptions};
use crate::text::one_line;

pub(super) fn write(
    why: &Why,
    traced: &Traced,
    context: &Context,
    show: ShowCommand,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let mut teller = Teller {
        why,
        traced,
        context,
        show,
        ids: ShortIds::default(),
    };
    let facts = teller.facts();
    let options = RenderOptions {
        width: context.width,
        colour: context.colour,
        full: false,
        reasoning: true,
        timezone: context.settings.time_zone.clone(),
        now: context.settings.now,
        all_branches: false,
    };
    let place = format!("{}:{}", why.path, why.line.number);
    let cwd = why.header.as_ref().and_then(|header| header.cwd.as_deref());
    let mut excerpt = Excerpt::new(&mut *out, options, cwd);
    excerpt.title(&place, &why.line.text)?;
    excerpt.facts(&facts)?;
    excerpt.events(
        why.turn,
        why.request.iter().chain(&why.said),
        why.call.as_ref(),
        why.result.as_ref(),
    )?;
    teller.after(out)
}

/// How to see a session from an event on, in the reader's own words.
pub(in crate::cmd) type ShowCommand = fn(session: &str, event: &str) -> String;

/// A line of a system prompt: its id, and what it says if this program still has it.
fn prompt_line(id: &str, account: &Account) -> String {
    let prompt = account.prompt.as_ref().filter(|told| {
        let own = generator();
        told.name == own.name && told.version == u64::from(own.version)
    });
    let lines = prompt.map_or(&[][..], |_| &generator().lines);
    match lines.iter().find(|line| line.id == id) {
        Some(line) => format!("{id} {}", line.text),
        None => format!("{id} of the system prompt"),
    }
}

struct Teller<'a> {
    why: &'a Why,
    traced: &'a Traced,
    context: &'a Context,
    show: ShowCommand,
    ids: ShortIds,
}

impl Teller<'_> {
    /// What is known of the line, label by label.
    fn facts(&mut self) -> Vec<Fact> {
        let (why, line) = (self.why, &self.why.line);
        let mut facts = Vec::new();
        let mut say = |label, value: Option<String>| {
            facts.extend(value.map(|value| Fact { label, value }));
        };
        let origin = match line.origin {
            Kind::Unknown => "unknown".to_owned(),
            Kind::Agent => format!("{}, {}", line.who(), sure(line)),
            kind => format!("{}, {}", kind.as_str(), sure(line)),
        };
        say("origin", Some(origin));
        for words in &line.evidence {
            say("because", Some(words.clone()));
        }
        say("had been", why.before.clone());
        say("commit", Some(self.commit()));
        let header = why.header.as_ref();
        let clock = self.clock();
        let head = header.map(|header| Facts::new(header, &clock));
        let session = line.session.as_deref();
        say(
            "session",
            session.map(|id| self.ids.of(id, &self.traced.app)),
        );
        say("title", head.as_ref().map(|head| head.title.clone()));
        say("agent", head.as_ref().map(|head| head.agent.clone()));
        say(
            "model",
            line.model.as_ref().map(|model| {
                let licence = line.license.as_deref().unwrap_or("unknown");
                format!("{model}, licence {licence}")
            }),
        );
        if let Some(account) = &why.account {
            say("route", account.route.clone());
            say("request", account.exchange.clone());
            for line in &account.follows {
                say("follows", Some(prompt_line(line, account)));
            }
            say("policy", account.decision.clone());
        }
        say("where", header.and_then(|header| header.cwd.clone()));
        let written = why.call.as_ref().and_then(|call| call.at);
        say("when", written.map(|at| self.moment(at.as_millis())));
        say("missing", why.missing.clone());
        facts
    }

    fn commit(&self) -> String {
        let Some(commit) = &self.why.brought_by else {
            return "none: only the working tree has it".to_owned();
        };
        let id = short_commit(&commit.id);
        let at = self.moment(commit.at_ms);
        format!("{id} {} ({}, {at})", commit.subject, commit.author)
    }

    /// Other changes of the line, and what to type next.
    fn after(&mut self, out: &mut impl Write) -> Result<(), CommandError> {
        let why = self.why;
        let mut told = Vec::new();
        for form in &why.earlier {
            told.push(("before", form.text.trim().to_owned()));
            let by = form.by.as_ref().map(|step| self.step(step));
            let by = by.unwrap_or_else(|| "written by no session that is known".to_owned());
            told.push(("", by));
        }
        if why.kept > 0 {
            let changes = crate::text::counted(why.kept as u64, "change");
            told.push((
                "since",
                format!("{changes} of the file left the line as it was"),
            ));
        }
        if let Some(step) = &why.removed {
            let words = "taken out, and stands here all the same".to_owned();
            told.push(("since", words));
            told.push(("", self.step(step)));
        }
        if !told.is_empty() {
            writeln!(out)?;
        }
        let dim = styled(Style::new().dimmed(), self.context.colour);
        for (label, words) in told {
            let words = one_line(&words);
            writeln!(out, "  {dim}{label:<7}{dim:#}  {words}")?;
        }
        let green = styled(AnsiColor::Green.on_default(), self.context.colour);
        writeln!(out, "\n  {green}{}{green:#}", escape(&self.next()))?;
        Ok(())
    }

    /// A step: its session, when, and the command that shows it.
    fn step(&mut self, step: &StepName) -> String {
        let id = self.ids.of(&step.session, &self.traced.app);
        let at = step.at_ms.map(|at_ms| self.moment(at_ms));
        let at = at.map_or_else(String::new, |at| format!(", {at}"));
        format!("by {id}{at}: {}", (self.show)(&id, &step.event))
    }

    fn next(&mut self) -> String {
        let line = &self.why.line;
        match (&line.session, &line.event, &self.why.missing) {
            (Some(session), Some(event), None) => {
                let id = self.ids.of(session, &self.traced.app);
                (self.show)(&id, event)
            }
            _ => format!("stead search file:{}", self.why.path),
        }
    }

    fn clock(&self) -> Clock {
        Clock {
            timezone: self.context.settings.time_zone.clone(),
            now: Some(self.context.settings.now),
        }
    }

    fn moment(&self, at_ms: i64) -> String {
        let time = Time::from_millis(at_ms);
        time.map_or_else(|_| "-".to_owned(), |time| self.clock().day_and_minute(time))
    }
}
