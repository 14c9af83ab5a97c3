//! The clocks of sessions and commits do not agree. What was written tells more
//! than when.

use super::super::draft::{after, append, function};
use super::super::story::Story;
use super::{Scenario, begin};

const fn skew(name: &'static str, about: &'static str, tell: fn(&mut Story)) -> Scenario {
    Scenario::new("skew", name, about, tell)
}

pub(super) const ALL: &[Scenario] = &[
    skew(
        "session-ahead",
        "The session's clock is six minutes ahead",
        session_ahead,
    ),
    skew(
        "session-behind",
        "The session's clock is six minutes behind",
        session_behind,
    ),
    skew(
        "an-hour-ahead",
        "The session's clock is an hour ahead",
        an_hour_ahead,
    ),
    skew(
        "an-hour-behind",
        "The session's clock is an hour behind",
        an_hour_behind,
    ),
    skew(
        "two-clocks",
        "Two sessions with clocks that differ by ten minutes, in turns",
        two_clocks,
    )
    .with_two(),
    skew(
        "committed-much-later",
        "The agent's work is committed three days later",
        committed_much_later,
    ),
];

fn work(story: &mut Story, seconds: i64) {
    begin(story);
    let agent = story.skewed_session(0, seconds);
    story
        .by(agent)
        .edit("src/a.rs", [after(2, 3)])
        .write("src/c.rs", function(3));
    story.human().edit("src/c.rs", [after(2, 1)]);
    story.commit("Add lines");
    story.by(agent).ask("More").edit("src/c.rs", [append(2)]);
    story.commit("More");
}

fn session_ahead(story: &mut Story) {
    work(story, 6 * 60);
}

fn session_behind(story: &mut Story) {
    work(story, -6 * 60);
}

fn an_hour_ahead(story: &mut Story) {
    work(story, 60 * 60);
}

fn an_hour_behind(story: &mut Story) {
    work(story, -60 * 60);
}

fn two_clocks(story: &mut Story) {
    begin(story);
    let first = story.skewed_session(0, 5 * 60);
    let second = story.skewed_session(1, -5 * 60);
    for turn in 1..4 {
        story.by(first).edit("src/a.rs", [after(turn, 2)]);
        story.by(second).edit("src/a.rs", [append(2)]);
        story.commit("In turns");
    }
}

fn committed_much_later(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [after(2, 3)])
        .write("src/c.rs", 5);
    story.wait(3 * 24 * 60);
    story.human().edit("src/c.rs", [after(3, 1)]);
    story.commit("At last");
}
