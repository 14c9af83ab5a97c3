//! SEARCH/REPLACE blocks in answers.

use stead_edit::{parse_any, parse_blocks};

use crate::tree::Files;

#[test]
fn blocks_in_an_answer_change_the_files_that_they_name() {
    let answer = "I'll change two files.\n\nsrc/a.py\n```python\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n```\n\n\
                  And a new one:\n\n**`src/new.py`**\n```python\n<<<<<<< SEARCH\n=======\nprint()\n>>>>>>> REPLACE\n```\n";
    let mut files = Files::of(&[("src/a.py", "# first\nx = 1\n")]);
    files.apply(parse_any(answer)).unwrap();
    assert_eq!(files.text("src/a.py").as_deref(), Some("# first\nx = 2\n"));
    assert_eq!(files.text("src/new.py").as_deref(), Some("print()\n"));
}

#[test]
fn a_block_without_a_path_is_of_the_file_before() {
    let answer = "a.txt\n<<<<<<< SEARCH\none\n=======\n1\n>>>>>>> REPLACE\n\n<<<<<<< SEARCH\ntwo\n=======\n2\n>>>>>>> REPLACE\n";
    let mut files = Files::of(&[("a.txt", "one\ntwo\n")]);
    files.apply(parse_blocks(answer)).unwrap();
    assert_eq!(files.text("a.txt").as_deref(), Some("1\n2\n"));
}

#[test]
fn dots_stand_for_lines_that_stay() {
    let answer = "a.txt\n<<<<<<< SEARCH\none\n...\nthree\n=======\n1\n...\n3\n>>>>>>> REPLACE\n";
    let mut files = Files::of(&[("a.txt", "one\ntwo\nthree\n")]);
    files.apply(parse_blocks(answer)).unwrap();
    assert_eq!(files.text("a.txt").as_deref(), Some("1\ntwo\n3\n"));
}

#[test]
fn blocks_that_are_not_whole_say_so() {
    let error = |text: &str| parse_blocks(text).unwrap_err().to_string();
    assert_eq!(
        error("<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE"),
        "line 1: the block names no file: write its path on the line above"
    );
    assert_eq!(
        error("a.txt\n<<<<<<< SEARCH\na\n=======\nb"),
        "line 2: the block that begins here has no `>>>>>>> REPLACE`"
    );
    assert_eq!(
        error("a.txt\n<<<<<<< SEARCH\na\n"),
        "line 2: the block that begins here has no `=======`"
    );
}

/// Found among real answers: the second mark would have become a line of the file.
#[test]
fn a_mark_too_many_is_refused_and_a_title_is_none() {
    let twice = "a.py\n<<<<<<< SEARCH\nb\n=======\n=======\n>>>>>>> REPLACE\n";
    let error = parse_blocks(twice).unwrap_err().to_string();
    assert!(error.contains("a second `=======`"), "{error}");
    let titles = "a.md\n<<<<<<< SEARCH\nInstall\n=======\nold\n=======\nnew\n>>>>>>> REPLACE\n";
    assert!(parse_blocks(titles).is_err());
    // A title of another length is told from the mark.
    let title =
        "a.md\n<<<<<<< SEARCH\nSetup\n=====\nold\n=======\nSetup\n=====\nnew\n>>>>>>> REPLACE\n";
    let mut files = Files::of(&[("a.md", "Setup\n=====\nold\n")]);
    files.apply(parse_blocks(title)).unwrap();
    assert_eq!(files.text("a.md").as_deref(), Some("Setup\n=====\nnew\n"));
}

#[test]
fn a_block_that_changes_nothing_is_left_out_beside_others_and_refused_alone() {
    let nothing = "a.txt\n<<<<<<< SEARCH\none\n=======\none\n>>>>>>> REPLACE\n";
    let change = "<<<<<<< SEARCH\ntwo\n=======\n2\n>>>>>>> REPLACE\n";
    let mut files = Files::of(&[("a.txt", "one\ntwo\n")]);
    let told = files.apply(parse_blocks(&format!("{nothing}{change}")));
    assert_eq!(
        told.unwrap(),
        ["a change that changes nothing was left out"]
    );
    assert_eq!(files.text("a.txt").as_deref(), Some("one\n2\n"));
    let error = files.apply(parse_blocks(nothing)).unwrap_err();
    assert!(error.contains("leaves the file as it is"), "{error}");
}
