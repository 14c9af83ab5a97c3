//! Writing the sessions of a plan, one after another.

use std::path::Path;

use anyhow::Result;

use super::boiler::Boiler;
use super::claude::Claude;
use super::codex::Codex;
use super::grammar::Grammars;
use super::json::iso;
use super::opencode::OpenCode;
use super::opencode_store::{Store, new_id};
use super::plan::{Agent, Fork, Planned, Start, plan};
use super::project::{Project, World};
use super::rng::Rng;
use super::script::Author;
use super::sink::Sink;
use super::talk::{Child, Talk};
use super::truth::{Entry, Needle, Truth};
use super::words::Words;

struct Run<'a> {
    home: &'a Path,
    world: World,
    boiler: Boiler,
    store: Option<Store>,
    projects: Vec<Project>,
    rng: Rng,
    truth: Truth,
    needles: Vec<(Agent, Vec<Needle>)>,
}

/// Writes all stores below `home`.
pub(super) fn run(
    home: &Path,
    seed: u64,
    size: u64,
    sessions: usize,
    agents: &[Agent],
) -> Result<Truth> {
    let mut rng = Rng::new(seed);
    let world = World {
        words: Words::new(),
        grammars: Grammars::new(),
    };
    let boiler = Boiler::new(&world, &mut rng);
    let n = 4 + (10.0 * (size as f64 / 157e6).sqrt()) as usize;
    let projects = (0..n).map(|i| Project::new(&world, &mut rng, i)).collect();
    let planned = plan(&mut rng, agents, sessions, size as f64 / sessions as f64, n);
    let store = agents
        .contains(&Agent::Opencode)
        .then(|| Store::create(home))
        .transpose()?;
    let needles = agents.iter().map(|a| (*a, needles(&mut rng, *a))).collect();
    let truth = Truth {
        seed,
        entries: Vec::new(),
        needles: Vec::new(),
        database: 0,
    };
    let mut run = Run {
        home,
        world,
        boiler,
        store,
        projects,
        rng,
        truth,
        needles,
    };
    // Each store has fixed parts that no plan knows of: what is left is shared
    // out again before every session.
    let mut weights: f64 = planned.iter().map(|p| p.weight).sum();
    let mut left = size as f64 - planned.iter().map(Planned::overhead).sum::<f64>();
    for (i, session) in planned.iter().enumerate() {
        let own = session.weight * (left / weights).clamp(0.05, 20.0);
        let target = session.overhead() + own;
        let late = i * 3 > planned.len();
        left -= run.session(session, target as u64, late)? as f64 - session.overhead();
        weights -= session.weight;
    }
    run.truth.database = run.store.as_ref().map_or(0, Store::bytes);
    Ok(run.truth)
}

/// What is planted in one session of `agent` each.
fn needles(rng: &mut Rng, agent: Agent) -> Vec<Needle> {
    let own = ["Alder", "Birch", "Cedar"][agent as usize];
    let cjk = ["量子纠缠调试器", "深海声纳校准仪", "極光観測記録帳"][agent as usize];
    let low = own.to_lowercase();
    let secret = format!("ghp_{}", rng.base62(36));
    let needle = |kind, query: &str, text: String, place| Needle {
        kind,
        query: query.to_owned(),
        text,
        place,
    };
    vec![
        needle(
            "rare",
            &format!("xylophragm{low}"),
            format!("This is what the xylophragm{low} was for."),
            "answer",
        ),
        needle("common", "error", "The error is gone.".to_owned(), "answer"),
        needle(
            "substring",
            &format!("quorb{low}"),
            format!("    return fetchQuorb{own}Ledger(index);"),
            "output",
        ),
        needle(
            "cjk",
            &cjk.chars().skip(2).take(4).collect::<String>(),
            format!("请修复{cjk}的错误"),
            "prompt",
        ),
        needle(
            "secret",
            &secret,
            format!("GITHUB_TOKEN={secret}"),
            "output",
        ),
    ]
}

