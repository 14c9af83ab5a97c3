//! The histories written by hand, by family. Each is a function over a story; the
//! agents that play it are chosen when it is played.

mod basic;
mod boilerplate;
mod dirty;
mod elsewhere;
mod encoding;
mod format;
mod human_around;
mod kin;
mod merge;
mod moves;
mod notebook;
mod rejected;
mod revert;
mod rewrite_history;
mod shell;
mod skew;
mod two_agents;
mod unknown;

use super::played::Played;
use super::session::Agent;
use super::story::Story;

/// What a scenario asks of its agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Tools that change files; all have them.
    Edits,
    /// A shell that the model itself uses, and a tool for reading.
    Shell,
    /// One certain agent, as nobody else has the tool.
    Only(Agent),
}

/// A history with a name.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// What it is about, in a word.
    pub family: &'static str,
    /// Its name, unique over all families.
    pub name: &'static str,
    /// What happens in it, in a sentence without its full stop.
    pub about: &'static str,
    /// What its agents must be able to do.
    pub needs: Needs,
    /// How many agents take part.
    pub parts: usize,
    tell: fn(&mut Story),
}

impl Scenario {
    const fn new(
        family: &'static str,
        name: &'static str,
        about: &'static str,
        tell: fn(&mut Story),
    ) -> Self {
        Self {
            family,
            name,
            about,
            needs: Needs::Edits,
            parts: 1,
            tell,
        }
    }

    const fn with_shell(mut self) -> Self {
        self.needs = Needs::Shell;
        self
    }

    const fn only(mut self, agent: Agent) -> Self {
        self.needs = Needs::Only(agent);
        self
    }

    const fn with_two(mut self) -> Self {
        self.parts = 2;
        self
    }

    /// The casts that can play it: for one part each agent, for two parts each
    /// agent once as the first and once as the second.
    pub fn casts(&self) -> Vec<Vec<Agent>> {
        let fit = |agent: &Agent| match self.needs {
            Needs::Edits => true,
            Needs::Shell => agent.has_shell(),
            Needs::Only(only) => *agent == only,
        };
        let agents: Vec<Agent> = Agent::ALL.into_iter().filter(fit).collect();
        let next = |place: usize| agents[(place + 1) % agents.len()];
        let cast = |(place, agent): (usize, &Agent)| match self.parts {
            1 => vec![*agent],
            _ => vec![*agent, next(place)],
        };
        agents.iter().enumerate().map(cast).collect()
    }

    /// One of the casts, another for each number: all agents get their turn over
    /// many scenarios.
    pub fn cast(&self, number: usize) -> Vec<Agent> {
        let mut casts = self.casts();
        casts.swap_remove(number % casts.len())
    }

    /// Plays it.
    pub fn play(&self, cast: &[Agent]) -> Played {
        let names: Vec<&str> = cast.iter().map(|agent| agent.name()).collect();
        let mut story = Story::new(&format!("{} {}", self.name, names.join(" ")), cast);
        (self.tell)(&mut story);
        story.finish()
    }
}

/// All scenarios, family by family.
pub fn all() -> Vec<Scenario> {
    let families: [&[Scenario]; 18] = [
        basic::ALL,
        human_around::ALL,
        rejected::ALL,
        two_agents::ALL,
        kin::ALL,
        format::ALL,
        moves::ALL,
        rewrite_history::ALL,
        merge::ALL,
        revert::ALL,
        dirty::ALL,
        shell::ALL,
        notebook::ALL,
        encoding::ALL,
        elsewhere::ALL,
        boilerplate::ALL,
        unknown::ALL,
        skew::ALL,
    ];
    families.concat()
}

/// The families and scenarios as a Markdown table.
pub fn table() -> String {
    let row = |scenario: &Scenario| {
        let agents = match scenario.needs {
            Needs::Edits => "any".to_owned(),
            Needs::Shell => "with a shell".to_owned(),
            Needs::Only(agent) => agent.name().to_owned(),
        };
        let Scenario {
            family,
            name,
            about,
            parts,
            ..
        } = scenario;
        format!("| {family} | {name} | {about} | {parts} | {agents} |\n")
    };
    let rows: Vec<String> = all().iter().map(row).collect();
    let head = "| family | scenario | what happens | agents | which |\n\
                | --- | --- | --- | ---: | --- |\n";
    format!("{head}{}", rows.concat())
}

/// A repository with some code that its owner wrote and committed.
pub(super) fn begin(story: &mut Story) {
    use super::draft::function;
    story
        .human()
        .write("README.md", ["# Demo of @", "", "It counts @."]);
    story.human().write("src/a.rs", function(4));
    story.human().write("src/b.rs", function(3));
    story.commit("Start the demo");
    story.wait(30);
}
