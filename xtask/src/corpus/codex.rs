//! Codex CLI: rollouts as 0.125 and 0.169 write them.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;

use super::boiler::Boiler;
use super::codex_open::rollout;
use super::codex_tools::Tools;
use super::json::{At, S, iso, put};
use super::plan::Start;
use super::rng::Rng;
use super::sink::{Lines, Sink, Written};
use super::step::{Step, Usage};

/// The rollout of one thread.
pub(super) struct Codex<'a> {
    pub(super) out: Lines,
    pub(super) boiler: &'a Boiler,
    /// 0.169 numbers its lines.
    pub(super) ordinal: Option<u64>,
    pub(super) sequence: u64,
    pub(super) id: String,
    pub(super) turn: String,
    pub(super) turn_started: i64,
    pub(super) start: Start,
    pub(super) model: &'static str,
    pub(super) cwd: String,
    pub(super) usage: Usage,
    pub(super) last: Usage,
    pub(super) last_message: String,
    /// Where the last turn began, for the segment that a rewind starts.
    pub(super) turn_at: (u64, u64),
    pub(super) done: Written,
    pub(super) sessions: PathBuf,
}

impl Codex<'_> {
    pub(super) fn is_new(&self) -> bool {
        self.ordinal.is_some()
    }

    /// Starts a line: time, number and type.
    pub(super) fn begin(&mut self, kind: &str, at: i64) {
        put!(&mut self.out.buf; r#"{"timestamp":"#, At(at));
        if let Some(n) = &mut self.ordinal {
            put!(&mut self.out.buf; r#","ordinal":"#, *n);
            *n += 1;
        }
        put!(&mut self.out.buf; r#","type":""#, kind, r#"","payload":"#);
    }

    /// Ends a line; what the model is shown has a place in its history.
    pub(super) fn finish(&mut self, history: bool) {
        if history && self.is_new() {
            self.sequence += 1;
            put!(&mut self.out.buf; r#","metadata":{"history_sequence":"#, self.sequence, r#","sampled_through_sequence":"#,
                self.sequence / 2, r#","client_authored":false}"#);
        }
        self.out.buf.push('}');
        self.out.end();
    }

    /// `internal_chat_message_metadata_passthrough` and the end of an item.
    pub(super) fn close_item(&mut self) {
        if self.is_new() {
            put!(&mut self.out.buf; r#","internal_chat_message_metadata_passthrough":{"turn_id":"#, S(&self.turn), "}");
        }
        self.out.buf.push('}');
        self.finish(true);
    }

    pub(super) fn message(&mut self, rng: &mut Rng, role: &str, kind: &str, text: &str, at: i64) {
        self.begin("response_item", at);
        put!(&mut self.out.buf; r#"{"type":"message""#);
        if self.is_new() {
            put!(&mut self.out.buf; r#","id":"msg_"#, rng.uuid7(at), "\"");
        }
        put!(&mut self.out.buf; r#","role":""#, role, r#"","content":[{"type":""#, kind, r#"","text":"#, S(text), "}]");
        self.close_item();
    }

    /// An event: 0.169 wraps items, 0.125 has a type for each.
    pub(super) fn item(&mut self, item: &str, at: i64) {
        self.begin("event_msg", at);
        put!(&mut self.out.buf; r#"{"type":"item_completed","thread_id":"#, S(&self.id), r#","turn_id":"#, S(&self.turn), r#","item":"#, item,
            r#","started_at_ms":"#, at, r#","completed_at_ms":"#, at, "}");
        self.finish(false);
    }

    pub(super) fn event(&mut self, payload: &str, at: i64) {
        self.begin("event_msg", at);
        self.out.buf.push_str(payload);
        self.finish(false);
    }

    fn token_count(&mut self, rng: &mut Rng, at: i64) {
        let write = |u: Usage| {
            let mut out = String::new();
            let input = u.input + u.cache_read + u.cache_write;
            put!(&mut out; r#"{"input_tokens":"#, input, r#","cached_input_tokens":"#, u.cache_read, r#","output_tokens":"#, u.output,
                r#","reasoning_output_tokens":"#, u.reasoning, r#","total_tokens":"#, input + u.output, "}");
            out
        };
        let (total, last) = (write(self.usage), write(self.last));
        if self.is_new() {
            self.begin("token_usage_record", at);
            put!(&mut self.out.buf; r#"{"thread_id":"#, S(&self.id), r#","turn_id":"#, S(&self.turn), r#","session_id":"#, S(&self.id),
                r#","root_turn_id":"#, S(&self.turn), r#","response_id":"resp_"#, rng.hex(24), r#"","usage":"#, last,
                r#","turn_token_usage":"#, last, r#","thread_token_usage":"#, total, "}");
            self.finish(false);
        }
        let mut payload = String::new();
        put!(&mut payload; r#"{"type":"token_count","info":{"total_token_usage":"#, total, r#","last_token_usage":"#, last,
            r#","model_context_window":258400},"rate_limits":{"limit_id":"codex","limit_name":null,"primary":null,"secondary":null,"credits":null,"plan_type":null,"rate_limit_reached_type":null}}"#);
        self.event(&payload, at);
    }
}

impl Sink for Codex<'_> {
    fn prompt(&mut self, rng: &mut Rng, text: &str, at: i64) {
        self.turn_at = (self.ordinal.unwrap_or(0), self.out.bytes());
        self.turn = rng.uuid7(at);
        self.turn_started = at;
        let mut payload = String::new();
        put!(&mut payload; r#"{"type":"task_started","turn_id":"#, S(&self.turn), r#","started_at":"#, at / 1000, r#","model_context_window":258400,"collaboration_mode_kind":"default"}"#);
        self.event(&payload, at);
        self.begin("turn_context", at);
        put!(&mut self.out.buf; r#"{"turn_id":"#, S(&self.turn), r#","cwd":"#, S(&self.cwd), r#","current_date":""#, iso(at)[..10].to_owned(),
            r#"","timezone":"Etc/UTC","approval_policy":"on-request","sandbox_policy":{"type":"workspace-write"},"model":""#, self.model,
            r#"","personality":"pragmatic","collaboration_mode":{"mode":"default","settings":{"model":""#, self.model,
            r#"","reasoning_effort":null,"developer_instructions":null}},"realtime_active":false,"summary":"auto","truncation_policy":{"mode":"tokens","limit":10000}}"#);
        self.finish(false);
        self.message(rng, "user", "input_text", text, at);
        payload.clear();
        if self.is_new() {
            put!(&mut payload; r#"{"type":"UserMessage","id":"#, S(&rng.uuid7(at)), r#","content":[{"type":"text","text":"#, S(text), r#","text_elements":[]}]}"#);
            self.item(&payload, at);
        } else {
            put!(&mut payload; r#"{"type":"user_message","message":"#, S(text), r#","images":[],"local_images":[],"text_elements":[]}"#);
            self.event(&payload, at);
        }
    }

    fn step(&mut self, rng: &mut Rng, step: &Step, at: i64) -> String {
        let mut payload = String::new();
        if let Some(think) = &step.think {
            let id = format!("rs_{}", rng.hex(16));
            if self.is_new() {
                put!(&mut payload; r#"{"type":"Reasoning","id":"#, S(&id), r#","summary_text":["#, S(think), r#"],"raw_content":[]}"#);
                self.item(&payload, at);
            } else {
                put!(&mut payload; r#"{"type":"agent_reasoning","text":"#, S(think), "}");
                self.event(&payload, at);
            }
            self.begin("response_item", at);
            put!(&mut self.out.buf; r#"{"type":"reasoning","summary":[{"type":"summary_text","text":"#, S(think),
                r#"}],"content":null,"encrypted_content":"gAAAAAB"#, rng.base62(600), "\"");
            self.close_item();
        }
        if let Some(say) = &step.say {
            payload.clear();
            let at = at + 300;
            self.last_message.clone_from(say);
            if self.is_new() {
                put!(&mut payload; r#"{"type":"AgentMessage","id":"msg_"#, rng.hex(16), r#"","content":[{"type":"Text","text":"#, S(say), "}]}");
                self.item(&payload, at);
            } else {
                put!(&mut payload; r#"{"type":"agent_message","message":"#, S(say), r#","phase":null,"memory_citation":null}"#);
                self.event(&payload, at);
            }
            self.message(rng, "assistant", "output_text", say, at);
        }
        self.last = step.usage;
        self.usage.add(step.usage);
        let call_id = format!("call_{}", rng.base62(24));
        if let Some(call) = &step.call {
            Tools {
                codex: self,
                rng,
                call_id: &call_id,
                at: at + 500,
            }
            .write(call);
        }
        self.token_count(rng, at + 700);
        call_id
    }

    fn end_turn(&mut self, _rng: &mut Rng, at: i64, ms: i64) {
        let mut payload = String::new();
        put!(&mut payload; r#"{"type":"task_complete","turn_id":"#, S(&self.turn), r#","last_agent_message":"#, S(&self.last_message),
            r#","completed_at":"#, at / 1000, r#","duration_ms":"#, ms, r#","time_to_first_token_ms":810}"#);
        self.event(&payload, at);
    }

    fn rewind(&mut self, rng: &mut Rng, at: i64) {
        let Some(ordinal) = self.ordinal else {
            self.event(r#"{"type":"thread_rolled_back","num_turns":1}"#, at);
            return;
        };
        // A new segment of the thread, which begins before the last prompt.
        let name = format!("{}_{}", self.id, rng.uuid7(at));
        let Ok(segment) = Lines::create(rollout(&self.sessions, at, &name)) else {
            return;
        };
        let old = std::mem::replace(&mut self.out, segment);
        if let Ok(written) = old.close(at, self.usage) {
            self.done = written;
        }
        let mut extra = String::new();
        let _ = write!(
            extra,
            r#","history_base":{{"thread_id":"{}","end_ordinal_exclusive":{},"end_byte_offset":{}}}"#,
            self.id, self.turn_at.0, self.turn_at.1
        );
        self.ordinal = Some(self.turn_at.0.min(ordinal));
        self.meta(rng, at, &extra);
    }

    fn bytes(&self) -> u64 {
        self.done.bytes + self.out.bytes()
    }

    fn close(self: Box<Self>, at: i64) -> Result<Written> {
        let mut written = self.out.close(at, self.usage)?;
        written.usage.input += std::mem::take(&mut written.usage.cache_write);
        written.bytes += self.done.bytes;
        written.records += self.done.records;
        if self.done.bytes > 0 {
            written.path = self.done.path;
        }
        Ok(written)
    }
}
