//! Files that are not just lines of UTF-8 with a line feed each.

use super::super::draft::{after, append, function};
use super::super::story::Story;
use super::{Scenario, begin};

const fn encoding(name: &'static str, about: &'static str, tell: fn(&mut Story)) -> Scenario {
    Scenario::new("encoding", name, about, tell)
}

pub(super) const ALL: &[Scenario] = &[
    encoding("crlf", "The agent changes a file with CR LF", crlf),
    encoding(
        "crlf-later",
        "The human saves a file of the agent with CR LF",
        crlf_later,
    ),
    encoding(
        "no-final-newline",
        "A file without a last line end, which somebody adds later",
        no_final_newline,
    ),
    encoding(
        "latin1",
        "The human saves a file of the agent in ISO 8859-1",
        latin1,
    ),
    encoding(
        "latin1-before",
        "The agent appends to a file in ISO 8859-1",
        latin1_before,
    )
    .with_shell(),
    encoding("long-lines", "Lines of ten thousand characters", long_lines),
    encoding("not-ascii", "Lines in several scripts", not_ascii),
];

fn crlf(story: &mut Story) {
    begin(story);
    story.human().save_with_crlf("src/a.rs");
    story.commit("For Windows");
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [after(2, 3), append(function(2))]);
    story.commit("Add lines");
}

fn crlf_later(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", function(4));
    story.commit("Add c");
    story
        .human()
        .save_with_crlf("src/c.rs")
        .edit("src/c.rs", [after(2, 1)]);
    story.commit("For Windows");
}

fn no_final_newline(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write("src/c.rs", 5);
    story.human().save_without_end("src/c.rs");
    story.commit("Add c");
    story.wait(60);
    story
        .human()
        .edit("src/a.rs", [append(1)])
        .edit("src/c.rs", [append(2)]);
    story.commit("More");
}

fn latin1(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write(
        "src/c.rs",
        [
            "// Größe: @",
            "    let @ = 1;",
            "// Höhe und Länge: @",
            "    let @ = 2;",
        ],
    );
    story
        .human()
        .save_as_latin1("src/c.rs")
        .edit("src/c.rs", [after(2, ["// Für @"])]);
    story.commit("Add c");
}

fn latin1_before(story: &mut Story) {
    story
        .human()
        .write("src/a.rs", ["// Größe: @", "    let @ = 1;", "// Länge: @"]);
    story.human().save_as_latin1("src/a.rs");
    story.commit("Start the demo");
    let agent = story.session(0);
    story
        .by(agent)
        .read("src/a.rs")
        .echo("src/a.rs", ["    let @ = 2;", "    let @ = 3;"]);
    story.commit("More");
}

fn long_lines(story: &mut Story) {
    let long = |fill: &str| format!("const @: &str = \"{}\";", fill.repeat(1000));
    let (first, second) = (long("abcdefghij"), long("zyxwvutsrq"));
    story
        .human()
        .write("src/a.rs", [first.as_str(), "    let @ = 1;"]);
    story.commit("Start the demo");
    let agent = story.session(0);
    story
        .by(agent)
        .edit("src/a.rs", [after(1, [second.as_str(), "    let @ = 2;"])]);
    story.commit("Add lines");
}

fn not_ascii(story: &mut Story) {
    begin(story);
    let agent = story.session(0);
    story.by(agent).write(
        "src/c.rs",
        ["// 日本語の @", "// Ελληνικά @", "    let @ = \"🙂\";"],
    );
    story.human().edit("src/c.rs", [after(1, ["// русский @"])]);
    story.commit("Add c");
}
