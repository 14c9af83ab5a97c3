//! The report as Markdown.

use std::fmt::Write;

use super::{Report, report_sections};

/// The report as a Markdown document. What names hold is escaped.
pub fn report_markdown(report: &Report) -> String {
    let (head, sections) = report_sections(report);
    let mut out = String::from("# Who wrote this repository\n\n");
    for line in head {
        put(&mut out, format_args!("{}  \n", escaped(&line)));
    }
    for section in sections {
        put(&mut out, format_args!("\n## {}\n\n", section.title));
        let heads = section.heads.iter().map(|head| capital(head));
        out += &row(heads);
        let rules = section.heads.iter();
        let rules = rules.map(|head| if head.starts_with('>') { "--:" } else { "---" });
        out += &row(rules.map(str::to_owned));
        for cells in &section.rows {
            out += &row(cells.iter().map(|cell| escaped(cell)));
        }
        if let Some(note) = section.note {
            put(&mut out, format_args!("\n{}.\n", escaped(&note)));
        }
    }
    out
}

/// Appends to a document.
pub(super) fn put(out: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(words);
}

/// `>LINES` as `Lines`.
pub(super) fn capital(head: &str) -> String {
    let head = head.trim_start_matches('>').to_lowercase();
    let mut letters = head.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_uppercase(), letters.as_str())
    })
}

fn row(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.collect();
    format!("| {} |\n", cells.join(" | "))
}

/// Text that Markdown takes for nothing but text, on one row.
fn escaped(text: &str) -> String {
    let text = stead_redact::terminal::escape(text);
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\n' | '\t' => out.push(' '),
            '<' => out += "&lt;",
            '&' => out += "&amp;",
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '!' | '~' | '$' => {
                out.push('\\');
                out.push(sign);
            }
            sign => out.push(sign),
        }
    }
    out
}
