//! Tool calls, results and file changes.

use stead_usf::{Edit, Event, ToolKind};

use super::Page;
use super::text::{anchor, block, escaped};
use crate::export::view::{DiffRow, FileDiff, LineKind, count, first_line, glyph, outcome, short};

/// Changes of more rows are folded at first.
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
        let rows: usize = call
            .edits
            .iter()
            .map(|edit| FileDiff::new(edit).rows.len())
            .sum();
        let argument = self.caller.argument(call);
        let (name, kind) = tool(call);
        let line = short(first_line(&argument), ARGUMENT_CHARS);
        let counts = match call.edits.as_slice() {
            [edit] => FileDiff::new(edit).counts(),
            _ => String::new(),
        };
        let open = failed || (rows > 0 && rows <= OPEN_ROWS);
        self.open_call(
            &anchor(&call.id),
            (failed, open),
            (glyph(kind), name),
            &line,
        );
        self.ending(failed, &counts, &words);
        self.input(call, kind, &argument, line.len());
        self.diffs(&call.edits, call.edits.len() == 1 && !argument.is_empty());
        if let Some(result) = result {
            self.output(result);
        }
        self.put("</details>\n");
    }

    pub(super) fn late(&mut self, result: &Event, call: Option<&str>) {
        let (failed, words) = outcome(result);
        let tool = result.tool.as_ref().map(|tool| tool.name.as_str());
        let name = call.or(tool).unwrap_or("a call that is not recorded");
        self.open_call(
            &anchor(&result.id),
            (failed, true),
            ("↳", "Result of"),
            name,
        );
        self.ending(failed, "", &words);
        self.output(result);
        self.put("</details>\n");
    }

    fn open_call(
        &mut self,
        id: &str,
        (failed, open): (bool, bool),
        (sign, name): (&str, &str),
        argument: &str,
    ) {
        let class = if failed { "call bad" } else { "call" };
        let open = if open { " open" } else { "" };
        self.put(&format!(
            "<details class=\"{class}\" id=\"{id}\"{open}><summary><span class=\"sign\" \
             aria-hidden=\"true\">{sign}</span> <b>{}</b>",
            escaped(name)
        ));
        if !argument.is_empty() {
            self.put(&format!(" <code>{}</code>", escaped(argument)));
        }
    }

    /// The end of a call's line.
    fn ending(&mut self, failed: bool, counts: &str, words: &str) {
        if !counts.is_empty() {
            self.put(&format!(" <span class=\"counts\">{counts}</span>"));
        }
        if !words.is_empty() {
            let mark = if failed { "✗ " } else { "" };
            self.put(&format!(
                " <span class=\"outcome\">{mark}{}</span>",
                escaped(words)
            ));
        }
        self.put("</summary>\n");
    }

    /// What the tool was called with, where its line does not say all.
    fn input(&mut self, call: &Event, kind: ToolKind, argument: &str, said: usize) {
        let whole = match kind {
            ToolKind::Shell if argument.trim().len() > said => argument.to_owned(),
            ToolKind::Task | ToolKind::Todo | ToolKind::Ask | ToolKind::Mcp | ToolKind::Other => {
                let value = call
                    .input
                    .as_ref()
                    .and_then(|raw| raw.to::<serde_json::Value>().ok());
                value.map_or_else(String::new, |value| format!("{value:#}"))
            }
            _ => return,
        };
        if !whole.is_empty() && whole != "{}" {
            let text = block(&whole, &self.options);
            self.put(&format!(
                "<pre class=\"input\" tabindex=\"0\">{text}</pre>\n"
            ));
        }
    }

    fn output(&mut self, result: &Event) {
        self.diffs(&result.edits, false);
        match result.output.as_deref().or(result.text.as_deref()) {
            Some(text) if !text.trim().is_empty() => {
                let text = block(text.trim_start_matches('\n'), &self.options);
                self.put(&format!(
                    "<pre class=\"output\" tabindex=\"0\">{text}</pre>\n"
                ));
            }
            _ => self.put("<p class=\"empty\">No output.</p>\n"),
        }
    }

    pub(super) fn diffs(&mut self, edits: &[Edit], named: bool) {
        for edit in edits {
            let diff = FileDiff::new(edit);
            if !named || edit.new_path.is_some() {
                let path = escaped(self.caller.relative(&edit.path));
                self.put(&format!(
                    "<p class=\"file\">{} <code>{path}</code>",
                    diff.verb()
                ));
                if let Some(place) = &edit.new_path {
                    let place = escaped(self.caller.relative(place));
                    self.put(&format!(" → <code>{place}</code>"));
                }
                self.put(&format!(
                    " <span class=\"counts\">{}</span></p>\n",
                    diff.counts()
                ));
            }
            self.diff(&diff);
        }
    }

    fn diff(&mut self, diff: &FileDiff<'_>) {
        if diff.rows.is_empty() {
            return;
        }
        self.put("<pre class=\"diff\" tabindex=\"0\">");
        let mut written = 0;
        for (at, row) in diff.rows.iter().enumerate() {
            if written > self.options.block_bytes {
                let rest = count(diff.rows.len() - at, "more line");
                self.put(&format!("<em class=\"cut\">… {rest} left out</em>"));
                break;
            }
            match row {
                DiffRow::Gap(place) => {
                    let place = escaped(place.unwrap_or(""));
                    self.put(&format!("<span class=\"gap\">⋮ {place}</span>"));
                }
                DiffRow::Line(line) => {
                    let class = match line.kind {
                        LineKind::Context => "same",
                        LineKind::Added => "add",
                        LineKind::Removed => "del",
                    };
                    let number = line
                        .new
                        .or(line.old)
                        .map_or_else(String::new, |n| n.to_string());
                    let text = escaped(line.text);
                    written += text.len();
                    self.put(&format!(
                        "<span class=\"{class}\"><i>{number}</i>{} {text}\n</span>",
                        line.kind.sign()
                    ));
                }
            }
        }
        self.put("</pre>\n");
    }
}

fn tool(call: &Event) -> (&str, ToolKind) {
    call.tool
        .as_ref()
        .map_or(("tool", ToolKind::Other), |tool| {
            (tool.name.as_str(), tool.kind)
        })
}
