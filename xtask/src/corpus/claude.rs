//! Claude Code: 1.0, 2.0 and 2.1 transcripts.

use anyhow::Result;

use super::boiler::{Boiler, Request};
use super::claude_tools::{push_call, push_result};
use super::json::{At, Maybe, S, iso, put};
use super::rng::Rng;
use super::sink::{Lines, Sink, Written};
use super::step::{Call, Step, Usage};

/// The versions that differ in shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(super) enum Version {
    V1,
    V20,
    V21,
}

/// The transcript of one session or subagent.
pub(super) struct Claude<'a> {
    pub(super) out: Lines,
    pub(super) boiler: &'a Boiler,
    pub(super) version: Version,
    pub(super) id: String,
    /// The session's id in the records: a subagent's is its parent's.
    pub(super) session: String,
    pub(super) agent_id: Option<String>,
    pub(super) model: &'static str,
    pub(super) cwd: String,
    /// Fields that stand in every record, before and after the others.
    pub(super) head: String,
    pub(super) tail: String,
    pub(super) parent: Option<String>,
    /// The parent of the last prompt, for going back.
    pub(super) before_prompt: Option<String>,
    pub(super) prompt_id: String,
    pub(super) last_request: Option<String>,
    pub(super) records_in_turn: u64,
    pub(super) prompts: u64,
    pub(super) usage: Usage,
}

