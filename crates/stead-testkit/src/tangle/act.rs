//! What is done to files at random.

use super::{NAMES, Tangle};

/// A thing that is done.
type Act = fn(&mut Tangle);

/// Changes of lines.
const LINES: [Act; 6] = [
    Tangle::insert,
    Tangle::remove,
    Tangle::alter,
    Tangle::indent,
    Tangle::relocate,
    Tangle::turn_ends,
];

/// Changes of files.
const FILES: [Act; 6] = [
    Tangle::begin_file,
    Tangle::rename,
    Tangle::copy_file,
    Tangle::carry,
    Tangle::copy_lines,
    Tangle::delete_file,
];

impl Tangle {
    /// Anything at all; lines twice as often as files.
    pub(super) fn change(&mut self) {
        match self.noise.below(3) {
            0 => {
                let act = FILES[self.noise.below(FILES.len())];
                act(self);
            }
            _ => self.change_lines(),
        }
    }

    /// A change within a file.
    pub(super) fn change_lines(&mut self) {
        let act = LINES[self.noise.below(LINES.len())];
        act(self);
    }

    /// A new file.
    pub(super) fn begin_file(&mut self) {
        let name = self.name();
        let count = 8 + self.noise.below(30);
        let lines = self.lines(count);
        self.files.insert(name, lines);
    }

    fn insert(&mut self) {
        let count = 1 + self.noise.below(5);
        let lines = self.lines(count);
        self.splice(0, lines);
    }

    fn remove(&mut self) {
        let count = 1 + self.noise.below(4);
        self.splice(count, Vec::new());
    }

    fn alter(&mut self) {
        let lines = self.lines(1);
        self.splice(1, lines);
    }

    fn indent(&mut self) {
        let count = 1 + self.noise.below(6);
        let (path, lines, at) = self.splice(count, Vec::new());
        let indented = lines.iter().map(|line| format!("    {line}"));
        self.put(&path, at, indented.collect());
    }

    /// Within the file.
    fn relocate(&mut self) {
        let count = 3 + self.noise.below(8);
        let (path, lines, _) = self.splice(count, Vec::new());
        let at = self.place_in(&path);
        self.put(&path, at, lines);
    }

    /// To another file.
    fn carry(&mut self) {
        let count = 3 + self.noise.below(8);
        let (_, lines, _) = self.splice(count, Vec::new());
        self.splice(0, lines);
    }

    /// They stand in two files then.
    fn copy_lines(&mut self) {
        let path = self.path();
        let at = self.place_in(&path);
        let lines = self.files[&path].iter().skip(at).take(8);
        let lines = lines.cloned().collect();
        // A file that is not changed is not looked into for copies.
        self.alter();
        self.splice(0, lines);
    }

    /// Lines end otherwise, or the last no more.
    fn turn_ends(&mut self) {
        let path = self.path();
        let all = self.noise.below(2) == 0;
        let lines = self.files.entry(path).or_default();
        let turned = |line: &String| match line.strip_suffix("\r\n") {
            Some(text) => format!("{text}\n"),
            None => line.trim_end_matches('\n').to_owned() + "\r\n",
        };
        if all {
            *lines = lines.iter().map(turned).collect();
        } else if let Some(last) = lines.last_mut() {
            *last = last.trim_end_matches(['\r', '\n']).to_owned();
        }
    }

    fn rename(&mut self) {
        let (from, to) = (self.path(), self.name());
        let lines = self.files.remove(&from).unwrap_or_default();
        self.files.insert(to, lines);
    }

    fn copy_file(&mut self) {
        let (from, to) = (self.path(), self.name());
        let lines = self.files[&from].clone();
        self.files.insert(to, lines);
        self.alter();
    }

    fn delete_file(&mut self) {
        if self.files.len() > 4 {
            let path = self.path();
            self.files.remove(&path);
        }
    }

    fn path(&mut self) -> String {
        let at = self.noise.below(self.files.len());
        let path = self.files.keys().nth(at);
        path.expect("there always is a file").clone()
    }

    fn place_in(&mut self, path: &str) -> usize {
        self.noise.below(self.files[path].len() + 1)
    }

    /// Puts lines in the place of so many others of some file; the file, what was
    /// there, and where.
    fn splice(&mut self, count: usize, lines: Vec<String>) -> (String, Vec<String>, usize) {
        let path = self.path();
        let at = self.place_in(&path);
        let file = self.files.entry(path.clone()).or_default();
        let end = file.len().min(at + count);
        let old = file.drain(at..end).collect();
        self.put(&path, at, lines);
        (path, old, at)
    }

    fn put(&mut self, path: &str, at: usize, mut lines: Vec<String>) {
        let file = self.files.entry(path.to_owned()).or_default();
        // Only the last line of a file may have no end.
        if let Some(before) = at.checked_sub(1).filter(|_| !lines.is_empty())
            && !file[before].ends_with('\n')
        {
            file[before].push('\n');
        }
        let last = lines.last_mut().filter(|line| !line.ends_with('\n'));
        if let Some(last) = last.filter(|_| at < file.len()) {
            last.push('\n');
        }
        file.splice(at..at, lines);
    }

    fn name(&mut self) -> String {
        self.given += 1;
        let name = NAMES[self.noise.below(NAMES.len())];
        if self.files.contains_key(name) {
            format!("src/{}/{name}", self.given)
        } else {
            name.to_owned()
        }
    }

    /// Lines that are like what programs hold: most of them once, some often.
    fn lines(&mut self, count: usize) -> Vec<String> {
        let often = ["\n", "}\n", "    return None;\n", "    // ---\n"];
        let mut line = || {
            self.given += 1;
            match self.noise.below(4) {
                0 => often[self.noise.below(often.len())].to_owned(),
                _ => format!("    let value_{0} = call({0}, \"text\");\n", self.given),
            }
        };
        (0..count).map(|_| line()).collect()
    }
}
