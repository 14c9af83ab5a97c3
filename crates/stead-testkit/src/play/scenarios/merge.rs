//! Branches come together.

use super::super::draft::{after, append, function};
use super::super::line::SessionKey;
use super::super::story::Story;
use super::{Scenario, begin};

const fn merge(name: &'static str, about: &'static str, tell: fn(&mut Story)) -> Scenario {
    Scenario::new("merge", name, about, tell)
}

pub(super) const ALL: &[Scenario] = &[
    merge(
        "forward",
        "The agent's branch is merged without a commit",
        forward,
    ),
    merge(
        "with-a-commit",
        "The agent's branch is merged with a commit",
        with_a_commit,
    ),
    merge(
        "both-in-one-file",
        "Agent and human change one file at two places, on two branches",
        both_in_one_file,
    ),
    merge(
        "conflict-by-hand",
        "The human solves a conflict and keeps both sides",
        conflict_by_hand,
    ),
    merge(
        "conflict-by-the-agent",
        "The agent solves a conflict and keeps both sides",
        conflict_by_the_agent,
    ),
    merge(
        "conflict-and-more",
        "The human solves a conflict and adds a line while at it",
        conflict_and_more,
    ),
    merge(
        "two-agents-two-branches",
        "Two agents work on a branch each",
        two_branches,
    )
    .with_two(),
    merge(
        "branch-of-a-branch",
        "A branch leaves a branch, and both are merged",
        branch_of_a_branch,
    ),
];

fn forward(story: &mut Story) {
    begin(story);
    story.branch("topic");
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [after(2, 3)]);
    story.commit("Add lines");
    story.checkout("main");
    story.merge_forward("topic");
}

fn with_a_commit(story: &mut Story) {
    begin(story);
    story.branch("topic");
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", function(4));
    story.commit("Add c");
    story.checkout("main");
    story.human().edit("src/b.rs", [append(2)]);
    story.commit("Meanwhile");
    assert!(story.merge("topic"));
}

fn both_in_one_file(story: &mut Story) {
    story.human().write("src/a.rs", 30);
    story.commit("Start the demo");
    story.branch("topic");
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [after(3, 4)]);
    story.commit("At the top");
    story.checkout("main");
    story.human().edit("src/a.rs", [after(25, 3)]);
    story.commit("At the end");
    assert!(story.merge("topic"));
}

fn conflict(story: &mut Story) -> SessionKey {
    begin(story);
    story.branch("topic");
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [after(3, 3)]);
    story.commit("Add lines");
    story.checkout("main");
    story.human().edit("src/a.rs", [after(3, 2)]);
    story.commit("Meanwhile");
    assert!(!story.merge("topic"));
    agent
}

fn conflict_by_hand(story: &mut Story) {
    conflict(story);
    story.human().keep_both("src/a.rs");
    story.conclude_merge();
}

fn conflict_by_the_agent(story: &mut Story) {
    let agent = conflict(story);
    story.by(agent).ask("Solve it").keep_both("src/a.rs");
    story.conclude_merge();
}

fn conflict_and_more(story: &mut Story) {
    conflict(story);
    story
        .human()
        .keep_both("src/a.rs")
        .edit("src/a.rs", [after(5, 1)]);
    story.conclude_merge();
}

fn two_branches(story: &mut Story) {
    begin(story);
    story.branch("one");
    let first = story.session(0);
    story.by(first).edit("src/a.rs", [after(2, 3)]);
    story.commit("One");
    story.checkout("main");
    story.branch("two");
    let second = story.session(1);
    story
        .by(second)
        .edit("src/a.rs", [append(function(3))])
        .write("src/c.rs", 3);
    story.commit("Two");
    story.checkout("main");
    assert!(story.merge("one"));
    assert!(story.merge("two"));
}

fn branch_of_a_branch(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.branch("one");
    story.by(agent).write("src/c.rs", 4);
    story.commit("One");
    story.branch("two");
    story.by(agent).edit("src/c.rs", [append(3)]);
    story.commit("Two");
    story.checkout("main");
    story.human().edit("src/a.rs", [after(1, 1)]);
    story.commit("Meanwhile");
    assert!(story.merge("two"));
    story.human().edit("src/c.rs", [after(2, 1)]);
    story.commit("By hand");
}
