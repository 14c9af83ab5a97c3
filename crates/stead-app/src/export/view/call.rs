//! What a call was about, in one line.

use serde_json::Value;
use stead_usf::{Event, ToolKind};

use super::words::{count, duration, first_line, short};

/// Longest label of a call.
const LABEL_CHARS: usize = 60;

/// Names calls; paths below the session's folder are named from there.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    cwd: Option<String>,
}

/// Fields that may tell the most, by kind of tool, the most telling first.
const fn fields(kind: ToolKind) -> &'static [&'static str] {
    match kind {
        ToolKind::Shell => &[
            "command",
            "cmd",
            "script",
            "code",
            "input",
            "bash_id",
            "session_id",
        ],
        ToolKind::Read | ToolKind::Write | ToolKind::Edit => &[
            "file_path",
            "filePath",
            "path",
            "notebook_path",
            "absolute_path",
            "file",
            "paths",
        ],
        ToolKind::Search => &["pattern", "query", "regex", "q"],
        ToolKind::Glob => &["pattern", "glob", "glob_pattern", "path"],
        ToolKind::List => &["path", "dir_path", "directory", "dir"],
        ToolKind::Ask => &["question", "questions", "prompt", "message"],
        ToolKind::Task => &[
            "description",
            "title",
            "name",
            "message",
            "prompt",
            "task_id",
        ],
        ToolKind::WebFetch => &["url", "uri", "prompt"],
        ToolKind::WebSearch => &["query", "q", "search_query"],
        ToolKind::Todo => &["todos", "plan", "items", "explanation", "subject", "taskId"],
        ToolKind::Mcp | ToolKind::Other => &[],
    }
}

/// Where to look when nothing else is found.
const ANY: [&str; 14] = [
    "command",
    "file_path",
    "filePath",
    "path",
    "url",
    "pattern",
    "query",
    "question",
    "description",
    "title",
    "name",
    "prompt",
    "message",
    "text",
];

impl Caller {
    /// Names calls of a session that worked in `cwd`.
    pub fn new(cwd: Option<&str>) -> Self {
        Self {
            cwd: cwd.map(|cwd| cwd.trim_end_matches('/').to_owned()),
        }
    }

    /// The most telling argument, whole: perhaps of many lines, perhaps empty.
    pub fn argument(&self, call: &Event) -> String {
        let kind = call.tool.as_ref().map_or(ToolKind::Other, |tool| tool.kind);
        let input = call.input.as_ref().and_then(|raw| raw.to::<Value>().ok());
        if matches!(kind, ToolKind::Edit | ToolKind::Write)
            && let Some(first) = call.edits.first()
        {
            let path = self.relative(&first.path);
            return match call
                .edits
                .iter()
                .filter(|edit| edit.path != first.path)
                .count()
            {
                0 => path.to_owned(),
                more => format!("{path} and {}", count(more, "more file")),
            };
        }
        let Some(input) = input else {
            return String::new();
        };
        let found = fields(kind)
            .iter()
            .chain(ANY.iter())
            .find_map(|field| input.get(field).and_then(|value| telling(kind, value)))
            .unwrap_or_else(|| rest(&input));
        let mut argument = self.relative(&found).to_owned();
        if kind == ToolKind::Search
            && let Some(place) = input.get("path").and_then(Value::as_str)
        {
            argument = format!("{argument}  in {}", self.relative(place));
        }
        argument
    }

    /// The tool and the first line of its argument, short.
    pub fn label(&self, call: &Event) -> String {
        let name = call.tool.as_ref().map_or("tool", |tool| tool.name.as_str());
        let argument = self.argument(call);
        short(
            format!("{name} {}", first_line(&argument)).trim_end(),
            LABEL_CHARS,
        )
    }

    /// A path, from the session's folder if it lies below.
    pub fn relative<'p>(&self, path: &'p str) -> &'p str {
        self.cwd
            .as_deref()
            .filter(|cwd| !cwd.is_empty())
            .and_then(|cwd| path.strip_prefix(cwd)?.strip_prefix('/'))
            .filter(|rest| !rest.is_empty())
            .unwrap_or(path)
    }
}

/// The words of one field, if it has any.
fn telling(kind: ToolKind, value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim_end().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) if kind == ToolKind::Todo => Some(count(items.len(), "item")),
        Value::Array(items) => words(items),
        _ => None,
    }
}

/// A list of words as a command line; of a shell that was handed a script, the
/// script; of questions, the first.
fn words(items: &[Value]) -> Option<String> {
    if let [
        Value::String(shell),
        Value::String(flag),
        Value::String(script),
    ] = items
        && shell.ends_with("sh")
        && flag.starts_with('-')
        && flag.ends_with('c')
    {
        return Some(script.trim_end().to_owned());
    }
    let words: Vec<&str> = items
        .iter()
        .filter_map(|item| item.as_str().or_else(|| item.get("question")?.as_str()))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// What can be said of an input without a known field.
fn rest(input: &Value) -> String {
    match input {
        Value::String(text) => text.trim_end().to_owned(),
        Value::Null => String::new(),
        Value::Array(items) => words(items).unwrap_or_else(|| input.to_string()),
        Value::Object(fields) if fields.is_empty() => String::new(),
        other => other.to_string(),
    }
}

/// A sign for a kind of tool; its name stands beside it.
pub const fn glyph(kind: ToolKind) -> &'static str {
    match kind {
        ToolKind::Read => "←",
        ToolKind::Write => "→",
        ToolKind::Edit => "±",
        ToolKind::Shell => "$",
        ToolKind::Search => "/",
        ToolKind::Glob => "*",
        ToolKind::List => "≡",
        ToolKind::Ask => "?",
        ToolKind::Task => "»",
        ToolKind::WebFetch => "↓",
        ToolKind::WebSearch => "@",
        ToolKind::Todo => "☐",
        ToolKind::Mcp => "+",
        ToolKind::Other => "•",
    }
}

/// How a call ended: whether it failed, and its words (`failed · exit 101 ·
/// 12.3 s`); empty where all is well and it was quick.
pub fn outcome(result: &Event) -> (bool, String) {
    let failed = result.ok == Some(false) || result.exit_code.is_some_and(|code| code != 0);
    let mut words = Vec::new();
    if failed {
        words.push("failed".to_owned());
    }
    if let Some(code) = result.exit_code.filter(|code| *code != 0) {
        words.push(format!("exit {code}"));
    }
    if let Some(millis) = result
        .duration_ms
        .filter(|millis| failed || *millis >= 1_000)
    {
        words.push(duration(millis));
    }
    (failed, words.join(" · "))
}

#[cfg(test)]
mod tests;
