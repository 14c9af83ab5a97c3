//! What the task parser may know of a repository.

use std::collections::BTreeMap;

/// Facts about a repository: which files there are, and what the few hold that say how
/// it is built and tested.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// All files that version control would keep, from the top, with `/`, sorted.
    pub files: Vec<String>,
    /// What the files of [`Facts::TELLING`] hold that are there.
    pub texts: BTreeMap<String, String>,
}

impl Facts {
    /// Files that say how a repository is built and tested.
    pub const TELLING: [&str; 12] = [
        "AGENTS.md",
        "Cargo.toml",
        "Makefile",
        "go.mod",
        "justfile",
        "noxfile.py",
        "package.json",
        "pyproject.toml",
        "pytest.ini",
        "setup.cfg",
        "setup.py",
        "tox.ini",
    ];

    /// Whether a file is there.
    pub fn has(&self, path: &str) -> bool {
        let files = self.files.binary_search_by(|file| file.as_str().cmp(path));
        files.is_ok()
    }

    /// Whether any file lies in a folder.
    pub fn has_folder(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let within = |file: &String| {
            let rest = file.strip_prefix(path);
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        !path.is_empty() && self.files.iter().any(within)
    }

    /// The only file with this name, or whose path ends so.
    pub fn only(&self, end: &str) -> Option<&str> {
        let ends = |file: &&String| {
            let rest = file.strip_suffix(end);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        };
        let mut files = self.files.iter().filter(ends);
        let first = files.next()?;
        files.next().is_none().then_some(first)
    }

    /// What a telling file holds; empty if it is not there.
    pub fn text(&self, path: &str) -> &str {
        self.texts.get(path).map_or("", String::as_str)
    }
}
