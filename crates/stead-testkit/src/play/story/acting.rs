//! What an agent does with its own tools: each step changes files and is taken
//! down in its session. Commands that it runs are in `shell`.

use super::super::draft::{Draft, Op};
use super::super::file::File;
use super::super::git::{OWNER, Person};
use super::super::line::{SessionKey, Who, key};
use super::super::session::{Agent, Change, How, Refusal, What};
use super::{Folder, Story};

/// The owner, as Aider signs for them.
const OWNER_WITH_AIDER: Person = Person {
    name: "Dana Dev (aider)",
    ..OWNER
};

/// An agent at work in a session.
#[derive(Debug)]
pub struct Acting<'s> {
    pub(super) story: &'s mut Story,
    pub(super) session: SessionKey,
}

impl<'s> Acting<'s> {
    pub(super) const fn new(story: &'s mut Story, session: SessionKey) -> Self {
        Self { story, session }
    }

    /// The agent whose session this is.
    pub fn agent(&self) -> Agent {
        self.story.session_of(self.session).agent
    }

    pub(super) const fn who(&self) -> Who {
        Who::Agent(self.session)
    }

    pub(super) fn folder(&self) -> Folder {
        self.story.folder_of(self.session)
    }

    pub(super) fn file(&self, path: &str) -> Option<File> {
        self.story.places[self.folder().0].files.get(path).cloned()
    }

    pub(super) fn record(&mut self, what: What) -> &mut Self {
        self.story.record(self.session, what);
        self
    }

    /// The user asks for something.
    pub fn ask(&mut self, words: &str) -> &mut Self {
        self.story.tick();
        self.record(What::Prompt(words.to_owned()))
    }

    /// The model says something.
    pub fn say(&mut self, words: &str) -> &mut Self {
        self.story.tick();
        self.record(What::Say(words.to_owned()))
    }

    /// Writes a whole file, new or not. What was there is gone.
    pub fn write(&mut self, path: &str, draft: impl Into<Draft>) -> &mut Self {
        self.story.tick();
        let lines = self.story.fresh(draft.into(), self.who());
        let before = self.file(path);
        let after = File {
            lines,
            ..before.clone().unwrap_or_default()
        };
        self.change(path, before.as_ref(), Some(after), How::Whole)
    }

    /// Changes lines, with one replacement a call.
    pub fn edit(&mut self, path: &str, ops: impl IntoIterator<Item = Op>) -> &mut Self {
        self.make(path, ops, How::Pieces)
    }

    /// Changes lines at several places with one call, where the agent can.
    pub fn edit_together(&mut self, path: &str, ops: impl IntoIterator<Item = Op>) -> &mut Self {
        self.make(path, ops, How::Together)
    }

    /// Changes lines, but writes the whole file anew to do so.
    pub fn rewrite(&mut self, path: &str, ops: impl IntoIterator<Item = Op>) -> &mut Self {
        self.make(path, ops, How::Whole)
    }

    fn make(&mut self, path: &str, ops: impl IntoIterator<Item = Op>, how: How) -> &mut Self {
        self.story.tick();
        let before = self.file(path).unwrap_or_default();
        let mut after = before.clone();
        let ops = ops.into_iter().collect();
        self.story
            .perform(&mut after.lines, ops, Who::Agent(self.session));
        self.change(path, Some(&before), Some(after), how)
    }

    /// Writes lines into a new file that stand in others already, as they are.
    pub fn gather(&mut self, path: &str, from: &str, first: usize, last: usize) -> &mut Self {
        self.story.tick();
        let source = self.file(from).unwrap_or_default();
        let mut lines = source.lines[first - 1..last].to_vec();
        super::stage::carry(&mut lines, self.who());
        let before = self.file(path);
        let mut after = before.clone().unwrap_or_default();
        after.lines.extend(lines);
        let how = if before.is_some() {
            How::Pieces
        } else {
            How::Whole
        };
        self.change(path, before.as_ref(), Some(after), how)
    }

    /// Writes a cell of a notebook. Its source stands in these lines of the file,
    /// as JSON strings; `source` is what it becomes.
    pub fn cell<const N: usize>(
        &mut self,
        path: &str,
        id: &str,
        first: usize,
        last: usize,
        source: [&str; N],
    ) -> &mut Self {
        self.story.tick();
        let before = self.file(path).unwrap_or_default();
        let mut after = before.clone();
        let mut lines = self.story.fresh(source.into(), self.who());
        let texts: Vec<String> = lines.iter().map(|line| line.text.clone()).collect();
        let end = lines.len();
        for (place, line) in lines.iter_mut().enumerate() {
            let tail = if place + 1 == end { "\"" } else { "\\n\"," };
            line.text = format!("    \"{}{tail}", line.text);
        }
        after.lines.splice(first - 1..last, lines);
        let how = How::Cell(id.to_owned(), texts.join("\n"));
        self.change(path, Some(&before), Some(after), how)
    }

    /// Several files with one call where the agent has patches.
    pub fn patch(&mut self, files: Vec<(&str, Vec<Op>)>) -> &mut Self {
        self.story.tick();
        let folder = self.folder();
        let mut changes = Vec::new();
        for (path, ops) in files {
            self.look_first(path, &How::Pieces);
            let before = self.file(path);
            let mut after = before.clone().unwrap_or_default();
            self.story
                .perform(&mut after.lines, ops, Who::Agent(self.session));
            changes.push(self.told(path, before.as_ref(), Some(&after), How::Pieces));
            self.story.put(folder, path, after);
            self.saw(path);
        }
        self.record(What::Change(changes))
    }

