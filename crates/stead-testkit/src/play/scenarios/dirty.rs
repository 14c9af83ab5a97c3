//! Lines that no commit has yet.

use super::super::draft::{after, alter, append};
use super::super::story::Story;
use super::{Scenario, begin};

const fn dirty(name: &'static str, about: &'static str, tell: fn(&mut Story)) -> Scenario {
    Scenario::new("dirty", name, about, tell)
}

pub(super) const ALL: &[Scenario] = &[
    dirty(
        "agent-not-committed",
        "The agent's lines are in the working tree only",
        agent_not_committed,
    ),
    dirty(
        "both-not-committed",
        "Lines of agent and human are in the working tree only",
        both_not_committed,
    ),
    dirty(
        "new-file-not-known",
        "A new file of the agent that git does not know",
        new_file_not_known,
    ),
    dirty(
        "staged-in-part",
        "A part is committed, and the rest lies in the same file",
        staged_in_part,
    ),
    dirty(
        "no-commit-at-all",
        "A repository without a commit",
        no_commit_at_all,
    ),
    dirty(
        "changed-after-the-commit",
        "The human changes committed lines of the agent, and does not commit",
        changed_after_the_commit,
    ),
];

fn agent_not_committed(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [after(2, 3)]);
}

fn both_not_committed(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [after(2, 3)]);
    story.human().edit("src/a.rs", [after(3, 2)]);
    story.by(agent).edit("src/a.rs", [append(2)]);
}

fn new_file_not_known(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/new/c.rs", 6);
}

fn staged_in_part(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", 9);
    story.human().edit("src/c.rs", [after(4, 2)]);
    story.commit_without("A part", "src/c.rs", 3, 6);
}

fn no_commit_at_all(story: &mut Story) {
    let agent = story.session(0);
    story.by(agent).write("src/a.rs", 5);
    story.human().edit("src/a.rs", [after(2, 2)]);
    story.by(agent).edit("src/a.rs", [append(1)]);
}

fn changed_after_the_commit(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", 8);
    story.commit("Add c");
    story.human().edit("src/c.rs", [alter(2), after(5, 1)]);
}
