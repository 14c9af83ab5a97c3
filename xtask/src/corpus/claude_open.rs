//! Claude Code: where a transcript lies and what stands at its head.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::boiler::Boiler;
use super::claude::{Claude, Version};
use super::json::{At, S, put};
use super::plan::{NEW_CLAUDE, Start};
use super::rng::Rng;
use super::sink::{Lines, write_small};
use super::step::Usage;

impl<'a> Claude<'a> {
    pub(super) fn open(
        home: &Path,
        boiler: &'a Boiler,
        start: &Start,
        rng: &mut Rng,
    ) -> Result<Self> {
        let version = match start.age {
            0..12 => Version::V1,
            12..NEW_CLAUDE => Version::V20,
            _ => Version::V21,
        };
        let number = ["1.0.128", "2.0.77", "2.1.329"][version as usize];
        let models: [&[&str]; 3] = [
            &["claude-sonnet-4-20250514", "claude-opus-4-1-20250805"],
            &[
                "claude-sonnet-4-5-20250929",
                "claude-opus-4-5-20251101",
                "claude-haiku-4-5-20251001",
            ],
            &["claude-opus-5-5", "claude-sonnet-5", "claude-opus-4-6"],
        ];
        let slug: String = start
            .cwd
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        let dir = home.join(".claude/projects").join(slug);
        let session = start.parent.clone().unwrap_or_else(|| start.id.clone());
        let path = claude_path(&dir, version, start);
        let mut head = String::new();
        if version < Version::V21 {
            put!(&mut head; r#","userType":"external","cwd":"#, S(&start.cwd), r#","sessionId":"#, S(&session),
                r#","version":""#, number, r#"","gitBranch":"#, S(&start.branch));
        }
        if start.parent.is_some() {
            put!(&mut head; r#","agentId":"#, S(&start.id));
        }
        let mut tail = String::new();
        if version == Version::V21 {
            let entry = if start.parent.is_some() {
                "sdk-cli"
            } else {
                "cli"
            };
            put!(&mut tail; r#","userType":"external","entrypoint":""#, entry, r#"","cwd":"#, S(&start.cwd),
                r#","sessionId":"#, S(&session), r#","version":""#, number, r#"","gitBranch":"#, S(&start.branch));
        }
        tail.push('}');
        let mut new = Self {
            out: Lines::create(path)?,
            boiler,
            version,
            id: start.id.clone(),
            session,
            agent_id: start.parent.is_some().then(|| start.id.clone()),
            model: rng.pick(models[version as usize]),
            cwd: start.cwd.clone(),
            head,
            tail,
            parent: None,
            before_prompt: None,
            prompt_id: String::new(),
            last_request: None,
            records_in_turn: 0,
            prompts: 0,
            usage: Usage::default(),
        };
        if let Some(fork) = &start.fork {
            new.fork(&fork.path, &fork.id)?;
        } else {
            new.preface(rng, start.at);
        }
        if let (Some(agent), Version::V21) = (&new.agent_id, version) {
            let mut meta = String::new();
            put!(&mut meta; r#"{"agentType":"general-purpose","isBuiltIn":true,"launchedWithDefaults":true,"description":"#,
                S(&start.title), r#","toolUseId":"#, S(&start.call_id), r#","spawnDepth":1,"requestShape":"background","#,
                r#""requestNonInteractive":true,"model":""#, new.model, r#"","pickedEffortModel":""#, new.model, r#"","finished":true}"#);
            let path = new
                .out
                .path
                .with_file_name(format!("agent-{agent}.meta.json"));
            write_small(&path, &meta, start.at)?;
        }
        Ok(new)
    }

    /// 2.1 writes state and attachments before the first prompt is answered.
    fn preface(&mut self, rng: &mut Rng, at: i64) {
        if self.version != Version::V21 {
            return;
        }
        let id = &self.id;
        if self.agent_id.is_none() {
            let out = &mut self.out;
            put!(&mut out.buf; r#"{"type":"mode","mode":"normal","sessionId":"#, S(id), "}");
            out.end();
            put!(&mut out.buf; r#"{"type":"permission-mode","permissionMode":"default","sessionId":"#, S(id), "}");
            out.end();
        }
        for (attachment, rendered) in self.boiler.attachments(&self.cwd, self.model, at) {
            self.begin();
            put!(&mut self.out.buf; r#","attachment":"#, attachment, r#","type":"attachment","#);
            self.stamp(rng, at);
            if !rendered.is_empty() {
                put!(&mut self.out.buf; r#","rendered":[{"content":"#, S(&rendered), r#"}],"renderedRole":"system""#);
            }
            self.finish();
        }
        put!(&mut self.out.buf; r#"{"type":"api-request-shape","sessionId":"#, S(&self.session), r#","shapeHash":""#,
            self.boiler.shape_hash, r#"","timestamp":"#, At(at), r#","version":"2.1.329","shape":"#, self.boiler.shape, "}");
        self.out.end();
    }

    /// `--fork-session`: the parent's records with the session's id changed.
    fn fork(&mut self, path: &Path, old: &str) -> Result<()> {
        let text = fs_err::read_to_string(path)?;
        let lines: Vec<&str> = text.lines().collect();
        let keep = &lines[..lines.len() * 2 / 3];
        self.out.copy(keep, Some((old, &self.id)));
        // Go on from the last record that is part of the chain.
        let uuid = |l: &&str| l.split("\"uuid\":\"").nth(1).map(|t| t[..36].to_owned());
        self.parent = keep.iter().rev().find_map(uuid);
        let mut seen = HashSet::new();
        for line in keep.iter().filter(|l| l.contains(r#""type":"assistant""#)) {
            let value: serde_json::Value = serde_json::from_str(line)?;
            if seen.insert(value["message"]["id"].to_string()) {
                let n = |key: &str| value["message"]["usage"][key].as_u64().unwrap_or(0);
                self.usage.add(Usage {
                    input: n("input_tokens"),
                    output: n("output_tokens"),
                    reasoning: 0,
                    cache_read: n("cache_read_input_tokens"),
                    cache_write: n("cache_creation_input_tokens"),
                });
            }
        }
        Ok(())
    }
}

fn claude_path(dir: &Path, version: Version, start: &Start) -> PathBuf {
    match (&start.parent, version) {
        (Some(parent), Version::V21) => dir
            .join(parent)
            .join("subagents")
            .join(format!("agent-{}.jsonl", start.id)),
        (Some(_), _) => dir.join(format!("agent-{}.jsonl", start.id)),
        _ => dir.join(format!("{}.jsonl", start.id)),
    }
}
