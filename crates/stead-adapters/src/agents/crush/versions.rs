//! The history of files: what each was before its first change in a session, and
//! after each change. It tells what calls do not, and what changed between them.

use std::collections::{BTreeMap, VecDeque};

use stead_usf::{Edit, Source, Time};

use super::edits::whole;

/// So many versions of a file wait for their calls at most.
const MOST: usize = 32;

/// The versions of a session's files that no call has taken yet.
#[derive(Debug, Default)]
pub(super) struct Versions {
    files: BTreeMap<String, History>,
}

#[derive(Debug, Default)]
struct History {
    /// The file as it was when the last version was accounted for.
    last: Option<String>,
    waiting: VecDeque<Version>,
}

/// One version of a file.
#[derive(Debug)]
pub(super) struct Version {
    pub(super) content: String,
    pub(super) at: Option<Time>,
    pub(super) row: String,
    pub(super) source: Source,
}

/// A change that no call of the session asked for.
#[derive(Debug)]
pub(super) struct Other {
    pub(super) edit: Edit,
    pub(super) at: Option<Time>,
    pub(super) row: String,
    pub(super) source: Source,
}

impl Versions {
    /// A version comes. Returns the change that is given up to make room, if any.
    pub(super) fn add(&mut self, path: &str, version: Version) -> Option<Other> {
        let history = self.files.entry(path.to_owned()).or_default();
        history.waiting.push_back(version);
        if history.waiting.len() > MOST {
            history.step(path)
        } else {
            None
        }
    }

    /// A call changed a file: finds the first two versions, one after the other, that
    /// `is_it` takes for before and after. Returns the content before, and what
    /// somebody else changed until then.
    pub(super) fn take(
        &mut self,
        path: &str,
        is_it: impl Fn(&str, &str) -> bool,
    ) -> Option<(String, Vec<Other>)> {
        let name = self.name_of(path)?;
        let history = self.files.get_mut(&name)?;
        let before = |place: usize| match place.checked_sub(1) {
            Some(earlier) => Some(history.waiting[earlier].content.as_str()),
            None => history.last.as_deref(),
        };
        let mut places = history.waiting.iter().enumerate();
        let found = places.position(|(place, after)| {
            before(place).is_some_and(|before| is_it(before, &after.content))
        })?;
        let mut others = Vec::new();
        for _ in 0..found {
            others.extend(history.step(&name));
        }
        let after = history.waiting.pop_front().map(|version| version.content);
        Some((std::mem::replace(&mut history.last, after)?, others))
    }

    /// A call changed a file, and says itself from what to what. Some calls leave
    /// only what was before, or nothing, in the history.
    pub(super) fn note(&mut self, path: &str, before: &str, after: &str) -> Vec<Other> {
        if let Some((_, others)) = self.take(path, |old, new| old == before && new == after) {
            return others;
        }
        let name = self.name_of(path);
        let Some(history) = name.and_then(|name| self.files.get_mut(&name)) else {
            return Vec::new();
        };
        if history
            .waiting
            .front()
            .is_some_and(|version| version.content == before)
        {
            history.waiting.pop_front();
        }
        history.last = Some(after.to_owned());
        Vec::new()
    }

    /// What is left at the end.
    pub(super) fn rest(&mut self) -> Vec<Other> {
        let mut others = Vec::new();
        for (path, mut history) in std::mem::take(&mut self.files) {
            while !history.waiting.is_empty() {
                others.extend(history.step(&path));
            }
        }
        others
    }

    /// The file that a call means; it may name it by the end of its path.
    fn name_of(&self, path: &str) -> Option<String> {
        if self.files.contains_key(path) {
            return Some(path.to_owned());
        }
        let path = path.replace('\\', "/");
        let path = path.strip_prefix("./").unwrap_or(&path);
        let is_it = |name: &&String| {
            let name = name.replace('\\', "/");
            name.strip_suffix(path)
                .is_some_and(|folder| folder.ends_with('/'))
        };
        self.files.keys().find(is_it).cloned()
    }
}

impl History {
    /// Accounts for the next version: a change by somebody else, unless it is the
    /// first, which is what the file was before, or like the last.
    fn step(&mut self, path: &str) -> Option<Other> {
        let next = self.waiting.pop_front()?;
        let last = self.last.replace(next.content.clone())?;
        if last == next.content {
            return None;
        }
        let edit = whole(path.to_owned(), Some(last), next.content.clone());
        Some(Other {
            edit,
            at: next.at,
            row: next.row,
            source: next.source,
        })
    }
}
