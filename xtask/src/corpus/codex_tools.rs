//! Codex CLI: calls, their events and their results.

use super::claude_tools::{hunk_lines, unified};
use super::codex::Codex;
use super::json::{S, put};
use super::rng::Rng;
use super::step::Call;

/// One call as it is written.
pub(super) struct Tools<'a, 'b> {
    pub(super) codex: &'a mut Codex<'b>,
    pub(super) rng: &'a mut Rng,
    pub(super) call_id: &'a str,
    pub(super) at: i64,
}

impl Tools<'_, '_> {
    pub(super) fn write(mut self, call: &Call) {
        match call {
            Call::Read {
                path,
                text,
                start,
                total,
            } => {
                let end = start + text.lines().count() - usize::from(!text.is_empty());
                let command = if end < *total || *start > 1 {
                    format!("sed -n '{start},{end}p' {path}")
                } else {
                    format!("cat {path}")
                };
                let mut parsed = String::new();
                let name = path.rsplit('/').next().unwrap_or_default();
                put!(&mut parsed; r#"{"type":"read","cmd":"#, S(&command), r#","name":"#, S(name), r#","path":"#, S(path), "}");
                self.shell(&command, text, 0, &parsed);
            }
            Call::Bash {
                command,
                output,
                exit,
                ..
            } => {
                let mut parsed = String::new();
                put!(&mut parsed; r#"{"type":"unknown","cmd":"#, S(command), "}");
                self.shell(command, output, *exit, &parsed);
            }
            Call::Edit { path, edit } => {
                let mut patch = format!("*** Begin Patch\n*** Update File: {path}\n@@\n");
                for line in hunk_lines(edit) {
                    patch.push_str(&line);
                    patch.push('\n');
                }
                patch.push_str("*** End Patch");
                let (mut diff, mut change) = (String::new(), String::new());
                unified(edit, &mut diff);
                put!(&mut change; r#"{"type":"update","unified_diff":"#, S(&diff), r#","move_path":null}"#);
                self.apply(path, &patch, &change, 'M');
            }
            Call::Write { path, text } => {
                let mut patch = format!("*** Begin Patch\n*** Add File: {path}\n");
                for line in text.lines() {
                    put!(&mut patch; "+", line, "\n");
                }
                patch.push_str("*** End Patch");
                let mut change = String::new();
                put!(&mut change; r#"{"type":"add","content":"#, S(text), "}");
                self.apply(path, &patch, &change, 'A');
            }
            Call::Agent { prompt, child, .. } => self.spawn(prompt, child),
        }
    }

    fn function_call(&mut self, name: &str, arguments: &str) {
        self.codex.begin("response_item", self.at);
        let new = self.codex.is_new();
        let out = &mut self.codex.out.buf;
        out.push_str(r#"{"type":"function_call""#);
        if new {
            put!(out; r#","status":"completed","id":"fc_"#, self.rng.hex(16), "\"");
        }
        put!(out; r#","name":""#, name, r#"","arguments":"#, S(arguments), r#","call_id":"#, S(self.call_id));
        self.codex.close_item();
    }

    fn custom_call(&mut self, name: &str, input: &str) {
        self.codex.begin("response_item", self.at);
        let new = self.codex.is_new();
        let out = &mut self.codex.out.buf;
        out.push_str(r#"{"type":"custom_tool_call""#);
        if new {
            put!(out; r#","id":"ctc_"#, self.rng.hex(16), "\"");
        }
        put!(out; r#","status":"completed","call_id":"#, S(self.call_id), r#","name":""#, name, r#"","input":"#, S(input));
        self.codex.close_item();
    }

    /// `output` is JSON: a string, or a list of texts.
    fn result(&mut self, kind: &str, output: &str) {
        self.codex.begin("response_item", self.at + 150);
        let new = self.codex.is_new();
        let out = &mut self.codex.out.buf;
        put!(out; r#"{"type":""#, kind, "\"");
        if new {
            put!(out; r#","id":"fco_"#, self.rng.uuid7(self.at), "\"");
        }
        put!(out; r#","call_id":"#, S(self.call_id), r#","output":"#, output);
        self.codex.close_item();
    }

    fn shell(&mut self, command: &str, output: &str, exit: i32, parsed: &str) {
        let mut arguments = String::new();
        put!(&mut arguments; r#"{"cmd":"#, S(command), "}");
        let script = self.codex.model.starts_with("gpt-6");
        if script {
            self.custom_call(
                "exec",
                &format!("const result = await tools.exec_command({arguments});\ntext(result);\n"),
            );
        } else {
            self.function_call("exec_command", &arguments);
        }
        let at = self.at + 100;
        let new = self.codex.is_new();
        let mut event = String::new();
        let status = if exit == 0 { "completed" } else { "failed" };
        if new {
            let id = if script {
                format!("exec-{}", self.rng.uuid4())
            } else {
                self.call_id.to_owned()
            };
            put!(&mut event; r#"{"type":"CommandExecution","id":"#, S(&id), r#","process_id":"87407","command":["/bin/bash","-lc","#, S(command),
                r#"],"cwd":"#, S(&format!("file://{}", self.codex.cwd)), r#","parsed_cmd":["#, parsed, r#"],"source":"unified_exec_startup","status":""#, status,
                r#"","aggregated_output":"#, S(output), r#","exit_code":"#, i64::from(exit), r#","duration":{"secs":0,"nanos":51224}}"#);
            self.codex.item(&event, at);
        } else {
            put!(&mut event; r#"{"type":"exec_command_end","call_id":"#, S(self.call_id), r#","process_id":"23170","turn_id":"#, S(&self.codex.turn),
                r#","command":["/bin/bash","-lc","#, S(command), r#"],"cwd":"#, S(&self.codex.cwd), r#","parsed_cmd":["#, parsed,
                r#"],"source":"unified_exec_startup","stdout":"","stderr":"","aggregated_output":"#, S(output), r#","exit_code":"#, i64::from(exit),
                r#","duration":{"secs":0,"nanos":14333},"formatted_output":"","status":""#, status, r#""}"#);
            self.codex.event(&event, at);
        }
        let chunk = self.rng.hex(6);
        let tokens = output.len() / 4;
        let mut json = String::new();
        if script {
            let mut inner = String::new();
            put!(&mut inner; r#"{"chunk_id":""#, chunk, r#"","wall_time_seconds":0.04,"exit_code":"#, i64::from(exit), r#","original_token_count":"#, tokens, r#","output":"#, S(output), "}");
            put!(&mut json; r#"[{"type":"input_text","text":"Script completed\nWall time 0.1 seconds\nOutput:\n"},{"type":"input_text","text":"#, S(&inner), "}]");
            self.result("custom_tool_call_output", &json);
        } else {
            let text = format!(
                "Chunk ID: {chunk}\nWall time: 0.0400 seconds\nProcess exited with code {exit}\nOriginal token count: {tokens}\nOutput:\n{output}"
            );
            put!(&mut json; S(&text));
            self.result("function_call_output", &json);
        }
    }

    fn apply(&mut self, file: &str, patch: &str, change: &str, letter: char) {
        self.custom_call("apply_patch", patch);
        let stdout = format!("Success. Updated the following files:\n{letter} {file}\n");
        let at = self.at + 100;
        let mut event = String::new();
        if self.codex.is_new() {
            put!(&mut event; r#"{"type":"FileChange","id":"#, S(self.call_id), r#","changes":{"#, S(file), ":", change, r#"},"status":"completed","stdout":"#,
                S(&stdout), r#","stderr":""}"#);
            self.codex.item(&event, at);
        } else {
            put!(&mut event; r#"{"type":"patch_apply_end","call_id":"#, S(self.call_id), r#","turn_id":"#, S(&self.codex.turn), r#","stdout":"#, S(&stdout),
                r#","stderr":"","success":true,"changes":{"#, S(file), ":", change, r#"},"status":"completed"}"#);
            self.codex.event(&event, at);
        }
        let mut json = String::new();
        put!(&mut json; S(&format!("Exit code: 0\nWall time: 0 seconds\nOutput:\n{stdout}")));
        self.result("custom_tool_call_output", &json);
    }

    fn spawn(&mut self, prompt: &str, child: &str) {
        let mut arguments = String::new();
        put!(&mut arguments; r#"{"message":"#, S(prompt), "}");
        self.function_call("spawn_agent", &arguments);
        let mut event = String::new();
        let at = self.at + 50;
        if self.codex.is_new() {
            put!(&mut event; r#"{"type":"SubAgentActivity","model":""#, self.codex.model, r#"","reasoning_effort":"low","id":"#, S(self.call_id),
                r#","kind":"started","agent_thread_id":"#, S(child), r#","agent_path":"/root/task"}"#);
            self.codex.item(&event, at);
        } else {
            put!(&mut event; r#"{"type":"collab_agent_spawn_end","call_id":"#, S(self.call_id), r#","sender_thread_id":"#, S(&self.codex.id),
                r#","new_thread_id":"#, S(child), r#","new_agent_nickname":"Peirce","prompt":"#, S(prompt), r#","model":""#, self.codex.model,
                r#"","reasoning_effort":"high","status":"pending_init"}"#);
            self.codex.event(&event, at);
        }
        let mut json = String::new();
        put!(&mut json; S(&format!(r#"{{"agent_id":"{child}","nickname":"Peirce"}}"#)));
        self.result("function_call_output", &json);
    }
}
