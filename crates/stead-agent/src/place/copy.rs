//! A copy of a tree, for systems without overlays: everything, ignored files too, as dependencies
//! lie there. Files share their blocks with the originals where the file system can do that.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, FileTimes, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::begun::moment;
use super::change::Stamp;
use super::name;

/// The copy, in a changes folder.
pub(super) const COPY: &str = "copy";
/// The list of what was copied, beside it.
const LIST: &str = "copied";
/// What was copied.
#[derive(Debug, Default)]
pub(super) struct Copied {
    /// Length and moment of writing of each file; none for folders.
    all: BTreeMap<PathBuf, Option<(u64, u64)>>,
    /// The moment when all was there.
    done_ns: u64,
}

impl Copied {
    pub(super) fn has(&self, path: &Path) -> bool {
        self.all.contains_key(path)
    }

    pub(super) fn is_folder(&self, path: &Path) -> bool {
        matches!(self.all.get(path), Some(None))
    }

    /// Whether a file of the copy has not been touched.
    pub(super) fn is_as_it_was(&self, path: &Path, now: Stamp) -> bool {
        let same = Some(&Some((now.length, now.written_ns)));
        now.changed_ns < self.done_ns && self.all.get(path) == same
    }

    /// What was directly in a folder.
    pub(super) fn below(&self, folder: &Path) -> BTreeSet<PathBuf> {
        let all = self.all.range(folder.to_owned()..);
        let all = all.take_while(|(path, _)| path.starts_with(folder));
        let all = all.filter(|(path, _)| path.parent() == Some(folder));
        all.map(|(path, _)| path.clone()).collect()
    }

    /// Reads the list of a changes folder.
    pub(super) fn read(changes: &Path) -> io::Result<Self> {
        let path = changes.join(LIST);
        let bytes = fs::read(&path)?;
        let mut copied = Self::default();
        let wrong = || io::Error::other("the list of copied files is damaged");
        let mut rows = bytes.split(|byte| *byte == 0);
        let done = rows.next().and_then(|row| std::str::from_utf8(row).ok());
        copied.done_ns = done.and_then(|text| text.parse().ok()).ok_or_else(wrong)?;
        for row in rows.filter(|row| !row.is_empty()) {
            let mut fields = row.splitn(3, |byte| *byte == b' ');
            let mut number = || -> Option<u64> {
                let text = std::str::from_utf8(fields.next()?).ok()?;
                text.parse().ok()
            };
            let (length, written) = (number(), number());
            let path = name::path(fields.next().ok_or_else(wrong)?.to_vec());
            copied.all.insert(path, length.zip(written));
        }
        Ok(copied)
    }
}

/// Copies a tree into a changes folder. Gives what could not be read, in words.
pub(super) fn make(tree: &Path, changes: &Path) -> io::Result<Vec<String>> {
    let mut maker = Maker {
        tree,
        copy: changes.join(COPY),
        list: Vec::new(),
        notes: Vec::new(),
    };
    maker.folder(Path::new(""), Part::Files)?;
    let mut list = File::create(changes.join(LIST))?;
    write!(list, "{}\0", moment(changes)?)?;
    list.write_all(&maker.list)?;
    Ok(maker.notes)
}

struct Maker<'a> {
    tree: &'a Path,
    copy: PathBuf,
    list: Vec<u8>,
    notes: Vec<String>,
}

impl Maker<'_> {
    /// Copies a folder.
    fn folder(&mut self, folder: &Path, part: Part) -> io::Result<()> {
        let from = self.tree.join(folder);
        let entries = match fs::read_dir(&from) {
            Err(error) if is_shut(&error) => {
                self.left_out(folder, &error);
                return Ok(());
            }
            entries => entries?,
        };
        fs::create_dir(self.copy.join(folder))?;
        if part == Part::Files {
            self.put(folder, None);
        }
        for entry in entries {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            let facts = match entry.metadata() {
                // It went meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                facts => facts?,
            };
            let part = part.of(&entry.file_name());
            if facts.is_dir() {
                self.folder(&path, part)?;
            } else if facts.is_symlink() {
                link(&fs::read_link(entry.path())?, &self.copy.join(&path))?;
                self.made(&path, part)?;
            } else if facts.is_file() {
                self.file(&path, &facts, part)?;
            }
        }
        // Last, as one may not be allowed to write into it.
        let rights = fs::metadata(&from)?.permissions();
        fs::set_permissions(self.copy.join(folder), rights)
    }

    fn file(&mut self, path: &Path, facts: &Metadata, part: Part) -> io::Result<()> {
        let (from, to) = (self.tree.join(path), self.copy.join(path));
        if part == Part::Objects && fs::hard_link(&from, &to).is_ok() {
            return Ok(());
        }
        match fs::copy(&from, &to) {
            Ok(_) => {}
            Err(error) if is_shut(&error) => {
                let _ = fs::remove_file(&to);
                self.left_out(path, &error);
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        if let Ok(written) = facts.modified() {
            // A file that may not be read keeps the time of now, and is compared later.
            let _ = File::open(&to)
                .and_then(|file| file.set_times(FileTimes::new().set_modified(written)));
        }
        self.made(path, part)
    }

    fn made(&mut self, path: &Path, part: Part) -> io::Result<()> {
        if part == Part::Files {
            let facts = fs::symlink_metadata(self.copy.join(path))?;
            self.put(path, Some(&facts));
        }
        Ok(())
    }

    fn put(&mut self, path: &Path, facts: Option<&Metadata>) {
        let field =
            |number: Option<u64>| number.map_or("-".to_owned(), |number| number.to_string());
        let length = field(facts.map(Metadata::len));
        let written = field(facts.map(written_at));
        self.list.extend(format!("{length} {written} ").bytes());
        self.list.extend(&*name::bytes(path));
        self.list.push(0);
    }

    fn left_out(&mut self, path: &Path, error: &io::Error) {
        let note = format!(
            "{} could not be read and is not in the copy: {error}",
            path.display()
        );
        self.notes.push(note);
    }
}

/// In which part of a tree something lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Files,
    /// A repository's own folder.
    Git,
    /// Where git keeps what never changes: such files may be one and the same.
    Objects,
}

impl Part {
    fn of(self, name: &std::ffi::OsStr) -> Self {
        match self {
            Self::Files if super::rules::is_git(name) => Self::Git,
            Self::Git if name == "objects" => Self::Objects,
            part => part,
        }
    }
}

fn is_shut(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied
}

#[cfg(unix)]
fn link(target: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::Error::other("links are not copied on this system"))
}

#[cfg(unix)]
fn written_at(facts: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    super::begun::nanoseconds(facts.mtime(), facts.mtime_nsec())
}

#[cfg(not(unix))]
fn written_at(facts: &Metadata) -> u64 {
    facts.modified().map_or(0, super::begun::since_1970)
}
