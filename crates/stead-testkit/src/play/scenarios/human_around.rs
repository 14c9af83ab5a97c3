//! A person works around and within what an agent wrote, before it and after it,
//! in the same commit or in others.

use super::super::draft::{after, alter, append, function, relocate, remove, replace};
use super::super::story::Story;
use super::{Scenario, begin};

const fn around(name: &'static str, about: &'static str, tell: fn(&mut Story)) -> Scenario {
    Scenario::new("human-around", name, about, tell)
}

pub(super) const ALL: &[Scenario] = &[
    around(
        "before-in-one-commit",
        "The human types, then the agent, then comes the commit",
        before_in_one_commit,
    ),
    around(
        "after-in-one-commit",
        "The agent writes, then the human types, then comes the commit",
        after_in_one_commit,
    ),
    around(
        "between-two-edits",
        "The human types between two edits of the agent to the file",
        between_two_edits,
    ),
    around(
        "inside-the-block",
        "The human puts lines into the agent's function before the commit",
        inside_the_block,
    ),
    around(
        "inside-later",
        "The human puts lines into the agent's function in a later commit",
        inside_later,
    ),
    around(
        "agent-line-changed",
        "The human changes parts of lines that the agent wrote",
        agent_line_changed,
    ),
    around(
        "human-line-changed",
        "The agent changes parts of lines that the human wrote",
        human_line_changed,
    ),
    around(
        "agent-line-replaced",
        "The human replaces lines of the agent by others",
        agent_line_replaced,
    ),
    around(
        "half-deleted",
        "The human deletes half of what the agent wrote",
        half_deleted,
    ),
    around(
        "only-human-commit",
        "Between two sessions the human commits, and no agent is there",
        only_human_commit,
    ),
    around(
        "agent-file-by-hand",
        "The human adds to a file that the agent made, and later the agent adds more",
        agent_file_by_hand,
    ),
    around(
        "seen-by-a-read",
        "The human types, then the agent reads the file and goes on",
        seen_by_a_read,
    )
    .with_shell(),
    around(
        "copied-by-hand",
        "The human copies lines of the agent into another file",
        copied_by_hand,
    ),
    around(
        "retyped",
        "The human deletes a file of the agent and writes another in its place",
        retyped,
    ),
];

fn before_in_one_commit(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .human()
        .edit("src/a.rs", [after(1, 2)])
        .edit("src/b.rs", [append(2)]);
    story.by(agent).edit("src/a.rs", [after(5, 3)]);
    story.commit("Both");
}

fn after_in_one_commit(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [after(2, 3)])
        .write("src/c.rs", 5);
    story
        .human()
        .edit("src/a.rs", [after(8, 2)])
        .edit("src/c.rs", [append(2)]);
    story.commit("Both");
}

fn between_two_edits(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [after(2, 3)]);
    story.human().edit("src/a.rs", [after(3, 2)]);
    story
        .by(agent)
        .edit("src/a.rs", [after(8, 2)])
        .rewrite("src/a.rs", [append(1)]);
    story.commit("Both");
}

fn inside_the_block(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", function(8));
    story.human().edit("src/c.rs", [after(3, 2), after(8, 1)]);
    story.commit("Both");
}

fn inside_later(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", function(8));
    story.commit("Add c");
    story.wait(120);
    story.human().edit("src/c.rs", [after(3, 2), after(8, 1)]);
    story.commit("More of c");
}

fn agent_line_changed(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", 8);
    story.human().edit("src/c.rs", [alter(2)]);
    story.commit("Add c");
    story.wait(60);
    story.human().edit("src/c.rs", [alter(5), alter(6)]);
    story.commit("Change c");
}

fn human_line_changed(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [alter(3), after(3, 1)]);
    story.commit("Change a");
}

fn agent_line_replaced(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", 8);
    story.human().edit("src/c.rs", [replace(3, 4, 2)]);
    story.commit("Add c");
}

fn half_deleted(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .write("src/c.rs", 12)
        .edit("src/a.rs", [after(2, 4)]);
    story
        .human()
        .edit("src/c.rs", [remove(4, 9)])
        .edit("src/a.rs", [remove(4, 5)]);
    story.commit("What is needed");
}

fn only_human_commit(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [after(2, 2)]);
    story.commit("By the agent");
    story.wait(24 * 60);
    story
        .human()
        .edit("src/a.rs", [after(3, 2)])
        .write("src/h.rs", function(4));
    story.commit("By hand");
    story.wait(24 * 60);
    let later = story.session(0);
    story.by(later).edit("src/b.rs", [after(2, 2)]);
    story.commit("By the agent again");
}

fn agent_file_by_hand(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", function(4));
    story.commit("Add c");
    story.wait(200);
    story
        .human()
        .edit("src/c.rs", [append(function(3)), after(2, 1)]);
    story.commit("More by hand");
    story.wait(200);
    let later = story.session(0);
    story
        .by(later)
        .edit("src/c.rs", [append(function(2)), after(3, 1)]);
    story.commit("More by the agent");
}

fn seen_by_a_read(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", 6);
    story.human().edit("src/c.rs", [after(3, 2)]);
    story
        .by(agent)
        .read("src/c.rs")
        .edit("src/c.rs", [append(2)]);
    story.commit("Both");
}

fn copied_by_hand(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", 8);
    story.commit("Add c");
    story.human().copy_lines("src/c.rs", 2, 6, "src/b.rs");
    story.human().edit("src/b.rs", [relocate(1, 1, 3)]);
    story.commit("The same in b");
}

fn retyped(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", 6);
    story.commit("Add c");
    story.wait(100);
    story.human().delete("src/c.rs").write("src/c.rs", 7);
    story.commit("By hand instead");
}
