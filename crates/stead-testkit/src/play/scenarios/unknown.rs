//! Lines of which nobody can say whose they are: `unknown` is the right answer,
//! and `human` the worst.

use super::super::draft::{after, alter, append, function};
use super::super::story::Story;
use super::{Scenario, begin};

const fn unknown(name: &'static str, about: &'static str, tell: fn(&mut Story)) -> Scenario {
    Scenario::new("unknown", name, about, tell)
}

pub(super) const ALL: &[Scenario] = &[
    unknown(
        "all-sessions-gone",
        "The agents' files were deleted since",
        all_sessions_gone,
    ),
    unknown(
        "old-sessions-gone",
        "The older of two sessions was deleted since",
        old_sessions_gone,
    ),
    unknown(
        "colleague",
        "A colleague's commits arrive, and their sessions do not",
        colleague,
    ),
    unknown(
        "colleague-and-agent",
        "The agent works between and upon lines of a colleague",
        colleague_and_agent,
    ),
    unknown(
        "colleague-merged",
        "A colleague's branch is merged with the agent's",
        colleague_merged,
    ),
    unknown(
        "generator",
        "The agent runs a program that writes a file",
        generator,
    )
    .with_shell(),
    unknown(
        "generator-and-edits",
        "The agent edits a file that a program wrote, and reads it first",
        generator_and_edits,
    )
    .with_shell(),
    unknown("no-sessions", "Nobody ever used an agent here", no_sessions),
];

fn all_sessions_gone(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [after(2, 3)])
        .write("src/c.rs", function(4));
    story.commit("By the agent");
    story.delete_session(agent);
}

fn old_sessions_gone(story: &mut Story) {
    begin(story);
    let old = story.session(0);
    story
        .by(old)
        .edit("src/a.rs", [after(2, 3)])
        .write("src/c.rs", function(4));
    story.commit("By an agent");
    story.wait(60 * 24 * 40);
    let agent = story.session(0);
    story.by(agent).edit("src/c.rs", [after(2, 2), alter(6)]);
    story.commit("By the agent");
    story.delete_session(old);
}

fn colleague(story: &mut Story) {
    begin(story);
    let here = story.here();
    story.publish();
    let there = story.clone_of_server("theirs", true);
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [after(2, 2)]);
    story.commit("By the agent");
    story.enter(there);
    story
        .human()
        .edit("src/b.rs", [after(2, 4)])
        .write("src/k.rs", function(4));
    story.commit("By a colleague");
    story.push();
    story.enter(here);
    story.pull();
    story.by(agent).ask("More").write("src/c.rs", 3);
    story.commit("By the agent again");
}

fn colleague_and_agent(story: &mut Story) {
    begin(story);
    let here = story.here();
    story.publish();
    let there = story.clone_of_server("theirs", true);
    story.enter(there);
    story.human().write("src/k.rs", function(8));
    story.commit("By a colleague");
    story.push();
    story.enter(here);
    story.pull();
    let agent = story.session(0);
    story.by(agent).edit("src/k.rs", [after(3, 2), alter(7)]);
    story.commit("By the agent");
    story.human().edit("src/k.rs", [append(2)]);
    story.commit("By hand");
}

fn colleague_merged(story: &mut Story) {
    story.human().write("src/a.rs", 24);
    story.commit("Start the demo");
    let here = story.here();
    story.publish();
    let there = story.clone_of_server("theirs", true);
    story.enter(there);
    story.human().edit("src/a.rs", [after(20, 4)]);
    story.commit("By a colleague");
    story.push();
    story.enter(here);
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [after(4, 3)]);
    story.commit("By the agent");
    story.pull();
}

fn generator(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .write("gen.py", 4)
        .generate("src/table.rs", 20);
    story.commit("With a table");
}

fn generator_and_edits(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .generate("src/table.rs", 12)
        .read("src/table.rs")
        .edit("src/table.rs", [after(3, 2), alter(9)]);
    story.commit("With a table");
}

fn no_sessions(story: &mut Story) {
    begin(story);
    story
        .human()
        .edit("src/a.rs", [after(2, 3)])
        .write("src/c.rs", 4);
    story.commit("More");
}
