//! Text that is no command, or one that is made to hurt.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use crate::shell::effects;

/// Far more than any of these takes, so that a slow machine passes.
const SOON: Duration = Duration::from_secs(20);

#[test]
fn deep_and_long_commands_end_soon() {
    let deep = [
        "(",
        "$(",
        "\"$(",
        "${",
        "`\\",
        "{ ",
        "if ",
        "x=(",
        "<<a ",
        "<<a\n",
        "((",
        "$((",
        "<(",
        "'",
        "\\",
        "a|",
        "a&&",
        "a;",
        "! ",
        "case x in ",
        "for x in ",
        "f() ",
        "[[ ",
        "<<<",
        "2>",
        "{a,b}",
        "$'\\",
        "function f ",
        "while ",
        "a=$a$a;",
        "bash -c '",
        "eval ",
        "sudo ",
        "env ",
        "xargs ",
        "é",
        "\r",
        "%",
    ];
    let start = Instant::now();
    for piece in deep {
        effects(&piece.repeat(30_000 / piece.len()), "/w", Some("x"));
        effects(&piece.repeat(40), "/w", None);
    }
    for command in [
        format!("a=x{}", "; a=$a$a$a$a".repeat(5000)),
        format!(
            "a='{}'; {}",
            "x ".repeat(50_000),
            "for i in $a; do for j in $a; do cat <<E\n$a\nE\ndone; done"
        ),
        format!(
            "for i in {}; do cat > f <<E\n{}\nE\ndone",
            "x ".repeat(9000),
            "y".repeat(90_000)
        ),
        format!(
            "cat <<E | {{ {} }}\n{}\nE\n",
            ":;".repeat(20_000),
            "y".repeat(90_000)
        ),
        format!(
            "x='{}'; {}",
            "y".repeat(90_000),
            "(:)|".repeat(20_000) + ":"
        ),
        format!("sed -i '{}' f", "s/a/b/;".repeat(15_000)),
        format!("sed -i 's/{}/b/' f", "(a{1,999}){1,999}".repeat(500)),
        format!("echo {}", "{a,b}".repeat(5000)),
        format!("printf '{}' {}", "%s".repeat(10_000), "x ".repeat(50_000)),
        "x".repeat(1 << 20),
    ] {
        effects(&command, "/w", None);
    }
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
}

#[test]
fn what_is_no_command_is_opaque() {
    for command in [
        "if true",
        "echo 'a",
        "(a",
        "a )",
        "$(",
        "fi",
        "cat <<",
        ";;",
        "Get-Content a | Out-File b",
        "powershell -c x",
    ] {
        let found = effects(command, "/w", None);
        assert!(
            found.opaque && found.actions.is_empty(),
            "{command}: {found:?}"
        );
    }
    assert!(effects(&"a ".repeat(200_000), "/w", None).opaque);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_is_too_odd(text in ".{0,200}", output in ".{0,80}") {
        effects(&text, "/w", Some(&output));
    }

    #[test]
    fn no_mix_of_shell_signs_is_too_odd(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                " ", "\n", ";", "&&", "||", "|", "(", ")", "{", "}", "<<E", "\nE\n", "<<-'E'", ">", ">>",
                "2>&1", "&>", "'", "\"", "`", "$", "$(", "${", "$x", "x=", "\\", "#", "!", "*", "[", "]",
                "é", "sed -i ", "s/a/b/", "-e", "perl -pi -e ", "cat ", "f", "echo ", "printf ", "%s", "cd ",
                "git ", "apply", "patch -p1 ", "@@ -1 +1 @@", "--- a", "+++ b", "for ", "in", "do", "done",
                "if", "then", "fi", "case", "esac", "bash -c ", "xargs ", "mv ", "python -c ", "open(",
                "*** Begin Patch", "\n*** Update File: f\n", "head -n ", "1,3p", "\r\n", "\u{0}",
            ]),
            0..40,
        ),
        output in ".{0,40}",
    ) {
        effects(&pieces.concat(), "/w", Some(&output));
    }
}
