//! An agent changes files in each of the ways that it has, and somebody commits.

use super::super::draft::{after, alter, append, function, remove, replace};
use super::super::session::Agent;
use super::super::story::Story;
use super::{Scenario, begin};

const fn basic(name: &'static str, about: &'static str, tell: fn(&mut Story)) -> Scenario {
    Scenario::new("basic", name, about, tell)
}

pub(super) const ALL: &[Scenario] = &[
    basic("new-file", "An agent writes a new file", new_file),
    basic(
        "lines-inserted",
        "An agent puts lines between those of the human",
        lines_inserted,
    ),
    basic(
        "lines-replaced",
        "An agent replaces lines of the human by others",
        lines_replaced,
    ),
    basic(
        "lines-removed",
        "An agent removes lines and leaves the rest",
        lines_removed,
    ),
    basic(
        "rewritten-in-part",
        "An agent writes a whole file anew in which most lines are as before",
        rewritten_in_part,
    ),
    basic(
        "overwritten",
        "An agent writes a whole file with nothing of what was there",
        overwritten,
    ),
    basic(
        "several-places",
        "An agent changes three places of a file with one call",
        several_places,
    ),
    basic(
        "several-files",
        "An agent changes three files with one call, where it has patches",
        several_files,
    ),
    basic(
        "file-deleted",
        "An agent makes a file and deletes another",
        file_deleted,
    ),
    basic(
        "own-lines-again",
        "An agent changes its own lines several times before the commit",
        own_lines_again,
    ),
    basic(
        "turns",
        "Three turns with a commit after each, by the human",
        turns,
    ),
    basic(
        "agent-commits",
        "An agent commits its work itself, with a trailer",
        agent_commits,
    )
    .with_shell(),
    basic(
        "aider-commits",
        "Aider commits after every change, and what was there before it",
        aider_commits,
    )
    .only(Agent::Aider),
];

fn new_file(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .write("src/new.rs", function(6))
        .say("Done.");
    story.commit("Add it");
}

fn lines_inserted(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [after(2, 3)])
        .edit("src/b.rs", [append(function(2))]);
    story.commit("Add lines");
}

fn lines_replaced(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [replace(2, 3, 4)]);
    story.commit("Replace lines");
}

fn lines_removed(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [remove(3, 4), after(2, 1)]);
    story.commit("Remove lines");
}

fn rewritten_in_part(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .rewrite("src/a.rs", [after(1, 2), append(function(3))]);
    story.commit("Rewrite a part");
}

fn overwritten(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/a.rs", function(5));
    story.commit("Rewrite all");
}

fn several_places(story: &mut Story) {
    story.human().write("src/a.rs", 30);
    story.commit("Start the demo");
    let agent = story.session(0);
    story
        .by(agent)
        .edit_together("src/a.rs", [after(3, 2), replace(14, 15, 3), append(2)]);
    story.commit("Change three places");
}

fn several_files(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).patch(vec![
        ("src/a.rs", vec![after(2, 2)]),
        ("src/b.rs", vec![replace(2, 2, 2)]),
        ("src/c.rs", vec![append(function(3))]),
    ]);
    story.commit("Change three files");
}

fn file_deleted(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .write("src/c.rs", function(3))
        .delete("src/b.rs");
    story.commit("Put c in b's place");
}

fn own_lines_again(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .write("src/c.rs", 8)
        .edit("src/c.rs", [replace(3, 4, 2)])
        .edit("src/c.rs", [alter(3), after(5, 2)])
        .edit("src/c.rs", [remove(1, 1)]);
    story.commit("Add c");
}

fn turns(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    for turn in 0..3 {
        story.by(agent).ask("Now the next part");
        story.by(agent).edit("src/a.rs", [after(turn + 1, 2)]);
        story.commit("Next part");
        story.wait(5);
    }
}

fn agent_commits(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [after(2, 3)])
        .commit(
            "Add lines",
            Some("Co-Authored-By: Claude <noreply@anthropic.com>"),
        )
        .write("src/c.rs", 4)
        .commit("Add c", None);
}

fn aider_commits(story: &mut Story) {
    begin(story);
    story.human().edit("src/a.rs", [after(1, 1)]);
    let agent = story.committing_session();
    story.by(agent).edit("src/a.rs", [after(3, 3)]);
    story
        .by(agent)
        .ask("And another file")
        .write("src/c.rs", function(4));
}
