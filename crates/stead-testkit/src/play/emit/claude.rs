//! Claude Code 2.0: JSON Lines below `.claude/projects`. Reading them is the
//! adapter's work, which this file does not know.

use std::path::Path;

use fs_err as fs;
use serde_json::{Value, json};

use super::super::clock::Moment;
use super::super::noise::Noise;
use super::super::session::{Change, How, Kin, Refusal, Session, What};
use super::diff::{self, Piece};

/// Writes the transcript.
pub(super) fn write(session: &Session, home: &Path) {
    let cwd = session.cwd.to_string_lossy();
    let munged: String = cwd
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let folder = home.join(".claude/projects").join(munged);
    fs::create_dir_all(&folder).expect("a folder");
    let fork = match &session.kin {
        Some(Kin::Fork(from, deeds)) => Some((from.as_str(), *deeds)),
        _ => None,
    };
    let (origin, copies) = fork.unwrap_or((&session.native_id, 0));
    let mut transcript = Transcript {
        session,
        // Copied records keep their ids.
        noise: Noise::named(origin),
        copied: fork.map(|(from, _)| from),
        parent: Value::Null,
        at: session.start,
        lines: Vec::new(),
    };
    for (place, deed) in session.deeds.iter().enumerate() {
        if place == copies && fork.is_some() {
            transcript.noise = Noise::named(&session.native_id);
            transcript.copied = None;
        }
        transcript.at = deed.at;
        transcript.deed(&deed.what);
    }
    let name = format!("{}.jsonl", session.native_id);
    fs::write(folder.join(name), transcript.lines.concat()).expect("written");
}

struct Transcript<'s> {
    session: &'s Session,
    /// The session that the records are copied from, as long as they are.
    copied: Option<&'s str>,
    noise: Noise,
    parent: Value,
    at: Moment,
    lines: Vec<String>,
}

