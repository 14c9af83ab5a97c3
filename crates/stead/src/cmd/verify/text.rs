//! What was checked and what was found, in plain words.

use std::io::{self, Write};

use stead_agent::seals::{Machine, Report, Seals};
use stead_redact::terminal::escape;

use crate::command_error::CommandError;
use crate::output::Output;
use crate::text::counted;

/// Writes it: one session with all that was checked, several with a line each.
pub(super) fn write(found: &Machine, all: bool) -> Result<(), CommandError> {
    let mut out = Output::plain();
    for report in &found.sessions {
        if all {
            line(&mut out, report)?;
        } else {
            whole(&mut out, report)?;
        }
    }
    for session in &found.gone {
        let session = escape(session);
        writeln!(out, "{session}  ALTERED: it was sealed, and is gone")?;
    }
    if let Some(seals) = &found.seals {
        tell_seals(&mut out, seals, all)?;
    }
    let sessions = counted(found.sessions.len() as u64, "session");
    match (found.is_well(), all) {
        (true, true) => writeln!(out, "{sessions}: nothing was changed, removed or reordered")?,
        (true, false) => writeln!(out, "nothing was changed, removed or reordered")?,
        (false, _) => writeln!(out, "ALTERED: not all is as it was signed")?,
    }
    Ok(out.finish()?)
}

/// A session among others.
fn line(out: &mut Output, report: &Report) -> io::Result<()> {
    let session = escape(&report.session);
    let records = counted(report.records, "record");
    let exchanges = counted(report.exchanges, "exchange");
    let word = if report.is_well() { "well" } else { "ALTERED" };
    writeln!(out, "{session}  {word}: {records}, {exchanges}")?;
    findings(out, report)
}

/// A session on its own.
fn whole(out: &mut Output, report: &Report) -> io::Result<()> {
    writeln!(out, "session    {}", escape(&report.session))?;
    let now = if report.being_written {
        "; it is being written now"
    } else {
        ""
    };
    let records = counted(report.records, "record");
    writeln!(out, "records    {records}, the header and the events{now}")?;
    if let Some(root) = &report.root {
        writeln!(out, "root       {root}")?;
    }
    let (signer, id) = (escape(&report.signer), &report.key_id);
    writeln!(out, "signed by  {signer}, key id {id}")?;
    let exchanges = counted(report.exchanges, "exchange");
    writeln!(
        out,
        "traffic    {exchanges} with models, with the digests that the events name"
    )?;
    let seals = counted(report.seals, "earlier checkpoint");
    writeln!(out, "seals      {seals} of it in this machine's log")?;
    findings(out, report)
}

fn findings(out: &mut Output, report: &Report) -> io::Result<()> {
    for words in &report.altered {
        writeln!(out, "  altered: {}", escape(words))?;
    }
    for words in &report.remarks {
        writeln!(out, "  remark: {}", escape(words))?;
    }
    Ok(())
}

/// The log of seals: in full with all sessions, else only what is wrong with it.
fn tell_seals(out: &mut Output, seals: &Seals, all: bool) -> io::Result<()> {
    if all {
        let (records, signer) = (counted(seals.records, "record"), escape(&seals.signer));
        let root = seals.root.as_deref().unwrap_or("none");
        writeln!(out, "seals: {records}, root {root}, signed by {signer}")?;
    }
    for words in &seals.altered {
        writeln!(out, "  altered: the log of seals: {}", escape(words))?;
    }
    Ok(())
}
