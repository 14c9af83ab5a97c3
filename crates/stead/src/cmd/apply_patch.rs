//! `stead apply-patch`

use std::io::{IsTerminal, Read, Write};

use serde_json::{Value, json};
use stead_agent::workspace::Workspace;
use stead_edit::{EditError, FilePlan, Plan, parse_any, plan_each};
use stead_redact::terminal::escape;

use super::tracing::{current, write_json};
use crate::cli::{ApplyPatchArgs, GlobalArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;

pub(crate) fn run(
    args: &ApplyPatchArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let current = current(context)?;
    let folder = current.join(args.folder.as_deref().unwrap_or(".".as_ref()));
    let changes = parse_any(&patch(args)?).map_err(|error| {
        CommandError::usage(format!("the patch cannot be read: {error}"))
            .hint("`stead help apply-patch` names the forms")
    })?;
    let workspace = Workspace::open(&folder)
        .map_err(|error| CommandError::failure(format!("{}: {error}", folder.display())))?;
    let (mut plan, refused) = plan_each(&changes, &workspace);
    if args.atomic && refused.is_some() {
        plan = Plan::default();
    }
    if !args.check {
        let done = workspace.carry_out(&plan);
        done.map_err(|error| CommandError::failure(error.to_string()))?;
    }
    if global.json {
        write_json(&as_json(&plan, refused.as_ref()))?;
    } else {
        as_text(args, &plan, refused.is_none())?;
    }
    match refused {
        None => Ok(Exit::Ok),
        Some(_) if global.json => Ok(Exit::Failure),
        Some(error) => Err(CommandError::failure(error.to_string())),
    }
}

fn patch(args: &ApplyPatchArgs) -> Result<String, CommandError> {
    if let Some(patch) = &args.patch {
        return Ok(patch.clone());
    }
    let mut stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(CommandError::usage("there is no patch")
            .hint("`stead apply-patch < FILE` reads one from a file"));
    }
    let mut bytes = Vec::new();
    stdin.read_to_end(&mut bytes)?;
    String::from_utf8(bytes).map_err(|_| CommandError::usage("the patch is not in UTF-8"))
}

/// The letter by which version control names what happens to a file.
const fn letter(file: &FilePlan) -> &'static str {
    match (&file.before, &file.after) {
        (_, None) => "D",
        _ if file.moved_from.is_some() => "M",
        (None, Some(_)) => "A",
        (Some(_), Some(_)) => "M",
    }
}

/// Files that are told: what is moved is told by its new path alone.
fn told(plan: &Plan) -> impl Iterator<Item = &FilePlan> {
    let moved = |path: &str| {
        let mut files = plan.files.iter();
        files.any(|file| file.moved_from.as_deref() == Some(path))
    };
    let files = plan.files.iter();
    files.filter(move |file| file.after.is_some() || !moved(&file.path))
}

fn as_text(args: &ApplyPatchArgs, plan: &Plan, whole: bool) -> Result<(), CommandError> {
    let mut stderr = std::io::stderr().lock();
    for told in &plan.corrections {
        let (path, message) = (escape(&told.path), escape(&told.message));
        // A note that cannot be written is no reason to fail.
        let _ = writeln!(stderr, "note: {path}: {message}");
    }
    let mut out = Output::plain();
    if whole && args.check {
        writeln!(out, "These files would be updated:")?;
    } else if whole {
        writeln!(out, "Success. Updated the following files:")?;
    }
    for file in told(plan) {
        writeln!(out, "{} {}", letter(file), escape(&file.path))?;
    }
    Ok(out.finish()?)
}

fn as_json(plan: &Plan, refused: Option<&EditError>) -> Value {
    let files: Vec<Value> = told(plan)
        .map(|file| {
            json!({
                "path": file.path,
                "status": letter(file),
                "moved_from": file.moved_from,
            })
        })
        .collect();
    let corrections: Vec<Value> = plan
        .corrections
        .iter()
        .map(|told| json!({ "path": told.path, "message": told.message }))
        .collect();
    json!({
        "files": files,
        "corrections": corrections,
        "error": refused.map(ToString::to_string),
    })
}
