//! `stead run`: a task from its words to a diff.

mod diff;
mod ending;
mod front;
mod setup;
mod task;

use std::io::IsTerminal;
use std::path::Path;

use serde_json::{Value, json};
use stead_agent::context::Given;
use stead_agent::hands::{Contents, Worker};
use stead_agent::machine::{Checked, Limits, Outcome};
use stead_agent::permission::Mode;
use stead_agent::prompt::generator;
use stead_agent::record::RecordError;
use stead_agent::session::{Session, Task};
use stead_agent::workspace::Workspace;
use stead_llm::{CancellationToken, Message};
use stead_sandbox::Cancel;

use crate::cli::{GlobalArgs, RunArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::models::Models;
use ending::Ending;
use front::{Json, Plain, Seen, Watch};

/// Tokens that a request may have, where nobody said what the model can read.
const BUDGET: u64 = 120_000;

pub(crate) fn run(
    args: &RunArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let tree = task::tree(args, context)?;
    let earlier = task::earlier(args, &tree, context)?;
    let words = task::words(args, earlier.is_some())?;
    let models = Models::load(context, &args.models)?;
    let workspace = open(&tree)?;
    let spec = task::plan(args, &words, &workspace)?;
    if args.plan {
        return task::show_plan(&spec, global);
    }
    let id = match &earlier {
        Some(earlier) => earlier.id.clone(),
        None => setup::new_id()?,
    };
    let mut front = front(global, context);
    let opened = Opened {
        args,
        context,
        models: &models,
        tree: &tree,
        id: &id,
    };
    let task = Task {
        planned_by: "rules".to_owned(),
        given: Vec::<Given>::new(),
        words,
        spec,
    };
    let ending = opened.perform(workspace, &task, earlier, front.as_mut())?;
    front.end(&ending);
    Ok(ending.exit())
}

fn open(root: &Path) -> Result<Workspace, CommandError> {
    let opened = Workspace::open(root);
    opened.map_err(|error| CommandError::failure(format!("{}: {error}", root.display())))
}

fn front(global: &GlobalArgs, context: &Context) -> Box<dyn Watch> {
    if global.json {
        Box::new(Json::new())
    } else {
        Box::new(Plain::new(context.colour, context.width))
    }
}

/// A session that is about to be opened.
struct Opened<'a> {
    args: &'a RunArgs,
    context: &'a Context,
    models: &'a Models,
    tree: &'a Path,
    id: &'a str,
}

impl Opened<'_> {
    /// Does the task, all of it on record.
    fn perform(
        &self,
        workspace: Workspace,
        task: &Task,
        earlier: Option<task::Earlier>,
        front: &mut dyn Watch,
    ) -> Result<Ending, CommandError> {
        let Self { args, context, .. } = *self;
        let folder = setup::folder(self.id, context)?;
        let header = setup::header(self.id, &task.words, self.tree);
        let mut recorder = setup::recorder(&folder, &header, &setup::signer(context)?)?;
        let (cancel, stop) = (CancellationToken::new(), Cancel::default());
        interruptible(&cancel, &stop)?;
        let shell = setup::shell(args, workspace.root(), &folder, stop, context)?;
        let confined = !args.unconfined && !args.network && shell.sandbox.is_ok();
        let policies = setup::Policies::read(self.tree, confined, &task.spec.private, context)?;
        let policy = policies.policy(workspace.root(), context)?;
        let facts = json!({
            "stead": env!("CARGO_PKG_VERSION"),
            "prompt": {"name": generator().name, "version": generator().version},
            "generator": self.models.generator().current().to_string(),
            "parser": task.planned_by,
            "sandbox": shell.sandbox.as_ref().map_or_else(
                |why| format!("none: {why}"), |sandbox| sandbox.strategy().to_string()),
            "network": args.network,
            "mode": format!("{:?}", self.mode()).to_lowercase(),
            "policies": policies.facts(),
        });
        let mut worker = Worker::new(workspace, Contents::in_place(), policy, self.mode(), shell);
        let client = context.client();
        let generator_model = self.models.generator().current().clone();
        let route = format!(
            "→ parser: {} → generator: {}",
            task.planned_by,
            self.models.route(&generator_model)
        );
        front.route(&route);
        let mut seen = Seen::new(front);
        let endpoint = |model: &_| self.models.endpoint(model);
        let before = earlier.map(|earlier| earlier.resumed).unwrap_or_default();
        let mut session = Session {
            client: &client,
            chain: self.models.generator(),
            endpoint: &endpoint,
            prompt: generator(),
            budget: usize::try_from(
                self.models
                    .context_tokens(&generator_model)
                    .unwrap_or(BUDGET),
            )
            .unwrap_or(usize::MAX),
            limits: Limits {
                rounds: args.rounds,
                ..Limits::default()
            },
            recorder: &mut recorder,
            tape: setup::traffic(&folder)?,
            worker: &mut worker,
            front: &mut seen,
            cancel,
            requests: before.requests,
        };
        let done = work(&mut session, &route, &facts, task, before.messages);
        let done = done.map_err(|error| CommandError::failure(error.to_string()))?;
        let requests = session.requests - before.requests;
        let Seen { usage, after, .. } = seen;
        let changes = worker.contents.changes();
        Ok(Ending {
            session: self.id.to_owned(),
            outcome: done.outcome,
            before: done.before,
            after,
            diff: diff::of(&changes),
            files: changes.into_iter().map(|file| file.path).collect(),
            applied: true,
            usage,
            requests,
        })
    }

    fn mode(&self) -> Mode {
        let person = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        match () {
            () if self.args.yes => Mode::Yes,
            () if person => Mode::Ask,
            () => Mode::Headless,
        }
    }
}

/// What working at a task came to.
struct Done {
    before: Vec<Checked>,
    outcome: Outcome,
}

/// Runs the checks, the model, and the checks again.
fn work(
    session: &mut Session<'_>,
    route: &str,
    facts: &Value,
    task: &Task,
    conversation: Vec<Message>,
) -> Result<Done, RecordError> {
    session.set(route, facts)?;
    let first = conversation.is_empty();
    let state = session.begin(task, conversation)?;
    let before = if first && task.spec.intent.changes() {
        session.baseline(&task.spec.checks)?
    } else {
        Vec::new()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (_, outcome) = runtime.block_on(session.work(state))?;
    Ok(Done { before, outcome })
}

#[expect(
    clippy::exit,
    reason = "whoever asks twice does not want to wait; the record is safe at any byte"
)]
/// Ends the session at the first signal, with everything on record; at the second, at once.
fn interruptible(cancel: &CancellationToken, stop: &Cancel) -> Result<(), CommandError> {
    let (cancel, stop) = (cancel.clone(), stop.clone());
    let handled = ctrlc::set_handler(move || {
        if cancel.is_cancelled() {
            std::process::exit(Exit::Interrupted.number().into());
        }
        cancel.cancel();
        stop.cancel();
    });
    handled.map_err(|error| CommandError::failure(format!("signals cannot be handled: {error}")))
}
