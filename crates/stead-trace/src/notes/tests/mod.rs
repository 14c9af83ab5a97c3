mod forms;
mod properties;
mod repository;

use super::{Author, Credit, Credits};

const COMMIT: &str = "7734793b756b3921c88db5375a8c156e9532447b";

fn session(tool: &str, id: &str, changed: bool) -> Author {
    Author::Session {
        tool: tool.to_owned(),
        id: id.to_owned(),
        model: Some("m-5".to_owned()),
        full_model: Some("vendor/m-5".to_owned()),
        changed,
    }
}

fn credits(of: &[(&str, u64, Author)]) -> Credits {
    let mut credits = Credits::default();
    for (path, line, author) in of {
        credits.add(Credit {
            path: (*path).to_owned(),
            line: *line,
            author: author.clone(),
        });
    }
    credits
}

/// Lines of two sessions and a person, in two files.
fn mixed() -> Credits {
    let ann = Author::Person("Ann <ann@example.com>".to_owned());
    credits(&[
        ("src/a.rs", 1, session("helper", "one", false)),
        ("src/a.rs", 2, session("helper", "one", false)),
        ("src/a.rs", 3, ann),
        ("src/a.rs", 4, session("helper", "one", true)),
        ("src/a.rs", 9, session("other", "t w/o", false)),
        ("my notes.md", 1, session("other", "t w/o", false)),
    ])
}
