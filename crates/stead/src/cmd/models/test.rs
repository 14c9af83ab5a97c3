//! `stead models test`: one tiny request, and what came of it.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use stead_llm::traffic::Tape;
use stead_llm::{
    Call, Client, Delta, Endpoint, LlmError, Message, ModelRef, Request, Response, Step, ToolInput,
    ToolSpec,
};

use super::ask::{client, tape, wait};
use crate::cli::{GlobalArgs, ModelArgs, ModelsTestArgs};
use crate::cmd::tracing::write_json;
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::models::Models;
use crate::output::Output;
use crate::text::one_line;

/// The tool that a model is to call.
const TOOL: &str = "ready";

pub(super) fn run(
    args: &ModelsTestArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let typed = ModelArgs {
        model: args.model.clone(),
        base_url: args.base_url.clone(),
        parser_model: args.model.as_ref().map(|_| "none".to_owned()),
        ..ModelArgs::default()
    };
    let models = Models::load(context, &typed)?;
    let mut wanted = vec![models.generator().current().clone()];
    for model in models.parser().iter().chain(models.fallback()) {
        if !wanted.contains(model) {
            wanted.push(model.clone());
        }
    }
    let (tape, path) = tape(context)?;
    let client = client(context);
    let tests = wanted.iter().enumerate().map(|(number, model)| {
        let answer = match models.endpoint(model) {
            Ok(endpoint) => wait(test(&client, &endpoint, model, number, tape.clone()))?,
            Err(error) => Err(error),
        };
        Ok((model, answer))
    });
    let tests: Vec<(&ModelRef, Result<Found, LlmError>)> =
        tests.collect::<Result<_, CommandError>>()?;
    let failed = tests.iter().any(|(_, found)| found.is_err());
    if global.json {
        let told = tests
            .iter()
            .map(|(model, found)| as_json(model, found, &models));
        write_json(&told.collect::<Vec<_>>())?;
    } else {
        let mut out = Output::plain();
        for (model, found) in &tests {
            write(model, found, &models, &mut out)?;
        }
        if failed {
            writeln!(out, "what was sent and answered: {}", path.display())?;
        }
        out.finish()?;
    }
    Ok(if failed { Exit::Failure } else { Exit::Ok })
}

/// What came of a test.
struct Found {
    first: Option<Duration>,
    whole: Duration,
    pieces: usize,
    /// The provider takes tools at all.
    takes_tools: bool,
    response: Response,
}

impl Found {
    /// What became of the tool.
    fn tools(&self) -> &'static str {
        let called = self.response.calls().any(|call| call.name == TOOL);
        match (called, self.takes_tools) {
            (true, _) => "called",
            (false, true) => "words",
            (false, false) => "refused",
        }
    }
}

async fn test(
    client: &Client,
    endpoint: &Endpoint,
    model: &ModelRef,
    number: usize,
    tape: Arc<dyn Tape>,
) -> Result<Found, LlmError> {
    let mut request = Request {
        model: model.model.clone(),
        messages: vec![Message::user(
            "This is a test. Call the tool `ready` once, and say nothing.",
        )],
        tools: vec![ToolSpec {
            name: TOOL.to_owned(),
            description: "Says that you can call tools.".to_owned(),
            input: ToolInput::Schema(json!({
                "type": "object", "properties": {}, "additionalProperties": false,
            })),
        }],
        ..Request::default()
    };
    let call = Call::new(format!("test{number}"), tape.clone());
    match answer(client, endpoint, &request, call).await {
        // Some models take no tools; what else they can do is of interest all the same.
        Err(LlmError::BadRequest { said, .. }) if said.to_lowercase().contains("tool") => {
            request.tools.clear();
            request.messages = vec![Message::user("This is a test. Say `ready`.")];
            let call = Call::new(format!("test{number}-without-tools"), tape);
            let found = answer(client, endpoint, &request, call).await?;
            Ok(Found {
                takes_tools: false,
                ..found
            })
        }
        other => other,
    }
}

async fn answer(
    client: &Client,
    endpoint: &Endpoint,
    request: &Request,
    call: Call,
) -> Result<Found, LlmError> {
    let began = Instant::now();
    let (mut first, mut pieces) = (None, 0);
    let mut reply = client.send(endpoint, request, call)?;
    while let Some(step) = reply.next().await? {
        if let Step::Delta(
            Delta::Text { .. }
            | Delta::Reasoning { .. }
            | Delta::Call { .. }
            | Delta::Arguments { .. },
        ) = step
        {
            first.get_or_insert_with(|| began.elapsed());
            pieces += 1;
        }
    }
    Ok(Found {
        first,
        whole: began.elapsed(),
        pieces,
        takes_tools: true,
        response: reply.response(),
    })
}

fn write(
    model: &ModelRef,
    found: &Result<Found, LlmError>,
    models: &Models,
    out: &mut Output,
) -> io::Result<()> {
    let (name, route) = (one_line(&model.to_string()), one_line(&models.route(model)));
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            writeln!(out, "✗ {name}  → {route}")?;
            writeln!(out, "  {}", one_line(&error.to_string()))?;
            return writeln!(out, "  hint: {}", one_line(&error.hint()));
        }
    };
    writeln!(out, "✓ {name}  → {route}")?;
    let millis = |time: Duration| format!("{} ms", time.as_millis());
    let first = found.first.map_or_else(
        || "nothing came".to_owned(),
        |first| format!("first words after {}", millis(first)),
    );
    writeln!(
        out,
        "  {first}, whole after {}, in {} pieces",
        millis(found.whole),
        found.pieces
    )?;
    let tools = match found.tools() {
        "called" => "tools: called as asked",
        "words" => "tools: not called, though asked to; such a model does no work as an agent",
        _ => "tools: the provider takes none for this model; it can only take tasks apart",
    };
    writeln!(out, "  {tools}")?;
    let usage = &found.response.usage;
    match (usage.input, usage.output) {
        (None, None) => writeln!(out, "  tokens: not counted by the provider")?,
        (input, output) => writeln!(
            out,
            "  tokens: {} read, {} written",
            input.map_or_else(|| "?".to_owned(), |count| count.to_string()),
            output.map_or_else(|| "?".to_owned(), |count| count.to_string()),
        )?,
    }
    if let Some(cost) = cost(model, found, models).filter(|cost| *cost > 0.0) {
        writeln!(out, "  cost: ${cost:.6}")?;
    }
    match &found.response.model {
        Some(other) if *other != model.model => {
            writeln!(out, "  it calls itself {}", one_line(other))
        }
        _ => Ok(()),
    }
}

/// What it cost in US dollars, if the price and the tokens are known.
fn cost(model: &ModelRef, found: &Found, models: &Models) -> Option<f64> {
    models.price(model)?.of(&found.response.usage)
}

fn as_json(model: &ModelRef, found: &Result<Found, LlmError>, models: &Models) -> Value {
    let (found, error) = (found.as_ref().ok(), found.as_ref().err());
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    json!({
        "model": model.to_string(),
        "route": models.route(model),
        "ok": found.is_some(),
        "error": error.map(ToString::to_string),
        "hint": error.map(LlmError::hint),
        "first_ms": found.and_then(|found| found.first).map(millis),
        "whole_ms": found.map(|found| millis(found.whole)),
        "pieces": found.map(|found| found.pieces),
        "tools": found.map(Found::tools),
        "usage": found.map(|found| found.response.usage),
        "cost": found.and_then(|found| cost(model, found, models)),
        "answered_as": found.and_then(|found| found.response.model.clone()),
    })
}
