//! Lines go elsewhere, within a file or to another (`move`), and files get other
//! names (`rename`).

use super::super::draft::{after, alter, append, function, relocate};
use super::super::story::Story;
use super::{Scenario, begin};

const fn moved(name: &'static str, about: &'static str, tell: fn(&mut Story)) -> Scenario {
    Scenario::new("move", name, about, tell)
}

const fn renamed(name: &'static str, about: &'static str, tell: fn(&mut Story)) -> Scenario {
    Scenario::new("rename", name, about, tell)
}

pub(super) const ALL: &[Scenario] = &[
    moved(
        "within-the-file",
        "The human moves lines of the agent within the file",
        within_the_file,
    ),
    moved(
        "to-another-file",
        "The human moves lines of the agent to another file",
        to_another_file,
    ),
    moved(
        "split",
        "A file of agent and human is split into two, by hand",
        split,
    ),
    moved(
        "before-the-commit",
        "The human moves lines of the agent before they are committed",
        before_the_commit,
    ),
    moved(
        "by-the-agent",
        "The agent moves lines of the human to another file",
        by_the_agent,
    ),
    moved("joined", "Two files of the agent become one", joined),
    renamed(
        "renamed-by-hand",
        "The human renames a file of the agent",
        renamed_by_hand,
    ),
    renamed(
        "renamed-and-changed",
        "The agent renames a file of its own and changes it",
        renamed_and_changed,
    ),
    renamed(
        "renamed-twice",
        "A file has three names, with changes under each",
        renamed_twice,
    ),
    renamed("git-mv", "The agent moves a file with git", git_mv).with_shell(),
    renamed(
        "copied-by-shell",
        "The agent copies a file of its own and changes the copy",
        copied_by_shell,
    )
    .with_shell(),
    renamed(
        "copied-by-hand-whole",
        "The human copies a file of the agent",
        copied_by_hand_whole,
    ),
    renamed(
        "names-exchanged",
        "Two files of two sessions exchange their names",
        names_exchanged,
    ),
];

fn within_the_file(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", 12);
    story.commit("Add c");
    story.wait(50);
    story.human().edit("src/c.rs", [relocate(2, 4, 8)]);
    story.commit("Another order");
}

fn to_another_file(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", 12);
    story.commit("Add c");
    story.wait(50);
    story.human().move_lines("src/c.rs", 3, 8, "src/d.rs");
    story.commit("Into a file of their own");
}

fn split(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [append(function(5))]);
    story.human().edit("src/a.rs", [append(function(3))]);
    story.commit("All in one");
    story.wait(50);
    let lines = story.lines(story.here(), "src/a.rs");
    story
        .human()
        .move_lines("src/a.rs", 8, lines, "src/rest.rs");
    story.commit("In two");
}

fn before_the_commit(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", 10);
    story
        .human()
        .move_lines("src/c.rs", 3, 6, "src/d.rs")
        .edit("src/c.rs", [relocate(1, 2, 4)]);
    story.commit("Add c and d");
}

fn by_the_agent(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).gather("src/c.rs", "src/a.rs", 2, 5);
    story
        .by(agent)
        .edit("src/a.rs", [super::super::draft::remove(2, 5), after(1, 1)]);
    story.commit("Into a file of their own");
}

fn joined(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", 5).write("src/d.rs", 5);
    story.commit("Two files");
    story.wait(50);
    story
        .human()
        .move_lines("src/d.rs", 1, 5, "src/c.rs")
        .delete("src/d.rs");
    story.commit("One file");
}

fn renamed_by_hand(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", function(6));
    story.commit("Add c");
    story.wait(50);
    story.human().rename("src/c.rs", "src/inner/other.rs");
    story.commit("Another name");
}

fn renamed_and_changed(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", function(6));
    story.commit("Add c");
    story
        .by(agent)
        .rename("src/c.rs", "src/d.rs", vec![after(3, 2)]);
    story.commit("Another name");
}

fn renamed_twice(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", function(8));
    story.commit("Add c");
    story
        .human()
        .rename("src/c.rs", "src/d.rs")
        .edit("src/d.rs", [after(2, 1)]);
    story.commit("Another name");
    story
        .by(agent)
        .ask("And more")
        .edit("src/d.rs", [after(6, 2)]);
    story.commit("More");
    story
        .human()
        .rename("src/d.rs", "lib/e.rs")
        .edit("lib/e.rs", [alter(4)]);
    story.commit("A third name");
}

fn git_mv(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [after(2, 3)])
        .git_move("src/a.rs", "src/core.rs");
    story.by(agent).edit("src/core.rs", [append(2)]);
    story.commit("Another name");
}

fn copied_by_shell(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .write("src/c.rs", 6)
        .copy("src/c.rs", "src/d.rs")
        .edit("src/d.rs", [after(2, 2)]);
    story.commit("Two alike");
}

fn copied_by_hand_whole(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", 7);
    story.commit("Add c");
    story.wait(50);
    story
        .human()
        .copy("src/c.rs", "src/d.rs")
        .edit("src/d.rs", [after(3, 1)]);
    story.commit("One more of the kind");
}

fn names_exchanged(story: &mut Story) {
    begin(story);
    let first = story.session(0);
    story.by(first).write("src/c.rs", 5);
    let second = story.session(0);
    story.by(second).write("src/d.rs", 5);
    story.commit("Add c and d");
    story
        .human()
        .rename("src/c.rs", "src/t.rs")
        .rename("src/d.rs", "src/c.rs")
        .rename("src/t.rs", "src/d.rs");
    story.commit("The other way round");
}
