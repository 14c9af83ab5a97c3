//! The report as titled tables, whatever they are painted on.

use super::{Report, Skipped, name_of};
use crate::export::view::{count, grouped, short};
use crate::trace::{Share, percent};

/// Rows of a table that are shown; the rest is told as a number.
const MOST: usize = 20;
/// Longest title of a session.
const TITLE: usize = 60;

/// A titled table. The first column is text, the others are numbers if their
/// heading begins with `>`. Texts are as they were recorded: whoever paints them
/// escapes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it is about.
    pub title: &'static str,
    /// Headings.
    pub heads: Vec<&'static str>,
    /// Rows with as many cells.
    pub rows: Vec<Vec<String>>,
    /// What is to be said below it.
    pub note: Option<String>,
}

/// What stands above the tables, row by row, and the tables.
pub fn report_sections(report: &Report) -> (Vec<String>, Vec<Section>) {
    let mut sections = vec![
        whole(&report.total),
        models(report),
        licences(report),
        shares("By folder", "FOLDER", &report.directories),
        shares("By author of the commit", "AUTHOR", &report.authors),
        sessions(report),
    ];
    sections.retain(|section| !section.rows.is_empty());
    (head(report), sections)
}

fn head(report: &Report) -> Vec<String> {
    let at = match &report.commit {
        Some(commit) => format!("at {}", commit.get(..8).unwrap_or(commit)),
        None => "as it is in the working tree".to_owned(),
    };
    let since = match &report.since {
        Some(since) => format!(", lines since {since}"),
        None => String::new(),
    };
    let lines = count(report.total.lines as usize, "line");
    let files = count(report.files as usize, "file");
    let name = name_of(&report.repository);
    let mut head = vec![format!("{name} {at}{since}: {lines} in {files}")];
    head.extend(skipped(&report.skipped));
    head
}

fn skipped(skipped: &Skipped) -> Option<String> {
    let parts = [
        (skipped.binary, "binary"),
        (skipped.vendored, "vendored"),
        (skipped.generated, "generated"),
        (skipped.unreadable, "that could not be read"),
    ];
    let parts = parts.iter().filter(|(files, _)| *files > 0);
    let parts: Vec<String> = parts
        .map(|(files, what)| format!("{} {what}", grouped(*files)))
        .collect();
    (!parts.is_empty()).then(|| format!("not counted: files {}", parts.join(", ")))
}

fn whole(total: &Share) -> Section {
    let row = |(name, lines): (&str, u64)| {
        let part = percent(lines, total.lines);
        vec![name.to_owned(), grouped(lines), part]
    };
    Section {
        title: "Who wrote it",
        heads: vec!["WHO", ">LINES", ">SHARE"],
        rows: total.parts().into_iter().map(row).collect(),
        note: None,
    }
}

fn models(report: &Report) -> Section {
    let row = |row: &super::ModelRow| {
        let licence = row.license.as_deref().unwrap_or("unknown");
        vec![
            row.model.clone(),
            row.agent.clone(),
            licence.to_owned(),
            grouped(row.lines),
            percent(row.lines, report.total.lines),
        ]
    };
    Section {
        title: "Agents' lines by model",
        heads: vec!["MODEL", "AGENT", "LICENCE", ">LINES", ">SHARE"],
        rows: report.models.iter().map(row).collect(),
        note: None,
    }
}

fn licences(report: &Report) -> Section {
    let row = |(name, lines): &(String, u64)| {
        let part = percent(*lines, report.total.lines);
        vec![name.clone(), grouped(*lines), part]
    };
    let unknown = report.unknown_licence();
    let lines = count(unknown as usize, "line");
    Section {
        title: "Agents' lines by licence of the model's weights",
        heads: vec!["LICENCE", ">LINES", ">SHARE"],
        rows: report.licenses.iter().map(row).collect(),
        note: (unknown > 0).then(|| {
            let part = percent(unknown, report.total.lines);
            format!("{lines} ({part}) were written by a model whose licence is not known")
        }),
    }
}

fn shares(title: &'static str, head: &'static str, shares: &[(String, Share)]) -> Section {
    let row = |(name, share): &(String, Share)| {
        let part = |lines| percent(lines, share.lines);
        vec![
            name.clone(),
            grouped(share.lines),
            part(share.agent),
            part(share.human),
            part(share.mixed),
            part(share.unknown),
        ]
    };
    Section {
        title,
        heads: vec![head, ">LINES", ">AGENT", ">HUMAN", ">MIXED", ">UNKNOWN"],
        rows: shares.iter().take(MOST).map(row).collect(),
        note: more(shares.len()),
    }
}

fn sessions(report: &Report) -> Section {
    let row = |row: &super::SessionRow| {
        vec![
            row.session.clone(),
            grouped(row.lines),
            grouped(row.mixed),
            short(row.title.as_deref().unwrap_or("-"), TITLE),
        ]
    };
    Section {
        title: "Sessions that left the most lines",
        heads: vec!["SESSION", ">LINES", ">CHANGED SINCE", "TITLE"],
        rows: report.sessions.iter().take(MOST).map(row).collect(),
        note: more(report.sessions.len()),
    }
}

fn more(rows: usize) -> Option<String> {
    let more = rows.checked_sub(MOST).filter(|more| *more > 0)?;
    Some(format!(
        "{} more; --json has them all",
        grouped(more as u64)
    ))
}
