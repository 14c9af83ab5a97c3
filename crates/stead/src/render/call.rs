//! Tool calls and what they answered.

use std::io::{self, Write};

use stead_app::export::view::{FileDiff, count, first_line, glyph, outcome};
use stead_redact::terminal::escape;
use stead_usf::{Event, ToolKind};

use super::diff;
use super::page::{Fold, Page};
use super::style::{ARGUMENT, BAD, BOLD, DIM, PLAIN, Row, TOOL, span};
use super::wrap;

/// What stands before the lines of an output.
const GUTTER: &str = "  │ ";
/// Columns that an argument needs to tell anything.
const SHORTEST_ARGUMENT: usize = 12;

/// Paints a call, its changes, and its result if that is known.
pub(crate) fn paint<W: Write>(
    page: &mut Page<W>,
    call: &Event,
    result: Option<&Event>,
) -> io::Result<()> {
    let argument = page.caller.argument(call);
    let (failed, mut words) = result.map(outcome).unwrap_or_default();
    if result.is_none() {
        words = match call.result {
            Some(_) => "the result comes later".to_owned(),
            None => "no result recorded".to_owned(),
        };
    }
    line(page, call, &argument, failed, &words)?;
    if page.options.full && argument.trim().lines().count() > 1 {
        page.verbatim(&span(DIM, GUTTER), ARGUMENT, argument.trim(), None, "")?;
    }
    diff::paint(page, &call.edits, !argument.is_empty())?;
    let said_by_diff = !call.edits.is_empty() && !failed && !page.options.full;
    match result {
        Some(result) if !said_by_diff => output(page, kind(call), result, failed),
        _ => Ok(()),
    }
}

/// Paints a result that came long after its call.
pub(crate) fn late<W: Write>(
    page: &mut Page<W>,
    result: &Event,
    call: Option<&str>,
) -> io::Result<()> {
    let (failed, words) = outcome(result);
    let name = match (call, &result.tool) {
        (Some(label), _) => format!("result of {label}"),
        (None, Some(tool)) => format!("result of {}", tool.name),
        (None, None) => "result of a call that is not recorded".to_owned(),
    };
    let name = escape(&name).replace('\n', " ");
    let tail = status(failed, &words);
    let limit = page
        .options
        .width
        .saturating_sub(4 + wrap::row_width(&tail));
    let mut row = vec![
        span(TOOL, "↳ "),
        span(BOLD, wrap::clip(&name, limit.max(12))),
    ];
    row.extend(tail);
    page.behind(&span(PLAIN, "  "), row)?;
    output(page, kind(result), result, failed)
}

fn kind(event: &Event) -> ToolKind {
    event
        .tool
        .as_ref()
        .map_or(ToolKind::Other, |tool| tool.kind)
}

/// The line of the call: sign, tool, argument, how it ended; the last below if
/// there is no room beside.
fn line<W: Write>(
    page: &mut Page<W>,
    call: &Event,
    argument: &str,
    failed: bool,
    words: &str,
) -> io::Result<()> {
    let room = page.options.width.saturating_sub(2);
    let name = call.tool.as_ref().map_or("tool", |tool| tool.name.as_str());
    let name = escape(name).replace('\n', " ");
    let mut row = vec![
        span(TOOL, format!("{} ", glyph(kind(call)))),
        span(BOLD, wrap::clip(&name, room / 2)),
    ];
    let mut tail = changed(call);
    tail.extend(status(failed, words));
    let argument = escape(argument);
    let first = wrap::untab(first_line(&argument)).into_owned();
    let note = match argument.trim().lines().count() {
        0 | 1 => String::new(),
        lines => format!(" … +{}", count(lines - 1, "line")),
    };
    let used = wrap::row_width(&row) + 2 + wrap::width(&note);
    let beside = wrap::row_width(&tail);
    let below = used + SHORTEST_ARGUMENT + beside > room;
    let limit = room.saturating_sub(used + if below { 0 } else { beside });
    if !first.is_empty() {
        let first = wrap::clip(&first, limit.max(4));
        row.extend([span(ARGUMENT, format!("  {first}")), span(DIM, note)]);
    }
    if !below {
        row.append(&mut tail);
    }
    for row in [row, tail].into_iter().filter(|row| !row.is_empty()) {
        page.behind(&span(PLAIN, "  "), wrap::clip_row(row, room))?;
    }
    Ok(())
}

/// How many lines a call changes, if it changes one file.
fn changed(call: &Event) -> Row {
    let mut row = Row::new();
    if let [edit] = call.edits.as_slice() {
        let diff = FileDiff::new(edit);
        row.push(span(PLAIN, "  "));
        row.extend(diff::counts(diff.added, diff.removed));
    }
    row
}

/// How a call ended, behind its line.
fn status(failed: bool, words: &str) -> Row {
    match (failed, words) {
        (_, "") => Row::new(),
        (true, words) => vec![span(PLAIN, "  "), span(BAD, format!("✗ {words}"))],
        (false, words) => vec![span(PLAIN, "  "), span(DIM, words)],
    }
}

/// What the tool answered. Of a command, the end tells the most; of a file that
/// was read, little needs to be seen.
fn output<W: Write>(
    page: &mut Page<W>,
    kind: ToolKind,
    result: &Event,
    failed: bool,
) -> io::Result<()> {
    let fold = match kind {
        ToolKind::Shell | ToolKind::Task => Fold { head: 3, tail: 5 },
        ToolKind::Read if !failed => Fold { head: 3, tail: 0 },
        _ => Fold { head: 8, tail: 0 },
    };
    let fold = (!page.options.full).then_some(fold);
    let gutter = span(if failed { BAD } else { DIM }, GUTTER);
    diff::paint(page, &result.edits, false)?;
    match result.output.as_deref().or(result.text.as_deref()) {
        Some(text) if !text.trim().is_empty() => {
            let style = if failed { PLAIN } else { DIM };
            let unfold = page.unfold;
            page.verbatim(&gutter, style, text.trim_matches('\n'), fold, unfold)
        }
        _ => Ok(()),
    }
}