    /// Deletes a file.
    pub fn delete(&mut self, path: &str) -> &mut Self {
        if self.agent() != Agent::Codex {
            return self.remove_by_shell(path);
        }
        self.story.tick();
        let before = self.file(path);
        let change = self.told(path, before.as_ref(), None, How::Pieces);
        let folder = self.folder();
        self.story.take_away(folder, path);
        self.record(What::Change(vec![change]))
    }

    /// Renames a file, perhaps with changes in it.
    pub fn rename(&mut self, path: &str, to: &str, ops: Vec<Op>) -> &mut Self {
        if self.agent() != Agent::Codex {
            self.move_by_shell(path, to);
            return if ops.is_empty() {
                self
            } else {
                self.edit(to, ops)
            };
        }
        self.story.tick();
        let before = self.file(path).unwrap_or_default();
        let mut after = before.clone();
        self.story
            .perform(&mut after.lines, ops, Who::Agent(self.session));
        let mut change = self.told(path, Some(&before), Some(&after), How::Pieces);
        let folder = self.folder();
        change.moved = Some(self.story.path(folder).join(to));
        self.story.take_away(folder, path);
        self.story.put(folder, to, after);
        self.saw(to);
        self.record(What::Change(vec![change]))
    }

    /// Asks for a change that is not made.
    pub fn fail(
        &mut self,
        path: &str,
        ops: impl IntoIterator<Item = Op>,
        why: Refusal,
    ) -> &mut Self {
        self.story.tick();
        let before = self.file(path).unwrap_or_default();
        let mut after = before.clone();
        let ops = ops.into_iter().collect();
        self.story
            .perform(&mut after.lines, ops, Who::Agent(self.session));
        let mut change = self.told(path, Some(&before), Some(&after), How::Pieces);
        if why == Refusal::NotFound {
            // What the model remembers of the file was never in it.
            change.before = change.before.map(|text| text.replace('_', "_was_"));
        }
        self.record(What::Refused(change, why))
    }

    /// Brings back an earlier state of a file by an edit. Lines that come back
    /// are whose they were; the session shows their text as well.
    pub fn restore(&mut self, path: &str, mut back: File) -> &mut Self {
        self.story.tick();
        let before = self.file(path).unwrap_or_default();
        let who = self.who();
        for line in &mut back.lines {
            if !before.lines.contains(line) {
                super::stage::carry(std::slice::from_mut(line), who);
            }
        }
        self.change(path, Some(&before), Some(back), How::Pieces)
    }

    /// A file as it is now, to be brought back later.
    pub fn state(&self, path: &str) -> File {
        self.file(path).unwrap_or_default()
    }

    /// Solves the conflict in a file by keeping both sides.
    pub fn keep_both(&mut self, path: &str) -> &mut Self {
        self.story.tick();
        let before = self.file(path).unwrap_or_default();
        let mut after = before.clone();
        after.lines.retain(|line| !is_conflict_mark(&line.text));
        self.change(path, Some(&before), Some(after), How::Pieces)
    }

    /// Puts a changed file on the disk, and the change into the session.
    pub(super) fn change(
        &mut self,
        path: &str,
        before: Option<&File>,
        after: Option<File>,
        how: How,
    ) -> &mut Self {
        let folder = self.folder();
        if self.story.session_of(self.session).commits {
            // Aider signs as author only for what it changed itself.
            self.commit_as_aider(path, OWNER, "chore: keep what was there");
        }
        self.look_first(path, &how);
        let change = self.told(path, before, after.as_ref(), how);
        if let Some(file) = after {
            self.story.put(folder, path, file);
            self.saw(path);
        }
        self.record(What::Change(vec![change]));
        if self.story.session_of(self.session).commits {
            self.commit_as_aider(path, OWNER_WITH_AIDER, "feat: change what was asked for");
        }
        self
    }

    /// Aider commits a file by itself, if there is anything to commit.
    fn commit_as_aider(&mut self, path: &str, author: Person, subject: &str) {
        let folder = self.folder();
        let git = self.story.git_in(folder).by(author, OWNER_WITH_AIDER);
        let status = git.attempt(&["status", "--porcelain", "--", path]);
        if status.stdout.is_empty() {
            return;
        }
        self.story.tick();
        let git = self.story.git_in(folder).by(author, OWNER_WITH_AIDER);
        git.run(&["add", "--", path]);
        git.run(&["commit", "-q", "-m", subject, "--", path]);
        let id = git.run(&["rev-parse", "HEAD"]);
        let subject = subject.to_owned();
        self.record(What::Commit { id, subject });
    }

    fn told(&self, path: &str, before: Option<&File>, after: Option<&File>, how: How) -> Change {
        Change {
            path: self.story.path(self.folder()).join(path),
            relative: path.to_owned(),
            before: before.map(File::seen),
            after: after.map(File::seen),
            moved: None,
            how,
        }
    }
}

/// Whether git wrote this line to part the sides of a conflict.
pub(super) fn is_conflict_mark(text: &str) -> bool {
    ["<<<<<<<", "=======", ">>>>>>>", "|||||||"]
        .iter()
        .any(|mark| key(text).starts_with(mark))
}
