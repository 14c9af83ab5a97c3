//! Histories that nobody wrote: steps at random, the same for the same seed. The
//! steps are those of scenarios; that they can be done is looked up first.

mod agents;
mod history;
mod people;

use super::draft::Draft;
use super::line::{SessionKey, is_marked};
use super::noise::Noise;
use super::played::Played;
use super::session::Agent;
use super::story::{Folder, Story};

/// What is on the way in a history at random.
struct Dice {
    story: Story,
    noise: Noise,
    /// Where the story takes place.
    here: Folder,
    /// A repository beside it with the same names of files.
    other: Folder,
    /// A colleague's clone.
    theirs: Folder,
    /// Sessions that are open, here and in the other repository.
    open: Vec<SessionKey>,
    stranger: SessionKey,
    /// Aider mostly commits what it changes.
    aider_commits: bool,
    /// How many names of files and branches were given.
    names: usize,
    /// Branches that are not merged.
    branches: Vec<String>,
}

/// A step, and how often it is to come.
type Step = (usize, fn(&mut Dice));

/// Plays so many steps at random. Aider leaves committing to others.
pub fn play(seed: u64, steps: usize) -> Played {
    tell(Dice::new(seed), steps)
}

/// The same, but Aider mostly commits by itself, as it does unless it is told not
/// to. The same seed is another history.
pub fn play_with_aider_commits(seed: u64, steps: usize) -> Played {
    let mut dice = Dice::new(seed);
    dice.aider_commits = true;
    tell(dice, steps)
}

fn tell(mut dice: Dice, steps: usize) -> Played {
    let all: Vec<Step> = [agents::STEPS, people::STEPS, history::STEPS].concat();
    let weight: usize = all.iter().map(|(weight, _)| weight).sum();
    for number in 0..steps {
        if number == steps / 3 {
            dice.next_day();
        }
        let mut roll = dice.noise.below(weight);
        let chosen = all.iter().find(|(weight, _)| {
            let found = roll < *weight;
            roll = roll.saturating_sub(*weight);
            found
        });
        if let Some((_, step)) = chosen {
            step(&mut dice);
        }
    }
    dice.story.finish()
}

impl Dice {
    fn new(seed: u64) -> Self {
        let mut noise = Noise::new(seed);
        let mut cast = Agent::ALL.to_vec();
        let first = noise.below(cast.len());
        cast.rotate_left(first);
        let mut story = Story::new(&format!("random {seed}"), &cast);
        let here = story.here();
        let other = story.repository("other");
        story.enter(other);
        super::scenarios::begin(&mut story);
        let stranger = story.session(noise.below(5));
        story.enter(here);
        super::scenarios::begin(&mut story);
        story.publish();
        let theirs = story.clone_of_server("theirs", true);
        let open = vec![story.session(0)];
        Self {
            story,
            noise,
            here,
            other,
            theirs,
            open,
            stranger,
            aider_commits: false,
            names: 0,
            branches: Vec::new(),
        }
    }

    /// All go home. Sessions of one day may be gone on the other.
    fn next_day(&mut self) {
        self.commit_all();
        self.story.wait(20 * 60);
        self.open.clear();
        if self.noise.below(3) == 0 {
            // All of the first day, in both repositories: a session that is gone
            // among others that are not leaves nothing that tells its lines from
            // a person's.
            let old = self.story.sessions.iter();
            let old: Vec<SessionKey> = old.map(|session| session.key).collect();
            for session in old {
                self.story.delete_session(session);
            }
        }
        let part = self.noise.below(5);
        self.begin(part, 0);
        self.story.enter(self.other);
        self.story.commit("There");
        self.stranger = self.story.session(part + 1);
        self.story.enter(self.here);
    }

    /// A session begins. Aider's do not overlap: two in a folder would write into
    /// one file, in turns.
    fn begin(&mut self, part: usize, skew: i64) {
        let may = self.aider_commits && self.story.agent_of(part) == Agent::Aider;
        let commits = may && self.noise.below(3) > 0;
        let new = if commits {
            self.story.committing_session()
        } else {
            self.story.skewed_session(part, skew)
        };
        let aider = |story: &Story, key: SessionKey| story.session_of(key).agent == Agent::Aider;
        if aider(&self.story, new) {
            self.open.retain(|session| !aider(&self.story, *session));
        }
        self.open.push(new);
    }

    fn commit_all(&mut self) {
        if self.story.is_dirty() {
            self.story.commit("All that there is");
        }
    }

    /// One of the open sessions.
    fn session(&mut self) -> SessionKey {
        self.open[self.noise.below(self.open.len())]
    }

    /// One of the open sessions whose agent has a shell, if there is one.
    fn with_shell(&mut self) -> Option<SessionKey> {
        let session = self.session();
        let agent = self.story.session_of(session).agent;
        agent.has_shell().then_some(session)
    }

    /// A name for a file.
    fn new_path(&mut self) -> String {
        self.names += 1;
        let folder = ["src", "lib", "src/inner"][self.noise.below(3)];
        format!("{folder}/f{}.rs", self.names)
    }

    /// A file with at least so many lines, with their number.
    fn file(&mut self, least: usize) -> Option<(String, usize)> {
        let mut files = self.story.files(self.here);
        files.retain(|path| self.story.lines(self.here, path) >= least);
        if files.is_empty() {
            return None;
        }
        let path = files.swap_remove(self.noise.below(files.len()));
        let lines = self.story.lines(self.here, &path);
        Some((path, lines))
    }

    /// A file and a line in it that holds a name.
    fn named_line(&mut self) -> Option<(String, usize)> {
        let (path, lines) = self.file(1)?;
        let line = self.noise.below(lines);
        let text = &self.story.places[self.here.0].files[&path].lines[line].text;
        is_marked(text).then_some((path, line + 1))
    }

    /// Something to write: lines, a function, or what stands everywhere.
    fn draft(&mut self) -> Draft {
        match self.noise.below(6) {
            0 => Draft::from(["    return Ok(());", "}", ""]),
            1 => Draft::from(["use std::fs;", "use @::all;"]),
            2 | 3 => Draft::Function(1 + self.noise.below(5)),
            _ => Draft::Lines(1 + self.noise.below(4)),
        }
    }
}
