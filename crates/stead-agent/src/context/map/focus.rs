//! What a task speaks of, as far as it can be found in a repository.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::task::TaskSpec;

/// What a task speaks of: its targets, and the words of its goal and constraints that may
/// be names.
pub fn focus(spec: &TaskSpec) -> Vec<String> {
    let mut focus = spec.targets.clone();
    let texts = std::iter::once(&spec.goal).chain(&spec.constraints);
    let words = texts.flat_map(|text| text.split(|c: char| !is_of_name(c) && !"./-".contains(c)));
    let words = words.map(|word| word.trim_matches(['.', '/', '-']));
    for word in words.filter(|word| word.len() > 2) {
        if !focus.iter().any(|known| known == word) {
            focus.push(word.to_owned());
        }
    }
    focus
}

pub(super) fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What a task speaks of, sorted out.
pub(super) struct Focus<'a> {
    /// Files and folders that are there.
    paths: FxHashSet<&'a str>,
    /// Names, and whether nothing but code has such a name.
    names: FxHashMap<&'a str, bool>,
    /// The same in lower case, for names of files.
    stems: FxHashSet<String>,
}

impl<'a> Focus<'a> {
    /// Sorts it out by the files that there are, which are sorted.
    pub(super) fn new<'b>(
        focus: &'a [String],
        files: impl Iterator<Item = &'b str> + Clone,
    ) -> Self {
        let bare = focus
            .iter()
            .map(|word| word.trim_start_matches("./").trim_end_matches('/'));
        let bare: FxHashSet<&str> = bare.filter(|word| !word.is_empty()).collect();
        let mut paths = FxHashSet::default();
        for path in files {
            let ends = path.match_indices('/').map(|(at, _)| at);
            for end in ends.chain([path.len()]) {
                if let Some(known) = bare.get(&path[..end]) {
                    paths.insert(*known);
                }
            }
        }
        // `Session::open`, `session.open()`: the last name is what is meant.
        let names = bare.iter().filter(|word| !paths.contains(*word));
        let names = names.flat_map(|word| {
            let whole = word.chars().all(is_of_name);
            let parts = word.split(|c| !is_of_name(c));
            parts.map(move |part| (part, !whole || is_of_code(part)))
        });
        let names: FxHashMap<&str, bool> = names.filter(|(name, _)| name.len() > 2).collect();
        let stems = names.keys().map(|name| name.to_lowercase()).collect();
        Self {
            paths,
            names,
            stems,
        }
    }

    /// Whether a file is a target, or lies in a folder that is one.
    pub(super) fn is_target(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(at, _)| at);
        let mut ends = ends.chain([path.len()]);
        ends.any(|end| self.paths.contains(&path[..end]))
    }

    /// The folders in which targets lie, or that are targets, sorted.
    pub(super) fn folders(&self) -> Vec<&'a str> {
        let mut folders: Vec<&str> = self.paths.iter().copied().collect();
        folders.sort_unstable();
        folders
    }

    /// Whether a file's name is a word of the task.
    pub(super) fn names_file(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let stem = name.split('.').next().unwrap_or(name).to_lowercase();
        let stem = stem.strip_prefix("test_").unwrap_or(&stem);
        let stem = stem.strip_suffix("_test").unwrap_or(stem);
        self.stems.contains(stem)
    }

    /// How much more a name counts for being a word of the task.
    pub(super) fn weight(&self, name: &str) -> f64 {
        match self.names.get(name) {
            Some(true) => 10.0,
            // Also a word of English.
            Some(false) => 2.0,
            None => 1.0,
        }
    }
}

/// Whether a word is written as only names in code are.
fn is_of_code(word: &str) -> bool {
    word.contains('_')
        || word.chars().any(|c| c.is_ascii_digit())
        || word.chars().skip(1).any(char::is_uppercase) && word.chars().any(char::is_lowercase)
}
