//! Replies as rows.

use super::*;

fn plain(markdown: &str, limit: usize) -> Vec<String> {
    let rows = rows(markdown, limit);
    rows.iter()
        .map(|row| text(row).trim_end().to_owned())
        .collect()
}

#[test]
fn blocks_are_laid_out() {
    let text = "# Head\nSome **bold** and `code`.\nNext line\n\n> quoted\n\n```rs\nlet x;\n\n  y\n```\nend";
    assert_eq!(
        plain(text, 40),
        [
            "# Head",
            "",
            "Some bold and `code`.",
            "Next line",
            "",
            "▎ quoted",
            "",
            "  let x;",
            "",
            "    y",
            "",
            "end"
        ]
    );
}

#[test]
fn lists_hang() {
    let text = "- first item that is long\n- second\n  1. inner\n  2. more\n\nafter";
    assert_eq!(
        plain(text, 16),
        [
            "• first item",
            "  that is long",
            "• second",
            "  1. inner",
            "  2. more",
            "",
            "after"
        ]
    );
}

#[test]
fn links_tell_where_they_lead() {
    assert_eq!(
        plain("[x](http://a/b) <http://c>", 60),
        ["x (http://a/b) http://c"]
    );
    assert_eq!(
        plain("<b>raw</b> ![alt](p.png)", 60),
        ["<b>raw</b> [image] alt (p.png)"]
    );
}

#[test]
fn nesting_leaves_room() {
    for row in plain(&format!("{}deep words here", "> ".repeat(500)), 40) {
        assert!(wrap::width(&row) <= 40, "{row}");
    }
}
