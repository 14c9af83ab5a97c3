//! OpenCode: `tool` parts.

use super::claude_tools::unified;
use super::json::{S, escape, put};
use super::plan::Start;
use super::step::Call;

/// The fields of a completed `tool` part.
pub(super) fn push_tool(
    out: &mut String,
    call: &Call,
    id: &str,
    start: &Start,
    tree: bool,
    at: i64,
) {
    let relative = |path: &str| {
        path.strip_prefix(&start.cwd)
            .unwrap_or(path)
            .trim_start_matches('/')
            .to_owned()
    };
    let name = match call {
        Call::Read { .. } => "read",
        Call::Edit { .. } => "edit",
        Call::Write { .. } => "write",
        Call::Bash { .. } => "bash",
        Call::Agent { .. } => "task",
    };
    put!(out; r#""type":"tool","tool":""#, name, r#"","callID":""#, id, r#"","state":{"status":"completed","input":"#);
    let title = match call {
        Call::Read {
            path,
            text,
            start: from,
            total,
        } => {
            read(out, path, text, *from, *total, tree);
            relative(path)
        }
        Call::Edit { path, edit } => {
            let mut diff = format!(
                "Index: {path}\n===================================================================\n--- {path}\n+++ {path}\n"
            );
            unified(edit, &mut diff);
            put!(out; r#"{"filePath":"#, S(path), r#","oldString":"#, S(&edit.old), r#","newString":"#, S(&edit.new),
                r#"},"output":"#, S(if tree { "" } else { "Edit applied successfully." }), r#","metadata":{"diagnostics":{},"diff":"#, S(&diff),
                r#","filediff":{"file":"#, S(path), r#","patch":"#, S(&diff), r#","additions":"#, edit.new.lines().count(),
                r#","deletions":"#, edit.old.lines().count(), r#"},"truncated":false}"#);
            relative(path)
        }
        Call::Write { path, text } => {
            put!(out; r#"{"filePath":"#, S(path), r#","content":"#, S(text), r#"},"output":"Wrote file successfully.","metadata":{"diagnostics":{},"filepath":"#,
                S(path), r#","exists":false,"truncated":false}"#);
            relative(path)
        }
        Call::Bash {
            command,
            what,
            output,
            exit,
        } => {
            put!(out; r#"{"command":"#, S(command), r#","description":"#, S(what), r#"},"output":"#, S(output), r#","metadata":{"output":"#, S(output),
                r#","exit":"#, i64::from(*exit), r#","truncated":false}"#);
            command.clone()
        }
        Call::Agent {
            what,
            prompt,
            answer,
            child,
        } => {
            let result = format!(
                "<task id=\"{child}\" state=\"completed\">\n<task_result>\n{answer}\n</task_result>\n</task>"
            );
            put!(out; r#"{"prompt":"#, S(prompt), r#","description":"#, S(what), r#","subagent_type":"general"},"output":"#, S(&result),
                r#","metadata":{"parentSessionId":"#, S(&start.id), r#","sessionId":"#, S(child), r#","truncated":false}"#);
            what.clone()
        }
    };
    put!(out; r#","title":"#, S(&title), r#","time":{"start":"#, at, r#","end":"#, at + 90, "}}");
}

fn read(out: &mut String, path: &str, text: &str, from: usize, total: usize, tree: bool) {
    put!(out; r#"{"filePath":"#, S(path));
    let count = text.lines().count();
    if count < total {
        put!(out; r#","offset":"#, from, r#","limit":"#, count);
    }
    out.push_str(r#"},"output":""#);
    if tree {
        out.push_str("<file>\\n");
    } else {
        put!(out; "<path>", path, "</path>\\n<type>file</type>\\n<content>\\n");
    }
    for (i, line) in text.lines().enumerate() {
        if tree {
            put!(out; format!("{:05}| ", from + i));
        } else {
            put!(out; from + i, ": ");
        }
        escape(line, out);
        out.push_str("\\n");
    }
    put!(out; "\\n(End of file - total ", total, " lines)\\n", if tree { "</file>" } else { "</content>" });
    let preview: String = text.split_inclusive('\n').take(20).collect();
    put!(out; r#"","metadata":{"preview":"#, S(&preview));
    if !tree {
        put!(out; r#","truncated":false,"loaded":[],"display":{"type":"file","path":"#, S(path), r#","text":"#, S(text), r#","lineStart":"#, from,
            r#","lineEnd":"#, from + count, r#","totalLines":"#, total, r#","truncated":false}"#);
    }
    out.push('}');
}
