//! Aider 0.86: sections of a Markdown history in the folder that it worked in.
//! Reading them is the adapter's work, which this file does not know.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use fs_err as fs;

use super::super::clock::Moment;
use super::super::session::{Agent, Change, How, Refusal, Session, What};
use super::{diff, push};

fn heading(start: Moment) -> String {
    start.format("%Y-%m-%d %H:%M:%S")
}

/// Names sections by their headings and that of the first one in their file.
pub(super) fn name(sessions: &mut [Session]) {
    let mut firsts: BTreeMap<PathBuf, String> = BTreeMap::new();
    for session in sessions.iter_mut() {
        if session.agent != Agent::Aider || session.deleted {
            continue;
        }
        let time = heading(session.start);
        let first = firsts.entry(session.cwd.clone()).or_insert_with(|| {
            let digest = blake3::hash(time.as_bytes()).to_hex();
            digest[..6].to_owned()
        });
        session.native_id = format!("{}-{first}", session.start.format("%Y%m%d-%H%M%S"));
    }
}

/// Appends the section to the history of its folder.
pub(super) fn write(session: &Session) {
    let mut section = Section {
        text: format!("\n# aider chat started at {}\n\n", heading(session.start)),
    };
    section.announce(session);
    let mut typed = String::new();
    let mut deeds = session.deeds.iter().peekable();
    while let Some(deed) = deeds.next() {
        match (&deed.what, deeds.peek().map(|next| &next.what)) {
            (What::Prompt(words), _) => {
                let time = deed.at.format("%Y-%m-%d %H:%M:%S%.6f");
                push(&mut typed, format_args!("\n# {time}\n+{words}\n"));
            }
            // What was there is committed when the model has answered, just before
            // its change is made.
            (What::Commit { id, subject }, Some(What::Change(changes))) => {
                section.change(changes, Some((id, subject)));
                deeds.next();
                continue;
            }
            _ => {}
        }
        section.deed(&deed.what);
    }
    append(session, ".aider.chat.history.md", &section.text);
    append(session, ".aider.input.history", &typed);
}

fn append(session: &Session, name: &str, text: &str) {
    let mut options = fs::OpenOptions::new();
    let file = options
        .append(true)
        .create(true)
        .open(session.cwd.join(name));
    let mut file = file.expect("opened");
    file.write_all(text.as_bytes()).expect("written");
}

struct Section {
    text: String,
}

impl Section {
    fn announce(&mut self, session: &Session) {
        let switch = if session.commits {
            ""
        } else {
            " --no-auto-commits"
        };
        self.output(&format!("/usr/bin/aider --yes-always{switch}"));
        self.output("Aider v0.86.2");
        self.output(&format!("Model: {} with diff edit format", session.model));
        self.output("Git repo: .git with 2 files");
        self.output("Repo-map: using 1024 tokens, auto refresh");
    }

    fn deed(&mut self, what: &What) {
        match what {
            What::Prompt(words) => {
                self.text.push('\n');
                let lines = words.lines().map(|line| format!("#### {line}  \n"));
                self.text.extend(lines);
            }
            What::Say(words) => self.reply(words),
            What::Change(changes) => self.change(changes, None),
            What::Refused(change, why) => self.refused(change, *why),
            What::Shell { command, .. } => {
                push(&mut self.text, format_args!("\n#### /run {command}  \n"));
                self.output("Added 1 line of output to the chat.");
            }
            What::Read { path, .. } => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                self.output(&format!("Added {name} to the chat."));
            }
            What::Task { .. } => {}
            What::Commit { id, subject } => self.commit(id, subject),
        }
    }

    fn commit(&mut self, id: &str, subject: &str) {
        self.output(&format!("Commit {} {subject}", &id[..7]));
    }

    fn change(&mut self, changes: &[Change], before: Option<(&String, &String)>) {
        let blocks: String = changes.iter().map(blocks).collect();
        self.reply(&format!("Here is the change.\n{blocks}"));
        self.output("Tokens: 2.5k sent, 33 received.");
        if let Some((id, subject)) = before {
            self.commit(id, subject);
        }
        for change in changes.iter().filter(|change| change.after.is_some()) {
            self.output(&format!("Applied edit to {}", change.relative));
        }
    }

    fn refused(&mut self, change: &Change, why: Refusal) {
        self.reply(&format!("Here is the change.\n{}", blocks(change)));
        self.output("Tokens: 2.5k sent, 33 received.");
        let path = &change.relative;
        match why {
            Refusal::User => {
                self.output("Allow edits to file that has not been added to the chat? (Y)es/(N)o/(A)ll/(S)kip all [Yes]: n");
                self.output(&format!("Skipping edits to {path}"));
            }
            Refusal::NotFound => {
                self.output("The LLM did not conform to the edit format.");
                self.output("https://aider.chat/docs/troubleshooting/edit-errors.html");
                let block = blocks(change);
                let block: Vec<&str> = block
                    .lines()
                    .skip_while(|line| !line.starts_with("<<<<<<<"))
                    .take_while(|line| *line != "```")
                    .collect();
                push(
                    &mut self.text,
                    format_args!(
                        "> # 1 SEARCH/REPLACE block failed to match!\n\n## SearchReplaceNoExactMatch: This SEARCH block failed to exactly match lines in {path}\n{}\n\nThe SEARCH section must exactly match an existing block of lines including all white space, comments, indentation, docstrings, etc  \n",
                        block.join("\n")
                    ),
                );
            }
        }
    }

    /// What the model wrote: a blank line before it and one after.
    fn reply(&mut self, words: &str) {
        push(&mut self.text, format_args!("\n{}\n\n", words.trim()));
    }

    fn output(&mut self, words: &str) {
        push(&mut self.text, format_args!("> {words}  \n"));
    }
}

/// The blocks of a change. An empty search makes a new file.
fn blocks(change: &Change) -> String {
    let Some(after) = &change.after else {
        return String::new();
    };
    let before = change.before.as_deref();
    let pieces = before.and_then(|before| diff::pieces(before, after));
    let pairs = match pieces {
        Some(pieces) if change.how != How::Whole => pieces
            .into_iter()
            .map(|piece| (piece.old, piece.new))
            .collect(),
        _ => vec![(before.unwrap_or_default().to_owned(), after.clone())],
    };
    let block = |(old, new): (String, String)| {
        format!(
            "\n{}\n```\n<<<<<<< SEARCH\n{}=======\n{}>>>>>>> REPLACE\n```\n",
            change.relative,
            ended(old),
            ended(new)
        )
    };
    pairs.into_iter().map(block).collect()
}

fn ended(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
