//! What agents put into every session by themselves: system prompts, lists of
//! skills, tool schemas. The same text comes again in session after session.

use super::json::{At, Maybe, S, iso, put};
use super::project::World;
use super::rng::Rng;
use super::words::{Case, Names, Scope};

/// The texts that repeat.
#[derive(Debug)]
pub(super) struct Boiler {
    /// Claude Code 2.1: `shape` of an `api-request-shape` record.
    pub(super) shape: String,
    pub(super) shape_hash: String,
    skills: String,
    agents: String,
    system: Vec<String>,
    /// Codex: base instructions of 0.125 and of 0.169.
    pub(super) codex_base: [String; 2],
    /// Codex: the developer message about skills and permissions.
    pub(super) codex_skills: String,
    /// Codex 0.169: the tool schemas of newer models.
    pub(super) codex_tools: String,
}

/// One request of Claude Code 2.1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'a> {
    pub(super) session: &'a str,
    pub(super) id: &'a str,
    pub(super) source: &'a str,
    pub(super) model: &'a str,
    pub(super) at: i64,
    pub(super) base: Option<&'a str>,
}

impl Boiler {
    pub(super) fn new(world: &World, rng: &mut Rng) -> Self {
        let names = Names::new(&world.words, rng, Case::Camel, 80);
        let mut prose = |symbol: &str, bytes: usize| {
            let mut out = String::new();
            let mut cx = Scope {
                rng,
                words: &world.words,
                names: &names,
            };
            while out.len() < bytes {
                world.grammars.text.expand(&mut cx, symbol, 0, &mut out);
                out.push('\n');
            }
            out
        };
        let tools = |prose: &mut dyn FnMut(&str, usize) -> String, n: usize, each: usize| {
            let mut out = String::from("[");
            for i in 0..n {
                let name = [
                    "Agent",
                    "AskUserQuestion",
                    "Bash",
                    "Edit",
                    "Glob",
                    "Grep",
                    "Read",
                    "Skill",
                    "Write",
                ][i % 9];
                put!(&mut out; if i > 0 { "," } else { "" }, r#"{"name":""#, name, r#"","description":"#,
                    S(&prose("toolprose", each)), r#","input_schema":{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"#);
                for (j, field) in ["description", "prompt", "file_path", "limit"]
                    .iter()
                    .enumerate()
                {
                    put!(&mut out; if j > 0 { "," } else { "" }, S(field), r#":{"description":"#,
                        S(&prose("sentence", 120)), r#","type":"string"}"#);
                }
                out.push_str(r#"},"required":["description"],"additionalProperties":false}}"#);
            }
            out.push(']');
            out
        };
        let system: Vec<String> = (0..10).map(|i| prose("toolprose", 300 + i * 90)).collect();
        let mut shape = String::new();
        put!(&mut shape; r#"{"system":[{"type":"text","text":"You are Claude Code, Anthropic's official CLI for Claude."},{"type":"text","text":"#,
            S(&system.concat()), r#"}],"tools":"#, tools(&mut prose, 13, 1900), "}");
        let skills = prose("toolprose", 6000);
        let agents = prose("toolprose", 2600);
        let codex_base = [prose("toolprose", 14_600), prose("toolprose", 21_400)];
        let codex_skills = prose("toolprose", 5_000);
        let codex_tools = tools(&mut prose, 9, 1600);
        let shape_hash = rng.hex(64);
        Self {
            shape,
            shape_hash,
            skills,
            agents,
            system,
            codex_base,
            codex_skills,
            codex_tools,
        }
    }

    /// The attachments at the head of a Claude Code 2.1 session, each with what
    /// the model is shown for it.
    pub(super) fn attachments(&self, cwd: &str, model: &str, at: i64) -> Vec<(String, String)> {
        let reminder = |text: &str| format!("<system-reminder>\n{text}\n</system-reminder>");
        let mut out = Vec::new();
        let mut add = |json: String, rendered: &str| {
            let rendered = if rendered.is_empty() {
                String::new()
            } else {
                reminder(rendered)
            };
            out.push((json, rendered));
        };
        let mut json = String::new();
        put!(&mut json; r#"{"type":"environment","snapshot":{"workingDirectory":"#, S(cwd), r#","isWorktree":false,"isGitRepo":true,"#,
            r#""additionalWorkingDirectories":[],"platform":"linux","shell":"bash","osVersion":"Linux 6.18.2"}}"#);
        add(
            std::mem::take(&mut json),
            &format!(
                "# Environment\nYou have been invoked in the following environment: \n - Primary working directory: {cwd}\n - Is a git repository: true"
            ),
        );
        let text = format!("You are powered by the model {model}.");
        put!(&mut json; r#"{"type":"model","identity":{"modelId":""#, model, r#"","marketingName":""#, model, r#"","knowledgeCutoff":"June 2026"},"text":"#, S(&text), "}");
        add(std::mem::take(&mut json), &text);
        put!(&mut json; r#"{"type":"agent_listing_delta","addedTypes":["claude","Explore","general-purpose","Plan"],"addedLines":["#, S(&self.agents),
            r#"],"builtInTypes":["claude","Explore","general-purpose","Plan"],"builtInPluginTypes":[],"removedTypes":[],"isInitial":true,"showConcurrencyNote":true}"#);
        add(std::mem::take(&mut json), &self.agents);
        put!(&mut json; r#"{"type":"skill_listing","content":"#, S(&self.skills), r#","skillCount":13,"isInitial":true,"names":["dataviz","code-review"],"digests":["140faf7359fd9e4c","909bf5fe1d1fb81f"]}"#);
        add(std::mem::take(&mut json), &self.skills);
        let date = &iso(at)[..10];
        put!(&mut json; r#"{"type":"date","date":""#, date, r#""}"#);
        add(
            std::mem::take(&mut json),
            &format!("Today's date is {date}."),
        );
        json.push_str(r#"{"type":"prompt_snapshot","systemPrompt":["#);
        for (i, part) in self.system.iter().enumerate() {
            put!(&mut json; if i > 0 { "," } else { "" }, S(part));
        }
        json.push_str(
            r#"],"reminderFold":false,"echoWireToolInputs":false,"contextRendering":"announced"}"#,
        );
        add(json, "");
        out
    }

    /// An `api-request` record.
    pub(super) fn api_request(&self, out: &mut String, rng: &mut Rng, request: Request<'_>) {
        let (tail, digest) = (rng.hex(64), rng.hex(64));
        put!(out; r#"{"type":"api-request","sessionId":"#, S(request.session), r#","id":""#, request.id, r#"","timestamp":"#, At(request.at),
            r#","version":"2.1.329","querySource":""#, request.source, r#"","shapeHash":""#, self.shape_hash,
            r#"","params":{"model":""#, request.model, r#"","betas":["claude-code-20250219","interleaved-thinking-2025-05-14","context-management-2025-06-27","per-turn-control-2026-07-01"],"max_tokens":128000,"thinking":{"type":"adaptive","display":"updates"},"#,
            r#""context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]},"output_config":{"effort":"medium"}},"base":"#,
            Maybe(request.base), r#","keep":6,"tail":[""#, tail, r#""],"cacheControl":[{"path":["system",0],"value":{"type":"ephemeral"}},{"path":["system",1],"value":{"type":"ephemeral"}},{"path":["messages",7,"content",0],"value":{"type":"ephemeral"}}],"requestDigest":""#,
            digest, r#""}"#);
    }
}
