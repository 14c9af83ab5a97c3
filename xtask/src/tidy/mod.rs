//! `cargo xtask tidy`: tests over the repository itself.
//!
//! Each check is a file of its own with a table of what it allows and a test
//! that proves that it can fail. CONTRIBUTING.md has the reasons.

mod agents;
mod artifacts;
mod edges;
mod folders;
mod headers;
mod licences;
mod linked;
mod lock;
mod names;
mod rust;
mod size;
mod specs;
mod tree;

use std::fmt;
use std::io::Write;

use anyhow::{Result, bail};

use tree::Tree;

/// Something that should not be in the repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    /// Line from 1; 0 means the whole file.
    line: usize,
    rule: &'static str,
    message: String,
}

impl Finding {
    fn new(rule: &'static str, path: &str, line: usize, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            rule,
            message: message.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.max(1);
        write!(f, "{}:{line}: {}: {}", self.path, self.rule, self.message)
    }
}

/// Runs every check and lists what was found.
pub(crate) fn tidy() -> Result<()> {
    let tree = Tree::read(&crate::root())?;
    let mut found = Vec::new();
    found.extend(edges::check(&edges::packages(&tree.root)?));
    found.extend(size::check(&tree));
    found.extend(folders::check(&tree));
    found.extend(agents::check(&tree));
    found.extend(linked::check(&tree));
    found.extend(headers::check(&tree));
    found.extend(artifacts::check(&tree));
    found.extend(lock::check(&tree));
    found.extend(names::check(&tree));
    found.extend(licences::check(&tree)?);
    found.extend(specs::check(&tree));
    found.sort();
    let mut out = std::io::stdout().lock();
    for finding in &found {
        writeln!(out, "{finding}")?;
    }
    if !found.is_empty() {
        bail!("{} things to tidy", found.len());
    }
    writeln!(out, "tidy: {} files, nothing to do", tree.files.len())?;
    Ok(())
}
