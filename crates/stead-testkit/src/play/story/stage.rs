//! Setting up: machines, repositories, sessions, and the keeping of the book
//! when files change. What changes them stands in the other modules.
#![expect(
    clippy::missing_panics_doc,
    reason = "a folder that cannot be written is reported by a panic"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use fs_err as fs;

use super::super::clock::{Moment, START};
use super::super::draft::{Draft, Op, altered};
use super::super::file::File;
use super::super::git::OWNER;
use super::super::ledger::Ledger;
use super::super::line::{Identity, Line, SessionKey, Who};
use super::super::noise::Noise;
use super::super::session::{Agent, Deed, Session, What};
use super::super::words;
use super::{Folder, Place, Story};

/// What git is not to see.
const LEFT_ALONE: &str = ".aider*\n.jj/\n";

impl Story {
    /// A machine with an empty repository at `home/work/demo`. The first agent
    /// of the cast plays the first session's part, and so on.
    pub fn new(name: &str, cast: &[Agent]) -> Self {
        let guard = tempfile::tempdir().expect("a folder");
        let root = guard.path().canonicalize().expect("it exists");
        let mut story = Self {
            root,
            guard,
            noise: Noise::named(name),
            now: Moment(START),
            numbers: 0,
            cast: cast.to_vec(),
            places: Vec::new(),
            ledgers: Vec::new(),
            here: Folder(0),
            sessions: Vec::new(),
            deleted: Vec::new(),
            seen: BTreeMap::new(),
            blanks_count: false,
        };
        let home = story.home();
        fs::create_dir_all(&home).expect("a home");
        let user = format!(
            "[user]\n\tname = {}\n\temail = {}\n",
            OWNER.name, OWNER.email
        );
        fs::write(home.join(".gitconfig"), user).expect("written");
        story.here = story.repository("demo");
        story
    }

    /// The home folder.
    pub fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    /// A new repository in `home/work`, with a history of its own.
    pub fn repository(&mut self, name: &str) -> Folder {
        let path = self.home().join("work").join(name);
        fs::create_dir_all(&path).expect("a folder");
        self.ledgers.push(Ledger::default());
        let folder = self.add_place(path, self.ledgers.len() - 1, false);
        self.git_in(folder)
            .run(&["init", "-q", "--template=", "-b", "main"]);
        self.configure(folder);
        folder
    }

    /// Puts a folder into the story.
    pub(super) fn add_place(&mut self, path: PathBuf, repository: usize, foreign: bool) -> Folder {
        self.places.push(Place {
            path,
            repository,
            files: BTreeMap::new(),
            foreign,
            asked: !foreign,
        });
        Folder(self.places.len() - 1)
    }

    /// Names the owner in the repository, and what git is to leave alone.
    pub(super) fn configure(&self, folder: Folder) {
        let git = self.path(folder).join(".git");
        let config = git.join("config");
        let mut text = fs::read_to_string(&config).expect("git made it");
        let user = self.git_in(folder).run(&["var", "GIT_COMMITTER_IDENT"]);
        let (name, rest) = user.split_once(" <").expect("a name and an address");
        let email = rest.split('>').next().unwrap_or_default();
        text += "[user]\n";
        text.extend([format!("\tname = {name}\n"), format!("\temail = {email}\n")]);
        fs::write(config, text).expect("written");
        fs::create_dir_all(git.join("info")).expect("a folder");
        fs::write(git.join("info/exclude"), LEFT_ALONE).expect("written");
    }

    /// A session of the cast's agent in this part, in the current folder.
    pub fn session(&mut self, part: usize) -> SessionKey {
        self.skewed_session(part, 0)
    }

    /// The same; its clock is ahead of git's by so many seconds.
    pub fn skewed_session(&mut self, part: usize, seconds: i64) -> SessionKey {
        let agent = self.agent_of(part);
        self.open_session(agent, seconds, false)
    }

    /// A session of Aider that commits what it changes by itself.
    pub fn committing_session(&mut self) -> SessionKey {
        self.open_session(Agent::Aider, 0, true)
    }

    /// The agent that plays a part.
    pub(in super::super) fn agent_of(&self, part: usize) -> Agent {
        self.cast[part % self.cast.len()]
    }

    fn open_session(&mut self, agent: Agent, seconds: i64, commits: bool) -> SessionKey {
        self.tick();
        let key = SessionKey(self.sessions.len());
        let skew = seconds * 1000;
        let start = self.now.plus(skew);
        let models = agent.models();
        let model = models[self.noise.below(models.len())];
        let place = &self.places[self.here.0];
        let session = Session {
            key,
            agent,
            native_id: super::super::emit::native_id(agent, start, &mut self.noise),
            model,
            cwd: place.path.clone(),
            repository: place.repository,
            start,
            skew,
            deeds: Vec::new(),
            deleted: false,
            commits,
            kin: None,
        };
        self.sessions.push(session);
        let request = format!("Do part {} of the work", key.0 + 1);
        self.by(key).ask(&request);
        key
    }

    /// Takes down what happened in a session.
    pub(super) fn record(&mut self, key: SessionKey, what: What) {
        let session = &mut self.sessions[key.0];
        let at = self.now.plus(session.skew);
        session.deeds.push(Deed { at, what });
    }

    /// The folder that a session works in.
    pub(super) fn folder_of(&self, key: SessionKey) -> Folder {
        let cwd = &self.sessions[key.0].cwd;
        let place = self.places.iter().position(|place| place.path == *cwd);
        Folder(place.expect("sessions begin in folders of the story"))
    }

