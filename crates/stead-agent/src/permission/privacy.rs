//! Files that some models may not see, held where requests leave.

use super::call::{Call, Places};
use super::pattern::Pattern;
use super::policy::{Kind, Policy};

/// What one policy says of private files.
#[derive(Debug, Clone)]
pub(super) struct Private {
    kind: Kind,
    name: String,
    /// Patterns in order; `true` for those that are private.
    paths: Vec<(bool, Pattern)>,
    /// Who may see them; none where the policy does not say.
    pub(super) models: Option<Vec<Pattern>>,
}

impl Private {
    pub(super) fn new(kind: Kind, name: &str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            paths: Vec::new(),
            models: None,
        }
    }

    /// Adds a pattern; `!` takes out what earlier ones have.
    pub(super) fn add(&mut self, text: &str, places: &Places) -> Result<(), String> {
        let bare = text.strip_prefix('!');
        let pattern = Pattern::of_path(bare.unwrap_or(text), places)?;
        self.paths.push((bare.is_none(), pattern));
        Ok(())
    }

    /// What the last pattern that matches says of a normal path.
    fn says(&self, path: &str) -> Option<bool> {
        let mut paths = self.paths.iter().rev();
        let found = paths.find(|(private, pattern)| pattern.covers(path, !*private));
        found.map(|(private, _)| *private)
    }
}

/// Where a request would go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route<'a> {
    /// `provider/model`.
    pub name: &'a str,
    /// Whether it stays on this machine. The caller knows; a name does not tell.
    pub is_local: bool,
}

/// Whether a request may leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passage {
    /// It may.
    Open,
    /// It may not, as it carries what the model may not see.
    Shut {
        /// The files, normalised, each once.
        files: Vec<String>,
        /// Why, and what to do.
        why: String,
    },
}

/// Which files are private, and who may see them.
#[derive(Debug, Clone, Copy)]
pub struct Privacy<'a> {
    policy: &'a Policy,
}

impl Policy {
    /// What the policy says of private files.
    pub const fn privacy(&self) -> Privacy<'_> {
        Privacy { policy: self }
    }
}

impl Privacy<'_> {
    /// Whether a file's content may be seen by some models only.
    pub fn is_private(&self, path: &str) -> bool {
        let path = self.policy.places.normal(path);
        let mut private = false;
        let mut added = false;
        for said in &self.policy.private {
            let says = said.says(&path);
            // A stranger's project may add to what is private, and take nothing out.
            if said.kind == Kind::Project && !self.policy.trusted {
                added |= says == Some(true);
            } else {
                private = says.unwrap_or(private);
            }
        }
        private || added
    }

    /// Private files that a call names: those that it reads or writes, and those that
    /// its command line has a word for. What a program finds by itself is not known.
    pub fn named_in(&self, call: &Call) -> Vec<String> {
        let line = call.command.as_deref().unwrap_or_default();
        let bare: String = line.chars().filter(|c| !"'\"\\".contains(*c)).collect();
        let words = bare.split(|c: char| c.is_whitespace() || ";|&()<>{}$`=,:@".contains(c));
        let paths = call.reads.iter().chain(&call.writes).map(String::as_str);
        let named = paths.chain(words.filter(|word| !word.is_empty()));
        let mut files: Vec<String> = named
            .filter(|path| self.is_private(path))
            .map(|path| self.policy.places.normal(path))
            .collect();
        files.sort();
        files.dedup();
        files
    }

    /// Whether a model may see private files.
    pub fn may_see(&self, route: &Route<'_>) -> bool {
        let admits = |models: &[Pattern]| {
            models.iter().any(|model| match model.text.as_str() {
                "local" => route.is_local,
                _ => model.is(route.name),
            })
        };
        let mut base = false;
        let mut narrowed = true;
        for said in &self.policy.private {
            let Some(models) = &said.models else {
                continue;
            };
            if said.kind == Kind::Project && !self.policy.trusted {
                narrowed &= admits(models);
            } else {
                base = admits(models);
            }
        }
        base && narrowed
    }

    /// Whether a request that carries content of these files may go to a model. Files
    /// that are not private do not matter.
    pub fn check(&self, route: &Route<'_>, labels: &[String]) -> Passage {
        let private = labels.iter().filter(|path| self.is_private(path));
        let mut files: Vec<String> = private
            .map(|path| self.policy.places.normal(path))
            .collect();
        files.sort();
        files.dedup();
        if files.is_empty() || self.may_see(route) {
            return Passage::Open;
        }
        let names: Vec<&str> = self
            .policy
            .private
            .iter()
            .map(|said| said.name.as_str())
            .collect();
        let why = format!(
            "{} may not see {}, by `[private]` of {}; use a local model, or withhold the content",
            route.name,
            files.join(", "),
            names.join(", ")
        );
        Passage::Shut { files, why }
    }
}

/// What stands in a request for the content of a file that the model may not see.
pub fn withheld(path: &str) -> String {
    // A name is the repository's own text: it may not write lines of its own here.
    let path: String = path
        .chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect();
    format!("[content of {path} withheld: by the user's policy this model may not see it]")
}
