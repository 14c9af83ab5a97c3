//! Runs the tasks of a session again, one after the other, until one parts from its record.

use std::sync::Arc;

use serde_json::Value;
use stead_agent::beginning::Store;
use stead_agent::hands::Worker;
use stead_agent::machine::Limits;
use stead_agent::permission::{Kind, Mode};
use stead_agent::record::{Recorder, digest};
use stead_agent::replay::{Again, Came, Ran, RecordedTask, ends};
use stead_agent::session::{Resumed, resume};
use stead_agent::tools::{Page, Web};
use stead_ledger::Signer;
use stead_llm::presets::provider;
use stead_llm::traffic::Asked;
use stead_llm::{Ambient, Endpoint};

use super::found::Found;
use super::place::Apart;
use super::report::Report;
use crate::cmd::run::{Policies, Stop, confined, runtime, setup};
use crate::command_error::CommandError;
use crate::environment::{Context, now, randomness};

/// Tokens that a request may have, where the record does not say it.
const BUDGET: u64 = 120_000;

/// Runs it again.
pub(super) fn perform(
    found: &Found,
    apart: &mut Apart,
    stop: &Stop,
    report: &mut Report,
    context: &Context,
) -> Result<(), CommandError> {
    let notes: Vec<String> = apart.notes().map(str::to_owned).collect();
    for note in notes {
        report.note(note);
    }
    let signer = Signer::new("stead.replay", randomness()?);
    let signer = signer.map_err(|error| CommandError::failure(error.to_string()))?;
    let mut recorder = setup::recorder(
        &apart.scratch().join("record"),
        &found.recorded.header,
        &signer,
    )?;
    let mut playing = Playing {
        found,
        context,
        stop,
        report,
        recorder: &mut recorder,
        worker: None,
        messages: Vec::new(),
    };
    for (number, task) in found.recorded.tasks.iter().enumerate() {
        let came = playing.task(number, task, apart)?;
        // A task whose record was cut off may have been gone on with.
        if matches!(came, Came::Parted(_)) {
            break;
        }
    }
    Ok(())
}

/// The web of a session that runs again: its pages are those of the record.
struct OnRecord;

impl Web for OnRecord {
    fn get(&self, _: &str, _: usize, _: bool) -> Result<Page, String> {
        Err("the record has no such page".to_owned())
    }
}

struct Playing<'a> {
    found: &'a Found,
    context: &'a Context,
    stop: &'a Stop,
    report: &'a mut Report,
    recorder: &'a mut Recorder,
    /// Those of the task before, for one that goes on in the same conversation.
    worker: Option<Worker>,
    messages: Vec<stead_llm::Message>,
}

