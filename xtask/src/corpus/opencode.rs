//! OpenCode: the database of 1.18, and the JSON files of 1.0.

use anyhow::Result;
use rusqlite::params;

use super::json::{S, put};
use super::opencode_store::{Store, new_id, pretty};
use super::opencode_tools::push_tool;
use super::plan::Start;
use super::rng::Rng;
use super::sink::{Sink, Written, write_small};
use super::step::{Call, Step};

/// One session.
pub(super) struct OpenCode<'a> {
    store: &'a Store,
    /// 1.0 wrote a file for each message and part.
    tree: bool,
    start: Start,
    model: (&'static str, &'static str),
    user: String,
    before: Option<String>,
    message: String,
    counter: u64,
    seq: u64,
    revert: Option<String>,
    cost: f64,
    written: Written,
    failed: Option<anyhow::Error>,
}

impl<'a> OpenCode<'a> {
    pub(super) fn open(store: &'a Store, start: &Start, rng: &mut Rng) -> Result<Self> {
        let models = [
            ("anthropic", "claude-sonnet-4-5"),
            ("openai", "gpt-5.5"),
            ("google", "gemini-3-pro"),
            ("zai", "glm-5"),
            ("moonshotai", "kimi-k2.5"),
            ("opencode", "big-pickle"),
        ];
        let tree = start.age < 12;
        store.project(&start.commit, &start.cwd, start.at)?;
        if !tree {
            let db = &store.db;
            db.execute_batch("BEGIN")?;
            db.execute(
                "INSERT INTO session (id, project_id, parent_id, slug, directory, path, title, version, time_created, time_updated) VALUES (?1, ?2, ?3, 'quiet-river', ?4, '', ?5, '1.18.33', ?6, ?6)",
                params![start.id, start.commit, start.parent, start.cwd, start.title, start.at],
            )?;
            db.execute(
                "INSERT INTO event_sequence (aggregate_id, seq) VALUES (?1, 0)",
                params![start.id],
            )?;
        }
        Ok(Self {
            store,
            tree,
            start: start.clone(),
            model: rng.pick(&models),
            user: String::new(),
            before: None,
            message: String::new(),
            counter: 0,
            seq: 0,
            revert: None,
            cost: 0.0,
            written: Written::default(),
            failed: None,
        })
    }

    fn keep(&mut self, result: Result<()>) {
        if let Err(error) = result {
            self.failed.get_or_insert(error);
        }
    }

