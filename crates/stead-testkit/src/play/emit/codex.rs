//! Codex CLI 0.125: rollouts below `.codex/sessions`. Reading them is the
//! adapter's work, which this file does not know.

use std::path::Path;

use fs_err as fs;
use serde_json::{Map, Value, json};

use super::super::clock::Moment;
use super::super::noise::Noise;
use super::super::session::{Change, Refusal, Session, What};
use super::{diff, push};

/// Writes the rollout.
pub(super) fn write(session: &Session, home: &Path) {
    let start = session.start;
    let folder = home.join(".codex/sessions").join(start.format("%Y/%m/%d"));
    fs::create_dir_all(&folder).expect("a folder");
    let mut noise = Noise::named(&session.native_id);
    let mut rollout = Rollout {
        // Only the terminal program tells what came of a patch in a record of
        // its own.
        tells: noise.below(2) == 0,
        turn: noise.uuid_at(start.0),
        session,
        noise,
        at: start,
        lines: Vec::new(),
        open: false,
    };
    rollout.head();
    for deed in &session.deeds {
        rollout.at = deed.at;
        rollout.deed(&deed.what);
    }
    rollout.close();
    let time = start.format("%Y-%m-%dT%H-%M-%S");
    let name = format!("rollout-{time}-{}.jsonl", session.native_id);
    fs::write(folder.join(name), rollout.lines.concat()).expect("written");
}

struct Rollout<'s> {
    session: &'s Session,
    noise: Noise,
    at: Moment,
    turn: String,
    tells: bool,
    open: bool,
    lines: Vec<String>,
}

impl Rollout<'_> {
    fn head(&mut self) {
        let (originator, source) = if self.tells {
            ("codex-tui", "cli")
        } else {
            ("codex_exec", "exec")
        };
        let meta = json!({"id": self.session.native_id, "timestamp": self.at.iso(), "cwd": self.session.cwd, "originator": originator, "cli_version": "0.125.0", "source": source, "model_provider": "scripted", "base_instructions": {"text": "You are Codex, a coding agent."}});
        self.push("session_meta", &meta);
    }

    fn deed(&mut self, what: &What) {
        match what {
            What::Prompt(words) => self.prompt(words),
            What::Say(words) => self.say(words),
            What::Change(changes) => {
                let patch = patch(changes);
                let done = summary(changes);
                self.patched(&patch, &done, Some(changes));
            }
            What::Refused(change, why) => {
                let patch = patch(std::slice::from_ref(change));
                let file = change.path.display();
                let said = match why {
                    Refusal::User => "patch rejected by user".to_owned(),
                    Refusal::NotFound => format!(
                        "apply_patch verification failed: Failed to find expected lines in {file}"
                    ),
                };
                self.patched(&patch, &said, None);
            }
            What::Shell {
                command,
                output,
                exit,
            } => self.shell(command, output, *exit),
            What::Read { path, text } => {
                self.shell(&format!("cat {}", path.display()), text, 0);
            }
            What::Task { .. } | What::Commit { .. } => {}
        }
    }

    fn prompt(&mut self, words: &str) {
        self.close();
        self.turn = self.noise.uuid_at(self.at.0);
        let seconds = self.at.seconds();
        self.event(&json!({"type": "task_started", "turn_id": self.turn, "started_at": seconds, "model_context_window": 258_400, "collaboration_mode_kind": "default"}));
        let cwd = self.session.cwd.display().to_string();
        if !self.open {
            let text = format!(
                "<environment_context>\n  <cwd>{cwd}</cwd>\n  <shell>bash</shell>\n</environment_context>"
            );
            self.item(&json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}));
        }
        self.push("turn_context", &json!({"turn_id": self.turn, "cwd": cwd, "approval_policy": "never", "sandbox_policy": {"type": "danger-full-access"}, "model": self.session.model, "summary": "none"}));
        self.item(&json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": words}]}));
        self.event(&json!({"type": "user_message", "message": words, "images": [], "local_images": [], "text_elements": []}));
        self.open = true;
    }

    fn close(&mut self) {
        if self.open {
            self.at = self.at.plus(50);
            let seconds = self.at.seconds();
            self.event(&json!({"type": "task_complete", "turn_id": self.turn, "last_agent_message": null, "completed_at": seconds, "duration_ms": 1000}));
        }
    }

    fn say(&mut self, words: &str) {
        self.event(&json!({"type": "agent_message", "message": words, "phase": null, "memory_citation": null}));
        self.item(&json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": words}]}));
    }

    fn patched(&mut self, patch: &str, said: &str, done: Option<&[Change]>) {
        let id = format!("call_{}", self.noise.hex(20));
        self.item(&json!({"type": "custom_tool_call", "status": "completed", "call_id": id, "name": "apply_patch", "input": patch}));
        self.at = self.at.plus(60);
        let Some(changes) = done else {
            self.item(&json!({"type": "custom_tool_call_output", "call_id": id, "output": said}));
            return;
        };
        if self.tells {
            let told: Map<String, Value> = changes.iter().map(told).collect();
            self.event(&json!({"type": "patch_apply_end", "call_id": id, "turn_id": self.turn, "stdout": said, "stderr": "", "success": true, "changes": told, "status": "completed"}));
        }
        let output = json!({"output": said, "metadata": {"exit_code": 0, "duration_seconds": 0.0}});
        self.item(&json!({"type": "custom_tool_call_output", "call_id": id, "output": output.to_string()}));
    }

    fn shell(&mut self, command: &str, output: &str, exit: i32) {
        let id = format!("call_{}", self.noise.hex(20));
        let arguments = json!({"cmd": command}).to_string();
        self.item(&json!({"type": "function_call", "name": "exec_command", "arguments": arguments, "call_id": id}));
        self.at = self.at.plus(60);
        let chunk = self.noise.hex(6);
        let said = format!(
            "Chunk ID: {chunk}\nWall time: 0.0000 seconds\nProcess exited with code {exit}\nOriginal token count: {}\nOutput:\n{output}",
            output.len() / 4
        );
        self.item(&json!({"type": "function_call_output", "call_id": id, "output": said}));
    }

    fn event(&mut self, payload: &Value) {
        self.push("event_msg", payload);
    }

    fn item(&mut self, payload: &Value) {
        self.push("response_item", payload);
    }

    fn push(&mut self, kind: &str, payload: &Value) {
        let record = json!({"timestamp": self.at.iso(), "type": kind, "payload": payload});
        self.lines.push(format!("{record}\n"));
    }
}

