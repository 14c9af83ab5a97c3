//! Sessions that come from others: subagents have files of their own, and forks
//! hold copies of what another session did.

use super::super::draft::{after, append, function};
use super::super::session::Agent;
use super::super::story::Story;
use super::{Scenario, begin};

const fn kin(name: &'static str, about: &'static str, tell: fn(&mut Story)) -> Scenario {
    Scenario::new("kin", name, about, tell).only(Agent::Claude)
}

pub(super) const ALL: &[Scenario] = &[
    kin(
        "subagent",
        "A subagent writes a part, its session another",
        subagent,
    ),
    kin(
        "two-subagents",
        "Two subagents work on one file at the same time",
        two_subagents,
    ),
    kin(
        "fork",
        "A fork begins as a copy of a session and goes its own way",
        fork,
    ),
    kin(
        "both-ways",
        "A session and its fork both go on, in turns",
        both_ways,
    ),
];

fn subagent(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [after(2, 2)]);
    let child = story.subagent(agent);
    story
        .by(child)
        .write("src/c.rs", function(4))
        .edit("src/a.rs", [after(3, 2)]);
    story.end_subagent(child);
    story.by(agent).edit("src/c.rs", [after(2, 1)]);
    story.human().edit("src/c.rs", [append(1)]);
    story.commit("All parts");
}

fn two_subagents(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    let (one, two) = (story.subagent(agent), story.subagent(agent));
    for turn in 1..3 {
        story.by(one).edit("src/a.rs", [after(turn, 2)]);
        story.by(two).edit("src/a.rs", [append(2)]);
    }
    story.end_subagent(one);
    story.end_subagent(two);
    story.commit("Both parts");
}

fn fork(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [after(2, 3)])
        .write("src/c.rs", 5);
    story.commit("The first way");
    let copy = story.fork(agent);
    story.by(copy).edit("src/c.rs", [after(2, 2)]);
    story.commit("The other way");
}

fn both_ways(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", 6);
    let copy = story.fork(agent);
    story.by(copy).edit("src/c.rs", [after(2, 2)]);
    story.by(agent).edit("src/c.rs", [append(2)]);
    story.by(copy).write("src/d.rs", 3);
    story.commit("Both ways");
}
