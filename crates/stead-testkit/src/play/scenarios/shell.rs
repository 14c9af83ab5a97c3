//! An agent changes files by commands that its session shows.

use super::super::draft::{after, append, function};
use super::super::story::Story;
use super::{Scenario, begin};

const fn shell(name: &'static str, about: &'static str, tell: fn(&mut Story)) -> Scenario {
    Scenario::new("shell", name, about, tell).with_shell()
}

pub(super) const ALL: &[Scenario] = &[
    shell(
        "heredoc",
        "The agent writes files with here-documents",
        heredoc,
    ),
    shell("tee", "The agent writes a file with tee", tee),
    shell(
        "echo-appended",
        "The agent appends lines with echo",
        echo_appended,
    ),
    shell(
        "sed-in-place",
        "The agent gives a name in lines of its own another name with sed",
        sed_in_place,
    ),
    shell(
        "sed-on-human-lines",
        "The agent changes a name in lines of the human with sed",
        sed_on_human_lines,
    ),
    shell(
        "moved-by-shell",
        "The agent moves a file with mv and changes it",
        moved_by_shell,
    ),
    shell(
        "copied-by-shell-from-human",
        "The agent copies a file of the human with cp",
        copied_from_human,
    ),
    shell(
        "mixed-means",
        "The agent writes with a here-document, edits, appends and formats",
        mixed_means,
    ),
    shell(
        "deleted-and-written-again",
        "The agent removes a file with rm and writes another of the name",
        deleted_and_written,
    ),
];

fn heredoc(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .heredoc("src/c.rs", function(5))
        .heredoc("src/b.rs", 4);
    story.commit("Add c, another b");
}

fn tee(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).tee("src/c.rs", 5);
    story.human().edit("src/c.rs", [append(1)]);
    story.commit("Add c");
}

fn echo_appended(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .echo("README.md", ["Use @.", "See @."])
        .echo("list.txt", ["@"]);
    story.commit("Say more");
}

fn sed_in_place(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .write("src/c.rs", 6)
        .sed("src/c.rs", 2)
        .sed("src/c.rs", 5);
    story.commit("Add c");
}

fn sed_on_human_lines(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .sed("src/a.rs", 2)
        .edit("src/a.rs", [after(3, 1)]);
    story.commit("Another name");
}

fn moved_by_shell(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .write("src/c.rs", 5)
        .move_by_shell("src/c.rs", "src/deep/d.rs");
    story.by(agent).edit("src/deep/d.rs", [after(2, 2)]);
    story.commit("Add d");
}

fn copied_from_human(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .copy("src/a.rs", "src/c.rs")
        .edit("src/c.rs", [after(2, 3)]);
    story.commit("Another of the kind");
}

fn mixed_means(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .heredoc("src/c.rs", function(4))
        .edit("src/c.rs", [after(2, 2)])
        .echo("src/c.rs", ["// See @."])
        .format("src/c.rs")
        .edit("src/c.rs", [after(4, 1)]);
    story.commit("Add c");
}

fn deleted_and_written(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .remove_by_shell("src/b.rs")
        .write("src/b.rs", function(3));
    story.commit("Another b");
}
