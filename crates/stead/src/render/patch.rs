//! A unified diff for people: in colours, and without what a terminal would obey.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use stead_app::export::view::LineKind;
use stead_redact::terminal::escape;

use super::style::{BOLD, PLAIN, Row, Screen, span};
use super::{code, wrap};

/// Where a hunk is.
const PLACE: Style = AnsiColor::Cyan.on_default();

/// Paints a unified diff of any number of files.
pub(crate) fn paint(out: &mut dyn Write, diff: &str, colour: bool) -> io::Result<()> {
    let mut screen = Screen::new(out, colour);
    let mut path = String::new();
    let mut hunk: Vec<(LineKind, String)> = Vec::new();
    let mut in_hunk = false;
    for line in diff.lines() {
        in_hunk = line.starts_with("@@ ") || in_hunk && !line.starts_with("diff --git ");
        if let Some(read) = read(line).filter(|_| in_hunk) {
            hunk.push(read);
            continue;
        }
        end(&mut screen, &path, &mut hunk, colour)?;
        if let Some(name) = line.strip_prefix("+++ ").filter(|_| !in_hunk) {
            name.strip_prefix("b/")
                .unwrap_or(name)
                .clone_into(&mut path);
        }
        let style = if line.starts_with("@@ ") { PLACE } else { BOLD };
        let style = if line.starts_with('\\') { PLAIN } else { style };
        screen.row(&[span(style, escape(line))])?;
    }
    end(&mut screen, &path, &mut hunk, colour)
}

/// A line of a hunk, safe to print.
fn read(line: &str) -> Option<(LineKind, String)> {
    let (kind, text) = match line.as_bytes().first() {
        Some(b'+') => (LineKind::Added, &line[1..]),
        Some(b'-') => (LineKind::Removed, &line[1..]),
        Some(b' ') => (LineKind::Context, &line[1..]),
        None => (LineKind::Context, line),
        _ => return None,
    };
    let safe = escape(text).replace('\n', " ");
    Some((kind, wrap::untab(&safe).into_owned()))
}

/// Paints the lines of a hunk, and forgets them.
fn end<W: Write>(
    screen: &mut Screen<W>,
    path: &str,
    hunk: &mut Vec<(LineKind, String)>,
    colour: bool,
) -> io::Result<()> {
    let lines: Vec<(LineKind, &str)> = hunk.iter().map(|(k, text)| (*k, text.as_str())).collect();
    let rows = if colour {
        code::rows(path, &lines)
    } else {
        let each = lines.iter();
        each.map(|(_, text)| vec![span(PLAIN, *text)]).collect()
    };
    for ((kind, _), code) in lines.iter().zip(rows) {
        let mut row: Row = vec![span(code::base(*kind), kind.sign())];
        row.extend(code);
        screen.row(&row)?;
    }
    hunk.clear();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::paint;

    const DIFF: &str = "diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -1,2 +1,3 @@
 def f():
-\treturn 1
+\treturn 2\u{1b}[2J
+--- so
\\ No newline at end of file
diff --git a/b b/b
--- a/b
+++ b/b
@@ -1 +1 @@
-a
+b
";

    fn painted(colour: bool) -> String {
        let mut out = Vec::new();
        paint(&mut out, DIFF, colour).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn all_lines_are_there_and_none_is_obeyed() {
        let plain = painted(false);
        assert!(!plain.contains('\u{1b}'));
        assert_eq!(plain.lines().count(), DIFF.lines().count());
        assert!(
            plain.contains("+    return 2\n+--- so\n\\ No newline"),
            "{plain}"
        );
    }

    #[test]
    fn colours_say_what_went_and_what_came() {
        let coloured = painted(true).replace('\u{1b}', "␛");
        assert!(
            coloured.contains("␛[31m-␛[0m␛[31m    return 1␛[0m"),
            "{coloured}"
        );
        assert!(
            coloured.contains("␛[32m+␛[0m␛[32m    ␛[0m␛[35mreturn␛[0m"),
            "{coloured}"
        );
        assert!(coloured.contains("␛[36m@@ -1,2 +1,3 @@␛[0m"), "{coloured}");
        assert!(coloured.contains("␛[32m+␛[0m␛[32mb␛[0m"), "{coloured}");
    }
}
