//! What printed output shows of files.

use crate::shell::effects;
use crate::step::Action;

/// What is shown: file, first line, whether it is whole, and the text.
fn shown(command: &str, output: &str) -> Vec<String> {
    let actions = effects(command, "/w", Some(output)).actions;
    let shows = actions
        .into_iter()
        .filter_map(|(path, action)| match action {
            Action::Show { text, first, whole } => {
                let whole = if whole { " whole" } else { "" };
                Some(format!("{path} {first}{whole}: {text:?}"))
            }
            _ => None,
        });
    shows.collect()
}

#[test]
fn what_is_shown_before_a_change_comes_before_it() {
    let kinds = |command| -> Vec<&str> {
        let actions = effects(command, "/w", Some("x\n")).actions;
        let kind = |(_, action): &(String, Action)| match action {
            Action::Show { .. } => "show",
            _ => "change",
        };
        actions.iter().map(kind).collect()
    };
    assert_eq!(kinds("cat a && sed -i 's/x/y/' a"), ["show", "change"]);
    assert_eq!(kinds("sed -i 's/x/y/' a; cat a"), ["change", "show"]);
}

#[test]
fn output_shows_files() {
    for (command, output, expected) in [
        ("cat a", "x\ny\n", r#"/w/a 1 whole: "x\ny\n""#),
        ("cd s && cat a 2>/dev/null", "x", r#"/w/s/a 1 whole: "x\n""#),
        ("sed -n '10,12p' a", "x\ny", r#"/w/a 10: "x\ny\n""#),
        ("sed -n 10,\\$p a", "x", r#"/w/a 10: "x\n""#),
        ("head -50 a", "x", r#"/w/a 1: "x\n""#),
        ("head -n 50 a", "x", r#"/w/a 1: "x\n""#),
        ("cat a | head -n 5", "x", r#"/w/a 1: "x\n""#),
        ("tail -n +7 a", "x", r#"/w/a 7: "x\n""#),
        ("tail -n +7 a | head -n 3", "x", r#"/w/a 7: "x\n""#),
        (
            "nl -ba a | sed -n '5,6p'",
            "     5\tx\n     6\ty\n",
            r#"/w/a 5: "x\ny\n""#,
        ),
        ("cat -n a", "     1\tx\n     2\ty\n", r#"/w/a 1: "x\ny\n""#),
        ("git show HEAD:s/a", "x\n", r#"/w/s/a 1: "x\n""#),
        (
            "git add -A && bash -lc 'cat a'",
            "x\n",
            r#"/w/a 1 whole: "x\n""#,
        ),
        (
            "echo == a; cat a; echo == b; cat b",
            "== a\nx\n== b\ny\n",
            r#"/w/a 1 whole: "x\n" /w/b 1 whole: "y\n""#,
        ),
        // It cannot be told what is whose, or something else was printed.
        ("cat a b", "x\ny\n", ""),
        ("cat a; ls", "x\ny\n", r""),
        ("ls; cat a", "x\ny\n", ""),
        ("cat a | grep x", "x\n", ""),
        ("tail -n 5 a", "x\n", ""),
        ("cat a", "cat: a: No such file or directory\n", ""),
        ("cat a", "x\n[... 200 lines truncated ...]\ny\n", ""),
        ("cat a", "", ""),
        ("cat $F", "x\n", ""),
        ("cat *.py", "x\n", ""),
        (
            "echo == a; cat a; echo == b; cat b",
            "== a\n== b\n== b\ny\n",
            "",
        ),
        ("echo == a; cat a", "x\n", ""),
        ("if true; then cat a; fi", "x\n", ""),
    ] {
        assert_eq!(shown(command, output).join(" "), expected, "{command}");
    }
}