impl Claude<'_> {
    /// The start of a record that is part of the chain.
    pub(super) fn begin(&mut self) {
        let side = self.agent_id.is_some();
        put!(&mut self.out.buf; r#"{"parentUuid":"#, Maybe(self.parent.as_deref()), r#","isSidechain":"#, side, self.head);
    }

    /// `uuid` and `timestamp`; the record becomes the parent of the next.
    pub(super) fn stamp(&mut self, rng: &mut Rng, at: i64) {
        let uuid = rng.uuid4();
        put!(&mut self.out.buf; r#""uuid":"#, S(&uuid), r#","timestamp":"#, At(at));
        self.parent = Some(uuid);
    }

    pub(super) fn finish(&mut self) {
        self.out.buf.push_str(&self.tail);
        self.out.end();
        self.records_in_turn += 1;
    }

    fn prompt_field(&mut self) {
        if self.version == Version::V21 {
            put!(&mut self.out.buf; r#","promptId":"#, S(&self.prompt_id));
        }
    }

    fn request(&mut self, rng: &mut Rng, at: i64) -> String {
        let request = rng.uuid4();
        if self.version == Version::V21 {
            let source = if self.agent_id.is_some() {
                "agent:builtin:general-purpose"
            } else {
                "repl_main_thread"
            };
            let record = Request {
                session: &self.session,
                id: &request,
                source,
                model: self.model,
                at,
                base: self.last_request.as_deref(),
            };
            self.boiler.api_request(&mut self.out.buf, rng, record);
            self.out.end();
            self.last_request = Some(request.clone());
        }
        request
    }

    /// One block of a reply, as a record of its own.
    fn block(
        &mut self,
        rng: &mut Rng,
        step: &Step,
        ids: (&str, &str),
        index: usize,
        at: i64,
        block: &str,
    ) {
        let v21 = self.version == Version::V21;
        self.begin();
        put!(&mut self.out.buf; r#","message":{"id":""#, ids.0, r#"","type":"message","role":"assistant","model":""#, self.model,
            r#"","content":["#, block, r#"],"stop_reason":""#, if step.last() { "end_turn" } else { "tool_use" },
            r#"","stop_sequence":null,"usage":{"input_tokens":"#, step.usage.input,
            r#","cache_creation_input_tokens":"#, step.usage.cache_write, r#","cache_read_input_tokens":"#, step.usage.cache_read);
        put!(&mut self.out.buf; r#","output_tokens":"#, step.usage.output);
        if v21 {
            put!(&mut self.out.buf; r#","output_tokens_details":{"thinking_tokens":"#, step.usage.reasoning,
                r#"},"server_tool_use":{"web_search_requests":0,"web_fetch_requests":0},"service_tier":"standard","cache_creation":{"ephemeral_1h_input_tokens":0,"ephemeral_5m_input_tokens":"#,
                step.usage.cache_write, r#"},"inference_geo":"","iterations":[],"speed":"standard","fallback_credit":null},"stop_details":null},"apiBlockIndex":"#,
                index, r#","requestRef":""#, ids.1, r#"","requestedModel":""#, self.model, r#"","promptCacheRequested":"5m""#);
        } else {
            put!(&mut self.out.buf; r#","service_tier":"standard"}},"requestId":"req_"#, &ids.0[4..], "\"");
        }
        self.out.buf.push_str(r#","type":"assistant","#);
        self.stamp(rng, at);
        if v21 {
            self.out
                .buf
                .push_str(r#","effort":"medium","perTurnEffort":"medium","madeBy":"model""#);
        }
        self.finish();
    }
}

impl Sink for Claude<'_> {
    fn prompt(&mut self, rng: &mut Rng, text: &str, at: i64) {
        self.before_prompt.clone_from(&self.parent);
        self.prompt_id = rng.uuid4();
        self.prompts += 1;
        self.records_in_turn = 0;
        self.begin();
        self.prompt_field();
        put!(&mut self.out.buf; r#","type":"user","message":{"role":"user","content":"#, S(text), "},");
        self.stamp(rng, at);
        if self.version == Version::V21 && self.agent_id.is_none() {
            put!(&mut self.out.buf; r#","permissionMode":"default","origin":{"kind":"human"},"promptSource":"typed","turnOrigin":"human","turnPosition":{"promptIndex":"#,
                self.prompts, r#","turnIndex":"#, self.prompts, "}");
        } else if self.version == Version::V20 && self.agent_id.is_none() {
            self.out.buf.push_str(
                r#","thinkingMetadata":{"level":"high","disabled":false,"triggers":[]},"todos":[]"#,
            );
        }
        self.finish();
        if self.version == Version::V21 {
            let hash = rng.hex(64);
            put!(&mut self.out.buf; r#"{"type":"api-request-blob","sessionId":"#, S(&self.session), r#","hash":""#, hash,
                r#"","message":{"role":"user","content":[{"type":"text","text":"#, S(text), "}]}}");
            self.out.end();
        }
    }

    fn step(&mut self, rng: &mut Rng, step: &Step, at: i64) -> String {
        let request = self.request(rng, at);
        let message = format!("msg_01{}", rng.base62(22));
        let ids = (message.as_str(), request.as_str());
        let mut block = String::new();
        let mut index = 0;
        let mut time = at;
        if let Some(think) = &step.think {
            put!(&mut block; r#"{"type":"thinking","thinking":"#, S(think), r#","signature":"#, S(&rng.base62(344)), "}");
            self.block(rng, step, ids, index, time, &block);
            index += 1;
        }
        if let Some(say) = &step.say {
            block.clear();
            put!(&mut block; r#"{"type":"text","text":"#, S(say), "}");
            time += 300;
            self.block(rng, step, ids, index, time, &block);
            index += 1;
        }
        self.usage.add(step.usage);
        let Some(call) = &step.call else {
            return String::new();
        };
        let call_id = format!("toolu_01{}", rng.base62(22));
        block.clear();
        push_call(&mut block, call, &call_id, self.version);
        self.block(rng, step, ids, index, time + 200, &block);
        let assistant = self.parent.clone().unwrap_or_default();
        self.begin();
        self.prompt_field();
        push_result(&mut self.out.buf, call, &call_id, self.version);
        self.stamp(rng, at + step.ms / 2);
        super::claude_tools::push_structured(&mut self.out.buf, call, self.version);
        if self.version >= Version::V20 {
            put!(&mut self.out.buf; r#","sourceToolAssistantUUID":"#, S(&assistant));
        }
        if self.version == Version::V21 {
            self.out.buf.push_str(r#","permissionDecision":{"decision":"accept","source":"config","reasonType":"mode"}"#);
        }
        self.finish();
        if let (Call::Edit { path, .. } | Call::Write { path, .. }, Version::V21) =
            (call, self.version)
        {
            put!(&mut self.out.buf; r#"{"type":"file-history-delta","messageId":"#, S(&assistant), r#","snapshotMessageId":"#, S(&assistant),
                r#","trackingPath":"#, S(path), r#","backup":{"backupFileName":null,"version":1,"backupTime":"#, At(at), r#","realParentDir":"#,
                S(&self.cwd), r#"},"timestamp":"#, At(at), "}");
            self.out.end();
        }
        call_id
    }

    fn end_turn(&mut self, rng: &mut Rng, at: i64, ms: i64) {
        if self.version == Version::V21 && self.agent_id.is_none() {
            let n = self.records_in_turn;
            self.begin();
            put!(&mut self.out.buf; r#","type":"system","subtype":"turn_duration","durationMs":"#, ms, r#","messageCount":"#, n, ",");
            self.stamp(rng, at);
            self.out.buf.push_str(r#","isMeta":false"#);
            self.finish();
        }
    }

    fn rewind(&mut self, _rng: &mut Rng, _at: i64) {
        self.parent.clone_from(&self.before_prompt);
    }

    fn bytes(&self) -> u64 {
        self.out.bytes()
    }

    fn close(mut self: Box<Self>, at: i64) -> Result<Written> {
        if self.version == Version::V21 && self.agent_id.is_none() {
            let title = format!("Session of {}", &iso(at)[..10]);
            put!(&mut self.out.buf; r#"{"type":"ai-title","aiTitle":"#, S(&title), r#","sessionId":"#, S(&self.id), "}");
            self.out.end();
        }
        self.out.close(at, self.usage)
    }
}
