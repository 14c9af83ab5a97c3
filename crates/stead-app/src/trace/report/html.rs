//! The report as one HTML page: no script, no network, everything escaped.

use super::markdown::{capital, put};
use super::{Report, Section, name_of, report_sections};
use crate::trace::{Share, percent};

const STYLE: &str = include_str!("report.css");
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The report as a self-contained page.
pub fn report_html(report: &Report) -> String {
    let (head, sections) = report_sections(report);
    let title = format!("Who wrote {}", escaped(name_of(&report.repository)));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"stead\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    for line in head {
        put(&mut out, format_args!("<p>{}</p>\n", escaped(&line)));
    }
    bar(&mut out, &report.total);
    for section in sections {
        table(&mut out, &section);
    }
    out + "<footer>Written by stead. No script, no network.</footer>\n</body>\n</html>\n"
}

/// All lines as one bar, by where they come from. What it shows stands in the tables
/// as numbers.
fn bar(out: &mut String, total: &Share) {
    if total.lines == 0 {
        return;
    }
    let parts = [
        ("agent", total.agent),
        ("mixed", total.mixed),
        ("human", total.human),
        ("unknown", total.unknown),
    ];
    let parts = parts.iter().filter(|(_, lines)| *lines > 0);
    *out += "<div class=\"bar\" aria-hidden=\"true\">";
    for (name, lines) in parts.clone() {
        put(
            out,
            format_args!("<span class=\"{name}\" style=\"flex-grow: {lines}\"></span>"),
        );
    }
    *out += "</div>\n<p class=\"key\">";
    for (name, lines) in parts {
        let share = percent(*lines, total.lines)
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        put(
            out,
            format_args!("<span><i class=\"{name}\"></i>{name} {share}</span>\n"),
        );
    }
    *out += "</p>\n";
}

fn table(out: &mut String, section: &Section) {
    put(
        out,
        format_args!(
            "<section>\n<h2>{}</h2>\n<div class=\"wide\"><table>\n<tr>",
            section.title
        ),
    );
    let class = |head: &str| {
        if head.starts_with('>') {
            " class=\"n\""
        } else {
            ""
        }
    };
    for head in &section.heads {
        put(
            out,
            format_args!("<th scope=\"col\"{}>{}</th>", class(head), capital(head)),
        );
    }
    *out += "</tr>\n";
    for row in &section.rows {
        *out += "<tr>";
        for (head, cell) in section.heads.iter().zip(row) {
            put(
                out,
                format_args!("<td{} dir=\"auto\">{}</td>", class(head), escaped(cell)),
            );
        }
        *out += "</tr>\n";
    }
    *out += "</table></div>\n";
    if let Some(note) = &section.note {
        put(
            out,
            format_args!("<p class=\"note\">{}.</p>\n", escaped(note)),
        );
    }
    *out += "</section>\n";
}

fn escaped(text: &str) -> String {
    stead_redact::html::escape(&stead_redact::terminal::escape(text)).into_owned()
}
