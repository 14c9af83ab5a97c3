//! Blamed lines for people: columns before the text, coloured by origin.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use stead_app::trace::{Kind, Line, Share, Writer};
use stead_redact::terminal::escape;
use stead_trace::TracedLine;

use super::super::styled;
use super::super::tracing::{ShortIds, Traced, day, short_commit};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::output::Output;
use crate::text::{fit, one_line, width};

/// Names are cut to so many columns.
const NAME: usize = 24;
/// What stands for a commit where there is none.
const UNCOMMITTED: &str = "--------";

pub(super) fn write(
    lines: &[TracedLine],
    views: &[Line],
    traced: &Traced,
    context: &Context,
) -> Result<(), CommandError> {
    let mut ids = ShortIds::default();
    let rows: Vec<[String; 4]> = lines
        .iter()
        .zip(views)
        .map(|(line, view)| cells(line, view, &mut ids, traced, context))
        .collect();
    let widest = |place: usize| rows.iter().map(|row| width(&row[place])).max();
    let widths: Vec<usize> = (0..4).map(|place| widest(place).unwrap_or(0)).collect();
    let digits = lines.last().map_or(1, |line| line.number).to_string().len();
    let dim = styled(Style::new().dimmed(), context.colour);
    let mut out = Output::paged(context);
    for (view, row) in views.iter().zip(&rows) {
        let style = styled(colour(view.origin), context.colour);
        let commit = view.commit.as_deref().map_or(UNCOMMITTED, short_commit);
        write!(out, "{dim}{commit}{dim:#}")?;
        for (cell, width) in row.iter().zip(&widths).filter(|(_, width)| **width > 0) {
            let gap = " ".repeat(width - crate::text::width(cell));
            write!(out, " {style}{cell}{style:#}{gap}")?;
        }
        let text = escape(&view.text);
        let number = view.number;
        writeln!(out, " {dim}{number:>digits$}){dim:#} {text}")?;
    }
    if context.terminal {
        closing(lines, traced, context, &mut out)?;
    }
    Ok(out.finish()?)
}

/// Who, session, model, day.
fn cells(
    line: &TracedLine,
    view: &Line,
    ids: &mut ShortIds,
    traced: &Traced,
    context: &Context,
) -> [String; 4] {
    let name = |text: &str| fit(&one_line(text), NAME);
    let history = traced.tracer.history();
    let commit = view.commit.as_ref().and_then(|id| history.commits.get(id));
    // What is not committed has at best the time of its step.
    let step = Writer::of(&line.finding, traced.tracer.evidence()).step;
    let at_ms = commit.map(|commit| commit.author_ms);
    let at_ms = at_ms.or_else(|| step.and_then(|step| step.at_ms));
    [
        name(view.who()),
        view.session
            .as_deref()
            .map_or_else(String::new, |id| name(&ids.of(id, &traced.app))),
        view.model.as_deref().map_or_else(String::new, name),
        at_ms.map_or_else(|| "-".to_owned(), |at_ms| day(at_ms, context)),
    ]
}

/// Whose lines they are, in all.
fn closing(
    lines: &[TracedLine],
    traced: &Traced,
    context: &Context,
    out: &mut Output,
) -> Result<(), CommandError> {
    let mut share = Share::default();
    for line in lines {
        share.add(&Writer::of(&line.finding, traced.tracer.evidence()));
    }
    let dim = styled(Style::new().dimmed(), context.colour);
    let lines = crate::text::counted(share.lines, "line");
    let words = match share.words() {
        words if words.is_empty() => lines,
        words => format!("{lines}: {}", escape(&words)),
    };
    Ok(writeln!(out, "{dim}{words}{dim:#}")?)
}

/// The colour of an origin.
pub(in crate::cmd) const fn colour(kind: Kind) -> Style {
    match kind {
        Kind::Agent => AnsiColor::Cyan.on_default(),
        Kind::Human => AnsiColor::Green.on_default(),
        Kind::Mixed => AnsiColor::Magenta.on_default(),
        Kind::Unknown => Style::new().dimmed(),
    }
}
