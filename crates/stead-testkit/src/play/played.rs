//! A story that has been played: folders on the disk, sessions in their agents'
//! formats, and the truth of every line. Nothing moves in it any more.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tempfile::TempDir;

use super::emit;
use super::file::File;
use super::line::{Line, SessionKey, is_trivial, key};
use super::session::{Agent, Kin, Session};
use super::story::{Folder, Story};
use super::truth::{Remains, Right, TrueLine};

/// A state of a folder that can be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// What lies on the disk.
    WorkingTree,
    /// The last commit.
    Head,
}

/// A file whose lines are asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The working folder.
    pub folder: PathBuf,
    /// The file, below the folder.
    pub path: String,
    /// Which state of it.
    pub state: State,
    /// The repository that the folder belongs to; 0 is the first.
    pub repository: usize,
    /// The truth of every line.
    pub lines: Vec<TrueLine>,
}

/// A played story. The folders are removed when it is dropped.
#[derive(Debug)]
pub struct Played {
    /// Keeps the folders.
    _guard: TempDir,
    /// The home folder: `HOME` for whoever reads the sessions.
    pub home: PathBuf,
    /// The first repository.
    pub repository: PathBuf,
    /// All folders that agents or people of this machine worked in.
    pub folders: Vec<PathBuf>,
    /// The sessions, deleted ones too.
    pub sessions: Vec<Session>,
    /// The files to ask for.
    pub asked: Vec<Asked>,
}

impl Played {
    /// A session of the story.
    pub fn session(&self, key: SessionKey) -> &Session {
        &self.sessions[key.0]
    }

    /// The session that an agent gave this id: its own id, or `agent:id`.
    pub fn by_id(&self, id: &str) -> Option<&Session> {
        self.sessions.iter().find(|session| {
            let agent = session.agent.name();
            let own = id.strip_prefix(agent).and_then(|id| id.strip_prefix(':'));
            own.unwrap_or(id) == session.native_id
        })
    }

    /// Whether a session of an agent was played.
    pub fn has(&self, agent: Agent) -> bool {
        self.sessions.iter().any(|session| session.agent == agent)
    }
}

impl Story {
    /// Ends the story: writes the sessions, and says what is true.
    pub fn finish(mut self) -> Played {
        emit::name_sections(&mut self.sessions);
        let mut asked = Vec::new();
        for number in 0..self.places.len() {
            if self.places[number].asked && !self.places[number].foreign {
                self.ask(Folder(number), &mut asked);
            }
        }
        let home = self.home();
        for session in self.sessions.iter().filter(|session| !session.deleted) {
            emit::write(session, &home);
        }
        let own = self.places.iter().filter(|place| !place.foreign);
        Played {
            repository: self.places[0].path.clone(),
            folders: own.map(|place| place.path.clone()).collect(),
            home,
            sessions: self.sessions,
            asked,
            _guard: self.guard,
        }
    }

    /// Asks for every file of a folder, and of its last commit where that is
    /// something else.
    fn ask(&self, folder: Folder, asked: &mut Vec<Asked>) {
        let place = &self.places[folder.0];
        let mut add = |state, files: &BTreeMap<String, File>| {
            for (path, file) in files.iter().filter(|(_, file)| !file.lines.is_empty()) {
                let remains = self.remains(place.repository);
                asked.push(Asked {
                    folder: place.path.clone(),
                    path: path.clone(),
                    state,
                    repository: place.repository,
                    lines: truths(&remains, &file.lines),
                });
            }
        };
        add(State::WorkingTree, &place.files);
        let head = self.head(folder);
        if head != place.files {
            add(State::Head, &head);
        }
    }

