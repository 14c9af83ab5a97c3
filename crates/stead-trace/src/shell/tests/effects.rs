//! What commands do that no oracle can run: other systems' tools, git, formatters.

use crate::shell::effects;
use crate::step::Action;

/// The effects as text: one action after the other.
fn told(command: &str) -> String {
    let found = effects(command, "/w", None);
    let mut told: Vec<String> = found
        .actions
        .iter()
        .map(|(path, action)| one(path, action))
        .collect();
    if found.opaque {
        told.push("opaque".to_owned());
    }
    told.join("; ")
}

fn one(path: &str, action: &Action) -> String {
    let path = path.strip_prefix("/w/").unwrap_or(path);
    match action {
        Action::Write { after, .. } => format!("write {path} {after:?}"),
        Action::Append(text) => format!("append {path} {text:?}"),
        Action::Substitute { pattern, with, all } => {
            format!(
                "{path} {pattern} -> {with}{}",
                if *all { " all" } else { "" }
            )
        }
        Action::Patch(diff) => {
            let hunks = diff.hunks.iter().map(|hunk| {
                let anchor = hunk.anchor.as_ref().map(|anchor| format!("@{anchor}|"));
                format!("{}{}", anchor.unwrap_or_default(), hunk.lines.join("|"))
            });
            format!("patch {path} {}", hunks.collect::<Vec<_>>().join(" & "))
        }
        Action::Move(to) => format!("move {path} {}", to.trim_start_matches("/w/")),
        Action::Copy(to) => format!("copy {path} {}", to.trim_start_matches("/w/")),
        Action::Delete => format!("delete {path}"),
        Action::Restore => format!("restore {path}"),
        Action::Format => format!("format {path}"),
        Action::Opaque => format!("opaque {path}"),
        Action::Show { .. } | Action::Replace { .. } | Action::Stream(_) => {
            format!("{path} {action:?}")
        }
    }
}

fn check(cases: &[(&str, &str)]) {
    for (command, expected) in cases {
        assert_eq!(told(command), *expected, "{command}");
    }
}

#[test]
fn other_systems_sed_is_understood() {
    check(&[
        ("sed -i '' 's/a/b/' f", "f a -> b"),
        (
            "sed -i '' -e 's/a/b/g' -e 's/c/d/' f g",
            "f a -> b all; f c -> d; g a -> b all; g c -> d",
        ),
        ("sed -i .bak -E 's/(a)/b/' f", "f (a) -> b"),
        (
            "gsed --in-place=.bak --regexp-extended --expression='s/a+/b/' f",
            "f a+ -> b",
        ),
        ("sudo sed -i 's/a/b/' /etc/hosts", "/etc/hosts a -> b"),
        ("sed -i -f script.sed f", "opaque f"),
        ("sed -i 's/a/b/w out' f", "opaque f"),
    ]);
}

#[test]
fn patches_in_codexs_form_are_taken_apart() {
    check(&[
        (
            "cd s && apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: a.rs\n@@ fn main()\n-old\n+new\n\n@@\n x\n+y\n*** End Patch\nEOF",
            "patch s/a.rs @fn main()|-old|+new|  &  x|+y",
        ),
        (
            "apply_patch '*** Begin Patch\n*** Add File: n.txt\n+a\n+\n+b\n*** Delete File: o.txt\n*** End Patch'",
            "write n.txt \"a\\n\\nb\\n\"; delete o.txt",
        ),
        (
            "apply_patch << \"EOF\"\n*** Begin Patch\n*** Update File: a\n*** Move to: d/b\n@@\n-x\n+y\n*** End of File\n*** End Patch\nEOF\n",
            "move a d/b; patch d/b -x|+y",
        ),
        (
            "*** Begin Patch\n*** Add File: a\n+x\n*** End Patch",
            "write a \"x\\n\"",
        ),
        ("apply_patch nothing", "opaque"),
        ("git apply < /tmp/x.diff", "opaque"),
        ("git apply --check x.diff", ""),
        (
            "git apply <<'E'\nrename from a\nrename to b\n--- a/a\n+++ b/b\n@@ -1 +1 @@ fn f()\n-x\n+y\n\\ No newline at end of file\nE",
            "move a b; patch b @fn f()|-x|+y",
        ),
    ]);
}