impl Playing<'_> {
    fn task(
        &mut self,
        number: usize,
        task: &RecordedTask,
        apart: &mut Apart,
    ) -> Result<Came, CommandError> {
        apart.begin(self.found, (number, task), self.report)?;
        let setting = self.found.setting(number);
        if task.setting.is_some() {
            self.report.setting(&setting);
        }
        let earlier = self.found.recorded.events.get(..task.before);
        let mut before = resume(earlier.unwrap_or_default());
        let mut worker = match (self.worker.take(), &task.setting) {
            (Some(worker), None) => {
                before.messages = std::mem::take(&mut self.messages);
                worker
            }
            _ => self.hands(task, &setting, apart)?,
        };
        let ran = self.run(task, &setting, before, &mut worker)?;
        self.report.ran(number, &ran);
        let came = match ran.came {
            parted @ Came::Parted(_) => parted,
            came => {
                let ends = ends(task, &worker.workspace);
                self.report.ends(ends, ran.steps).map_or(came, Came::Parted)
            }
        };
        (self.worker, self.messages) = (Some(worker), ran.messages);
        Ok(came)
    }

    fn run(
        &mut self,
        task: &RecordedTask,
        setting: &Value,
        before: Resumed,
        worker: &mut Worker,
    ) -> Result<Ran, CommandError> {
        let rounds = setting["rounds"].as_u64();
        let rounds = rounds.and_then(|rounds| u32::try_from(rounds).ok());
        let defaults = Limits::default();
        let budget = setting["budget"].as_u64().unwrap_or(BUDGET);
        let steps = self.report.steps;
        let mut again = Again {
            ambient: Ambient {
                now: Arc::new(now),
                chance: Arc::new(|| 0.0),
            },
            endpoint: &|asked| endpoint(asked, setting),
            generator: setting["generator"]
                .as_str()
                .and_then(|name| name.parse().ok()),
            budget: usize::try_from(budget).unwrap_or(usize::MAX),
            limits: Limits {
                rounds: rounds.unwrap_or(defaults.rounds),
                ..defaults
            },
            recorder: &mut *self.recorder,
            worker,
            watch: &mut *self.report,
            cancel: self.stop.requests.clone(),
        };
        Ok(runtime()?.block_on(again.run(task, before, steps))?)
    }

    /// The hands of a task: as they were then, but confined and without a network.
    fn hands(
        &mut self,
        task: &RecordedTask,
        setting: &Value,
        apart: &mut Apart,
    ) -> Result<Worker, CommandError> {
        let workspace = setup::open(apart.root())?;
        let contents = apart.contents(&workspace)?;
        let cancel = self.stop.commands.clone();
        let wants = confined::Wants::default();
        let shell = confined::confine(wants, apart.root(), apart.scratch(), cancel, self.context)?;
        if let Err(why) = &shell.sandbox {
            return Err(CommandError::failure(why.clone()).hint(
                "recorded commands are only run again where nothing they do can leave the sandbox",
            ));
        }
        let policies = self.policies(setting)?;
        let policy = policies.policy(
            apart.root(),
            was_confined(setting),
            &task.spec,
            self.context,
        )?;
        let mut worker = Worker::new(workspace, contents, policy, mode(setting), shell);
        let has = |what: &str| setting["offers"][what] == true;
        (worker.helps, worker.asks) = (has("task"), has("ask"));
        worker.web = has("web").then(|| Box::new(OnRecord) as Box<dyn Web>);
        Ok(worker)
    }

    /// The policies that held then: those that were kept, else those that hold now.
    fn policies(&mut self, setting: &Value) -> Result<Policies, CommandError> {
        let store = Store::of(&self.found.folder);
        let now = Policies::read(&self.found.tree, self.context)?;
        let mut texts = Vec::new();
        for policy in setting["policies"].as_array().into_iter().flatten() {
            let name = policy["name"].as_str().unwrap_or_default();
            let sum = policy["sha256"].as_str().unwrap_or_default();
            let kind = match policy["of"].as_str() {
                Some("user") => Kind::User,
                Some(_) => Kind::Project,
                None if name.ends_with("/.stead/policy.toml") => Kind::Project,
                None => Kind::User,
            };
            let kept = store
                .get(sum)
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            let text = kept.ok().or_else(|| {
                let mut texts = now.texts().filter(|text| digest(text.as_bytes()) == sum);
                texts.next().map(str::to_owned)
            });
            match text {
                Some(text) => texts.push((name.to_owned(), kind, text)),
                None => self.report.note(format!(
                    "the policy {name} is not what it was, and nothing was kept of it: it does not hold here"
                )),
            }
        }
        Ok(Policies::of(texts))
    }
}

/// Whether commands could do no harm then, so that no rule needed to be about them.
fn was_confined(setting: &Value) -> bool {
    setting["confined"].as_bool().unwrap_or_else(|| {
        let sandbox = setting["sandbox"].as_str().unwrap_or_default();
        let is_one = sandbox != "unconfined" && !sandbox.starts_with("none");
        is_one && setting["network"] != true
    })
}

fn mode(setting: &Value) -> Mode {
    let modes = [Mode::Ask, Mode::Yes, Mode::Headless];
    let word = setting["mode"].as_str();
    let mut modes = modes.into_iter().filter(|mode| Some(mode.word()) == word);
    modes.next().unwrap_or(Mode::Headless)
}

/// Where a model was asked, and how it was spoken to: nothing is sent, but what would be is
/// held against what was.
fn endpoint(asked: &Asked, setting: &Value) -> Endpoint {
    // A parameter of the recorded address may stand for a key.
    let address = asked.url.split_once('?');
    let address = address.map_or(asked.url.as_str(), |(address, _)| address);
    let spoken = &setting["providers"][&asked.provider];
    let known = provider(&asked.provider).filter(|known| known.wire == asked.wire);
    let is_there = |base: &str| address.starts_with(base);
    let dialect = known
        .filter(|known| known.base_url.as_deref().is_some_and(is_there))
        .map(|known| known.dialect);
    let recorded = serde_json::from_value(spoken["dialect"].clone()).ok();
    Endpoint {
        dialect: recorded.or(dialect).unwrap_or_default(),
        local: spoken["local"].as_bool(),
        ..Endpoint::new(&asked.provider, asked.wire, address)
    }
}
