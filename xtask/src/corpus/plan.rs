//! Which sessions there are: how many of each agent, when, how long, and which
//! are forked, rewound or have a subagent.

use std::path::PathBuf;

use super::rng::Rng;

/// An agent whose store is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Agent {
    ClaudeCode,
    Codex,
    Opencode,
}

impl Agent {
    /// The name in `TRUTH.json`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
            Self::Codex => "codex",
            Self::Opencode => "opencode",
        }
    }

    /// Its part of the sessions when all are asked for.
    fn share(self) -> usize {
        match self {
            Self::ClaudeCode => 55,
            Self::Codex => 25,
            Self::Opencode => 20,
        }
    }
}

/// The session that another one is a fork of.
#[derive(Clone, Debug)]
pub(super) struct Fork {
    pub(super) id: String,
    pub(super) path: PathBuf,
}

/// What is known of a session before its first record.
#[derive(Clone, Debug)]
pub(super) struct Start {
    pub(super) id: String,
    /// Milliseconds since 1970.
    pub(super) at: i64,
    /// Percent of the year that had passed: it decides the agent's version.
    pub(super) age: u32,
    pub(super) cwd: String,
    pub(super) branch: String,
    pub(super) commit: String,
    pub(super) title: String,
    /// The session that started this subagent, and the call that did.
    pub(super) parent: Option<String>,
    pub(super) call_id: String,
    pub(super) fork: Option<Fork>,
}

/// One session to write.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) agent: Agent,
    pub(super) at: i64,
    pub(super) age: u32,
    /// Bytes, before scaling.
    pub(super) weight: f64,
    pub(super) project: usize,
    pub(super) fork: bool,
    pub(super) rewind: bool,
    pub(super) child: bool,
}

impl Planned {
    /// About what stands in the session before anybody has said a word: newer
    /// versions write system prompts and tool schemas to every session.
    pub(super) fn overhead(&self) -> f64 {
        let one = match self.agent {
            Agent::ClaudeCode if self.age >= NEW_CLAUDE => 75_000.0,
            Agent::Codex if self.age >= NEW_CODEX => 45_000.0,
            Agent::Codex => 22_000.0,
            _ => 2_000.0,
        };
        if self.child { 2.0 * one } else { one }
    }
}

/// From when Claude Code is 2.1 and Codex 0.169, in percent of the year.
pub(super) const NEW_CLAUDE: u32 = 80;
pub(super) const NEW_CODEX: u32 = 78;

/// The last moment of the corpus, 2026-11-20T18:00:00Z: fixed, as the corpus
/// depends on its seed only.
pub(super) const END: i64 = 1_795_197_600_000;
/// A year before [`END`].
const BEGIN: i64 = END - 365 * 86_400_000;

/// Sessions in the order of time. Those with a subagent count as two.
pub(super) fn plan(
    rng: &mut Rng,
    agents: &[Agent],
    sessions: usize,
    mean: f64,
    projects: usize,
) -> Vec<Planned> {
    let mut starts: Vec<i64> = (0..sessions)
        .map(|_| rng.range(BEGIN.unsigned_abs(), END.unsigned_abs() - 7_200_000) as i64)
        .collect();
    starts.sort_unstable();
    // The median is the same whatever the mean, which decides how long the tail
    // is. With the fixed parts of the newer versions it comes to 40 kB or so.
    let median: f64 = mean.min(26_000.0);
    let sigma = (2.0 * (mean / median).ln()).sqrt().clamp(0.3, 2.2);
    let shares: Vec<Agent> = agents
        .iter()
        .flat_map(|a| std::iter::repeat_n(*a, a.share()))
        .collect();
    let mut out = Vec::new();
    let mut count = 0;
    for at in starts {
        if count >= sessions {
            break;
        }
        let age = ((at - BEGIN) * 100 / (END - BEGIN)) as u32;
        let agent = rng.pick(&shares);
        // Claude Code before 2.0 kept subagents in the file of their parent.
        let child = rng.per_mille(115) && (agent != Agent::ClaudeCode || age >= 12);
        let weight = (median * (rng.normal() * sigma).exp()).min(120e6);
        let fork = rng.per_mille(15) && agent != Agent::Opencode;
        let rewind = rng.per_mille(50) && !fork;
        let project = rng.below(projects).min(rng.below(projects));
        out.push(Planned {
            agent,
            at,
            age,
            weight,
            project,
            fork,
            rewind,
            child,
        });
        count += 1 + usize::from(child);
    }
    out
}
