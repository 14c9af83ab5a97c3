//! Does a task: opens the session, lets models work, and tells how it ended.

use std::io::IsTerminal;

use serde_json::{Value, json};
use stead_agent::hands::{Confined, Worker};
use stead_agent::machine::{Checked, Limits, Outcome};
use stead_agent::permission::Mode;
use stead_agent::place::Place;
use stead_agent::prompt::generator;
use stead_agent::record::{RecordError, Recorder};
use stead_agent::seals::seal;
use stead_agent::session::{Session, Task};
use stead_ledger::Ending as Sealed;
use stead_llm::Message;

use super::asked::Asked;
use super::ending::Ending;
use super::front::{Seen, Watch};
use super::{Stop, plan, result, setup};
use crate::command_error::CommandError;

/// Tokens that a request may have, where nobody said what the model can read.
const BUDGET: u64 = 120_000;

/// Does what is asked for, all of it on record.
pub(super) fn perform(
    asked: &Asked<'_>,
    place: &mut Place,
    stop: &Stop,
    front: &mut dyn Watch,
) -> Result<Ending, CommandError> {
    let workspace = setup::open(place.root())?;
    let facts = workspace.facts();
    let spec = plan::by_words(asked.args, &asked.words, &facts)?;
    let task = Task {
        planned_by: "rules".to_owned(),
        given: Vec::new(),
        words: asked.words.clone(),
        spec,
    };
    let shell = setup::shell(asked, place.root(), stop.commands.clone())?;
    let confined = shell.sandbox.is_ok() && !asked.args.unconfined && !asked.args.network;
    let policy = asked
        .policies
        .policy(place.root(), confined, &task.spec, asked.context)?;
    let contents = result::contents(place, &workspace)?;
    let mode = mode(asked);
    let setting = setting(asked, place, &shell, mode, &task);
    front.route(&setting.words);
    for note in place
        .why()
        .into_iter()
        .chain(place.notes().iter().map(String::as_str))
    {
        front.notice(note);
    }
    let mut worker = Worker::new(workspace, contents, policy, mode, shell);
    let mut seen = Seen::new(front);
    let came = work(asked, &mut worker, &task, &setting, stop, &mut seen)?;
    let mut ending = Ending {
        plan: Some(task.spec),
        session: asked.id.clone(),
        outcome: came.outcome,
        before: came.before,
        after: seen.after,
        usage: seen.usage,
        requests: came.requests,
        ..Ending::default()
    };
    result::look(asked, place, &worker, &mut ending)?;
    Ok(ending)
}

/// What the session works with, for people and for the record.
struct Setting {
    words: String,
    facts: Value,
}

fn setting(asked: &Asked<'_>, place: &Place, shell: &Confined, mode: Mode, task: &Task) -> Setting {
    let (models, prompt) = (&asked.models, generator());
    let model = models.generator().current().clone();
    let sandbox = match &shell.sandbox {
        Ok(sandbox) => sandbox.strategy().to_string(),
        Err(why) => format!("none: {why}"),
    };
    Setting {
        words: format!(
            "→ parser: {} → generator: {} · {sandbox}, {}",
            task.planned_by,
            models.route(&model),
            place.how()
        ),
        facts: json!({
            "stead": env!("CARGO_PKG_VERSION"),
            "prompt": {"name": prompt.name, "version": prompt.version},
            "generator": model.to_string(),
            "route": models.route(&model),
            "licence": models.licence(&model),
            "parser": task.planned_by,
            "sandbox": sandbox,
            "network": asked.args.network,
            "place": place.how().to_string(),
            "mode": mode.word(),
            "policies": asked.policies.facts(),
        }),
    }
}

fn mode(asked: &Asked<'_>) -> Mode {
    let person = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if asked.args.yes {
        Mode::Yes
    } else if person && !asked.json {
        Mode::Ask
    } else {
        Mode::Headless
    }
}

/// What working came to.
struct Worked {
    before: Vec<Checked>,
    outcome: Outcome,
    requests: u64,
}

/// Opens the record, and lets the models work.
fn work(
    asked: &Asked<'_>,
    worker: &mut Worker,
    task: &Task,
    setting: &Setting,
    stop: &Stop,
    seen: &mut Seen<'_>,
) -> Result<Worked, CommandError> {
    let signer = setup::signer(asked.context)?;
    let mut recorder = setup::recorder(&asked.folder, &asked.header, &signer)?;
    let data_dir = &asked.context.settings.data_dir;
    let sealed = |recorder: &Recorder, how| {
        let sealed = seal(data_dir, &signer, recorder.log().note(), how);
        sealed.map_err(|error| CommandError::failure(error.to_string()))
    };
    sealed(&recorder, Sealed::Begun)?;
    let client = asked.context.client();
    let chain = asked.models.generator();
    let budget = asked
        .models
        .context_tokens(chain.current())
        .unwrap_or(BUDGET);
    let resumed = asked.resumed.clone().unwrap_or_default();
    let mut session = Session {
        client: &client,
        endpoint: &|model| asked.models.endpoint(model),
        prompt: generator(),
        budget: usize::try_from(budget).unwrap_or(usize::MAX),
        limits: Limits {
            rounds: asked.args.rounds,
            ..Limits::default()
        },
        recorder: &mut recorder,
        tape: setup::traffic(&asked.folder)?,
        worker,
        front: seen,
        cancel: stop.requests.clone(),
        requests: resumed.requests,
        chain,
    };
    let came = turn(&mut session, task, setting, resumed.messages);
    let came = came.map_err(|error| CommandError::failure(error.to_string()))?;
    let requests = session.requests - resumed.requests;
    sealed(&recorder, Sealed::Finished)?;
    Ok(Worked { requests, ..came })
}

/// One task of a session: checks, the model, checks again.
fn turn(
    session: &mut Session<'_>,
    task: &Task,
    setting: &Setting,
    conversation: Vec<Message>,
) -> Result<Worked, RecordError> {
    session.set(&setting.words, &setting.facts)?;
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
    Ok(Worked {
        before,
        outcome,
        requests: 0,
    })
}