#[test]
fn git_sets_files_to_what_it_has() {
    check(&[
        ("git checkout -- a b", "restore a; restore b"),
        ("git checkout a.py", "restore a.py"),
        ("git checkout HEAD~1 -- a", "restore a"),
        ("git checkout main src/a", "restore src/a"),
        ("git checkout .", "restore /w"),
        ("git checkout main", "restore /w"),
        ("git checkout -b new", ""),
        ("git checkout -b new origin/main", "restore /w"),
        ("git switch main", "restore /w"),
        ("git restore a", "restore a"),
        ("git restore --staged a", ""),
        ("git restore --source=HEAD~1 src/*.py", "restore src"),
        ("git -C sub -c x=y reset --hard", "restore sub"),
        ("git reset HEAD~1", ""),
        (
            "git stash && git pull --rebase && git stash pop",
            "restore /w; restore /w; opaque",
        ),
        ("git --no-pager merge x", "restore /w"),
        ("git mv a b", "move a b"),
        ("git rm a", "delete a"),
        ("git rm --cached a", ""),
        (
            "git add -A && git commit -m \"$(cat <<'EOF'\nit's (done\nEOF\n)\" && git push",
            "",
        ),
        ("git status --short; git log --oneline | head; git diff", ""),
        ("git frobnicate", "opaque"),
        ("gh pr checkout 3", "restore /w"),
        ("gh pr view 3", ""),
    ]);
}

#[test]
fn formatters_write_no_words() {
    check(&[
        ("cargo fmt --all", "format /w"),
        ("cargo +nightly fmt", "format /w"),
        ("cargo fmt -- --check", ""),
        ("rustfmt --edition 2024 src/a.rs", "format src/a.rs"),
        ("black . && isort a.py", "format /w; format a.py"),
        ("black --check .", ""),
        ("ruff format src", "format src"),
        ("ruff check --fix .", "opaque"),
        (
            "npx prettier --write 'src/**/*.ts' a.js",
            "format src; format a.js",
        ),
        ("npx prettier --check .", ""),
        ("gofmt -w a.go", "format a.go"),
        ("gofmt -l .", ""),
        ("go fmt ./...", "format /w"),
        ("clang-format -i a.c b.c", "format a.c; format b.c"),
        ("python3 -m black a.py", "format a.py"),
        ("uv run ruff format", "format /w"),
    ]);
}

#[test]
fn what_only_looks_changes_nothing() {
    for command in [
        "ls -la",
        "grep -rn x . | sort | uniq -c",
        "rg --files",
        "find . -name x",
        "cargo test --workspace 2>&1 | tail -5",
        "cargo +nightly clippy --all-targets -- -D warnings",
        "python -m pytest -q",
        "pytest tests/",
        "npm test",
        "npm run lint",
        "go test ./...",
        "go build ./...",
        "node --check a.js",
        "tsc --noEmit",
        "make test",
        "python3 -c \"from tests.t import *; test_a(); print('2 passed')\"",
        "python3 - <<'E'\nprint(1)\nE\n",
        "node -e 'console.log(1)'",
        "curl -s https://example.com | jq .",
        "wc -l a",
        "sleep 1 && ps aux",
        "timeout 60 cargo build",
        "RUST_LOG=debug cargo test x",
        "python --version",
        "cd x && ls; pwd",
        "source=1; test -f a && echo yes",
        "command -v git",
        "docker ps",
        "bash -n s.sh",
        "xargs -n1 grep x < l",
        "mkdir -p a/b && touch a/b/c",
        "date > /dev/null 2>&1",
        "echo $HOME",
        "[ -d a ] || exit 1",
        "diff <(ls a) <(ls b)",
        "read -r x < a",
        "x=$(git rev-parse HEAD); echo \"$x\"",
    ] {
        assert_eq!(told(command), "", "{command}");
    }
}

#[test]
fn what_is_not_known_is_opaque_as_narrowly_as_can_be() {
    check(&[
        ("python x.py", "opaque"),
        ("./script.sh", "opaque"),
        ("make gen", "opaque"),
        ("npm run build", "opaque"),
        ("source env.sh", "opaque"),
        ("$CMD a", "opaque"),
        ("cd sub && make gen", "opaque sub"),
        ("make gen && echo x > y", "opaque /w; write y \"x\\n\""),
        ("cd $D && echo x > y", "opaque"),
        ("python gen.py > out.json", "opaque /w; opaque out.json"),
        (
            "npm install left-pad",
            "opaque package.json; opaque package-lock.json",
        ),
        ("cargo add serde", "opaque Cargo.toml; opaque Cargo.lock"),
        ("curl -o data.json https://example.com", "opaque data.json"),
        (
            "jq .a f.json > t && mv t f.json",
            "opaque t; opaque f.json; delete t",
        ),
        ("yq -i '.a = 1' f.yml", "opaque f.yml"),
        ("eslint --fix src/a.js", "opaque src/a.js"),
        (
            "python3 - <<'E'\nfrom pathlib import Path\np = Path('src/a.py')\ns = p.read_text()\np.write_text(s.upper())\nE\n",
            "opaque src/a.py",
        ),
        (
            "python3 -c \"open('a', 'w').write(open('b').read())\"",
            "opaque",
        ),
        ("python3 -c \"import os; os.remove('a')\"", "opaque"),
        ("sh -c \"$SCRIPT\"", "opaque"),
        ("cp *.txt d", "opaque d"),
        ("tee $F <<E\nx\nE\n", "opaque"),
    ]);
}