    fn remains(&self, repository: usize) -> Remains<'_> {
        let left = |session: &&Session| !session.deleted && session.repository == repository;
        let starts = self.sessions.iter().filter(left);
        Remains {
            deleted: &self.deleted,
            since: starts.map(|session| session.start.0 - session.skew).min(),
            tasks: self.sessions.iter().filter_map(task).collect(),
            blanks_count: self.blanks_count,
        }
    }

    /// The files of the last commit.
    fn head(&self, folder: Folder) -> BTreeMap<String, File> {
        let git = self.git_in(folder);
        let place = &self.places[folder.0];
        if !git
            .attempt(&["rev-parse", "-q", "--verify", "HEAD"])
            .status
            .success()
        {
            return BTreeMap::new();
        }
        if git.run(&["status", "--porcelain"]).is_empty() {
            return place.files.clone();
        }
        let tree = git.run(&["ls-tree", "-r", "HEAD"]);
        // Submodules are commits, and have no text.
        let blobs = tree.lines().filter(|line| line.contains(" blob "));
        let paths: Vec<&str> = blobs
            .filter_map(|line| Some(line.split_once('\t')?.1))
            .collect();
        let names = paths.iter().map(|path| format!("HEAD:{path}\n"));
        let names = names.collect::<Vec<_>>().concat();
        let batch = git.feed(&["cat-file", "--batch"], names.as_bytes());
        let mut rest = batch.as_slice();
        let mut files = BTreeMap::new();
        for path in paths {
            let (bytes, after) = blob(rest);
            rest = after;
            let file = self.ledgers[place.repository].resolve(path, bytes);
            files.extend(file.map(|file| (path.to_owned(), file)));
        }
        files
    }
}

/// What is true of the lines of substance above and below: a line that says
/// nothing follows its block, and may be said to belong to either.
fn block_of(truths: &[TrueLine], lines: &[Line], place: usize) -> Vec<Right> {
    let says = |at: &usize| !is_trivial(&lines[*at].text);
    let above = (0..place).rev().find(says);
    let below = (place + 1..lines.len()).find(says);
    let around = above.into_iter().chain(below);
    around
        .flat_map(|at| {
            let truth = &truths[at].truth;
            truth.also.iter().chain([&truth.best]).copied()
        })
        .collect()
}

/// A subagent with the session that started it.
fn task(session: &Session) -> Option<(SessionKey, SessionKey)> {
    match session.kin {
        Some(Kin::Task(parent, _)) => Some((session.key, parent)),
        _ => None,
    }
}

/// What is true of the lines of a file. Of equal lines in a row nobody can say
/// which one is whose.
fn truths(remains: &Remains<'_>, lines: &[Line]) -> Vec<TrueLine> {
    let mut truths: Vec<TrueLine> = lines.iter().map(|line| remains.line(line)).collect();
    for place in 0..truths.len() {
        if is_trivial(&lines[place].text) {
            let around = block_of(&truths, lines, place);
            truths[place].truth.also.extend(around);
        }
    }
    for second in 1..truths.len() {
        let first = second - 1;
        let alike = key(&lines[first].text) == key(&lines[second].text);
        if alike && truths[first].truth.best != truths[second].truth.best {
            let run = lines.iter().map(|line| key(&line.text));
            let run: Vec<bool> = run.map(|text| text == key(&lines[first].text)).collect();
            let start = run[..first]
                .iter()
                .rposition(|same| !same)
                .map_or(0, |at| at + 1);
            let end = run[second..].iter().position(|same| !same);
            let end = end.map_or(truths.len(), |at| second + at);
            for line in &mut truths[start..end] {
                line.truth.counts = false;
            }
        }
    }
    truths
}

/// The first object of `git cat-file --batch`, and what follows.
fn blob(batch: &[u8]) -> (&[u8], &[u8]) {
    let end = batch.iter().position(|byte| *byte == b'\n');
    let end = end.expect("a header ends");
    let header = String::from_utf8_lossy(&batch[..end]);
    let size = header.rsplit(' ').next().and_then(|size| size.parse().ok());
    let size: usize = size.expect("a size");
    let bytes = &batch[end + 1..end + 1 + size];
    (bytes, &batch[end + 2 + size..])
}
