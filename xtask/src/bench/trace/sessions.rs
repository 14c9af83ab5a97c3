//! Sessions that made edits, as Claude Code writes them: what was asked, the call,
//! and its result with the lines that changed. What tracing does not read is left
//! out, and so is the whole file before each edit.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};

use crate::corpus::json::iso;
use crate::corpus::rng::Rng;

/// Lines that gave way to others.
#[derive(Debug)]
pub(super) struct Edit {
    /// From the top of the repository.
    pub(super) path: String,
    /// The first line, counted from 1.
    pub(super) first: usize,
    pub(super) old: Vec<String>,
    pub(super) new: Vec<String>,
}

/// All sessions of one repository.
#[derive(Debug)]
pub(super) struct Sessions {
    repository: PathBuf,
    all: Vec<Session>,
}

#[derive(Debug)]
struct Session {
    id: String,
    records: Vec<Value>,
}

impl Sessions {
    /// So many that did nothing yet.
    pub(super) fn new(repository: &Path, count: usize, rng: &mut Rng) -> Self {
        let session = |_| Session {
            id: rng.uuid4(),
            records: Vec::new(),
        };
        Self {
            repository: repository.to_owned(),
            all: (0..count).map(session).collect(),
        }
    }

    /// A session is asked for an edit and makes it, at a time in seconds since 1970.
    pub(super) fn add(&mut self, session: usize, time: i64, edit: &Edit) {
        let file = self.repository.join(&edit.path);
        let (old, new) = (edit.old.join("\n"), edit.new.join("\n"));
        let call = format!("toolu_{session}_{time}");
        let input = json!({ "file_path": file, "old_string": old, "new_string": new });
        let made = json!([{ "type": "tool_use", "id": call, "name": "Edit", "input": input }]);
        let reply = json!({
            "id": format!("msg_{session}_{time}"), "type": "message", "role": "assistant",
            "model": "claude-opus-4-5", "content": made,
            "usage": { "input_tokens": 10, "output_tokens": 20 },
        });
        let words = "The file has been updated.";
        let result = json!([{ "type": "tool_result", "tool_use_id": call, "content": words }]);
        let prompt = json!({ "role": "user", "content": format!("change {}", edit.path) });
        self.record(session, time, "user", &prompt);
        self.record(session, time + 20, "assistant", &reply);
        let answer = json!({ "role": "user", "content": result });
        self.record(session, time + 30, "user", &answer);
        let told = json!({
            "filePath": file, "oldString": old, "newString": new,
            "structuredPatch": [patch(edit)], "userModified": false, "replaceAll": false,
        });
        if let Some(record) = self.all[session].records.last_mut() {
            record["toolUseResult"] = told;
        }
    }

    fn record(&mut self, session: usize, time: i64, kind: &str, message: &Value) {
        let Session { id, records } = &mut self.all[session];
        let uuid = |number: usize| format!("{}-{number:012}", &id[..23]);
        let parent = records.len().checked_sub(1).map(uuid);
        let record = json!({
            "parentUuid": parent, "isSidechain": false, "userType": "external",
            "cwd": self.repository, "sessionId": id, "version": "2.1.329", "gitBranch": "main",
            "type": kind, "message": message, "uuid": uuid(records.len()),
            "timestamp": iso(time * 1000),
        });
        records.push(record);
    }

    /// Writes them below a home.
    pub(super) fn write(&self, home: &Path) -> Result<()> {
        let root = self.repository.to_string_lossy();
        let name = root.replace(|sign: char| !sign.is_ascii_alphanumeric(), "-");
        let folder = home.join(".claude/projects").join(name);
        fs_err::create_dir_all(&folder)?;
        for session in self
            .all
            .iter()
            .filter(|session| !session.records.is_empty())
        {
            let lines = session.records.iter().map(|record| format!("{record}\n"));
            let text: Vec<String> = lines.collect();
            fs_err::write(folder.join(format!("{}.jsonl", session.id)), text.concat())?;
        }
        Ok(())
    }
}

fn patch(edit: &Edit) -> Value {
    let gone = edit.old.iter().map(|line| format!("-{line}"));
    let come = edit.new.iter().map(|line| format!("+{line}"));
    let lines: Vec<String> = gone.chain(come).collect();
    json!({
        "oldStart": edit.first, "oldLines": edit.old.len(),
        "newStart": edit.first, "newLines": edit.new.len(), "lines": lines,
    })
}