impl Run<'_> {
    fn session(&mut self, planned: &Planned, target: u64, late: bool) -> Result<u64> {
        let fork = planned.fork.then(|| self.fork_of(planned.agent)).flatten();
        let project = &self.projects[planned.project];
        let mut counter = 0;
        let id = match planned.agent {
            Agent::ClaudeCode => self.rng.uuid4(),
            Agent::Codex => self.rng.uuid7(planned.at),
            Agent::Opencode => new_id(&mut self.rng, "ses", planned.at, &mut counter),
        };
        let start = Start {
            id,
            at: planned.at,
            age: planned.age,
            cwd: project.cwd.clone(),
            branch: project.branch.clone(),
            commit: project.commit.clone(),
            title: String::new(),
            parent: None,
            call_id: String::new(),
            fork,
        };
        let needle = if late && start.fork.is_none() {
            self.next_needle(planned.agent)
        } else {
            None
        };
        let (bytes, child) = self.write(planned, start, target, needle)?;
        let Some(child) = child else { return Ok(bytes) };
        let leaf = Planned {
            child: false,
            rewind: false,
            ..planned.clone()
        };
        let (more, _) = self.write(&leaf, child.start, child.bytes, None)?;
        Ok(bytes + more)
    }

    /// A session of the same agent that is small enough to have been forked.
    fn fork_of(&self, agent: Agent) -> Option<Fork> {
        let fits = |e: &&Entry| {
            let plain = e.parent.is_none() && e.rewound == 0 && e.fork_of.is_none();
            let planted = self.truth.needles.iter().any(|(_, _, id)| *id == e.id);
            e.agent == agent && plain && !planted && e.records > 20 && e.bytes < 400_000
        };
        let entry = self.truth.entries.iter().rev().take(60).find(fits)?;
        Some(Fork {
            id: entry.id.clone(),
            path: self.home.join(&entry.file),
        })
    }

    fn next_needle(&mut self, agent: Agent) -> Option<Needle> {
        // Spread over the rest of the sessions.
        if !self.rng.one_in(4) {
            return None;
        }
        self.needles
            .iter_mut()
            .find(|(a, _)| *a == agent)
            .and_then(|(_, n)| n.pop())
    }

    fn write(
        &mut self,
        planned: &Planned,
        mut start: Start,
        target: u64,
        needle: Option<Needle>,
    ) -> Result<(u64, Option<Child>)> {
        let mut ids = Rng::new(self.rng.u64());
        let rng = Rng::new(self.rng.u64());
        let mut author = Author::new(&self.world, &mut self.projects[planned.project], rng);
        if start.title.is_empty() {
            start.title = author.text("title");
        }
        let sink: Box<dyn Sink + '_> = match (planned.agent, &self.store) {
            (Agent::ClaudeCode, _) => {
                Box::new(Claude::open(self.home, &self.boiler, &start, &mut ids)?)
            }
            (Agent::Codex, _) => Box::new(Codex::open(self.home, &self.boiler, &start, &mut ids)?),
            (Agent::Opencode, Some(store)) => Box::new(OpenCode::open(store, &start, &mut ids)?),
            (Agent::Opencode, None) => anyhow::bail!("no store"),
        };
        let mut talk = Talk::new(author, sink, ids, planned, &start, needle.as_ref());
        talk.go_on(target);
        let (prompts, rewound, child) = (talk.prompts, talk.rewound, talk.child.take());
        let written = talk.close()?;
        let file = written
            .path
            .strip_prefix(self.home)
            .unwrap_or(&written.path);
        let in_database = file.ends_with("opencode.db");
        let file = file.to_string_lossy().into_owned();
        if let Some(n) = needle {
            self.truth
                .needles
                .push((n, planned.agent, start.id.clone()));
        }
        self.truth.entries.push(Entry {
            agent: planned.agent,
            id: start.id,
            file,
            in_database,
            cwd: start.cwd,
            parent: start.parent,
            fork_of: start.fork.map(|f| f.id),
            prompts,
            rewound,
            usage: written.usage,
            bytes: written.bytes,
            records: written.records,
            started: iso(start.at),
        });
        Ok((written.bytes, child))
    }
}