/// The changes in Codex's own language of patches.
fn patch(changes: &[Change]) -> String {
    let mut text = "*** Begin Patch\n".to_owned();
    for change in changes {
        let path = change.path.display();
        match (&change.before, &change.after) {
            (Some(_), None) => push(&mut text, format_args!("*** Delete File: {path}\n")),
            (Some(before), Some(after)) if !before.is_empty() => {
                push(&mut text, format_args!("*** Update File: {path}\n"));
                if let Some(to) = &change.moved {
                    push(&mut text, format_args!("*** Move to: {}\n", to.display()));
                }
                for hunk in diff::hunks(before, after) {
                    text.push_str("@@\n");
                    hunk.lines
                        .iter()
                        .for_each(|line| push(&mut text, format_args!("{line}\n")));
                }
            }
            (_, after) => {
                push(&mut text, format_args!("*** Add File: {path}\n"));
                let lines = after.iter().flat_map(|text| text.lines());
                lines.for_each(|line| push(&mut text, format_args!("+{line}\n")));
            }
        }
    }
    text.push_str("*** End Patch");
    text
}

/// What the tool answers.
fn summary(changes: &[Change]) -> String {
    let mut text = "Success. Updated the following files:\n".to_owned();
    for change in changes {
        let letter = match (&change.before, &change.after) {
            (Some(_), None) => 'D',
            (None, _) => 'A',
            _ => 'M',
        };
        let path = change.moved.as_ref().unwrap_or(&change.path);
        push(&mut text, format_args!("{letter} {}\n", path.display()));
    }
    text
}

/// A change as the terminal program tells it.
fn told(change: &Change) -> (String, Value) {
    let value = match (&change.before, &change.after) {
        (Some(before), None) => json!({"type": "delete", "content": before}),
        (Some(before), Some(after)) if !before.is_empty() => {
            json!({"type": "update", "unified_diff": diff::unified(before, after), "move_path": change.moved})
        }
        (_, after) => json!({"type": "add", "content": after}),
    };
    (change.path.display().to_string(), value)
}
