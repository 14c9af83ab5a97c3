//! Instructions found in real folders.

use std::path::Path;

use super::super::{Budget, Given};
use super::instructions;
use crate::workspace::Workspace;

fn put(top: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = top.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn found(top: &Path, targets: &[&str]) -> Vec<Given> {
    let workspace = Workspace::open(top).unwrap();
    let targets: Vec<String> = targets.iter().map(|target| (*target).to_owned()).collect();
    let may_read = |path: &str| path != ".env";
    let budget = Budget {
        instructions: 60,
        all_instructions: 1000,
        ..Budget::default()
    };
    instructions(&workspace, &targets, &may_read, &budget)
}

fn names(given: &[Given]) -> Vec<&str> {
    given.iter().map(|given| given.name.as_str()).collect()
}

#[test]
fn those_on_the_way_to_the_targets_are_given_the_nearest_last() {
    let folder = tempfile::tempdir().unwrap();
    put(
        folder.path(),
        &[
            ("AGENTS.md", "top"),
            ("CLAUDE.md", "top\n"),
            ("src/app/CLAUDE.md", "app"),
            ("src/AGENTS.md", "src"),
            ("src/app/deep/AGENTS.md", "deep"),
            ("docs/AGENTS.md", "docs"),
            ("src/app/main.py", ""),
        ],
    );
    let given = found(
        folder.path(),
        &["src/app/main.py", "slugify", "../x/y", "/etc/z"],
    );
    assert_eq!(
        names(&given),
        ["AGENTS.md", "src/AGENTS.md", "src/app/CLAUDE.md"]
    );
    assert_eq!(given[0].why, "the project's instructions");
    assert_eq!(given[2].why, "the project's instructions for src/app");
    let given = found(folder.path(), &["src/app/deep/"]);
    assert_eq!(names(&given).last(), Some(&"src/app/deep/AGENTS.md"));
}

#[test]
fn files_that_lines_name_are_given_before_and_once() {
    let folder = tempfile::tempdir().unwrap();
    put(
        folder.path(),
        &[
            (
                "CLAUDE.md",
                "@AGENTS.md\n- @docs/style.md\nuse\n@nobody\n```\n@a.md\n```\n",
            ),
            ("AGENTS.md", "agents\n@docs/style.md"),
            ("docs/style.md", "style\n@../CLAUDE.md\n@more.md"),
            ("docs/more.md", "more"),
            ("a.md", "in code"),
        ],
    );
    let given = found(folder.path(), &[]);
    assert_eq!(
        names(&given),
        ["AGENTS.md", "docs/more.md", "docs/style.md", "CLAUDE.md"]
    );
    assert_eq!(given[0].text, "agents\n@docs/style.md");
    assert_eq!(given[2].why, "CLAUDE.md names it");
    assert_eq!(given[3].text, "use\n@nobody\n```\n@a.md\n```");
}

#[test]
fn long_ones_are_cut_and_private_ones_withheld() {
    let folder = tempfile::tempdir().unwrap();
    put(
        folder.path(),
        &[
            ("AGENTS.md", &"ten bytes\n".repeat(20)),
            (".env", "KEY=1"),
            ("CLAUDE.md", "@.env"),
        ],
    );
    let given = found(folder.path(), &[]);
    assert_eq!(
        given[0].text,
        format!(
            "{}[140 more bytes of AGENTS.md are left out]",
            "ten bytes\n".repeat(6)
        )
    );
    assert_eq!(names(&given), ["AGENTS.md", ".env"]);
    assert!(given[1].text.contains("withheld"), "{}", given[1].text);
}

#[cfg(unix)]
#[test]
fn nothing_is_followed_out_of_the_workspace() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    put(outside.path(), &[("secret.md", "secret")]);
    let folder = tempfile::tempdir().unwrap();
    let named = outside.path().join("secret.md");
    let text = format!(
        "@{}\n@../x.md\n@~/x.md\n@link.md\n@.git/config",
        named.display()
    );
    put(
        folder.path(),
        &[
            ("CLAUDE.md", &text),
            (".git/config", "token"),
            ("real.md", "r"),
        ],
    );
    symlink(&named, folder.path().join("AGENTS.md")).unwrap();
    symlink(&named, folder.path().join("link.md")).unwrap();
    let given = found(folder.path(), &[]);
    assert_eq!(names(&given), ["CLAUDE.md"]);
    let said = format!("{given:?}");
    assert!(
        !said.contains("token") && !said.contains("\"secret\""),
        "{said}"
    );
    // A link within is the file that it leads to.
    std::fs::remove_file(folder.path().join("AGENTS.md")).unwrap();
    std::fs::remove_file(folder.path().join("CLAUDE.md")).unwrap();
    symlink("real.md", folder.path().join("AGENTS.md")).unwrap();
    symlink("real.md", folder.path().join("CLAUDE.md")).unwrap();
    let given = found(folder.path(), &[]);
    assert_eq!(
        (names(&given), given[0].text.as_str()),
        (vec!["AGENTS.md"], "r")
    );
}
