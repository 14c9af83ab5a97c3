//! Tool calls, results and file changes.

use std::fmt::Write as _;

use stead_usf::{Edit, Event, ToolKind};

use super::Page;
use super::text::{code, fence, line};
use crate::export::view::{
    DiffRow, FileDiff, LineKind, bytes, count, first_line, glyph, outcome, short,
};

/// Longer outputs and changes are folded.
const OPEN_LINES: usize = 12;
const OPEN_BYTES: usize = 2_000;
const OPEN_ROWS: usize = 60;
const ARGUMENT_CHARS: usize = 200;

impl Page {
    pub(super) fn call(&mut self, call: &Event, result: Option<&Event>) {
        let (failed, mut words) = result.map(outcome).unwrap_or_default();
        if result.is_none() {
            words = match call.result {
                Some(_) => "the result comes later".to_owned(),
                None => "no result recorded".to_owned(),
            };
        }
        let (name, kind) = call
            .tool
            .as_ref()
            .map_or(("tool", ToolKind::Other), |tool| {
                (tool.name.as_str(), tool.kind)
            });
        let argument = self.caller.argument(call);
        let mut head = format!("**{}**", line(&format!("{} {name}", glyph(kind))));
        if kind != ToolKind::Shell && !argument.is_empty() {
            let _ = write!(
                head,
                " {}",
                code(&short(first_line(&argument), ARGUMENT_CHARS))
            );
        }
        self.put(&ending(head, failed, &words));
        if kind == ToolKind::Shell && !argument.is_empty() {
            self.fenced("sh", &argument);
        }
        self.diffs(&call.edits, call.edits.len() == 1 && !argument.is_empty());
        // That a change was made is said by the change.
        let terse = |result: &&Event| {
            let output = result.output.as_deref().unwrap_or("");
            failed || call.edits.is_empty() || output.trim().lines().count() > 1
        };
        if let Some(result) = result.filter(terse) {
            self.output(result, kind == ToolKind::Read && !failed);
        }
    }

    pub(super) fn late(&mut self, result: &Event, call: Option<&str>) {
        let (failed, words) = outcome(result);
        let tool = result.tool.as_ref().map(|tool| tool.name.as_str());
        let name = call.or(tool).unwrap_or("a call that is not recorded");
        self.put(&ending(
            format!("**↳ Result of** {}", code(name)),
            failed,
            &words,
        ));
        self.output(result, false);
    }

    fn output(&mut self, result: &Event, fold: bool) {
        self.diffs(&result.edits, false);
        let text = result
            .output
            .as_deref()
            .or(result.text.as_deref())
            .unwrap_or("");
        let text = text.trim_matches('\n');
        if text.trim().is_empty() {
            return;
        }
        let lines = text.lines().count();
        if !fold && lines <= OPEN_LINES && text.len() <= OPEN_BYTES {
            return self.fenced("text", text);
        }
        let size = bytes(text.len());
        self.put(&format!(
            "<details><summary>Output: {}, {size}</summary>",
            count(lines, "line")
        ));
        self.fenced("text", text);
        self.put("</details>");
    }

    pub(super) fn diffs(&mut self, edits: &[Edit], named: bool) {
        for edit in edits {
            let diff = FileDiff::new(edit);
            let counts = diff.counts();
            if !named || edit.new_path.is_some() {
                let mut head = format!("*{}* {}", diff.verb(), self.path(&edit.path));
                if let Some(place) = &edit.new_path {
                    let _ = write!(head, " → {}", self.path(place));
                }
                self.put(format!("{head} {counts}").trim_end());
            }
            self.diff(&diff, &counts);
        }
    }

    fn diff(&mut self, diff: &FileDiff<'_>, counts: &str) {
        if diff.rows.is_empty() {
            return;
        }
        let (text, hidden) = unified(diff, self.options.block_bytes);
        let block = fence("diff", &text);
        if diff.rows.len() <= OPEN_ROWS {
            self.put(&block);
        } else {
            self.put(&format!("<details><summary>Change: {counts}</summary>"));
            self.put(&block);
            self.put("</details>");
        }
        if hidden > 0 {
            self.put(&format!("*… {} left out.*", count(hidden, "more line")));
        }
    }
}

/// The line of a call with how it ended.
fn ending(head: String, failed: bool, words: &str) -> String {
    match (failed, words) {
        (_, "") => head,
        (true, words) => format!("{head} — **✗ {words}**"),
        (false, words) => format!("{head} — {words}"),
    }
}

/// The rows as a unified diff of at most about `limit` bytes, and how many rows
/// are not in it.
fn unified(diff: &FileDiff<'_>, limit: usize) -> (String, usize) {
    let mut out = String::new();
    let mut fresh = true;
    for (at, row) in diff.rows.iter().enumerate() {
        if out.len() > limit {
            return (out, diff.rows.len() - at);
        }
        match row {
            DiffRow::Gap(Some(place)) => {
                let _ = writeln!(out, "@@ {} @@", first_line(place));
                fresh = false;
            }
            DiffRow::Gap(None) => fresh = true,
            DiffRow::Line(line) => {
                if std::mem::take(&mut fresh) && (line.old.is_some() || at > 0) {
                    out.push_str(&place(line.old, line.new));
                }
                let text = line.text.replace('\r', "");
                let _ = writeln!(out, "{}{text}", line.kind.sign());
                debug_assert!(line.kind != LineKind::Added || line.old.is_none());
            }
        }
    }
    (out, 0)
}

/// The head of a group of lines.
fn place(old: Option<u64>, new: Option<u64>) -> String {
    match (old, new) {
        (Some(old), Some(new)) => format!("@@ -{old} +{new} @@\n"),
        (Some(old), None) => format!("@@ -{old} @@\n"),
        (None, Some(new)) => format!("@@ +{new} @@\n"),
        (None, None) => "@@ … @@\n".to_owned(),
    }
}