impl Transcript<'_> {
    fn deed(&mut self, what: &What) {
        match what {
            What::Prompt(words) => self.user(&json!({"role": "user", "content": words}), None),
            What::Say(words) => self.reply(&json!({"type": "text", "text": words}), "end_turn"),
            What::Change(changes) => changes.iter().for_each(|change| self.change(change)),
            What::Refused(change, why) => self.refused(change, *why),
            What::Shell {
                command,
                output,
                exit,
            } => self.shell(command, output, *exit),
            What::Read { path, text } => self.read(&path.to_string_lossy(), text),
            What::Task {
                started,
                id,
                prompt,
            } => self.task(*started, id, prompt),
            What::Commit { .. } => {}
        }
    }

    fn change(&mut self, change: &Change) {
        let path = change.path.to_string_lossy().into_owned();
        let (Some(after), before) = (&change.after, change.before.as_deref()) else {
            return;
        };
        if let How::Cell(id, source) = &change.how {
            return self.notebook(&path, id, source, before.unwrap_or_default(), after);
        }
        let pieces = before.and_then(|before| diff::pieces(before, after));
        match pieces {
            Some(pieces) if change.how == How::Together => self.together(&path, &pieces),
            Some(pieces) if change.how == How::Pieces => {
                for piece in &pieces {
                    self.edit(&path, piece);
                }
            }
            _ => self.whole(&path, before, after),
        }
    }

    fn whole(&mut self, path: &str, before: Option<&str>, after: &str) {
        let kind = if before.is_some() { "update" } else { "create" };
        let said = before.map_or_else(
            || format!("File created successfully at: {path}"),
            |_| format!("The file {path} has been updated. Here's the result of running `cat -n` on a snippet of the edited file:\n{}", numbered(after)),
        );
        let lines = before.map_or_else(|| json!([]), |before| patch(before, after));
        let result = json!({"type": kind, "filePath": path, "content": after, "structuredPatch": lines, "originalFile": before});
        let input = json!({"file_path": path, "content": after});
        self.call("Write", &input, &said, false, &result);
    }

    fn edit(&mut self, path: &str, piece: &Piece) {
        let Piece { old, new, from, to } = piece;
        let said = format!(
            "The file {path} has been updated. Here's the result of running `cat -n` on a snippet of the edited file:\n{}",
            numbered(to)
        );
        let input =
            json!({"replace_all": false, "file_path": path, "old_string": old, "new_string": new});
        let result = json!({"filePath": path, "oldString": old, "newString": new, "originalFile": from, "structuredPatch": patch(from, to), "userModified": false, "replaceAll": false});
        self.call("Edit", &input, &said, false, &result);
    }

    fn together(&mut self, path: &str, pieces: &[Piece]) {
        let edits: Vec<Value> = pieces
            .iter()
            .map(|piece| json!({"old_string": piece.old, "new_string": piece.new, "replace_all": false}))
            .collect();
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
            return;
        };
        let said = format!("Applied {} edits to {path}", pieces.len());
        let result = json!({"filePath": path, "edits": edits, "originalFileContents": first.from, "structuredPatch": patch(&first.from, &last.to), "userModified": false});
        let input = json!({"file_path": path, "edits": edits});
        self.call("MultiEdit", &input, &said, false, &result);
    }

    fn notebook(&mut self, path: &str, id: &str, source: &str, before: &str, after: &str) {
        let input = json!({"notebook_path": path, "cell_id": id, "new_source": source, "edit_mode": "replace"});
        let result = json!({"new_source": source, "cell_type": "code", "language": "python", "edit_mode": "replace", "cell_id": id, "error": "", "notebook_path": path, "original_file": before, "updated_file": after});
        let said = format!("Updated cell {id} with {source}");
        self.call("NotebookEdit", &input, &said, false, &result);
    }

    fn refused(&mut self, change: &Change, why: Refusal) {
        let path = change.path.to_string_lossy();
        let (before, after) = (change.before.as_deref(), change.after.as_deref());
        let after = after.unwrap_or_default();
        let pieces = before.and_then(|before| diff::pieces(before, after));
        let (name, input, old) = match pieces.as_deref() {
            Some([piece, ..]) => (
                "Edit",
                json!({"replace_all": false, "file_path": path, "old_string": piece.old, "new_string": piece.new}),
                piece.old.clone(),
            ),
            _ => (
                "Write",
                json!({"file_path": path, "content": after}),
                String::new(),
            ),
        };
        match why {
            Refusal::User => {
                let said = "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file edit, the new_string was NOT written to the file). STOP what you are doing and wait for the user to tell you how to proceed.";
                self.call(name, &input, said, true, &json!("User rejected tool use"));
                let text = "[Request interrupted by user for tool use]";
                let content = json!([{"type": "text", "text": text}]);
                self.user(&json!({"role": "user", "content": content}), None);
            }
            Refusal::NotFound => {
                let error = format!("String to replace not found in file.\nString: {old}");
                let said = format!("<tool_use_error>{error}</tool_use_error>");
                let result = json!(format!("Error: {error}"));
                self.call(name, &input, &said, true, &result);
            }
        }
    }

    fn shell(&mut self, command: &str, output: &str, exit: i32) {
        let input = json!({"command": command, "description": "Run a command"});
        let output = output.trim_end();
        if exit == 0 {
            let result =
                json!({"stdout": output, "stderr": "", "interrupted": false, "isImage": false});
            return self.call("Bash", &input, output, false, &result);
        }
        let said = format!("Exit code {exit}\n{output}");
        let result = json!(format!("Error: {said}"));
        self.call("Bash", &input, &said, true, &result);
    }

    fn read(&mut self, path: &str, text: &str) {
        let lines = text.split('\n').count();
        let file = json!({"filePath": path, "content": text, "numLines": lines, "startLine": 1, "totalLines": lines});
        let result = json!({"type": "text", "file": file});
        self.call(
            "Read",
            &json!({"file_path": path}),
            &numbered(text),
            false,
            &result,
        );
    }

    /// A call that starts a subagent, and its report.
    fn task(&mut self, started: Moment, id: &str, prompt: &str) {
        let end = self.at;
        let id = id.trim_start_matches("agent-");
        let input =
            json!({"prompt": prompt, "description": "A part", "subagent_type": "general-purpose"});
        let content = json!([{"type": "text", "text": "Done."}]);
        let result = json!({"status": "completed", "prompt": prompt, "agentId": id, "content": content, "totalDurationMs": 355, "totalTokens": 11_219, "totalToolUseCount": 1});
        self.at = started;
        let call = self.ask_for("Task", &input);
        self.at = end;
        self.answer(&call, &json!(content), false, &result);
    }

    /// A call and its result.
    fn call(&mut self, name: &str, input: &Value, said: &str, failed: bool, result: &Value) {
        let id = self.ask_for(name, input);
        self.at = self.at.plus(120);
        self.answer(&id, &json!(said), failed, result);
    }

    fn ask_for(&mut self, name: &str, input: &Value) -> String {
        let id = format!("toolu_{}", self.noise.hex(24));
        let block = json!({"type": "tool_use", "id": id, "name": name, "input": input});
        self.reply(&block, "tool_use");
        id
    }

    fn answer(&mut self, id: &str, said: &Value, failed: bool, result: &Value) {
        let mut block = json!({"tool_use_id": id, "type": "tool_result", "content": said});
        if failed {
            block["is_error"] = json!(true);
        }
        self.user(&json!({"role": "user", "content": [block]}), Some(result));
        self.at = self.at.plus(200);
    }

    fn reply(&mut self, block: &Value, stop: &str) {
        let usage = json!({"input_tokens": 17_967, "output_tokens": 47, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0});
        let message = json!({"id": format!("msg_{}", self.noise.hex(24)), "type": "message", "role": "assistant", "model": self.session.model, "content": [block], "stop_reason": stop, "stop_sequence": null, "usage": usage});
        self.push("assistant", &message, None);
    }

    fn user(&mut self, message: &Value, result: Option<&Value>) {
        self.push("user", message, result);
    }

    fn push(&mut self, kind: &str, message: &Value, result: Option<&Value>) {
        let id = self.noise.uuid();
        let own = &self.session.native_id;
        let (name, task) = match (&self.session.kin, self.copied) {
            (Some(Kin::Task(_, parent)), _) => (parent.as_str(), true),
            // Of copies, only replies are given the new name.
            (_, Some(from)) if kind == "user" => (from, false),
            _ => (own.as_str(), false),
        };
        let mut record = json!({
            "parentUuid": self.parent, "isSidechain": task, "userType": "external",
            "cwd": self.session.cwd, "sessionId": name, "version": "2.0.77",
            "gitBranch": "main", "type": kind, "message": message, "uuid": id,
            "timestamp": self.at.iso(),
        });
        if task {
            record["agentId"] = json!(own.trim_start_matches("agent-"));
        }
        if let Some(result) = result {
            record["toolUseResult"] = result.clone();
            record["sourceToolAssistantUUID"] = self.parent.clone();
        }
        self.parent = json!(id);
        self.lines.push(format!("{record}\n"));
    }
}

/// As `cat -n` shows it, in the agent's own way.
fn numbered(text: &str) -> String {
    let lines = text.split('\n').enumerate();
    let lines: Vec<String> = lines
        .map(|(place, line)| format!("{:6}→{line}", place + 1))
        .collect();
    lines.join("\n")
}

fn patch(before: &str, after: &str) -> Value {
    let hunk = |hunk: diff::Hunk| json!({"oldStart": hunk.old.0, "oldLines": hunk.old.1, "newStart": hunk.new.0, "newLines": hunk.new.1, "lines": hunk.lines});
    diff::hunks(before, after).into_iter().map(hunk).collect()
}