    /// A message; `data` is its JSON without the ids and without braces.
    fn message(&mut self, rng: &mut Rng, id: &str, data: &str, at: i64) {
        let mut event = String::new();
        put!(&mut event; r#"{"sessionID":"#, S(&self.start.id), r#","info":{"id":"#, S(id), r#","sessionID":"#, S(&self.start.id), ",", data, "}}");
        let result = self.store_row(rng, "message", id, data, &event, at);
        self.keep(result);
        id.clone_into(&mut self.message);
    }

    fn part(&mut self, rng: &mut Rng, data: &str, at: i64) {
        let id = new_id(rng, "prt", at, &mut self.counter);
        let mut event = String::new();
        put!(&mut event; r#"{"sessionID":"#, S(&self.start.id), r#","part":{"id":"#, S(&id), r#","sessionID":"#, S(&self.start.id),
            r#","messageID":"#, S(&self.message), ",", data, r#"},"time":"#, at, "}");
        let result = self.store_row(rng, "part", &id, data, &event, at);
        self.keep(result);
    }

    fn store_row(
        &mut self,
        rng: &mut Rng,
        kind: &str,
        id: &str,
        data: &str,
        event: &str,
        at: i64,
    ) -> Result<()> {
        self.written.records += 1;
        let session = &self.start.id;
        if self.tree {
            let (dir, own) = match kind {
                "message" => (session, String::new()),
                _ => (&self.message, format!(r#""messageID":"{}","#, self.message)),
            };
            let json = pretty(&format!(
                r#"{{"id":"{id}","sessionID":"{session}",{own}{data}}}"#
            ))?;
            self.written.bytes += json.len() as u64;
            return write_small(
                &self
                    .store
                    .root
                    .join(format!("storage/{kind}/{dir}/{id}.json")),
                &json,
                at,
            );
        }
        let db = &self.store.db;
        let row = format!("{{{data}}}");
        if kind == "message" {
            db.prepare_cached("INSERT INTO message VALUES (?1, ?2, ?3, ?3, ?4)")?
                .execute(params![id, session, at, row])?;
        } else {
            db.prepare_cached("INSERT INTO part VALUES (?1, ?2, ?3, ?4, ?4, ?5)")?
                .execute(params![id, self.message, session, at, row])?;
        }
        let event_id = new_id(rng, "evt", at, &mut self.counter);
        let kind = if kind == "message" {
            "message.updated.1"
        } else {
            "message.part.updated.1"
        };
        db.prepare_cached("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![event_id, session, self.seq as i64, kind, event])?;
        self.seq += 1;
        self.written.bytes += (row.len() + event.len() + 700) as u64;
        Ok(())
    }

    fn finish_session(&mut self, at: i64) -> Result<()> {
        let u = self.written.usage;
        let n = |n: u64| n as i64;
        let (provider, model) = self.model;
        let start = &self.start;
        if self.tree {
            let mut json = String::new();
            put!(&mut json; r#"{"id":"#, S(&start.id), r#","version":"1.0.185","projectID":"#, S(&start.commit), r#","directory":"#, S(&start.cwd));
            if let Some(parent) = &start.parent {
                put!(&mut json; r#","parentID":"#, S(parent));
            }
            put!(&mut json; r#","title":"#, S(&start.title), r#","time":{"created":"#, start.at, r#","updated":"#, at, r#"},"summary":{"additions":0,"deletions":0,"files":0}"#);
            if let Some(message) = &self.revert {
                put!(&mut json; r#","revert":{"messageID":"#, S(message), "}");
            }
            json.push('}');
            self.written.path = self.store.root.join(format!(
                "storage/session/{}/{}.json",
                start.commit, start.id
            ));
            return write_small(&self.written.path, &pretty(&json)?, at);
        }
        let db = &self.store.db;
        self.written.path = self.store.root.join("opencode.db");
        let revert = self
            .revert
            .as_ref()
            .map(|m| format!(r#"{{"messageID":"{m}"}}"#));
        let model = format!(r#"{{"id":"{model}","providerID":"{provider}","variant":"default"}}"#);
        db.execute(
            "UPDATE session SET cost = ?2, tokens_input = ?3, tokens_output = ?4, tokens_reasoning = ?5, tokens_cache_read = ?6, tokens_cache_write = ?7, revert = ?8, agent = 'build', model = ?9, time_updated = ?10, summary_additions = 0, summary_deletions = 0, summary_files = 0 WHERE id = ?1",
            params![start.id, self.cost, n(u.input), n(u.output), n(u.reasoning), n(u.cache_read), n(u.cache_write), revert, model, at],
        )?;
        db.execute(
            "UPDATE event_sequence SET seq = ?2 WHERE aggregate_id = ?1",
            params![start.id, n(self.seq)],
        )?;
        Ok(db.execute_batch("COMMIT")?)
    }
}

impl Sink for OpenCode<'_> {
    fn prompt(&mut self, rng: &mut Rng, text: &str, at: i64) {
        let id = new_id(rng, "msg", at, &mut self.counter);
        let mut data = String::new();
        put!(&mut data; r#""role":"user","time":{"created":"#, at, r#"},"summary":{"diffs":[]},"agent":"build","model":{"providerID":""#,
            self.model.0, r#"","modelID":""#, self.model.1, r#""}"#);
        self.message(rng, &id, &data, at);
        self.before = Some(std::mem::replace(&mut self.user, id));
        data.clear();
        put!(&mut data; r#""type":"text","text":"#, S(text));
        self.part(rng, &data, at);
    }

    fn step(&mut self, rng: &mut Rng, step: &Step, at: i64) -> String {
        let id = new_id(rng, "msg", at, &mut self.counter);
        let u = step.usage;
        let cost = (u.input * 3 + u.output * 15) as f64 / 1e6 + u.cache_read as f64 * 0.3 / 1e6;
        self.cost += cost;
        self.written.usage.add(u);
        let (mut tokens, mut data) = (String::new(), String::new());
        put!(&mut tokens; r#""tokens":{"#);
        if !self.tree {
            put!(&mut tokens; r#""total":"#, u.input + u.output + u.reasoning + u.cache_read + u.cache_write, ",");
        }
        put!(&mut tokens; r#""input":"#, u.input, r#","output":"#, u.output, r#","reasoning":"#, u.reasoning,
            r#","cache":{"write":"#, u.cache_write, r#","read":"#, u.cache_read, "}}");
        let finish = if step.last() { "stop" } else { "tool-calls" };
        put!(&mut data; r#""parentID":"#, S(&self.user), r#","role":"assistant","mode":"build","agent":"build","path":{"cwd":"#, S(&self.start.cwd),
            r#","root":"#, S(&self.start.cwd), r#"},"cost":"#, cost.to_string(), ",", tokens, r#","modelID":""#, self.model.1, r#"","providerID":""#, self.model.0,
            r#"","time":{"created":"#, at, r#","completed":"#, at + step.ms, r#"},"finish":""#, finish, "\"");
        self.message(rng, &id, &data, at);
        let snapshot = rng.hex(40);
        self.part(
            rng,
            &format!(r#""snapshot":"{snapshot}","type":"step-start""#),
            at,
        );
        for (kind, text) in [("reasoning", &step.think), ("text", &step.say)] {
            if let Some(text) = text {
                data.clear();
                put!(&mut data; r#""type":""#, kind, r#"","text":"#, S(text), r#","time":{"start":"#, at + 10, r#","end":"#, at + 400, "}");
                self.part(rng, &data, at + 10);
            }
        }
        let call_id = format!("call_{}", rng.hex(20));
        if let Some(call) = &step.call {
            data.clear();
            push_tool(&mut data, call, &call_id, &self.start, self.tree, at + 500);
            self.part(rng, &data, at + 500);
        }
        data.clear();
        put!(&mut data; r#""reason":""#, finish, r#"","snapshot":""#, snapshot, r#"","type":"step-finish","#, tokens, r#","cost":"#, cost.to_string());
        self.part(rng, &data, at + step.ms);
        if let Some(Call::Edit { path, .. } | Call::Write { path, .. }) = &step.call {
            data.clear();
            put!(&mut data; r#""type":"patch","hash":""#, snapshot, r#"","files":["#, S(path), "]");
            self.part(rng, &data, at + step.ms);
        }
        call_id
    }

    fn end_turn(&mut self, _rng: &mut Rng, _at: i64, _ms: i64) {}

    /// `/undo`: what comes from this message on is no longer part of the talk.
    /// It stays until the next prompt, so the session ends here.
    fn rewind(&mut self, _rng: &mut Rng, _at: i64) {
        self.revert = Some(self.user.clone());
    }

    fn bytes(&self) -> u64 {
        self.written.bytes
    }

    fn close(mut self: Box<Self>, at: i64) -> Result<Written> {
        self.finish_session(at)?;
        match self.failed.take() {
            Some(error) => Err(error),
            None => Ok(self.written),
        }
    }
}
