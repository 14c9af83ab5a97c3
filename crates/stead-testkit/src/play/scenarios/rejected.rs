//! Edits that came to nothing: refused, failed, reverted, discarded or
//! overwritten.

use super::super::draft::{after, append, function, replace};
use super::super::session::Refusal;
use super::super::story::Story;
use super::{Scenario, begin};

const fn rejected(name: &'static str, about: &'static str, tell: fn(&mut Story)) -> Scenario {
    Scenario::new("rejected", name, about, tell)
}

pub(super) const ALL: &[Scenario] = &[
    rejected(
        "refused-by-the-user",
        "The user says no to an edit, and types something else",
        refused_by_the_user,
    ),
    rejected(
        "text-not-found",
        "An edit fails, and the human makes a like change by hand",
        text_not_found,
    ),
    rejected(
        "failed-then-done",
        "An edit fails, and the agent does it another way",
        failed_then_done,
    ),
    rejected(
        "refused-then-typed",
        "The user refuses an edit and types the same lines later",
        refused_then_typed,
    ),
    rejected(
        "taken-back-by-the-agent",
        "The agent takes its own change back",
        taken_back_by_the_agent,
    ),
    rejected(
        "taken-back-by-hand",
        "The human undoes a change of the agent in the editor",
        taken_back_by_hand,
    ),
    rejected(
        "discarded",
        "The human discards a change with git, and the agent makes another",
        discarded,
    ),
    rejected(
        "discarded-by-the-agent",
        "The agent discards its change with git",
        discarded_by_the_agent,
    )
    .with_shell(),
    rejected(
        "file-never-committed",
        "The agent's file is deleted before any commit",
        file_never_committed,
    ),
    rejected(
        "reset-away",
        "The agent's commit is reset away, and others come",
        reset_away,
    ),
];

fn refused_by_the_user(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .fail("src/a.rs", [after(2, 3)], Refusal::User);
    story.human().edit("src/a.rs", [after(2, 2)]);
    story
        .by(agent)
        .ask("Then only b")
        .edit("src/b.rs", [after(2, 1)]);
    story.commit("Another way");
}

fn text_not_found(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .fail("src/a.rs", [replace(2, 3, 2)], Refusal::NotFound);
    story.human().edit("src/a.rs", [replace(2, 3, 2)]);
    story.commit("By hand");
}

fn failed_then_done(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .fail("src/a.rs", [replace(2, 3, 2)], Refusal::NotFound)
        .edit("src/a.rs", [replace(2, 3, 2)]);
    story.commit("At last");
}

fn refused_then_typed(story: &mut Story) {
    const LINES: [&str; 2] = ["    let twice_0000 = 2 * width;", "    draw(twice_0000);"];
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .fail("src/a.rs", [after(2, LINES)], Refusal::User);
    story.by(agent).edit("src/b.rs", [after(1, 2)]);
    story.commit("Only b");
    story.wait(600);
    story.human().edit("src/a.rs", [after(2, LINES)]);
    story.commit("After all");
}

fn taken_back_by_the_agent(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    let before = story.by(agent).state("src/a.rs");
    story
        .by(agent)
        .edit("src/a.rs", [replace(2, 4, 4)])
        .restore("src/a.rs", before)
        .edit("src/b.rs", [append(2)]);
    story.commit("Only b");
}

fn taken_back_by_hand(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    let before = story.by(agent).state("src/a.rs");
    story
        .by(agent)
        .edit("src/a.rs", [replace(2, 4, 4)])
        .edit("src/b.rs", [append(2)]);
    story
        .human()
        .restore("src/a.rs", before)
        .edit("src/a.rs", [after(2, 1)]);
    story.commit("Without that");
}

fn discarded(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [replace(2, 4, 4)]);
    story.discard("src/a.rs");
    story
        .by(agent)
        .ask("Another way")
        .edit("src/a.rs", [after(3, 2)]);
    story.commit("The second way");
}

fn discarded_by_the_agent(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [replace(2, 4, 4)])
        .check_out("src/a.rs")
        .edit("src/a.rs", [after(2, 2)]);
    story.commit("The second way");
}

fn file_never_committed(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .write("src/c.rs", 6)
        .edit("src/a.rs", [after(1, 2)]);
    story.human().delete("src/c.rs");
    story.commit("Without c");
    story.human().write("src/c.rs", 3);
    story.commit("Another c");
}

fn reset_away(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .write("src/c.rs", function(4))
        .edit("src/a.rs", [after(2, 2)]);
    story.commit("Not wanted");
    story.reset_hard("HEAD~1");
    story
        .by(agent)
        .ask("Shorter")
        .write("src/c.rs", function(2));
    story.commit("Shorter");
}
