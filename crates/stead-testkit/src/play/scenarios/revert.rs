//! Code that goes and comes back.

use super::super::draft::{after, append, function, remove};
use super::super::story::Story;
use super::{Scenario, begin};

const fn revert(name: &'static str, about: &'static str, tell: fn(&mut Story)) -> Scenario {
    Scenario::new("revert", name, about, tell)
}

pub(super) const ALL: &[Scenario] = &[
    revert(
        "reverted",
        "The agent's commit is reverted, which brings the human's lines back",
        reverted,
    ),
    revert(
        "reverted-twice",
        "The agent's commit is reverted, and the revert is too",
        reverted_twice,
    ),
    revert(
        "brought-back-by-hand",
        "The human types in again what was deleted of the agent's",
        brought_back_by_hand,
    ),
    revert(
        "file-brought-back",
        "A deleted file of the agent comes back from an old commit",
        file_brought_back,
    ),
    revert(
        "stashed",
        "The agent's work is put aside and taken up again after a commit",
        stashed,
    ),
    revert(
        "human-work-reverted",
        "The human's commit is reverted, which brings the agent's lines back",
        human_work_reverted,
    ),
];

fn reverted(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [super::super::draft::replace(2, 4, 4)]);
    story.commit("Replace lines");
    story.by(agent).write("src/c.rs", 3);
    story.commit("Add c");
    assert!(story.revert("HEAD~1"));
}

fn reverted_twice(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [after(2, 4)])
        .write("src/c.rs", function(3));
    story.commit("Add lines");
    story.wait(60);
    assert!(story.revert("HEAD"));
    story.wait(60);
    story.human().edit("src/b.rs", [append(1)]);
    story.commit("Meanwhile");
    assert!(story.revert("HEAD~1"));
}

fn brought_back_by_hand(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", 8);
    story.commit("Add c");
    let before = story.human().state("src/c.rs");
    story.human().edit("src/c.rs", [remove(3, 6)]);
    story.commit("Less");
    story.wait(500);
    story.human().restore("src/c.rs", before);
    story.commit("As it was");
}

fn file_brought_back(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", function(6));
    story.commit("Add c");
    story.human().delete("src/c.rs");
    story.commit("Without c");
    story.run_git(&["checkout", "-q", "HEAD~1", "--", "src/c.rs"]);
    story.human().edit("src/c.rs", [after(2, 1)]);
    story.commit("With c");
}

fn stashed(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [after(2, 3)])
        .write("src/c.rs", 4);
    story.stash();
    story.human().edit("src/b.rs", [append(2)]);
    story.commit("Something urgent");
    story.unstash();
    story.commit("Add lines");
}

fn human_work_reverted(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", 6);
    story.commit("Add c");
    story.wait(90);
    story
        .human()
        .edit("src/c.rs", [super::super::draft::replace(2, 5, 3)]);
    story.commit("By hand instead");
    assert!(story.revert("HEAD"));
}
