//! Cline 3.0: JSON files below `.cline/data/sessions`. Reading them is the
//! adapter's work, which this file does not know.

use std::path::Path;

use fs_err as fs;
use serde_json::{Value, json};

use super::super::clock::Moment;
use super::super::noise::Noise;
use super::super::session::{Change, How, Refusal, Session, What};
use super::{diff, push};

/// Writes the two files of a session.
pub(super) fn write(session: &Session, home: &Path) {
    let id = &session.native_id;
    let folder = home.join(".cline/data/sessions").join(id);
    fs::create_dir_all(&folder).expect("a folder");
    let mut talk = Talk {
        session,
        noise: Noise::named(id),
        at: session.start,
        messages: Vec::new(),
    };
    for deed in &session.deeds {
        talk.at = deed.at;
        talk.deed(&deed.what);
    }
    let at = talk.at;
    let messages = folder.join(format!("{id}.messages.json"));
    let document = json!({"version": 1, "updated_at": at.iso(), "agent": "lead", "sessionId": id, "origin": {"source": "cli", "mode": "user", "sessionId": id, "version": "3.0.65"}, "messages": talk.messages});
    fs::write(&messages, format!("{document:#}")).expect("written");
    let first = session.deeds.iter().find_map(|deed| match &deed.what {
        What::Prompt(words) => Some(words.as_str()),
        _ => None,
    });
    let prompt = first.unwrap_or_default();
    let head = json!({"version": 1, "session_id": id, "source": "cli", "pid": 86, "started_at": session.start.iso(), "ended_at": at.iso(), "status": "completed", "interactive": false, "provider": "openai-compatible", "model": session.model, "cwd": session.cwd, "workspace_root": session.cwd, "enable_tools": true, "prompt": wrapped(prompt), "metadata": {"source": "cli", "provider": "openai-compatible", "model": session.model, "prompt": prompt, "interactive": false, "mode": "act", "title": prompt}, "messages_path": messages});
    fs::write(folder.join(format!("{id}.json")), format!("{head:#}")).expect("written");
}

fn wrapped(words: &str) -> String {
    format!("<user_input mode=\"act\">{words}</user_input>")
}

struct Talk<'s> {
    session: &'s Session,
    noise: Noise,
    at: Moment,
    messages: Vec<Value>,
}

impl Talk<'_> {
    fn deed(&mut self, what: &What) {
        match what {
            What::Prompt(words) => self.user(&json!({"type": "text", "text": wrapped(words)})),
            What::Say(words) => self.model(&json!({"type": "text", "text": words})),
            What::Change(changes) => changes.iter().for_each(|change| self.change(change)),
            What::Refused(change, why) => self.refused(change, *why),
            What::Shell {
                command,
                output,
                exit,
            } => {
                let answer = json!([{"query": command, "result": output, "success": *exit == 0}]);
                self.call("run_commands", &json!({"commands": [command]}), &answer);
            }
            What::Read { path, text } => {
                let lines = text.lines().enumerate();
                let lines: Vec<String> = lines
                    .map(|(place, line)| format!("{} | {line}", place + 1))
                    .collect();
                let answer = json!([{"query": path, "result": lines.join("\n"), "success": true}]);
                self.call("read_files", &json!({"files": [{"path": path}]}), &answer);
            }
            What::Task { .. } | What::Commit { .. } => {}
        }
    }

    fn change(&mut self, change: &Change) {
        let Some(after) = &change.after else { return };
        let before = change.before.as_deref();
        let path = change.path.display();
        let pieces = before.and_then(|before| diff::pieces(before, after));
        match pieces {
            Some(pieces) if change.how != How::Whole => {
                for piece in pieces {
                    let input =
                        json!({"path": change.path, "old_text": piece.old, "new_text": piece.new});
                    let said = format!(
                        "Edited {path}\n```diff\n{}```",
                        short(&piece.from, &piece.to)
                    );
                    self.edited(change, &input, &said, true);
                }
            }
            _ => {
                let input = json!({"path": change.path, "new_text": after});
                let done = if before.is_some() {
                    "updated"
                } else {
                    "created"
                };
                let said = format!("File {done} successfully at: {path}");
                self.edited(change, &input, &said, true);
            }
        }
    }

    fn refused(&mut self, change: &Change, why: Refusal) {
        let after = change.after.as_deref().unwrap_or_default();
        let before = change.before.as_deref();
        let pieces = before.and_then(|before| diff::pieces(before, after));
        let input = match pieces.as_deref() {
            Some([piece, ..]) => {
                json!({"path": change.path, "old_text": piece.old, "new_text": piece.new})
            }
            _ => json!({"path": change.path, "new_text": after}),
        };
        let said = match why {
            Refusal::User => "Tool use was rejected by the user",
            Refusal::NotFound => "No replacement performed: text not found in file",
        };
        self.edited(change, &input, said, false);
    }

    fn edited(&mut self, change: &Change, input: &Value, said: &str, success: bool) {
        let query = format!("edit:{}", change.path.display());
        let answer = json!({"query": query, "result": said, "success": success});
        self.call("editor", input, &json!(answer.to_string()));
    }

    fn call(&mut self, name: &str, input: &Value, answer: &Value) {
        let id = format!("call_{}", self.noise.hex(20));
        self.model(&json!({"type": "tool_use", "id": id, "name": name, "input": input}));
        self.at = self.at.plus(110);
        self.user(
            &json!({"type": "tool_result", "tool_use_id": id, "name": name, "content": answer}),
        );
        self.at = self.at.plus(150);
    }

    fn user(&mut self, block: &Value) {
        let id = self.noise.uuid();
        let message = json!({"id": id, "role": "user", "content": [block], "ts": self.at.0});
        self.messages.push(message);
    }

    fn model(&mut self, block: &Value) {
        let id = format!("msg_{}", self.noise.word(8));
        let info = json!({"id": self.session.model, "provider": "openai-compatible"});
        let metrics = json!({"inputTokens": 5662, "outputTokens": 51, "cacheReadTokens": 0, "cacheWriteTokens": 0});
        self.messages.push(json!({"id": id, "role": "assistant", "content": [block], "ts": self.at.0, "modelInfo": info, "metrics": metrics}));
    }
}

/// The diff that the tool shows: numbered lines that went or came.
fn short(before: &str, after: &str) -> String {
    let mut text = String::new();
    for hunk in diff::hunks(before, after) {
        let (mut old, mut new) = (hunk.old.0, hunk.new.0);
        for line in &hunk.lines {
            let (sign, rest) = line.split_at(1);
            match sign {
                "-" => push(&mut text, format_args!("-{old}: {rest}\n")),
                "+" => push(&mut text, format_args!("+{new}: {rest}\n")),
                _ => {}
            }
            old += usize::from(sign != "+");
            new += usize::from(sign != "-");
        }
    }
    text
}
