//! Codex CLI: where a rollout lies and what stands at its head.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::boiler::Boiler;
use super::codex::Codex;
use super::json::{At, S, civil, iso, put};
use super::plan::{NEW_CODEX, Start};
use super::rng::Rng;
use super::sink::{Lines, Written};
use super::step::Usage;

impl<'a> Codex<'a> {
    pub(super) fn open(
        home: &Path,
        boiler: &'a Boiler,
        start: &Start,
        rng: &mut Rng,
    ) -> Result<Self> {
        let new = start.age >= NEW_CODEX;
        let models: &[&str] = if new {
            &["gpt-5.5", "gpt-5.6-sol", "gpt-6.1-sol"]
        } else {
            &["gpt-5.4", "gpt-5.3-codex"]
        };
        let sessions = home.join(".codex/sessions");
        let path = rollout(&sessions, start.at, &start.id);
        let mut this = Self {
            out: Lines::create(path)?,
            boiler,
            ordinal: new.then_some(0),
            sequence: 0,
            id: start.id.clone(),
            turn: String::new(),
            turn_started: 0,
            start: start.clone(),
            model: rng.pick(models),
            cwd: start.cwd.clone(),
            usage: Usage::default(),
            last: Usage::default(),
            last_message: String::new(),
            turn_at: (0, 0),
            done: Written::default(),
            sessions,
        };
        this.meta(rng, start.at, "");
        if let Some(fork) = &start.fork {
            let text = fs_err::read_to_string(&fork.path)?;
            let lines: Vec<&str> = text.lines().collect();
            let keep = &lines[..lines.len() * 2 / 3];
            this.out.copy(keep, None);
            this.ordinal = this.ordinal.map(|n| n + keep.len() as u64);
            this.resume_usage(keep);
        } else {
            this.preface(rng, start.at);
        }
        Ok(this)
    }

    pub(super) fn meta(&mut self, rng: &mut Rng, at: i64, extra: &str) {
        let start = self.start.clone();
        self.begin("session_meta", at);
        let new = self.is_new();
        let out = &mut self.out.buf;
        out.push('{');
        if new {
            put!(out; r#""account_scoped":true,"session_id":"#, S(start.parent.as_deref().unwrap_or(&start.id)), ",");
        }
        put!(out; r#""id":"#, S(&start.id));
        if let Some(fork) = &start.fork {
            put!(out; r#","forked_from_id":"#, S(&fork.id));
        }
        put!(out; r#","timestamp":"#, At(at), r#","cwd":"#, S(&start.cwd));
        if new {
            put!(out; r#","runtime_workspace_roots":["#, S(&start.cwd), "]");
        }
        put!(out; r#","originator":"codex-tui","cli_version":""#, if new { "0.169.0" } else { "0.125.0" }, r#"","source":"#);
        if let Some(parent) = &start.parent {
            put!(out; r#"{"subagent":{"thread_spawn":{"parent_thread_id":"#, S(parent),
                r#","depth":1,"agent_path":null,"agent_nickname":"Peirce","agent_role":null}}},"agent_nickname":"Peirce""#);
        } else {
            out.push_str(r#""cli""#);
        }
        put!(out; r#","model_provider":"openai","base_instructions":{"text":"#, S(&self.boiler.codex_base[usize::from(new)]), "}");
        if new {
            put!(out; r#","history_mode":"paginated","context_window":{"window_id":"#, S(&rng.uuid7(at)), "}");
        }
        put!(out; extra, r#","git":{"commit_hash":"#, S(&start.commit), r#","branch":"#, S(&start.branch), "}}");
        self.finish(false);
    }

    /// The developer and environment messages.
    fn preface(&mut self, rng: &mut Rng, at: i64) {
        if self.is_new() && self.model.starts_with("gpt-6") {
            self.begin("response_item", at);
            put!(&mut self.out.buf; r#"{"type":"additional_tools","id":"at_"#, rng.uuid7(at), r#"","role":"developer","tools":"#, self.boiler.codex_tools, "}");
            self.finish(true);
        }
        let environment = format!(
            "<environment_context>\n  <cwd>{}</cwd>\n  <shell>bash</shell>\n  <current_date>{}</current_date>\n  <timezone>Etc/UTC</timezone>\n</environment_context>",
            self.cwd,
            &iso(at)[..10]
        );
        let boiler = self.boiler;
        for (role, text) in [
            ("developer", boiler.codex_skills.as_str()),
            ("user", &environment),
        ] {
            self.message(rng, role, "input_text", text, at);
        }
    }

    /// A fork goes on counting from where its history ends.
    fn resume_usage(&mut self, lines: &[&str]) {
        let Some(value) = lines
            .iter()
            .rev()
            .filter(|l| l.contains("total_token_usage"))
            .find_map(|l| serde_json::from_str::<serde_json::Value>(l).ok())
        else {
            return;
        };
        let n = |key: &str| {
            value["payload"]["info"]["total_token_usage"][key]
                .as_u64()
                .unwrap_or(0)
        };
        self.usage = Usage {
            input: n("input_tokens") - n("cached_input_tokens"),
            output: n("output_tokens"),
            reasoning: n("reasoning_output_tokens"),
            cache_read: n("cached_input_tokens"),
            cache_write: 0,
        };
    }
}

pub(super) fn rollout(sessions: &Path, at: i64, id: &str) -> PathBuf {
    let (year, month, day) = civil(at.div_euclid(86_400_000));
    let time = iso(at)[..19].replace(':', "-");
    sessions.join(format!(
        "{year:04}/{month:02}/{day:02}/rollout-{time}-{id}.jsonl"
    ))
}
