//! Does a task: opens the session, lets models work, and tells how it ended.

use std::io::IsTerminal;
use std::sync::Arc;

use serde_json::{Value, json};
use stead_agent::hands::{Confined, Worker};
use stead_agent::machine::{Checked, Limits, Outcome};
use stead_agent::permission::Mode;
use stead_agent::place::Place;
use stead_agent::prompt::generator;
use stead_agent::record::{RecordError, Recorder};
use stead_agent::seals::seal;
use stead_agent::session::{Resumed, Session, Task};
use stead_agent::tools::Has;
use stead_ledger::{Checkpoint, Ending as Sealed, Signer};
use stead_llm::traffic::Tape;

use super::asked::Asked;
use super::begin::Beginning;
use super::ending::Ending;
use super::front::{Prices, Seen, Watch};
use super::stop::Stop;
use super::{confined, plan, result, setup};
use crate::command_error::CommandError;
use crate::models::Models;

/// Tokens that a request may have, where nobody said what the model can read.
const BUDGET: u64 = 120_000;

/// Does what is asked for, all of it on record.
pub(super) fn perform(
    asked: &Asked<'_>,
    place: &mut Place,
    stop: &Stop,
    front: &mut dyn Watch,
) -> Result<Ending, CommandError> {
    let beginning = Beginning::ask(asked);
    let workspace = setup::open(place.root())?;
    let facts = workspace.facts();
    let signer = setup::signer(asked.context)?;
    let record = Record {
        recorder: setup::recorder(&asked.folder, &asked.header, &signer)?,
        tape: setup::traffic(&asked.folder)?,
        signer,
    };
    let planned = plan::made(asked, &facts, &record.tape, stop, front)?;
    let task = Task {
        planned: planned.event.clone(),
        given: setup::given(asked, &workspace, &facts, &planned.spec)?,
        words: asked.words.clone(),
        spec: planned.spec.clone(),
    };
    let shell = confined::shell(asked, place.root(), stop.commands.clone())?;
    let confined = confined(asked, &shell);
    let policy = asked
        .policies
        .policy(place.root(), confined, &task.spec, asked.context)?;
    let contents = result::contents(asked, place, &workspace)?;
    let mode = mode(asked);
    let mut setting = setting(asked, place, &shell, mode, &planned.by);
    setting.facts["begin"] = beginning.keep(asked, place.root(), front);
    front.route(&setting.words);
    for note in place
        .why()
        .into_iter()
        .chain(place.notes().iter().map(String::as_str))
    {
        front.notice(note);
    }
    let mut worker = Worker::new(workspace, contents, policy, mode, shell);
    let has = has(asked, mode);
    (worker.helps, worker.asks) = (has.task, has.ask);
    worker.web = has.web.then(|| setup::web(asked, stop.requests.clone()));
    worker.servers = setup::servers(asked, place.root(), front)?;
    let mut seen = Seen::new(front, Prices::of(&asked.models));
    let work = Work {
        asked,
        task: &task,
        setting: &setting,
        stop,
        requests: planned.requests,
    };
    let came = work.perform(record, &mut worker, &mut seen)?;
    let mut ending = Ending {
        plan: Some(task.spec),
        session: asked.id.clone(),
        outcome: came.outcome,
        before: came.before,
        after: seen.after,
        usage: seen.tally.usage,
        cost: seen.tally.cost(),
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

fn setting(
    asked: &Asked<'_>,
    place: &Place,
    shell: &Confined,
    mode: Mode,
    parser: &str,
) -> Setting {
    let has = has(asked, mode);
    let (models, prompt) = (&asked.models, generator());
    let model = models.generator().current().clone();
    let sandbox = match &shell.sandbox {
        Ok(sandbox) => sandbox.strategy().to_string(),
        Err(why) => format!("none: {why}"),
    };
    Setting {
        words: format!(
            "→ parser: {parser} → generator: {} · {sandbox}, {}",
            models.route(&model),
            place.how()
        ),
        facts: json!({
            "stead": env!("CARGO_PKG_VERSION"),
            "prompt": {"name": prompt.name, "version": prompt.version},
            "generator": model.to_string(),
            "route": models.route(&model),
            "licence": models.licence(&model),
            "providers": models.spoken(),
            "parser": parser,
            "sandbox": sandbox,
            "network": asked.args.network,
            "confined": confined(asked, shell),
            "rounds": asked.args.rounds,
            "budget": budget(&asked.models),
            "offers": {"ask": has.ask, "task": has.task, "web": has.web},
            "place": place.how().to_string(),
            "mode": mode.word(),
            "policies": asked.policies.facts(),
        }),
    }
}

/// Whether commands can do no harm, so that no rule need be about them.
fn confined(asked: &Asked<'_>, shell: &Confined) -> bool {
    shell.sandbox.is_ok() && !asked.args.unconfined && !asked.args.network
}

/// Tokens that a request may have.
pub(in crate::cmd) fn budget(models: &Models) -> u64 {
    let known = models.context_tokens(models.generator().current());
    known.unwrap_or(BUDGET)
}

/// What the session offers beside the tools that every one has.
const fn has(asked: &Asked<'_>, mode: Mode) -> Has {
    Has {
        ask: matches!(mode, Mode::Ask) || asked.args.control,
        web: asked.web(),
        task: true,
    }
}

fn mode(asked: &Asked<'_>) -> Mode {
    let person = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if asked.args.yes {
        Mode::Yes
    } else if asked.args.control || person && !asked.json {
        Mode::Ask
    } else {
        Mode::Headless
    }
}

/// What working came to.
struct Came {
    before: Vec<Checked>,
    outcome: Outcome,
    requests: u64,
}

/// The record of a session that is open.
struct Record {
    recorder: Recorder,
    tape: Arc<dyn Tape>,
    signer: Signer,
}

/// A task that is about to be worked at.
struct Work<'a> {
    asked: &'a Asked<'a>,
    task: &'a Task,
    setting: &'a Setting,
    stop: &'a Stop,
    /// Requests that the plan took.
    requests: u64,
}

impl Work<'_> {
    /// Lets the models work, and seals the record.
    fn perform(
        &self,
        record: Record,
        worker: &mut Worker,
        seen: &mut Seen<'_>,
    ) -> Result<Came, CommandError> {
        let Record {
            mut recorder,
            tape,
            signer,
        } = record;
        let data_dir = &self.asked.context.settings.data_dir;
        let sealed = |recorder: &Recorder, how| {
            let sealed = seal(data_dir, &signer, recorder.log().note(), how);
            sealed.map_err(|error| CommandError::failure(error.to_string()))
        };
        let seals = sealed(&recorder, Sealed::Begun)?;
        let came = self.turn(&mut recorder, tape, &seals, worker, seen);
        let came = came.map_err(|error| CommandError::failure(error.to_string()))?;
        sealed(&recorder, Sealed::Finished)?;
        Ok(came)
    }

    fn turn(
        &self,
        recorder: &mut Recorder,
        tape: Arc<dyn Tape>,
        seals: &Checkpoint,
        worker: &mut Worker,
        seen: &mut Seen<'_>,
    ) -> Result<Came, RecordError> {
        let models = &self.asked.models;
        let client = self.asked.context.client();
        let chain = models.generator();
        let budget = budget(&self.asked.models);
        let resumed = self.asked.resumed.clone().unwrap_or_default();
        let earlier = resumed.requests;
        let limits = Limits {
            rounds: self.asked.args.rounds,
            ..Limits::default()
        };
        let mut session = Session {
            client: &client,
            endpoint: &|model| models.endpoint(model),
            prompt: generator(),
            budget: usize::try_from(budget).unwrap_or(usize::MAX),
            limits,
            recorder,
            tape,
            worker,
            front: seen,
            cancel: self.stop.requests.clone(),
            requests: earlier + self.requests,
            chain,
        };
        let mut facts = self.setting.facts.clone();
        facts["seals"] = json!({"records": seals.size, "root": seals.root.to_string()});
        session.set(&self.setting.words, &facts)?;
        let came = turn(&mut session, self, resumed)?;
        Ok(Came {
            requests: session.requests - earlier,
            ..came
        })
    }
}

impl Came {
    const fn just(outcome: Outcome) -> Self {
        Self {
            before: Vec::new(),
            outcome,
            requests: 0,
        }
    }
}

/// One task of a session: checks, the model, checks again.
fn turn(session: &mut Session<'_>, work: &Work<'_>, resumed: Resumed) -> Result<Came, RecordError> {
    let task = work.task;
    let first = resumed.messages.is_empty();
    session.worker.recall(&resumed.messages);
    let allowed = resumed.allowed_in(&work.setting.facts);
    session.worker.recall_allowed(&allowed);
    let mut state = session.begin(task, resumed.messages)?;
    (state.changed, state.unchecked) = (resumed.changed, resumed.changed);
    let before = if first && task.spec.intent.changes() {
        session.baseline(&task.spec.checks)?
    } else {
        Vec::new()
    };
    if work.asked.args.plan {
        let summary = "planned".to_owned();
        let outcome = Outcome::Done {
            summary,
            checked: false,
        };
        session.end(&outcome)?;
        return Ok(Came::just(outcome));
    }
    let (_, outcome) = plan::runtime()?.block_on(session.work(state))?;
    Ok(Came {
        before,
        outcome,
        requests: 0,
    })
}
