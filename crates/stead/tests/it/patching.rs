//! Patches that models wrote, applied in a folder.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::machine::{Machine, Run};

fn apply(machine: &Machine, folder: &Path, arguments: &[&str], patch: &str) -> Run {
    let mut command = machine.command(&[&["apply-patch"], arguments].concat());
    command.current_dir(folder).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(patch.as_bytes()).unwrap();
    drop(pipe);
    Run::of(child.wait_with_output().unwrap())
}

const PATCH: &str = "*** Begin Patch\n*** Add File: nested/new.txt\n+created\n*** Delete File: delete.txt\n\
                     *** Update File: modify.txt\n@@\n-line2\n+changed\n*** End Patch\n";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("modify.txt"), "line1\nline2\n").unwrap();
    std::fs::write(folder.path().join("delete.txt"), "obsolete\n").unwrap();
    folder
}

#[test]
fn a_patch_is_applied_and_says_which_files_it_changed() {
    let (machine, folder) = (Machine::empty(), folder());
    let run = apply(&machine, folder.path(), &[], PATCH);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_eq!(
        run.out,
        "Success. Updated the following files:\nA nested/new.txt\nD delete.txt\nM modify.txt\n"
    );
    let read = |path: &str| std::fs::read_to_string(folder.path().join(path)).unwrap();
    assert_eq!(
        (read("nested/new.txt").as_str(), read("modify.txt").as_str()),
        ("created\n", "line1\nchanged\n")
    );
    assert!(!folder.path().join("delete.txt").exists());
    // A second time its lines are not there any more.
    let run = apply(&machine, folder.path(), &[PATCH], "");
    assert_eq!(run.code, 1);
    assert!(
        run.err.contains("delete.txt: there is no such file"),
        "{}",
        run.err
    );
}

#[test]
fn what_comes_before_a_change_that_fails_stays_unless_all_or_nothing_is_asked_for() {
    let machine = Machine::empty();
    let patch = PATCH.replace("-line2", "-line9");
    let at = folder();
    let run = apply(&machine, at.path(), &["--atomic"], &patch);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(
        run.err.contains("these lines are not in the file"),
        "{}",
        run.err
    );
    assert!(at.path().join("delete.txt").exists() && !at.path().join("nested").exists());
    let run = apply(&machine, at.path(), &[], &patch);
    assert_eq!(
        (run.code, run.out.as_str()),
        (1, "A nested/new.txt\nD delete.txt\n")
    );
    assert!(!at.path().join("delete.txt").exists() && at.path().join("nested/new.txt").exists());
}

#[test]
fn a_check_changes_nothing_and_json_says_all() {
    let (machine, at) = (Machine::empty(), folder());
    let run = apply(
        &machine,
        at.path(),
        &["--check", "--json"],
        &PATCH.replace("-line2", "-line2  "),
    );
    assert_eq!(run.code, 0, "{}", run.err);
    let json: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(json["files"][0]["path"], "nested/new.txt");
    assert_eq!(json["files"][2]["status"], "M");
    assert_eq!(json["corrections"][0]["path"], "modify.txt");
    assert_eq!(json["error"], Value::Null);
    assert!(at.path().join("delete.txt").exists() && !at.path().join("nested").exists());
}

#[test]
fn nothing_outside_of_the_folder_is_touched() {
    let (machine, at) = (Machine::empty(), folder());
    for path in ["/tmp/stead-never", "../stead-never", "a/../../stead-never"] {
        let patch = format!("*** Begin Patch\n*** Add File: {path}\n+x\n*** End Patch\n");
        let run = apply(&machine, at.path(), &[], &patch);
        assert_eq!(run.code, 1);
        assert!(run.err.contains("leads out of the project"), "{}", run.err);
    }
    assert!(!at.path().parent().unwrap().join("stead-never").exists());
    // git's own files are run by whoever uses git next.
    let patch = "*** Begin Patch\n*** Add File: .git/hooks/pre-commit\n+x\n*** End Patch\n";
    let run = apply(&machine, at.path(), &[], patch);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("git's own"), "{}", run.err);
    assert!(!at.path().join(".git").exists());
    let run = apply(&machine, at.path(), &[], "hello");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("the patch cannot be read"), "{}", run.err);
}
