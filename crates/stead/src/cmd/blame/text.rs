//! Blamed lines for people: columns before the text, coloured by origin.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use stead_app::trace::{BlamedLine, Kind, Share};
use stead_redact::terminal::escape;

use super::super::styled;
use super::super::tracing::{ShortIds, day, short_commit};
use super::Blamed;
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::output::Output;
use crate::text::{fit, one_line, width};

/// Names are cut to so many columns.
const NAME: usize = 24;
/// In a terminal with fewer columns the text needs the model's more than it.
const NARROW: usize = 80;
/// The model's place among the names.
const MODEL: usize = 2;
/// What stands for a commit where there is none.
const UNCOMMITTED: &str = "--------";

pub(super) fn write(blamed: &Blamed, context: &Context) -> Result<(), CommandError> {
    let lines = &blamed.lines;
    let mut ids = ShortIds::default();
    let rows: Vec<[String; 4]> = lines
        .iter()
        .map(|line| cells(line, &mut ids, blamed, context))
        .collect();
    let widest = |place: usize| rows.iter().map(|row| width(&row[place])).max();
    let narrow = context.terminal && context.width < NARROW;
    let is_shown = |place: usize| place != MODEL || !narrow;
    let widths: Vec<usize> = (0..4)
        .map(|place| widest(place).filter(|_| is_shown(place)).unwrap_or(0))
        .collect();
    let last = lines.last().map_or(1, |line| line.line.number);
    let digits = last.to_string().len();
    let dim = styled(Style::new().dimmed(), context.colour);
    let mut out = Output::paged(context);
    for (BlamedLine { line, .. }, row) in lines.iter().zip(&rows) {
        let style = styled(colour(line.origin), context.colour);
        let commit = line.commit.as_deref().map_or(UNCOMMITTED, short_commit);
        write!(out, "{dim}{commit}{dim:#}")?;
        for (cell, width) in row.iter().zip(&widths).filter(|(_, width)| **width > 0) {
            let gap = " ".repeat(width - crate::text::width(cell));
            write!(out, " {style}{cell}{style:#}{gap}")?;
        }
        let text = escape(&line.text);
        let number = line.number;
        writeln!(out, " {dim}{number:>digits$}){dim:#} {text}")?;
    }
    if context.terminal {
        writeln!(out, "{dim}{}{dim:#}", escape(&closing(lines)))?;
    }
    Ok(out.finish()?)
}

/// Who, session, model, day.
fn cells(blamed: &BlamedLine, ids: &mut ShortIds, all: &Blamed, context: &Context) -> [String; 4] {
    let line = &blamed.line;
    let name = |text: &str| fit(&one_line(text), NAME);
    let session = line.session.as_deref();
    let session = session.map(|id| name(&ids.of(id, &all.app)));
    let at_ms = blamed.at_ms;
    [
        name(line.who()),
        session.unwrap_or_default(),
        line.model.as_deref().map_or_else(String::new, name),
        at_ms.map_or_else(|| "-".to_owned(), |at_ms| day(at_ms, context)),
    ]
}

/// Whose lines they are, in all.
fn closing(lines: &[BlamedLine]) -> String {
    let share = Share::of(lines.iter().map(|line| &line.line));
    let lines = crate::text::counted(share.lines, "line");
    match share.words() {
        words if words.is_empty() => lines,
        words => format!("{lines}: {words}"),
    }
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
