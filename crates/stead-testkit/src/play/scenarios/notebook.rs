//! Cells of notebooks, which only some agents can change.

use super::super::draft::after;
use super::super::session::Agent;
use super::super::story::Story;
use super::{Scenario, begin};

pub(super) const ALL: &[Scenario] = &[
    Scenario::new(
        "notebook",
        "cell-changed",
        "The agent changes a cell of the human's notebook",
        cell_changed,
    )
    .only(Agent::Claude),
    Scenario::new(
        "notebook",
        "cell-and-human",
        "The human changes the notebook after the agent",
        cell_and_human,
    )
    .only(Agent::Claude),
];

fn notebook(story: &mut Story) {
    begin(story);
    story.human().write("n.ipynb", [
        "{",
        " \"cells\": [",
        "  {\"cell_type\": \"code\", \"id\": \"one_0000\", \"metadata\": {}, \"outputs\": [], \"source\": [",
        "    \"@ = 1\\n\",",
        "    \"@ = 2\"",
        "  ]},",
        "  {\"cell_type\": \"code\", \"id\": \"two_0000\", \"metadata\": {}, \"outputs\": [], \"source\": [",
        "    \"@ = 3\"",
        "  ]}",
        " ],",
        " \"metadata\": {},",
        " \"nbformat\": 4,",
        " \"nbformat_minor\": 5",
        "}",
    ]);
    story.commit("A notebook");
}

fn cell_changed(story: &mut Story) {
    notebook(story);
    let agent = story.session(0);
    story
        .by(agent)
        .cell("n.ipynb", "one_0000", 4, 5, ["@ = 4", "@ = 5", "@ = 6"]);
    story.commit("Another cell");
}

fn cell_and_human(story: &mut Story) {
    notebook(story);
    let agent = story.session(0);
    story
        .by(agent)
        .cell("n.ipynb", "two_0000", 8, 8, ["@ = 4", "@ = 5"]);
    story
        .human()
        .edit("n.ipynb", [after(8, ["    \"@ = 7\\n\","])]);
    story.commit("Another cell");
}
