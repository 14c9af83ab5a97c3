//! What is to be run. How and whether is not said here.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What to run.
#[derive(Debug, Clone)]
pub struct Command {
    pub(crate) program: OsString,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) folder: Option<PathBuf>,
    pub(crate) variables: BTreeMap<OsString, OsString>,
    pub(crate) input: Vec<u8>,
}

impl Command {
    /// A program, by its name or its path. It is looked for in the `PATH` of the variables given.
    pub fn new(program: impl Into<OsString>) -> Self {
        let (arguments, variables) = (Vec::new(), BTreeMap::new());
        Self {
            program: program.into(),
            arguments,
            folder: None,
            variables,
            input: Vec::new(),
        }
    }

    /// One more argument.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// The folder to run in, absolute or from the work tree. Without it, the work tree.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// All variables that it gets (see [`crate::scrub`]). `HOME` and `TMPDIR` are set anyway.
    #[must_use]
    pub fn variables(mut self, variables: BTreeMap<OsString, OsString>) -> Self {
        self.variables = variables;
        self
    }

    /// What it reads from its standard input. Nothing, if this is not called.
    #[must_use]
    pub fn input(mut self, input: Vec<u8>) -> Self {
        self.input = input;
        self
    }

    /// The variables with those that every command gets.
    pub(crate) fn all_variables(&self, home: &Path) -> BTreeMap<OsString, OsString> {
        let mut all = self.variables.clone();
        all.entry("PATH".into())
            .or_insert_with(|| "/usr/local/bin:/usr/bin:/bin".into());
        all.insert("HOME".into(), home.into());
        all.insert("TMPDIR".into(), "/tmp".into());
        all
    }
}
