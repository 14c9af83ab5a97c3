//! More than one folder: other repositories with the same names
//! (`other-repository`), and clones and worktrees of one (`clone-worktree`).

use super::super::draft::{after, alter, append, function};
use super::super::session::Agent;
use super::super::story::Story;
use super::{Scenario, begin};

const fn other(name: &'static str, about: &'static str, tell: fn(&mut Story)) -> Scenario {
    Scenario::new("other-repository", name, about, tell)
}

const fn clone(name: &'static str, about: &'static str, tell: fn(&mut Story)) -> Scenario {
    Scenario::new("clone-worktree", name, about, tell)
}

pub(super) const ALL: &[Scenario] = &[
    other(
        "same-names",
        "Another repository with the same files, each with sessions of its own",
        same_names,
    ),
    other(
        "same-boilerplate",
        "The same lines are written into both repositories, by two sessions",
        same_boilerplate,
    ),
    other(
        "same-lines-by-hand",
        "The human types here what an agent wrote in another repository",
        same_lines_by_hand,
    ),
    other(
        "at-the-same-time",
        "Sessions in two repositories at the same time, with commits in between",
        at_the_same_time,
    )
    .with_two(),
    other(
        "submodule",
        "A repository with sessions of its own is a submodule of another",
        submodule,
    ),
    clone(
        "worktree",
        "The agent works in a worktree, and the branch is merged",
        worktree,
    ),
    clone(
        "worktree-removed",
        "The same, and the worktree is gone",
        worktree_removed,
    ),
    clone(
        "clone",
        "The agent works in a clone elsewhere and pushes, and the human pulls",
        in_a_clone,
    ),
    clone(
        "two-clones",
        "Two agents work in two clones on the same file",
        two_clones,
    )
    .with_two(),
    clone("shallow", "A clone of two commits, asked for all", shallow),
    clone("jj", "A repository that jj shares with git", colocated),
];

const LICENCE: [&str; 4] = [
    "// Copyright the authors.",
    "// Licensed under the same terms as everything else here.",
    "use std::io;",
    "use std::path::Path;",
];

fn same_names(story: &mut Story) {
    begin(story);
    let here = story.here();
    let there = story.repository("other");
    story.enter(there);
    begin(story);
    let stranger = story.session(0);
    story
        .by(stranger)
        .edit("src/a.rs", [after(2, 3)])
        .write("src/c.rs", function(3));
    story.commit("Add lines");
    story.enter(here);
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [after(2, 2)])
        .write("src/c.rs", function(4));
    story.commit("Add lines");
}

fn same_boilerplate(story: &mut Story) {
    const BODY: [&str; 3] = [
        "fn main() -> io::Result<()> {",
        "    run(Path::new(\".\"))?;",
        "    Ok(())",
    ];
    let here = story.here();
    let there = story.repository("other");
    for (folder, own) in [(there, 3), (here, 4)] {
        story.enter(folder);
        story.human().write("README.md", 2);
        story.commit("Start");
        let agent = story.session(0);
        story
            .by(agent)
            .write("src/main.rs", LICENCE)
            .edit("src/main.rs", [append(BODY), append(own)]);
        story.commit("The program");
        story.wait(15);
    }
}

fn same_lines_by_hand(story: &mut Story) {
    const LINES: [&str; 3] = [
        "fn clamp_0000(x: i32) -> i32 {",
        "    x.max(lower_0000).min(upper_0000)",
        "}",
    ];
    begin(story);
    let here = story.here();
    let there = story.repository("other");
    story.enter(there);
    let stranger = story.session(0);
    story.by(stranger).write("src/a.rs", LINES);
    story.commit("Add it there");
    story.enter(here);
    let agent = story.session(0);
    story.by(agent).edit("src/b.rs", [after(1, 2)]);
    story.commit("By the agent");
    story.wait(300);
    story.human().edit("src/a.rs", [append(LINES)]);
    story.commit("The same here, by hand");
    story.wait(300);
    let later = story.session(0);
    story.by(later).edit("src/b.rs", [after(1, 1)]);
    story.commit("By the agent again");
}

fn at_the_same_time(story: &mut Story) {
    begin(story);
    let here = story.here();
    let agent = story.session(0);
    let there = story.repository("other");
    story.enter(there);
    begin(story);
    let stranger = story.session(1);
    for turn in 1..4 {
        story.by(agent).edit("src/a.rs", [after(turn, 2)]);
        story.by(stranger).edit("src/a.rs", [after(turn, 2)]);
        story.enter(here);
        story.commit("A part here");
        story.enter(there);
        story.commit("A part there");
    }
    story.enter(here);
    story.human().edit("src/a.rs", [after(4, 1)]);
    story.commit("By hand");
}

fn submodule(story: &mut Story) {
    begin(story);
    let here = story.here();
    let there = story.repository("library");
    story.enter(there);
    begin(story);
    let stranger = story.session(0);
    story.by(stranger).edit("src/a.rs", [after(2, 3)]);
    story.commit("In the library");
    story.enter(here);
    let within = story.submodule(there, "library");
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [after(2, 2)]);
    story.commit("With the library");
    story.enter(within);
    let inner = story.session(0);
    story.by(inner).edit("src/b.rs", [after(2, 2)]);
    story.commit("In the submodule");
}

fn worktree(story: &mut Story) {
    begin(story);
    let here = story.here();
    let beside = story.worktree("demo-topic", "topic");
    story.enter(beside);
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [after(2, 3)])
        .write("src/c.rs", 4);
    story.commit("In the worktree");
    story.enter(here);
    story.human().edit("src/b.rs", [append(1)]);
    story.commit("Meanwhile");
    assert!(story.merge("topic"));
}

fn worktree_removed(story: &mut Story) {
    worktree(story);
    // Aider keeps its history in the folder, which goes with it.
    if story
        .sessions
        .iter()
        .any(|session| session.agent == Agent::Aider)
    {
        return;
    }
    let beside = story.home().join("work/demo-topic");
    story.run_git(&["worktree", "remove", "--force", &beside.to_string_lossy()]);
}

fn in_a_clone(story: &mut Story) {
    begin(story);
    let here = story.here();
    story.publish();
    let there = story.clone_of_server("copy", false);
    story.enter(there);
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [after(2, 3)])
        .write("src/c.rs", 4);
    story.commit("In the clone");
    story.push();
    story.enter(here);
    story.human().edit("src/b.rs", [append(1)]);
    story.commit("Meanwhile");
    story.pull();
}

fn two_clones(story: &mut Story) {
    story.human().write("src/a.rs", 20);
    story.commit("Start the demo");
    let here = story.here();
    story.publish();
    let one = story.clone_of_server("one", false);
    let two = story.clone_of_server("two", false);
    story.enter(one);
    let first = story.session(0);
    story.by(first).edit("src/a.rs", [after(3, 3)]);
    story.commit("In the first");
    story.push();
    story.enter(two);
    let second = story.session(1);
    story.by(second).edit("src/a.rs", [after(16, 3), alter(18)]);
    story.commit("In the second");
    story.pull();
    story.push();
    story.enter(here);
    story.pull();
}

fn shallow(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [after(2, 3)]);
    story.commit("First");
    story.by(agent).write("src/c.rs", 4);
    story.commit("Second");
    story.human().edit("src/c.rs", [after(2, 1)]);
    story.commit("Third");
    story.publish();
    story.shallow_clone("short", 2);
}

fn colocated(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [after(2, 3)]);
    story.commit("Add lines");
    story.colocate_jj();
    story.by(agent).write("src/c.rs", 3);
    story.commit("Add c");
}
