//! Two agents work on the same repository, in turns or at the same time. Of two
//! who wrote the same line, the last one counts.

use super::super::draft::{after, alter, append, function, relocate, replace};
use super::super::story::Story;
use super::{Scenario, begin};

const fn two(name: &'static str, about: &'static str, tell: fn(&mut Story)) -> Scenario {
    Scenario::new("two-agents", name, about, tell).with_two()
}

pub(super) const ALL: &[Scenario] = &[
    two(
        "in-turns",
        "Two agents work one after the other, with a commit after each",
        in_turns,
    ),
    two(
        "in-one-commit",
        "Two agents take turns within one commit",
        in_one_commit,
    ),
    two(
        "lines-of-the-other",
        "The second agent replaces and changes lines of the first",
        lines_of_the_other,
    ),
    two(
        "overwritten-by-the-other",
        "The second agent writes the first one's file anew",
        overwritten_by_the_other,
    ),
    two(
        "kept-by-the-other",
        "The second agent writes a file anew and keeps most of the first one's lines",
        kept_by_the_other,
    ),
    two(
        "moved-by-the-other",
        "The second agent moves lines of the first within the file and to another",
        moved_by_the_other,
    ),
    two(
        "undone-by-the-other",
        "The second agent brings back what the first had replaced",
        undone_by_the_other,
    ),
    two(
        "same-file-at-once",
        "Two sessions of one agent change one file in turns without a commit",
        same_file_at_once,
    )
    .with_shell(),
];

fn in_turns(story: &mut Story) {
    begin(story);
    let first = story.session(0);
    story.by(first).edit("src/a.rs", [after(2, 3)]);
    story.commit("The first part");
    let second = story.session(1);
    story
        .by(second)
        .edit("src/a.rs", [after(3, 2)])
        .write("src/c.rs", 4);
    story.commit("The second part");
}

fn in_one_commit(story: &mut Story) {
    begin(story);
    let (first, second) = (story.session(0), story.session(1));
    for turn in 1..4 {
        story.by(first).edit("src/a.rs", [after(turn, 2)]);
        story
            .by(second)
            .edit("src/a.rs", [append(2)])
            .edit("src/b.rs", [after(turn, 1)]);
    }
    story.commit("All of it");
}

fn lines_of_the_other(story: &mut Story) {
    begin(story);
    let (first, second) = (story.session(0), story.session(1));
    story.by(first).write("src/c.rs", 10);
    story
        .by(second)
        .edit("src/c.rs", [replace(3, 5, 3), alter(8)]);
    story.commit("Both");
}

fn overwritten_by_the_other(story: &mut Story) {
    begin(story);
    let (first, second) = (story.session(0), story.session(1));
    story
        .by(first)
        .write("src/c.rs", function(5))
        .write("src/d.rs", 3);
    story.by(second).write("src/c.rs", function(4));
    story.commit("Both");
}

fn kept_by_the_other(story: &mut Story) {
    begin(story);
    let (first, second) = (story.session(0), story.session(1));
    story.by(first).write("src/c.rs", 10);
    story
        .by(second)
        .rewrite("src/c.rs", [after(4, 2), replace(9, 9, 1)]);
    story.commit("Both");
}

fn moved_by_the_other(story: &mut Story) {
    begin(story);
    let (first, second) = (story.session(0), story.session(1));
    story.by(first).write("src/c.rs", 12);
    story.commit("The first part");
    story
        .by(second)
        .edit("src/c.rs", [relocate(2, 3, 8)])
        .gather("src/d.rs", "src/c.rs", 9, 11);
    story.commit("The second part");
}

fn undone_by_the_other(story: &mut Story) {
    begin(story);
    let (first, second) = (story.session(0), story.session(1));
    let before = story.by(first).state("src/a.rs");
    story
        .by(first)
        .edit("src/a.rs", [replace(2, 4, 3)])
        .edit("src/b.rs", [after(1, 2)]);
    story.commit("The first part");
    story.by(second).restore("src/a.rs", before);
    story.commit("Back");
}

fn same_file_at_once(story: &mut Story) {
    begin(story);
    let (first, second) = (story.session(0), story.session(0));
    story.by(first).edit("src/a.rs", [after(2, 2)]);
    story.by(second).edit("src/a.rs", [after(3, 2)]);
    story.by(first).edit("src/a.rs", [after(4, 1)]);
    story.by(second).edit("src/a.rs", [alter(3), append(1)]);
    story.commit("All of it");
}
