//! What is in a corpus, for tests and benchmarks to check against.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use super::plan::Agent;
use super::step::Usage;

/// A text that was put into one session.
#[derive(Clone, Debug)]
pub(super) struct Needle {
    pub(super) kind: &'static str,
    /// What to search for.
    pub(super) query: String,
    /// What stands in the session.
    pub(super) text: String,
    /// `prompt`, `answer` or `output`.
    pub(super) place: &'static str,
}

/// One session.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) agent: Agent,
    pub(super) id: String,
    pub(super) file: String,
    pub(super) in_database: bool,
    pub(super) cwd: String,
    pub(super) parent: Option<String>,
    pub(super) fork_of: Option<String>,
    pub(super) prompts: u64,
    pub(super) rewound: u64,
    pub(super) usage: Usage,
    pub(super) bytes: u64,
    pub(super) records: u64,
    pub(super) started: String,
}

impl Entry {
    /// Bytes of its own files: none for a session in a database.
    fn file_bytes(&self) -> u64 {
        if self.in_database { 0 } else { self.bytes }
    }
}

/// The whole corpus.
#[derive(Debug)]
pub(super) struct Truth {
    pub(super) seed: u64,
    pub(super) entries: Vec<Entry>,
    pub(super) needles: Vec<(Needle, Agent, String)>,
    /// Bytes of the database, whose sessions have no size of their own.
    pub(super) database: u64,
}

impl Truth {
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let sessions: Vec<Value> = self
            .entries
            .iter()
            .map(|e| {
                json!({
                    "agent": e.agent.name(), "id": e.id, "file": e.file, "cwd": e.cwd, "started": e.started,
                    "parent": e.parent, "fork_of": e.fork_of, "prompts": e.prompts, "rewound_prompts": e.rewound,
                    "bytes": e.bytes, "records": e.records,
                    "tokens": {
                        "input": e.usage.input, "output": e.usage.output, "reasoning": e.usage.reasoning,
                        "cache_read": e.usage.cache_read, "cache_write": e.usage.cache_write,
                    },
                })
            })
            .collect();
        let needles: Vec<Value> = self
            .needles
            .iter()
            .map(|(n, agent, session)| {
                json!({ "kind": n.kind, "query": n.query, "text": n.text, "place": n.place, "agent": agent.name(), "session": session })
            })
            .collect();
        let notes = "tokens: the totals that the agent's own records give for that session, rewound turns and a fork's copied history included; \
            input without cache; bytes of a session in a database are an estimate; reasoning is part of output, but for opencode, which counts it apart. prompts: typed by the user (or, in a subagent, the task) \
            and not copied by a fork; rewound_prompts of them are no longer part of the talk. The needle of kind common is in most sessions, the others in one only.";
        let all = json!({ "seed": self.seed, "notes": notes, "bytes": self.bytes(), "needles": needles, "sessions": sessions });
        fs_err::write(path, serde_json::to_string_pretty(&all)?)?;
        Ok(())
    }

    /// Bytes of all stores.
    pub(super) fn bytes(&self) -> u64 {
        let files: u64 = self.entries.iter().map(Entry::file_bytes).sum();
        files + self.database
    }

    /// A table by agent.
    pub(super) fn summary(&self, out: &mut dyn Write) -> Result<()> {
        let mut rows: BTreeMap<&str, [u64; 6]> = BTreeMap::new();
        for e in &self.entries {
            let row = rows.entry(e.agent.name()).or_default();
            let bytes = e.file_bytes();
            let add = [
                1,
                u64::from(e.parent.is_some()),
                u64::from(e.fork_of.is_some()),
                e.prompts,
                e.records,
                bytes,
            ];
            row.iter_mut().zip(add).for_each(|(a, b)| *a += b);
        }
        if let Some(row) = rows.get_mut("opencode") {
            row[5] += self.database;
        }
        writeln!(
            out,
            "agent        sessions subagents forks prompts  records        bytes"
        )?;
        for (name, [sessions, children, forks, prompts, records, bytes]) in &rows {
            writeln!(
                out,
                "{name:<12} {sessions:>8} {children:>9} {forks:>5} {prompts:>7} {records:>8} {bytes:>12}"
            )?;
        }
        let mut sizes: Vec<u64> = self.entries.iter().map(|e| e.bytes).collect();
        sizes.sort_unstable();
        let at = |p: usize| sizes[(sizes.len() - 1) * p / 100] / 1000;
        writeln!(
            out,
            "session size: median {} kB, 90 % {} kB, 99 % {} kB, largest {} kB",
            at(50),
            at(90),
            at(99),
            at(100)
        )?;
        Ok(())
    }
}
