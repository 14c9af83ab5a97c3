//! What a person does in an editor or a terminal. No session shows it, unless an
//! agent looks at the file afterwards.

use super::super::draft::{Draft, Op};
use super::super::file::{Charset, File};
use super::super::line::Who;
use super::acting::is_conflict_mark;
use super::{Folder, Story};

/// A person at the keyboard, in the current folder.
#[derive(Debug)]
pub struct Typing<'s> {
    story: &'s mut Story,
}

impl<'s> Typing<'s> {
    pub(super) const fn new(story: &'s mut Story) -> Self {
        Self { story }
    }

    fn who(&self) -> Who {
        let place = &self.story.places[self.folder().0];
        if place.foreign {
            Who::Colleague
        } else {
            Who::Human
        }
    }

    const fn folder(&self) -> Folder {
        self.story.here
    }

    fn file(&self, path: &str) -> File {
        let files = &self.story.places[self.folder().0].files;
        files.get(path).cloned().unwrap_or_default()
    }

    fn put(&mut self, path: &str, file: File) -> &mut Self {
        let folder = self.folder();
        self.story.put(folder, path, file);
        self
    }

    /// Writes a file.
    pub fn write(&mut self, path: &str, draft: impl Into<Draft>) -> &mut Self {
        self.story.tick();
        let lines = self.story.fresh(draft.into(), self.who());
        let file = File {
            lines,
            ..self.file(path)
        };
        self.put(path, file)
    }

    /// Changes lines.
    pub fn edit(&mut self, path: &str, ops: impl IntoIterator<Item = Op>) -> &mut Self {
        self.story.tick();
        let mut file = self.file(path);
        let (ops, who) = (ops.into_iter().collect(), self.who());
        self.story.perform(&mut file.lines, ops, who);
        self.put(path, file)
    }

    /// Runs a formatter: indentation becomes tabs.
    pub fn format(&mut self, path: &str) -> &mut Self {
        self.edit(path, [Op::Tabs])
    }

    /// Lines go from one file to another, new or not.
    pub fn move_lines(&mut self, from: &str, first: usize, last: usize, to: &str) -> &mut Self {
        self.copy_lines(from, first, last, to);
        self.edit(from, [Op::Remove(first, last)])
    }

    /// Lines of one file are copied to the end of another.
    pub fn copy_lines(&mut self, from: &str, first: usize, last: usize, to: &str) -> &mut Self {
        self.story.tick();
        let lines = self.file(from).lines[first - 1..last].to_vec();
        let mut target = self.file(to);
        target.lines.extend(lines);
        self.put(to, target)
    }

    /// Renames a file.
    pub fn rename(&mut self, path: &str, to: &str) -> &mut Self {
        let file = self.file(path);
        self.delete(path);
        self.put(to, file)
    }

    /// Copies a file.
    pub fn copy(&mut self, path: &str, to: &str) -> &mut Self {
        self.story.tick();
        let file = self.file(path);
        self.put(to, file)
    }

    /// Deletes a file.
    pub fn delete(&mut self, path: &str) -> &mut Self {
        self.story.tick();
        let folder = self.folder();
        self.story.take_away(folder, path);
        self
    }

    /// Brings back an earlier state of a file with the editor's undo.
    pub fn restore(&mut self, path: &str, back: File) -> &mut Self {
        self.story.tick();
        self.put(path, back)
    }

    /// A file as it is now, to be brought back later.
    pub fn state(&self, path: &str) -> File {
        self.file(path)
    }

    /// Solves the conflict in a file by keeping both sides.
    pub fn keep_both(&mut self, path: &str) -> &mut Self {
        self.story.tick();
        let mut file = self.file(path);
        file.lines.retain(|line| !is_conflict_mark(&line.text));
        self.put(path, file)
    }

    /// Saves a file with other line ends.
    pub fn save_with_crlf(&mut self, path: &str) -> &mut Self {
        self.saved(path, |file| file.crlf = true)
    }

    /// Saves a file without a line end at its end.
    pub fn save_without_end(&mut self, path: &str) -> &mut Self {
        self.saved(path, |file| file.ends = false)
    }

    /// Saves a file in ISO 8859-1.
    pub fn save_as_latin1(&mut self, path: &str) -> &mut Self {
        self.saved(path, |file| file.charset = Charset::Latin1)
    }

    fn saved(&mut self, path: &str, change: impl FnOnce(&mut File)) -> &mut Self {
        self.story.tick();
        let mut file = self.file(path);
        change(&mut file);
        self.put(path, file)
    }
}
