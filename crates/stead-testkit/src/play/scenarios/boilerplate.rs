//! Lines that stand in many places: only the place tells whose they are. Blank
//! lines and lone braces are held to their truth here too.

use super::super::draft::{after, append, relocate};
use super::super::story::Story;
use super::{Scenario, begin};

const fn boilerplate(name: &'static str, about: &'static str, tell: fn(&mut Story)) -> Scenario {
    Scenario::new("boilerplate", name, about, tell)
}

pub(super) const ALL: &[Scenario] = &[
    boilerplate(
        "same-endings",
        "Functions of agent and human end with the same lines",
        same_endings,
    ),
    boilerplate(
        "same-header",
        "The same header stands in files of agent and human",
        same_header,
    ),
    boilerplate(
        "imports",
        "The agent adds imports among those of the human, and the reverse",
        imports,
    ),
    boilerplate(
        "copied-test",
        "The human writes a test that differs in one line from the agent's",
        copied_test,
    ),
    boilerplate(
        "inserted-between",
        "The human puts a function between two alike of the agent",
        inserted_between,
    ),
    boilerplate(
        "blank-lines",
        "Only blank lines and braces are changed by hand",
        blank_lines,
    ),
    boilerplate(
        "repeated-calls",
        "The same call stands many times, by both",
        repeated_calls,
    ),
];

const ENDING: [&str; 4] = ["    finish(state)?;", "    Ok(())", "}", ""];

/// A function with one line of its own and an ending that others have too.
fn alike() -> Vec<String> {
    let head = ["fn @() -> io::Result<()> {", "    let @ = open()?;"];
    head.iter()
        .chain(&ENDING)
        .map(|&line| line.to_owned())
        .collect()
}

fn same_endings(story: &mut Story) {
    story.count_blanks();
    story.human().write("src/a.rs", alike());
    story.commit("Start the demo");
    let agent = story.session(0);
    story.by(agent).edit("src/a.rs", [append(alike())]);
    story.commit("By the agent");
    story.wait(60);
    story.human().edit("src/a.rs", [append(alike())]);
    story.commit("By hand");
    story.wait(60);
    let later = story.session(0);
    story.by(later).edit("src/a.rs", [append(alike())]);
    story.commit("By the agent again");
}

fn same_header(story: &mut Story) {
    const HEADER: [&str; 3] = [
        "// Copyright the authors.",
        "// See LICENSE.",
        "use crate::prelude::*;",
    ];
    story
        .human()
        .write("src/a.rs", HEADER)
        .edit("src/a.rs", [append(3)]);
    story.commit("Start the demo");
    let agent = story.session(0);
    story
        .by(agent)
        .write("src/b.rs", HEADER)
        .edit("src/b.rs", [append(3)]);
    story.commit("By the agent");
    story.wait(60);
    story
        .human()
        .write("src/c.rs", HEADER)
        .edit("src/c.rs", [append(3)]);
    story.commit("By hand");
    story.wait(60);
    let later = story.session(0);
    story.by(later).edit("src/c.rs", [append(1)]);
    story.commit("By the agent again");
}

fn imports(story: &mut Story) {
    story.human().write(
        "src/a.rs",
        ["use std::fs;", "use std::path::Path;", "", "fn @() {}"],
    );
    story.commit("Start the demo");
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [after(1, ["use std::io;"]), append(2)]);
    story.by(agent).write(
        "src/b.rs",
        ["use std::fs;", "use std::io;", "", "fn @() {}"],
    );
    story
        .human()
        .edit("src/b.rs", [after(2, ["use std::path::Path;"])]);
    story.commit("Both");
}

fn copied_test(story: &mut Story) {
    let test = |call: &'static str| {
        let lines = [
            "#[test]",
            "fn @() {",
            call,
            "    assert!(found.is_empty());",
            "}",
            "",
        ];
        lines.map(str::to_owned).to_vec()
    };
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .write("tests/t.rs", test("    let found = search(1);"));
    story
        .by(agent)
        .edit("tests/t.rs", [append(test("    let found = search(2);"))]);
    story.commit("Tests");
    story.wait(60);
    story
        .human()
        .edit("tests/t.rs", [append(test("    let found = search(3);"))]);
    story.commit("One more");
    story.wait(60);
    let later = story.session(0);
    story.by(later).edit("src/a.rs", [after(1, 1)]);
    story.commit("By the agent again");
}

fn inserted_between(story: &mut Story) {
    story.count_blanks();
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .write("src/c.rs", alike())
        .edit("src/c.rs", [append(alike())]);
    story.human().edit("src/c.rs", [after(6, alike())]);
    story.by(agent).edit("src/c.rs", [append(alike())]);
    story.commit("All of it");
}

fn blank_lines(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", 6);
    story
        .human()
        .edit("src/c.rs", [after(2, [""]), after(4, ["", ""])]);
    story.commit("Add c");
    story
        .human()
        .edit("src/c.rs", [after(6, ["    {"]), after(8, ["    }"])]);
    story.commit("A block");
}

fn repeated_calls(story: &mut Story) {
    const CALL: [&str; 1] = ["    tick();"];
    begin(story);
    let agent = story.session(0);
    story
        .by(agent)
        .write("src/c.rs", 6)
        .edit("src/c.rs", [after(2, CALL), after(4, CALL)]);
    story.commit("By the agent");
    story.wait(60);
    story
        .human()
        .edit("src/c.rs", [after(6, CALL), after(1, CALL)]);
    story.commit("By hand");
    story.human().edit("src/c.rs", [relocate(9, 9, 3)]);
    story.commit("Another order");
    story.wait(60);
    let later = story.session(0);
    story.by(later).edit("src/a.rs", [after(1, 1)]);
    story.commit("By the agent again");
}
