//! Commits that become others: amended, rebased, picked, squashed, filtered.

use super::super::draft::{after, append, function, remove, replace};
use super::super::story::Story;
use super::{Scenario, begin};

const fn rewritten(name: &'static str, about: &'static str, tell: fn(&mut Story)) -> Scenario {
    Scenario::new("rewrite-history", name, about, tell)
}

pub(super) const ALL: &[Scenario] = &[
    rewritten(
        "amended",
        "The human amends the agent's commit with lines of their own",
        amended,
    ),
    rewritten(
        "rebased",
        "A branch of the agent is put upon new work of the human",
        rebased,
    ),
    rewritten(
        "rebased-with-conflict",
        "The same with a conflict, which the human solves",
        rebased_with_conflict,
    ),
    rewritten(
        "rebased-by-the-agent",
        "The same with a conflict, which the agent solves",
        rebased_by_the_agent,
    ),
    rewritten(
        "picked",
        "A commit of the agent is taken over from a branch",
        picked,
    ),
    rewritten(
        "squashed",
        "A branch of three commits becomes one",
        squashed,
    ),
    rewritten(
        "squashed-by-forge",
        "A server makes one commit of a branch, and the branch is deleted",
        squashed_by_forge,
    ),
    rewritten(
        "squashed-of-two",
        "A server makes one commit of what two agents and the human did",
        squashed_of_two,
    )
    .with_two(),
    rewritten(
        "reset-soft",
        "Two commits become one after a soft reset",
        reset_soft,
    ),
    rewritten(
        "filtered",
        "The whole history gets other ids and keeps its dates",
        filtered,
    ),
    rewritten(
        "tag-and-detached",
        "Work goes on from a tag, without a branch",
        tag_and_detached,
    ),
    rewritten(
        "in-parts",
        "The agent's change is committed in parts, out of order",
        in_parts,
    ),
];

fn amended(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [after(2, 3)]);
    story.commit("Add lines");
    story.human().edit("src/a.rs", [after(4, 1), append(2)]);
    story.amend();
}

fn rebased(story: &mut Story) {
    begin(story);
    story.branch("topic");
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [after(2, 3)]);
    story.commit("Add lines");
    story.by(agent).write("src/c.rs", 4);
    story.commit("Add c");
    story.checkout("main");
    story.human().edit("src/b.rs", [append(3)]);
    story.commit("Meanwhile");
    story.checkout("topic");
    assert!(story.rebase("main"));
}

/// Both sides add lines at the same place; the branch stops in the middle.
fn conflict(story: &mut Story) -> super::super::line::SessionKey {
    begin(story);
    story.branch("topic");
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [after(3, 3)])
        .write("src/c.rs", 3);
    story.commit("Add lines");
    story.checkout("main");
    story.human().edit("src/a.rs", [after(3, 2)]);
    story.commit("Meanwhile");
    story.checkout("topic");
    assert!(!story.rebase("main"));
    agent
}

fn rebased_with_conflict(story: &mut Story) {
    conflict(story);
    story.human().keep_both("src/a.rs");
    assert!(story.continue_rebase());
}

fn rebased_by_the_agent(story: &mut Story) {
    let agent = conflict(story);
    story.by(agent).ask("Solve it").keep_both("src/a.rs");
    assert!(story.continue_rebase());
}

fn picked(story: &mut Story) {
    begin(story);
    story.branch("topic");
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", 4);
    story.commit("Add c");
    story.by(agent).edit("src/a.rs", [after(2, 2)]);
    story.commit("Add lines");
    story.checkout("main");
    story.human().edit("src/b.rs", [append(2)]);
    story.commit("Meanwhile");
    assert!(story.cherry_pick("topic"));
}

/// Three commits of an agent on a branch.
fn three(story: &mut Story) {
    begin(story);
    story.branch("topic");
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [after(2, 3)]);
    story.commit("First");
    story.by(agent).write("src/c.rs", 6);
    story.commit("Second");
    story
        .by(agent)
        .edit("src/c.rs", [replace(2, 3, 2)])
        .edit("src/a.rs", [remove(3, 3)]);
    story.commit("Third");
    story.checkout("main");
}

fn squashed(story: &mut Story) {
    three(story);
    story.human().edit("src/b.rs", [append(1)]);
    story.commit("Meanwhile");
    story.squash("topic", "All of the topic");
}

fn squashed_by_forge(story: &mut Story) {
    three(story);
    story.squash_by_forge("topic", "The topic (#1)");
}

fn squashed_of_two(story: &mut Story) {
    begin(story);
    story.branch("topic");
    let (first, second) = (story.session(0), story.session(1));
    story.by(first).edit("src/a.rs", [after(2, 3)]);
    story.commit("First");
    story.human().edit("src/a.rs", [after(3, 1)]);
    story.commit("By hand");
    story
        .by(second)
        .edit("src/a.rs", [after(7, 2)])
        .write("src/c.rs", 3);
    story.commit("Second");
    story.checkout("main");
    story.squash_by_forge("topic", "The topic (#2)");
}

fn reset_soft(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [after(2, 3)]);
    story.commit("First");
    story.human().edit("src/a.rs", [append(2)]);
    story.commit("Second");
    story.reset_soft("HEAD~2");
    story.commit("Both");
}

fn filtered(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [after(2, 3)])
        .write("src/c.rs", function(4));
    story.commit("By the agent");
    story.human().edit("src/c.rs", [after(2, 1)]);
    story.commit("By hand");
    story.filter_history();
}

fn tag_and_detached(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [after(2, 2)]);
    story.commit("First");
    story.tag("v1");
    story.by(agent).edit("src/a.rs", [after(3, 2)]);
    story.commit("Second");
    story.checkout("v1");
    story.by(agent).edit("src/b.rs", [after(2, 2)]);
    story.commit("From the tag");
}

fn in_parts(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .write("src/c.rs", 10)
        .edit("src/a.rs", [after(2, 2)]);
    story.human().edit("src/c.rs", [after(5, 2)]);
    story.commit_without("The ends", "src/c.rs", 4, 8);
    story.commit_files("Only a", &["src/a.rs"]);
    story.commit("The rest");
}
