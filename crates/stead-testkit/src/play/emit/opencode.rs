//! OpenCode 1.0: JSON files below `.local/share/opencode/storage`. Reading them
//! is the adapter's work, which this file does not know.

use std::path::{Path, PathBuf};

use fs_err as fs;
use serde_json::{Value, json};

use super::super::clock::Moment;
use super::super::noise::Noise;
use super::super::session::{Change, How, Refusal, Session, What};
use super::diff::{self, Piece};
use super::push;

/// An id that rises with time.
fn id(kind: &str, at: Moment, noise: &mut Noise) -> String {
    named(kind, (at.0 as u64) << 12, noise)
}

/// An id that falls with time, as those of sessions do.
pub(super) fn descending_id(kind: &str, at: Moment, noise: &mut Noise) -> String {
    named(kind, !((at.0 as u64) << 12), noise)
}

fn named(kind: &str, time: u64, noise: &mut Noise) -> String {
    let time = (time & 0xffff_ffff_f000) | (noise.number() & 0xfff);
    format!("{kind}_{time:012x}{}", noise.word(14))
}

/// Writes the session, its messages and parts.
pub(super) fn write(session: &Session, home: &Path) {
    let mut noise = Noise::named(&session.native_id);
    let mut tree = Tree {
        root: home.join(".local/share/opencode/storage"),
        // The project is called after the repository's first commit.
        project: Noise::named(&session.cwd.to_string_lossy()).hex(40),
        prompt: id("msg", session.start, &mut noise),
        session,
        noise,
        at: session.start,
    };
    tree.heads();
    for deed in &session.deeds {
        tree.at = deed.at;
        tree.deed(&deed.what);
    }
}

struct Tree<'s> {
    session: &'s Session,
    root: PathBuf,
    project: String,
    noise: Noise,
    at: Moment,
    /// The prompt that is being answered.
    prompt: String,
}

/// What came of a call.
struct Outcome {
    output: String,
    title: String,
    metadata: Value,
    failed: bool,
}

