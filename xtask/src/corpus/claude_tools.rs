//! Claude Code: calls and their results.

use super::claude::Version;
use super::json::{S, escape, put};
use super::project::Edit;
use super::step::Call;
use super::words::push_number;

/// The `tool_use` block.
pub(super) fn push_call(out: &mut String, call: &Call, id: &str, version: Version) {
    put!(out; r#"{"type":"tool_use","id":""#, id, r#"","name":"#);
    match call {
        Call::Read {
            path,
            text,
            start,
            total,
        } => {
            put!(out; r#""Read","input":{"file_path":"#, S(path));
            if *start > 1 || text.lines().count() < *total {
                put!(out; r#","offset":"#, start, r#","limit":"#, text.lines().count());
            }
        }
        Call::Edit { path, edit } => {
            out.push_str(r#""Edit","input":{"#);
            if version > Version::V1 {
                out.push_str(r#""replace_all":false,"#);
            }
            put!(out; r#""file_path":"#, S(path), r#","old_string":"#, S(&edit.old), r#","new_string":"#, S(&edit.new));
        }
        Call::Write { path, text } => {
            put!(out; r#""Write","input":{"file_path":"#, S(path), r#","content":"#, S(text));
        }
        Call::Bash { command, what, .. } => {
            put!(out; r#""Bash","input":{"command":"#, S(command), r#","description":"#, S(what));
        }
        Call::Agent { what, prompt, .. } => {
            let name = if version == Version::V21 {
                "Agent"
            } else {
                "Task"
            };
            put!(out; S(name), r#","input":{"prompt":"#, S(prompt), r#","description":"#, S(what), r#","subagent_type":"general-purpose""#);
        }
    }
    out.push_str("}}");
}

/// `"type":"user","message":{…},` with the `tool_result` block.
pub(super) fn push_result(out: &mut String, call: &Call, id: &str, version: Version) {
    put!(out; r#","type":"user","message":{"role":"user","content":[{"tool_use_id":""#, id, r#"","type":"tool_result","content":"#);
    match call {
        Call::Read { text, start, .. } => {
            out.push('"');
            for (i, line) in text.lines().enumerate() {
                if i > 0 {
                    out.push_str("\\n");
                }
                if version == Version::V21 {
                    put!(out; start + i, "\\t");
                } else {
                    put!(out; format!("{:>6}→", start + i));
                }
                escape(line, out);
            }
            if version != Version::V21 {
                out.push_str("\\n\\n<system-reminder>\\nWhenever you read a file, you should consider whether it would be considered malware.\\n</system-reminder>\\n");
            }
            out.push('"');
        }
        Call::Edit { path, .. } if version == Version::V21 => put!(out; S(&format!(
            "The file {path} has been updated successfully. (file state is current in your context — no need to Read it back)"
        ))),
        Call::Edit { path, edit } => {
            let mut text = format!(
                "The file {path} has been updated. Here's the result of running `cat -n` on a snippet of the edited file:"
            );
            let lines = edit.lead.iter().map(String::as_str).chain(edit.new.lines());
            let first = edit.line - edit.lead.len();
            for (i, line) in lines
                .chain(edit.trail.iter().map(String::as_str))
                .enumerate()
            {
                put!(&mut text; format!("\n{:>6}→", first + i), line.trim_end_matches('\n'));
            }
            put!(out; S(&text));
        }
        Call::Write { path, .. } => put!(out; S(&format!("File created successfully at: {path}"))),
        Call::Bash { output, exit, .. } => {
            if *exit == 0 {
                put!(out; S(output), r#","is_error":false"#);
            } else {
                put!(out; S(&format!("Exit code {exit}\n{output}")), r#","is_error":true"#);
            }
        }
        Call::Agent { answer, child, .. } => {
            put!(out; r#"[{"type":"text","text":"#, S(answer), r#"},{"type":"text","text":"#,
                S(&format!("agentId: {child} (for resuming to continue this agent's work if needed)")), "}]");
        }
    }
    out.push_str("}]},");
}

/// The same result in `toolUseResult`, by tool.
pub(super) fn push_structured(out: &mut String, call: &Call, version: Version) {
    out.push_str(r#","toolUseResult":"#);
    match call {
        Call::Read {
            path,
            text,
            start,
            total,
        } => put!(out; r#"{"type":"text","file":{"filePath":"#, S(path), r#","content":"#, S(text),
            r#","numLines":"#, text.lines().count(), r#","startLine":"#, start, r#","totalLines":"#, total, "}}"),
        Call::Edit { path, edit } => {
            put!(out; r#"{"filePath":"#, S(path), r#","oldString":"#, S(&edit.old), r#","newString":"#, S(&edit.new),
                r#","originalFile":"#, S(&edit.before), r#","structuredPatch":["#);
            push_patch(out, edit);
            out.push_str(r#"],"userModified":false,"replaceAll":false}"#);
        }
        Call::Write { path, text } => {
            put!(out; r#"{"type":"create","filePath":"#, S(path), r#","content":"#, S(text),
            r#","structuredPatch":[],"originalFile":null,"userModified":false}"#);
        }
        Call::Bash { output, exit, .. } if *exit == 0 => {
            put!(out; r#"{"stdout":"#, S(output), r#","stderr":"","interrupted":false,"isImage":false"#);
            if version == Version::V21 {
                out.push_str(r#","noOutputExpected":false"#);
            }
            out.push('}');
        }
        Call::Bash { output, exit, .. } => {
            put!(out; S(&format!("Error: Exit code {exit}\n{output}")));
        }
        Call::Agent {
            prompt,
            answer,
            child,
            ..
        } => put!(out; r#"{"status":"completed","prompt":"#, S(prompt), r#","agentId":"#, S(child),
            r#","content":[{"type":"text","text":"#, S(answer), r#"}],"totalDurationMs":41250,"totalTokens":31877,"totalToolUseCount":7,"#,
            r#""usage":{"input_tokens":12,"output_tokens":421,"cache_creation_input_tokens":1210,"cache_read_input_tokens":30234}}"#),
    }
}

/// The hunk of an edit, as `structuredPatch` has it.
fn push_patch(out: &mut String, edit: &Edit) {
    let (lead, trail) = (edit.lead.len(), edit.trail.len());
    let (old, new) = (edit.old.lines().count(), edit.new.lines().count());
    let at = edit.line - lead;
    put!(out; r#"{"oldStart":"#, at, r#","oldLines":"#, lead + old + trail, r#","newStart":"#, at, r#","newLines":"#,
        lead + new + trail, r#","lines":["#);
    for (i, line) in hunk_lines(edit).enumerate() {
        if i > 0 {
            out.push(',');
        }
        put!(out; S(&line));
    }
    out.push_str("]}");
}

/// The lines of a hunk with their marks.
pub(super) fn hunk_lines(edit: &Edit) -> impl Iterator<Item = String> {
    let mark = |m: char, l: &str| format!("{m}{}", l.trim_end_matches('\n'));
    let lead = edit.lead.iter().map(move |l| mark(' ', l));
    let old = edit.old.lines().map(move |l| mark('-', l));
    let new = edit.new.lines().map(move |l| mark('+', l));
    let trail = edit.trail.iter().map(move |l| mark(' ', l));
    lead.chain(old).chain(new).chain(trail)
}

/// A unified diff of one hunk.
pub(super) fn unified(edit: &Edit, out: &mut String) {
    let (lead, trail) = (edit.lead.len(), edit.trail.len());
    let at = edit.line - lead;
    out.push_str("@@ -");
    push_number(at as u64, out);
    out.push(',');
    push_number((lead + edit.old.lines().count() + trail) as u64, out);
    out.push_str(" +");
    push_number(at as u64, out);
    out.push(',');
    push_number((lead + edit.new.lines().count() + trail) as u64, out);
    out.push_str(" @@\n");
    for line in hunk_lines(edit) {
        out.push_str(&line);
        out.push('\n');
    }
}
