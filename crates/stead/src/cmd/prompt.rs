//! `stead prompt`

use std::io::Write;

use serde_json::{Value, json};
use stead_agent::prompt::{Prompt, generator, parser};

use super::tracing::write_json;
use crate::cli::{GlobalArgs, PromptArgs, PromptCommand, PromptPart};
use crate::command_error::CommandError;
use crate::exit_code::Exit;
use crate::output::Output;

pub(crate) fn run(args: &PromptArgs, global: &GlobalArgs) -> Result<Exit, CommandError> {
    let PromptCommand::Show(args) = &args.command;
    let prompts: &[&Prompt] = match args.part {
        None => &[generator(), parser()],
        Some(PromptPart::Generator) => &[generator()],
        Some(PromptPart::Parser) => &[parser()],
    };
    if global.json {
        write_json(&prompts.iter().map(|one| as_json(one)).collect::<Vec<_>>())?;
        return Ok(Exit::Ok);
    }
    let mut out = Output::plain();
    for (place, prompt) in prompts.iter().enumerate() {
        if place > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}, version {}", prompt.name, prompt.version)?;
        for line in &prompt.lines {
            writeln!(out, "[{}] {}", line.id, line.text)?;
        }
    }
    out.finish()?;
    Ok(Exit::Ok)
}

fn as_json(prompt: &Prompt) -> Value {
    let lines = prompt.lines.iter();
    let lines = lines.map(|line| json!({ "id": line.id, "text": line.text }));
    json!({
        "name": prompt.name,
        "version": prompt.version,
        "lines": lines.collect::<Vec<_>>(),
    })
}
