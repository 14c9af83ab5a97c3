//! White space changes, and nothing else: who wrote a line does not.

use super::super::draft::{after, function, indent};
use super::super::story::Story;
use super::{Scenario, begin};

const fn format(name: &'static str, about: &'static str, tell: fn(&mut Story)) -> Scenario {
    Scenario::new("format", name, about, tell)
}

pub(super) const ALL: &[Scenario] = &[
    format(
        "formatted-by-hand",
        "The human runs a formatter before the commit",
        formatted_by_hand,
    ),
    format(
        "formatted-later",
        "The human runs a formatter in a commit of its own",
        formatted_later,
    ),
    format(
        "formatted-by-the-agent",
        "The agent runs a formatter over its lines and the human's",
        formatted_by_the_agent,
    )
    .with_shell(),
    format(
        "wrapped-in-a-block",
        "The human indents lines of the agent and puts a block around them",
        wrapped_in_a_block,
    ),
    format(
        "indented-by-the-agent",
        "The agent indents lines of the human, with edits",
        indented_by_the_agent,
    ),
    format(
        "formatted-twice",
        "A formatter runs after each of two agents",
        formatted_twice,
    )
    .with_two(),
];

fn formatted_by_hand(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [after(2, 3)])
        .write("src/c.rs", function(4));
    story.human().format("src/a.rs").format("src/c.rs");
    story.commit("Formatted");
}

fn formatted_later(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [after(2, 3)]);
    story.commit("Add lines");
    story.wait(300);
    story.human().format("src/a.rs").format("src/b.rs");
    story.commit("Run the formatter");
}

fn formatted_by_the_agent(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [after(2, 3)])
        .format("src/a.rs")
        .edit("src/a.rs", [after(4, 1)]);
    story.commit("Add lines");
}

fn wrapped_in_a_block(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", function(5));
    story.commit("Add c");
    story.wait(60);
    story.human().edit(
        "src/c.rs",
        [indent(3, 5), after(2, "    if @ {"), after(6, "    }")],
    );
    story.commit("Only sometimes");
}

fn indented_by_the_agent(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).edit(
        "src/a.rs",
        [indent(2, 4), after(1, "    if @ {"), after(5, "    }")],
    );
    story.commit("Only sometimes");
}

fn formatted_twice(story: &mut Story) {
    begin(story);
    let first = story.session(0);
    story.by(first).edit("src/a.rs", [after(2, 2)]);
    story.human().format("src/a.rs");
    story.commit("The first part");
    let second = story.session(1);
    story.by(second).edit("src/a.rs", [after(5, 2)]);
    story.human().format("src/a.rs");
    story.commit("The second part");
}
