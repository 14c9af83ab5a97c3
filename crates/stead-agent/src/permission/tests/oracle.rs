//! A real shell says which commands a line runs: none of them may be missing where the
//! line is said to be clear.

use std::process::Command;

use proptest::prelude::*;

use crate::permission::command::{Simple, take_apart};

/// Restricted: no program is found, no file is written; what would be run is printed.
const SHOW: &str =
    "command_not_found_handle() { printf '\\035' >&2; printf '%s\\037' \"$@\" >&2; printf '\\036' >&2; return 0; }
PATH=/nowhere; set -r; eval \"$1\"";

/// What bash would run, as words; none if there is no bash that can tell.
fn run_by_bash(line: &str) -> Option<Vec<Vec<String>>> {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("bash")
        .args(["--norc", "--noprofile", "-c", SHOW, "bash", line])
        .current_dir(folder.path())
        .stdin(std::process::Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let runs = text.split('\u{1e}').filter(|run| run.contains('\u{1f}'));
    let words = |run: &str| {
        // The shell's own complaints stand before.
        let run = run.rsplit('\u{1d}').next().unwrap_or_default();
        let mut words: Vec<String> = run.split('\u{1f}').map(str::to_owned).collect();
        words.pop();
        words
    };
    Some(runs.map(words).collect())
}

fn check(line: &str) -> Result<(), String> {
    let found = take_apart(line);
    if !found.unclear.is_empty() {
        return Ok(());
    }
    for run in run_by_bash(line).unwrap_or_default() {
        let bare = |text: &str| text.replace(['\'', '\\', '"', ' '], "");
        let whole = bare(&run.concat());
        let is_it = |one: &Simple| match &one.known {
            // The rest shows only when it runs.
            Some(known) => whole.starts_with(&bare(known)),
            None => one
                .also
                .iter()
                .chain([&one.text])
                .any(|text| bare(text) == whole),
        };
        if !found.commands.iter().any(is_it) {
            return Err(format!(
                "{line:?} runs {run:?}, and not only {:?}",
                found.commands
            ));
        }
    }
    Ok(())
}

#[test]
fn the_shell_tells_what_it_runs() {
    let Some(runs) = run_by_bash("aa; bb 'c d' && echo $(dd)") else {
        return;
    };
    assert_eq!(runs, [vec!["aa"], vec!["bb", "c d"], vec!["dd"]]);
}

#[test]
fn what_bash_runs_is_never_missing_from_known_lines() {
    let lines = [
        "aa; bb 'c d' && e\"f\"g",
        "aa \"$(bb cc)\" `dd`",
        "eval 'aa bb; cc'",
        "aa <<E\n$(bb)\nE\ncc",
        "aa <<'E'\n$(bb)\nE\ncc",
        "aa <<E; bb\n`cc`\nE",
        "f() { aa \"$@\"; }; f bb",
        "for x in 1 2; do aa $x; done",
        "aa #bb\ncc",
        "aa ${x:-$(bb)} ${x:-`cc`}",
        "aa \"`bb \"cc\"`\"",
        "aa $((1+$(bb)))",
        "case x in x) aa;; esac",
        "! aa || bb",
        "aa=$(bb) cc",
        "x=(1 $(aa)); bb",
        "[[ -n $(aa) ]] && bb",
        "aa \\\nbb",
        "coproc aa",
        "aa | { bb; cc; }",
    ];
    let wrong: Vec<String> = lines.iter().filter_map(|line| check(line).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn quotes_and_signs_hide_no_command(pieces in prop::collection::vec(prop::sample::select(vec![
        "aa", "bb", "cc dd", " ", " ", " ", ";", "&&", "||", "|", "\n", "'", "'", "\"", "\"", "\\",
        "$(", ")", "(", "`", "`", "{ ", "; }", "<<E\n", "\nE\n", "<<'E'\n", "<<-E\n", "#", " #", "$'", "${x:-", "}",
        "<<<", "eval ", "! ", "if ", "; then ", "; fi", "x=", "case a in a) ", ";; esac", "$x", "~",
        "env ", "command ", "exec ", "[[ ", " ]]", "((", "))", "$((", "\t", "f() ", "time ",
    ]), 1..14)) {
        let line: String = pieces.concat();
        if let Err(wrong) = check(&line) {
            prop_assert!(false, "{wrong}");
        }
    }
}
