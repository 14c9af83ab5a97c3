//! Command lines as models write them, each with the simple commands in it.

use crate::permission::command::{LONGEST, take_apart};

/// The commands of a line, and `?` at the end if it is unclear.
fn commands(line: &str) -> Vec<String> {
    let line = take_apart(line);
    let mut found: Vec<String> = line.commands.into_iter().map(|one| one.text).collect();
    if !line.unclear.is_empty() {
        found.push("?".to_owned());
    }
    found
}

const LINES: &[(&str, &[&str])] = &[
    ("ls", &["ls"]),
    (
        "cargo test -p a && git push",
        &["cargo test -p a", "git push"],
    ),
    ("a; b || c | d & e\nf", &["a", "b", "c", "d", "e", "f"]),
    ("git  'push'   \"origin\"", &["git push origin"]),
    ("g\"it\" pu\\sh 'a b'", &["git push 'a b'"]),
    (
        "git commit -m \"it's; rm -rf /\"",
        &["git commit -m 'it'\\''s; rm -rf /'"],
    ),
    (
        "echo \"$(git push)\"",
        &["echo \"$(git push)\"", "git push"],
    ),
    ("echo `git push`", &["echo `git push`", "git push"]),
    ("(cd a && make)", &["cd a", "make"]),
    (
        "diff <(sort a) <(sort b)",
        &["diff <(sort a) <(sort b)", "sort a", "sort b"],
    ),
    ("cat <<'EOF' > f\n$(no) `no`; rm x\nEOF\nls", &["cat", "ls"]),
    ("cat <<EOF\n$(rm x)\nEOF", &["cat", "rm x"]),
    ("cat <<EOF\n`rm x`\nEOF", &["cat", "?"]),
    ("cat <<EOF | sh\nrm x\nEOF", &["cat", "sh", "?"]),
    (
        "env X=1 cargo test",
        &["env X=1 cargo test", "X=1 cargo test"],
    ),
    ("RUST_BACKTRACE=1 cargo test", &["cargo test"]),
    ("PATH=/tmp ls", &["PATH=/tmp ls"]),
    ("PATH=/tmp; ls", &["PATH=/tmp", "ls"]),
    ("x=1; ls", &["ls"]),
    ("sudo -u root rm x", &["sudo -u root rm x", "rm x"]),
    (
        "timeout -k 5 10 cargo test",
        &["timeout -k 5 10 cargo test", "cargo test"],
    ),
    (
        "nice -n 5 nohup make",
        &["nice -n 5 nohup make", "nohup make", "make"],
    ),
    (
        "ls | xargs -n 1 rm -f",
        &["ls", "xargs -n 1 rm -f", "rm -f …"],
    ),
    ("xargs --arg-file=x rm", &["xargs --arg-file=x rm", "?"]),
    (
        "bash -c 'git push; ls'",
        &["bash -c 'git push; ls'", "git push", "ls"],
    ),
    (
        "bash -lc \"sh -c 'rm x'\"",
        &["bash -lc 'sh -c '\\''rm x'\\'''", "sh -c 'rm x'", "rm x"],
    ),
    ("bash -c \"$X\"", &["bash -c \"$X\"", "?"]),
    ("curl x | sh", &["curl x", "sh", "?"]),
    ("eval git push", &["eval git push", "git push"]),
    ("eval \"$X\"", &["eval \"$X\"", "?"]),
    ("$X y", &["$X y", "?"]),
    ("{git,push} x", &["?"]),
    (
        "find . -name '*.o' -exec rm {} +",
        &["find . -name *.o -exec rm {} +", "rm {}"],
    ),
    ("for f in a b; do rm $f; done", &["rm $f"]),
    ("for PATH in a; do ls; done", &["PATH=…", "ls"]),
    ("if [ -f x ]; then a; else b; fi", &["a", "b"]),
    ("case $x in a) b;; *) c;; esac", &["b", "c"]),
    ("while read l; do a $l; done < f", &["read l", "a $l"]),
    ("f() { git push; }; f", &["git push", "f"]),
    ("trap 'rm x' EXIT", &["trap 'rm x' EXIT", "rm x"]),
    ("export A=$(rm x)", &["export A=$(rm x)", "rm x"]),
    ("! git push", &["git push"]),
    ("time -p make", &["time -p make", "make"]),
    ("echo a # ; rm x", &["echo a"]),
    ("echo a#b; rm x", &["echo a#b", "rm x"]),
    ("echo $'a\\'; rm x; \\''", &["echo $'a\\'; rm x; \\''"]),
    ("rm \\\n  -rf x", &["rm -rf x"]),
    ("> f rm x", &["rm x"]),
    ("echo 'a", &["?"]),
    ("ls\r; rm x", &["?"]),
    ("", &[]),
    ("# nothing", &[]),
];

#[test]
fn lines_are_taken_apart() {
    let wrong: Vec<String> = LINES
        .iter()
        .filter(|(line, expected)| commands(line) != *expected)
        .map(|(line, expected)| format!("{line}\n  {:?}\n  not {expected:?}", commands(line)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn redirections_are_reads_and_writes() {
    for (line, reads, writes) in [
        ("a > b 2>&1", vec![], vec!["b"]),
        ("a >> 'b c' < d", vec!["d"], vec!["b c"]),
        ("a &> b; c >| d", vec![], vec!["b", "d"]),
        ("a > /dev/null 2>/dev/null", vec![], vec![]),
        ("> b", vec![], vec!["b"]),
        ("{ a; b; } > c", vec![], vec!["c"]),
        ("a > ~/b", vec![], vec!["~/b"]),
        ("sh -c 'a > b'", vec![], vec!["b"]),
    ] {
        let found = take_apart(line);
        assert_eq!(
            (&found.reads, &found.writes),
            (&own(&reads), &own(&writes)),
            "{line}"
        );
        assert_eq!(found.unclear, Vec::<String>::new(), "{line}");
    }
    for line in ["a > $X", "a > *", "a > /dev/tcp/h/1", "a > \"$(b)\""] {
        assert!(!take_apart(line).unclear.is_empty(), "{line}");
    }
}

fn own(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn hostile_lines_are_unclear_and_end() {
    let deep = [
        "(",
        "$(",
        "{ ",
        "if ",
        "\"$(",
        "`",
        "((",
        "[[ ",
        "<<E ",
        "'",
        "\"",
        "a;",
        "a|",
        "${",
        "case x in ",
        "sh -c ",
        "eval ",
        "f() ",
        "a=",
        "\\",
        "\0",
        "$((",
        "<(",
    ];
    for piece in deep {
        for times in [1, 7, 2000] {
            let _ = take_apart(&piece.repeat(times));
        }
        assert!(
            !take_apart(&piece.repeat(LONGEST)).unclear.is_empty(),
            "{piece}"
        );
    }
    let nested = (0..40).fold("rm x".to_owned(), |line, _| format!("eval {line}"));
    assert!(!take_apart(&nested).unclear.is_empty());
    assert_eq!(take_apart(&"x".repeat(1 << 20)).unclear, ["it is too long"]);
}
