//! Writes the record of a made session below a data folder, as a running agent would: for the
//! adapter's `testdata/`, and to try `stead verify` on. Key and times are always the same.
//!
//! `cargo run -p stead-agent --example session -- DATA_DIR WORKSPACE`

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::json;
use stead_agent::machine::{Checked, Outcome};
use stead_agent::record::{
    AGENT, Envelope, FileState, Recorder, When, Witness, answered, call, check, digest, edits,
    injected, outcome, result, said, tape,
};
use stead_agent::seals::{folder, seal};
use stead_edit::FilePlan;
use stead_ledger::{Ending, Signer};
use stead_llm::traffic::Tape;
use stead_llm::{Form, Part, Response, ToolCall, ToolResult};
use stead_usf::{Event, Git, Model, Session, Time, ToolKind, Usage};

const SESSION: &str = "0199f3a4-5b00-7c3d-8e4f-0123456789ab";

/// Writes events, with a pause before each.
struct Writer {
    recorder: Recorder,
    tape: Arc<dyn Tape>,
    model: Model,
    requests: u32,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(data), Some(workspace)) = (arguments.next(), arguments.next()) else {
        return Err("DATA_DIR and WORKSPACE are needed".into());
    };
    let data = Path::new(&data);
    let signer = Signer::new("stead.local/made", [7; 32])?;
    let mut writer = Writer::open(data, &workspace, &signer)?;
    seal(data, &signer, writer.recorder.log().note(), Ending::Begun)?;
    writer.first_task()?;
    writer.second_task()?;
    seal(
        data,
        &signer,
        writer.recorder.log().note(),
        Ending::Finished,
    )?;
    let key = data.join("ledger.key");
    if !key.exists() {
        signer.store(&key)?;
    }
    Ok(())
}

impl Writer {
    fn open(data: &Path, workspace: &str, signer: &Signer) -> Result<Self, Box<dyn Error>> {
        let mut header = Session::new(AGENT, SESSION);
        header.cwd = Some(workspace.to_owned());
        header.agent_version = Some("0.1.0".to_owned());
        header.git = Some(Git {
            branch: Some("main".to_owned()),
            ..Git::default()
        });
        let now = AtomicI64::new(1_763_726_400_000);
        let clock = move || {
            let at = now.fetch_add(1_250, Ordering::Relaxed);
            Time::from_millis(at).expect("a moment of this century")
        };
        let folder = folder(data, SESSION);
        let (recorder, _) = Recorder::open(&folder, &header, signer, Box::new(clock))?;
        Ok(Self {
            recorder,
            tape: Arc::new(tape(&folder)?),
            model: Model {
                id: "kimi-k2.5".to_owned(),
                provider: Some("moonshot".to_owned()),
            },
            requests: 0,
        })
    }

    /// A prompt, an instruction file, a file that is made, one that is changed, and checks.
    fn first_task(&mut self) -> Result<(), Box<dyn Error>> {
        self.put(vec![said("write a greeting and use it in main.py")])?;
        let rules = "Use four spaces.";
        self.put(vec![injected(rules, "AGENTS.md of the workspace")])?;
        let made = "def greet(name):\n    return f\"hello, {name}\"\n";
        let write = json!({"path": "greet.py", "content": made});
        self.answer(
            "I begin with the greeting [S4].",
            &["S4"],
            "c1",
            "write",
            &write,
        )?;
        self.changed(
            "c1",
            "write",
            ToolKind::Write,
            &write,
            &file("greet.py", None, made),
        )?;
        let (before, after) = (
            "print('hi')\n",
            "from greet import greet\n\nprint(greet('you'))\n",
        );
        let edit = json!({"path": "main.py", "old": before, "new": after});
        self.answer(
            "Now it is used [S4] [S6].",
            &["S4", "S6"],
            "c2",
            "edit",
            &edit,
        )?;
        let plan = file("main.py", Some(before), after);
        self.changed("c2", "edit", ToolKind::Edit, &edit, &plan)?;
        self.answer("Both files are written.", &[], "", "", &json!(null))?;
        let checked = Checked {
            command: "python3 main.py".to_owned(),
            ok: true,
            output: "hello, you\n".to_owned(),
        };
        self.put(vec![check(&checked, When::After)])?;
        self.put(vec![outcome(&Outcome::Done {
            summary: "Both files are written.".to_owned(),
            checked: true,
        })])
    }