    /// A name that nothing else has.
    pub(super) fn fresh_name(&mut self) -> String {
        const NAMES: &[&str] = &["item", "total", "reader", "count", "path", "state", "width"];
        let number = self.number();
        let name = NAMES[self.noise.below(NAMES.len())];
        format!("{name}_{number:04}")
    }

    /// The texts of a draft, with names put in.
    pub(super) fn texts(&mut self, draft: Draft) -> Vec<String> {
        let shapes = match draft {
            Draft::Text(lines) => lines,
            Draft::Lines(count) => self.shapes(count),
            Draft::Function(count) => {
                let mut lines = vec!["fn @(input: &str) -> Option<u32> {".to_owned()];
                lines.extend(self.shapes(count));
                lines.extend(["}".to_owned(), String::new()]);
                lines
            }
        };
        let named = |shape: String| {
            let mut parts = shape.split('@');
            let mut text = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                text.push_str(&self.fresh_name());
                text.push_str(part);
            }
            text
        };
        shapes.into_iter().map(named).collect()
    }

    fn shapes(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| words::line(&mut self.noise)).collect()
    }

    /// New lines of somebody.
    pub(super) fn fresh(&mut self, draft: Draft, who: Who) -> Vec<Line> {
        let texts = self.texts(draft);
        let line = |text| Line {
            text,
            identity: self.identity(who),
        };
        texts.into_iter().map(line).collect()
    }

    fn identity(&mut self, who: Who) -> Identity {
        Identity {
            number: self.number(),
            who,
            changed: None,
            carried: None,
            at: self.now.0,
            unsure: false,
        }
    }

    /// Makes changes in lines.
    pub(super) fn perform(&mut self, lines: &mut Vec<Line>, ops: Vec<Op>, who: Who) {
        for op in ops {
            match op {
                Op::After(line, draft) => {
                    let new = self.fresh(draft, who);
                    lines.splice(line..line, new);
                }
                Op::Append(draft) => lines.extend(self.fresh(draft, who)),
                Op::Replace(first, last, draft) => {
                    let new = self.fresh(draft, who);
                    lines.splice(first - 1..last, new);
                }
                Op::Remove(first, last) => drop(lines.drain(first - 1..last)),
                Op::Move(first, last, after) => {
                    let mut moved: Vec<Line> = lines.drain(first - 1..last).collect();
                    carry(&mut moved, who);
                    lines.splice(after..after, moved);
                }
                Op::Alter(place) => {
                    let name = self.fresh_name();
                    let line = &mut lines[place - 1];
                    line.text = altered(&line.text, &name);
                    line.identity = line.identity.changed_by(who, self.number(), self.now.0);
                }
                Op::Indent(first, last) => {
                    let inner = lines[first - 1..last].iter_mut();
                    inner
                        .filter(|line| !line.text.is_empty())
                        .for_each(|line| line.text.insert_str(0, "    "));
                }
                Op::Tabs => lines
                    .iter_mut()
                    .for_each(|line| line.text = line.text.replace("    ", "\t")),
            }
        }
    }

    /// Writes a file of the model to the disk and into the book.
    pub(super) fn put(&mut self, folder: Folder, path: &str, file: File) {
        let target = self.path(folder).join(path);
        fs::create_dir_all(target.parent().expect("below the folder")).expect("a folder");
        fs::write(&target, file.bytes()).expect("written");
        self.stamp(&target);
        self.note(folder, path, file);
    }

    /// Takes a file into the book, as it is on the disk already.
    pub(super) fn note(&mut self, folder: Folder, path: &str, file: File) {
        let repository = self.places[folder.0].repository;
        self.ledgers[repository].remember(path, &file);
        self.place(folder).files.insert(path.to_owned(), file);
    }

    /// The file was written now, by the story's clock.
    fn stamp(&self, file: &Path) {
        let since = Duration::from_millis(self.now.0.unsigned_abs());
        let open = fs::OpenOptions::new()
            .append(true)
            .open(file)
            .expect("opened");
        let set = open.file().set_modified(SystemTime::UNIX_EPOCH + since);
        set.expect("times can be set");
    }

    /// A file goes.
    pub(super) fn take_away(&mut self, folder: Folder, path: &str) {
        fs::remove_file(self.path(folder).join(path)).expect("it is there");
        self.place(folder).files.remove(path);
    }

    /// Git has changed files: looks at all of them again.
    pub(super) fn settle(&mut self, folder: Folder) {
        let (root, repository) = {
            let place = &self.places[folder.0];
            (place.path.clone(), place.repository)
        };
        let mut files = BTreeMap::new();
        for path in texts_below(&root) {
            let bytes = fs::read(root.join(&path)).expect("read");
            let known = self.places[folder.0].files.get(&path);
            let file = match known {
                Some(file) if file.bytes() == bytes => Some(file.clone()),
                _ => self.ledgers[repository].resolve(&path, &bytes),
            };
            if let Some(file) = file {
                self.ledgers[repository].remember(&path, &file);
                files.insert(path, file);
            }
        }
        self.place(folder).files = files;
    }
}

/// Lines keep whose they are when they are moved or copied; by an agent, its
/// session shows their text.
pub(super) fn carry(lines: &mut [Line], who: Who) {
    if let Who::Agent(session) = who {
        for line in lines {
            line.identity.carried = Some(session);
        }
    }
}

/// Files of a folder, but for those of git and of agents; paths below it.
fn texts_below(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("listed") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name == ".git"
                || name == ".jj"
                || name == ".gitmodules"
                || name.starts_with(".aider")
            {
                continue;
            }
            if !path.is_dir() {
                let below = path.strip_prefix(root).expect("below it");
                found.push(below.to_string_lossy().into_owned());
            } else if !path.join(".git").exists() {
                folders.push(path);
            }
        }
    }
    found.sort();
    found
}
