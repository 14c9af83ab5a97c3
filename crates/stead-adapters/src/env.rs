//! The only door to the user's machine: home, variables, extra places.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::Server;

/// Which family of systems the paths follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Os {
    /// Linux and the BSDs: XDG folders.
    Linux,
    /// macOS: `~/Library`.
    MacOs,
    /// Windows: `%APPDATA%`.
    Windows,
}

/// What discovery may know of the machine. Built once by the binary or a test.
#[derive(Debug, Clone)]
pub struct Env {
    /// The user's home folder.
    pub home: Option<PathBuf>,
    /// The family of systems.
    pub os: Os,
    /// Extra places to look: copies of home folders, or stores themselves.
    pub roots: Vec<PathBuf>,
    /// Folders that are worked in: those of the sessions that are known already,
    /// and the current one. Some agents keep their sessions there.
    pub projects: Vec<PathBuf>,
    /// Servers to ask; none is asked that does not stand here.
    pub servers: Vec<Server>,
    variables: BTreeMap<String, OsString>,
}

impl Env {
    /// A machine with nothing on it.
    pub const fn empty(os: Os) -> Self {
        Self {
            home: None,
            os,
            roots: Vec::new(),
            projects: Vec::new(),
            servers: Vec::new(),
            variables: BTreeMap::new(),
        }
    }

    /// A Linux machine with this home folder and no variables.
    pub fn at_home(home: impl Into<PathBuf>) -> Self {
        Self {
            home: Some(home.into()),
            ..Self::empty(Os::Linux)
        }
    }

    /// The same machine with a variable set.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    /// The same machine with these variables set. Names that are not Unicode
    /// mean nothing to any agent and are left out.
    #[must_use]
    pub fn with_variables(
        mut self,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Self {
        let named = variables.into_iter();
        let named = named.filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        self.variables.extend(named);
        self
    }

    /// The same machine with an extra place to look.
    #[must_use]
    pub fn with_root(mut self, root: impl Into<PathBuf>) -> Self {
        self.roots.push(root.into());
        self
    }

    /// The same machine with a folder that is worked in.
    #[must_use]
    pub fn with_project(mut self, folder: impl Into<PathBuf>) -> Self {
        self.projects.push(folder.into());
        self
    }

    /// The same machine with a server to ask.
    #[must_use]
    pub fn with_server(mut self, server: Server) -> Self {
        self.servers.push(server);
        self
    }

    /// A variable's value; empty ones count as not set.
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        self.variables
            .get(name)
            .map(OsString::as_os_str)
            .filter(|value| !value.is_empty())
    }

    /// A variable that holds a path. A leading `~/` means home.
    pub fn path_variable(&self, name: &str) -> Option<PathBuf> {
        let value = Path::new(self.variable(name)?);
        match (value.strip_prefix("~"), &self.home) {
            (Ok(rest), Some(home)) => Some(home.join(rest)),
            _ => Some(value.to_owned()),
        }
    }

    /// Every folder that may be a home: the user's own, then the extra roots.
    pub fn homes(&self) -> impl Iterator<Item = &Path> {
        self.home.iter().chain(&self.roots).map(PathBuf::as_path)
    }
}