impl Tree<'_> {
    fn heads(&self) {
        let session = self.session;
        let last = session.deeds.last().map_or(session.start, |deed| deed.at);
        let time = json!({"created": session.start.0, "updated": last.0});
        let project =
            json!({"id": self.project, "worktree": session.cwd, "vcs": "git", "time": time});
        self.put(&format!("project/{}", self.project), &project);
        let title = format!("New session - {}", session.start.iso());
        let head = json!({"id": session.native_id, "version": "1.0.185", "projectID": self.project, "directory": session.cwd, "title": title, "time": time});
        let place = format!("session/{}/{}", self.project, session.native_id);
        self.put(&place, &head);
    }

    fn deed(&mut self, what: &What) {
        match what {
            What::Prompt(words) => self.ask(words),
            What::Say(words) => {
                let at = self.at.0;
                let part = json!({"type": "text", "text": words, "time": {"start": at, "end": at}});
                self.reply(part, "stop");
            }
            What::Change(changes) => changes.iter().for_each(|change| self.change(change)),
            What::Refused(change, why) => self.refused(change, *why),
            What::Shell {
                command,
                output,
                exit,
            } => {
                let input = json!({"command": command, "description": "Run a command"});
                let metadata =
                    json!({"output": output, "exit": exit, "description": "Run a command"});
                self.call("bash", &input, &good(output, "Run a command", metadata));
            }
            What::Read { path, text } => {
                let metadata = json!({"preview": text.chars().take(200).collect::<String>()});
                let input = json!({"filePath": path});
                self.call("read", &input, &good(&numbered(text), "read", metadata));
            }
            What::Task { .. } | What::Commit { .. } => {}
        }
    }

    fn change(&mut self, change: &Change) {
        let Some(after) = &change.after else { return };
        let before = change.before.as_deref();
        let pieces = before.and_then(|before| diff::pieces(before, after));
        match pieces {
            Some(pieces) if change.how != How::Whole => {
                for piece in &pieces {
                    self.edit(change, piece);
                }
            }
            _ => {
                let input = json!({"filePath": change.path, "content": after});
                let metadata =
                    json!({"diagnostics": {}, "filepath": change.path, "exists": before.is_some()});
                self.call("write", &input, &good("", &change.relative, metadata));
            }
        }
    }

    fn edit(&mut self, change: &Change, piece: &Piece) {
        let path = change.path.display();
        let head = format!(
            "Index: {path}\n===================================================================\n--- {path}\n+++ {path}\n"
        );
        let diff = head + &diff::unified(&piece.from, &piece.to);
        let files = json!({"file": change.path, "before": piece.from, "after": piece.to});
        let metadata = json!({"diagnostics": {}, "diff": diff, "filediff": files});
        let input =
            json!({"filePath": change.path, "oldString": piece.old, "newString": piece.new});
        self.call("edit", &input, &good("", &change.relative, metadata));
    }

    fn refused(&mut self, change: &Change, why: Refusal) {
        let after = change.after.as_deref().unwrap_or_default();
        let before = change.before.as_deref();
        let pieces = before.and_then(|before| diff::pieces(before, after));
        let (tool, input) = match pieces.as_deref() {
            Some([piece, ..]) => (
                "edit",
                json!({"filePath": change.path, "oldString": piece.old, "newString": piece.new}),
            ),
            _ => ("write", json!({"filePath": change.path, "content": after})),
        };
        let error = match why {
            Refusal::User => {
                "Error: The user rejected permission to use this specific tool call. You may try again with different parameters."
            }
            Refusal::NotFound => "Error: oldString not found in content",
        };
        let outcome = Outcome {
            output: error.to_owned(),
            title: String::new(),
            metadata: Value::Null,
            failed: true,
        };
        self.call(tool, &input, &outcome);
    }

    fn call(&mut self, tool: &str, input: &Value, outcome: &Outcome) {
        let time = json!({"start": self.at.0, "end": self.at.0 + 90});
        let state = if outcome.failed {
            json!({"status": "error", "input": input, "error": outcome.output, "time": time})
        } else {
            json!({"status": "completed", "input": input, "output": outcome.output, "title": outcome.title, "metadata": outcome.metadata, "time": time})
        };
        let call = format!("call_{}", self.noise.hex(20));
        self.reply(
            json!({"type": "tool", "callID": call, "tool": tool, "state": state}),
            "tool-calls",
        );
        self.at = self.at.plus(300);
    }

    fn ask(&mut self, words: &str) {
        self.prompt = id("msg", self.at, &mut self.noise);
        let model = json!({"providerID": "scripted", "modelID": self.session.model});
        let message = json!({"id": self.prompt, "sessionID": self.session.native_id, "role": "user", "time": {"created": self.at.0}, "summary": {"diffs": []}, "agent": "build", "model": model});
        let prompt = self.prompt.clone();
        self.put(
            &format!("message/{}/{prompt}", self.session.native_id),
            &message,
        );
        self.part(&prompt, json!({"type": "text", "text": words}));
    }

    /// A message of the model with one part of substance.
    fn reply(&mut self, part: Value, finish: &str) {
        self.at = self.at.plus(5);
        let name = id("msg", self.at, &mut self.noise);
        let cwd = &self.session.cwd;
        let tokens =
            json!({"input": 7907, "output": 20, "reasoning": 0, "cache": {"read": 0, "write": 0}});
        let message = json!({
            "id": name, "sessionID": self.session.native_id, "role": "assistant",
            "time": {"created": self.at.0, "completed": self.at.0 + 100}, "parentID": self.prompt,
            "modelID": self.session.model, "providerID": "scripted", "mode": "build", "agent": "build",
            "path": {"cwd": cwd, "root": cwd}, "cost": 0, "tokens": tokens, "finish": finish,
        });
        self.put(
            &format!("message/{}/{name}", self.session.native_id),
            &message,
        );
        self.part(&name, json!({"type": "step-start"}));
        self.part(&name, part);
        self.part(
            &name,
            json!({"type": "step-finish", "reason": finish, "cost": 0, "tokens": tokens}),
        );
    }

    fn part(&mut self, message: &str, mut part: Value) {
        self.at = self.at.plus(1);
        let name = id("prt", self.at, &mut self.noise);
        part["id"] = json!(name);
        part["sessionID"] = json!(self.session.native_id);
        part["messageID"] = json!(message);
        self.put(&format!("part/{message}/{name}"), &part);
    }

    fn put(&self, place: &str, value: &Value) {
        let file = self.root.join(format!("{place}.json"));
        fs::create_dir_all(file.parent().expect("below the root")).expect("a folder");
        fs::write(file, format!("{value:#}")).expect("written");
    }
}

fn good(output: &str, title: &str, metadata: Value) -> Outcome {
    Outcome {
        output: output.to_owned(),
        title: title.to_owned(),
        metadata,
        failed: false,
    }
}

/// As the tool for reading shows a file.
fn numbered(text: &str) -> String {
    let mut shown = "<file>\n".to_owned();
    let lines: Vec<&str> = text.split('\n').collect();
    for (place, line) in lines.iter().enumerate() {
        push(&mut shown, format_args!("{:05}| {line}\n", place + 1));
    }
    shown + &format!("\n(End of file - total {} lines)\n</file>", lines.len())
}