    /// A command that fails, and a user who ends it.
    fn second_task(&mut self) -> Result<(), Box<dyn Error>> {
        self.put(vec![said("now run the tests")])?;
        let run = json!({"command": "pytest -q"});
        self.answer("", &[], "c3", "shell", &run)?;
        self.call("c3", "shell", ToolKind::Shell, &run)?;
        let told = "sh: 1: pytest: not found\n";
        let envelope = Envelope {
            arguments: digest(run.to_string().as_bytes()),
            result: digest(told.as_bytes()),
            decision: "allow: shell, by the user".to_owned(),
            ..Envelope::default()
        };
        let answer = told_of("c3", "shell", told, false);
        self.put(vec![result(&answer, Some(127), 12, &envelope)])?;
        self.put(vec![outcome(&Outcome::Interrupted)])
    }

    fn put(&mut self, events: Vec<Event>) -> Result<(), Box<dyn Error>> {
        self.recorder.append(events)?;
        Ok(())
    }

    /// A request and its answer, which wants a call if `tool` has a name.
    fn answer(
        &mut self,
        words: &str,
        cited: &[&str],
        id: &str,
        tool: &str,
        input: &serde_json::Value,
    ) -> Result<(), Box<dyn Error>> {
        self.requests += 1;
        let request = format!("r{}", self.requests);
        let witness = Witness::new(self.tape.clone());
        for line in exchange(&format!("{request}.1"), words) {
            witness.line(&serde_json::from_value(line)?)?;
        }
        let mut parts = vec![Part::text(words)];
        if !tool.is_empty() {
            parts.push(Part::ToolCall(wanted(id, tool, input)));
        }
        let response = Response {
            parts,
            usage: Usage {
                input: Some(900 + 100 * u64::from(self.requests)),
                output: Some(40),
                ..Usage::default()
            },
            id: Some(format!("msg-{}", self.requests)),
            ..Response::default()
        };
        let cited: Vec<String> = cited.iter().map(ToString::to_string).collect();
        self.put(answered(
            &response,
            &self.model,
            &witness.vouch(&request),
            &cited,
        ))
    }

    fn call(
        &mut self,
        id: &str,
        tool: &str,
        kind: ToolKind,
        input: &serde_json::Value,
    ) -> Result<(), Box<dyn Error>> {
        let event = call(&wanted(id, tool, input), kind, &self.model);
        self.put(vec![event])
    }

    /// A call that changes a file.
    fn changed(
        &mut self,
        id: &str,
        tool: &str,
        kind: ToolKind,
        input: &serde_json::Value,
        plan: &FilePlan,
    ) -> Result<(), Box<dyn Error>> {
        self.call(id, tool, kind, input)?;
        let told = format!("wrote {}", plan.path);
        let envelope = Envelope {
            arguments: digest(input.to_string().as_bytes()),
            result: digest(told.as_bytes()),
            decision: format!("allow: {tool} in the workspace, by the defaults"),
            files: vec![FileState::of(plan)],
            ..Envelope::default()
        };
        let answer = told_of(id, tool, &told, true);
        let mut events = vec![result(&answer, None, 3, &envelope)];
        events.extend(edits(id, std::slice::from_ref(plan), &self.model));
        self.put(events)
    }
}

fn file(path: &str, before: Option<&str>, after: &str) -> FilePlan {
    FilePlan {
        path: path.to_owned(),
        before: before.map(|text| text.as_bytes().to_vec()),
        after: Some(after.as_bytes().to_vec()),
        moved_from: None,
    }
}

fn wanted(id: &str, tool: &str, input: &serde_json::Value) -> ToolCall {
    ToolCall {
        id: id.to_owned(),
        name: tool.to_owned(),
        arguments: input.to_string(),
        form: Form::Json,
        opaque: None,
    }
}

fn told_of(id: &str, tool: &str, text: &str, ok: bool) -> ToolResult {
    ToolResult {
        id: id.to_owned(),
        name: tool.to_owned(),
        text: text.to_owned(),
        ok,
        images: Vec::new(),
        form: Form::Json,
    }
}

/// The lines of an exchange, as short as they can be.
fn exchange(name: &str, words: &str) -> [serde_json::Value; 4] {
    let line = |after: u64, kind: &str, mut more: serde_json::Value| {
        more["exchange"] = json!(name);
        more["after_us"] = json!(after);
        more["type"] = json!(kind);
        more
    };
    let asked = json!({
        "at": "2025-11-21T12:00:00Z", "attempt": 1, "provider": "moonshot", "wire": "openai",
        "model": "kimi-k2.5", "method": "POST", "url": "https://api.moonshot.ai/v1/chat/completions",
        "headers": [], "body": "{\"model\":\"kimi-k2.5\"}", "hash": "00",
    });
    [
        line(0, "request", asked),
        line(900, "head", json!({"status": 200, "headers": []})),
        line(1_000, "chunk", json!({"bytes": words})),
        line(1_100, "end", json!({"end": {"how": "complete"}})),
    ]
}
